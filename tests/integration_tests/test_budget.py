"""`Budget`: counted in all four ways, for each key; near the limit the cheapest model answers, at the limit none."""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import WAYS, routing
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.load import dumps, loads
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel

from langchain_novastack import (
    AllModelsFailedError,
    Budget,
    BudgetExceededError,
    NovastackError,
    NovastackRouter,
    StreamInterruptedError,
)
from langchain_novastack.costs import CostTracker, Price, Spent, cost_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask
    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

POEM, CODE = "Write a poem.", "Debug this function."
PRICES = {
    "qwen": Price(input=1, output=2),
    "deepseek": Price(input=0.4, output=0.8),
    "claude": Price(input=5, output=25, cache_read=0.5),
}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def thread(id: object) -> RunnableConfig:
    return {"configurable": {"thread_id": id}}


def used(box: Sandbox, tokens: int, model: str = "*", times: int | None = None) -> None:
    """Let answers take so many tokens."""
    usage = {"prompt_tokens": tokens - 1, "completion_tokens": 1, "total_tokens": tokens}
    box.answer(model, "Tea.", usage=usage, times=times)


async def test_it_counts_what_answers_took_and_cost(ask: Ask, make: Make) -> None:
    budget = Budget(dollars=1)
    router = make(budget=budget, prices=PRICES)
    one, two = await ask(router, POEM, thread(1)), await ask(router, CODE, thread(1))
    spent = budget.spent(1)
    assert spent.tokens == sum(message.usage_metadata["total_tokens"] for message in (one, two))
    dollars = [cost_of(message).dollars or 0.0 for message in (one, two)]
    assert spent.dollars == pytest.approx(sum(dollars), rel=0, abs=1e-12)
    assert spent.estimated == 0
    assert budget.spent("other") == budget.spent() == (0, 0, 0)


async def test_an_answer_without_choices_counts_what_it_was_charged(ask: Ask, box: Sandbox, make: Make) -> None:
    body = json.dumps({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "cost": "0.5"}})
    box.fail("qwen", kind="raw", body=body, content_type="application/json")
    budget = Budget(tokens=1_000)
    with pytest.raises(NovastackError):
        await ask(make(budget=budget, max_retries=0), "Hello", fallback=False)
    assert budget.spent() == (0.5, 7, 0)


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -5, True, "much", [1]], ids=str)
async def test_a_cost_that_none_can_be_is_not_counted(cost: Any, ask: Ask, box: Sandbox, make: Make) -> None:
    """A limit in dollars would else never be reached again, or always be."""
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 0, "total_tokens": 1_000_000, "cost": cost}
    body = json.dumps({"choices": [], "usage": usage})
    box.answer("qwen", "Hi.", usage=usage).fail("qwen", kind="raw", body=body, content_type="application/json")
    budget = Budget(dollars=100)
    router = make(budget=budget, prices=PRICES, max_retries=0)
    assert cost_of(await ask(router, "Hello")) == (1.0, True, False)
    with pytest.raises(NovastackError):
        await ask(router, "Hello", fallback=False)
    assert budget.spent().dollars == 2


async def test_near_the_limit_the_cheapest_answers_and_at_it_none(ask: Ask, box: Sandbox, make: Make) -> None:
    used(box, 40)
    router = make(budget=Budget(tokens=100), prices=PRICES)
    first = [routing(await ask(router, POEM, thread("a"))) for _ in range(3)]
    assert [record["model"] for record in first] == ["claude", "claude", "deepseek"]
    assert [record["policy"] == "budget" for record in first] == [False, False, True]
    assert router.route(POEM, thread("b")).model == "claude"
    with pytest.raises(BudgetExceededError, match="The budget of this thread_id is spent: 120 of 100 tokens"):
        await ask(router, POEM, thread("a"))
    with pytest.raises(NovastackError):
        router.route(POEM, thread("a"))
    assert len(box.requests) == 3
    assert routing(await ask(router, POEM, thread("b")))["model"] == "claude"


@pytest.mark.parametrize(("per", "whose"), [("thread_id", "calls without thread_id"), (None, "all calls")])
def test_a_spent_budget_says_whose_it_is_in_whole_tokens(box: Sandbox, make: Make, per: str | None, whose: str) -> None:
    used(box, 1_234_567)
    router = make(budget=Budget(tokens=1_000_001, per=per))
    router.invoke(POEM)
    with pytest.raises(BudgetExceededError, match=f"of {whose} is spent: 1,234,567 of 1,000,001 tokens"):
        router.invoke(POEM)


def test_without_prices_the_default_answers_near_the_limit(box: Sandbox, make: Make) -> None:
    used(box, 90)
    router = make(budget=Budget(tokens=100), default="claude")
    assert routing(router.invoke(CODE))["model"] == "deepseek"
    assert (router.route(CODE).model, router.route(CODE).policy) == ("claude", "budget")
    with pytest.raises(ValueError, match="degrade_at"):
        Budget(tokens=100, degrade_at=0)


async def test_which_rule_wins(ask: Ask, box: Sandbox, make: Make) -> None:
    """The caller's word, the budget's stop, what models can take, the tool loop, the budget's thrift, the policy."""
    used(box, 90, times=1)
    router = make(budget=Budget(tokens=100, per=None), prices=PRICES)
    call = {"name": "f", "args": {}, "id": "call_1"}
    loop = [HumanMessage(POEM), AIMessage("", tool_calls=[call], response_metadata={"model_name": "Qwen3-235B-A22B"})]
    loop.append(ToolMessage("Tea.", tool_call_id="call_1"))
    await ask(router, POEM)
    picture = [HumanMessage([{"type": "text", "text": "What is this?"}, IMAGE])]
    assert [router.route(x).model for x in (POEM, picture, loop)] == ["deepseek", "claude", "qwen"]
    assert router.route(POEM, model="claude").policy == "caller"
    await ask(router, POEM)
    for stopped in (POEM, picture, loop):
        with pytest.raises(BudgetExceededError):
            await ask(router, stopped)
    before = router.budget and router.budget.spent().tokens
    assert routing(await ask(router, POEM, model="claude"))["model"] == "claude"
    assert router.budget
    assert router.budget.spent().tokens > (before or 0)


async def test_failed_attempts_count_where_their_usage_is_known(ask: Ask, box: Sandbox, make: Make) -> None:
    budget = Budget(tokens=10_000)
    usage = {"prompt_tokens": 70, "completion_tokens": 30, "total_tokens": 100}
    failed = {"choices": [{"message": {"content": ""}, "finish_reason": "error"}], "usage": usage}
    box.fail("deepseek", kind="raw", body=json.dumps(failed), times=1)
    box.fail("deepseek", status=500, times=1)
    used(box, 7, "qwen")
    router = make(budget=budget)
    await ask(router, CODE, thread(1))
    assert budget.spent(1) == (0, 107, 0)
    await ask(router, CODE, thread(2))
    assert budget.spent(2) == (0, 7, 0)
    box.clear().fail("deepseek", status=500).fail("qwen", status=500, times=None)
    with pytest.raises(AllModelsFailedError):
        await ask(make(budget=budget, max_retries=0), CODE, thread(3))
    assert budget.spent(3) == (0, 0, 0)


class Tea(BaseModel):
    """A tea."""

    name: str


def test_an_answer_that_does_not_fit_counts_beside_the_next(box: Sandbox, make: Make) -> None:
    budget = Budget(tokens=10_000)
    for model, text in (("deepseek", "No JSON."), ("qwen", '{"name": "Assam"}')):
        box.answer(model, text, usage={"prompt_tokens": 40, "completion_tokens": 10, "total_tokens": 50})
    chain = make(budget=budget).with_structured_output(Tea)
    assert chain.invoke(CODE, thread(1)) == Tea(name="Assam")
    assert budget.spent(1) == (0, 100, 0)


async def test_a_stream_that_is_closed_early_is_estimated_and_said_to_be(box: Sandbox, make: Make) -> None:
    budget, text = Budget(dollars=5), "word " * 400
    box.answer("claude", text, times=2)
    router = make(budget=budget, prices=PRICES)
    stream: Any = router.stream(POEM, thread("sync"))
    seen = "".join(next(stream).text for _ in range(20))
    stream.close()
    streamed: Any = router.astream(POEM, thread("async"))
    aseen = "".join([(await anext(streamed)).text for _ in range(20)])
    await streamed.aclose()
    for key, shown in (("sync", seen), ("async", aseen)):
        spent = budget.spent(key)
        assert spent.estimated == 1
        assert len(shown) / 4 <= spent.tokens <= len(shown) / 4 + 20
        assert spent.dollars > 0


async def test_a_stream_that_breaks_after_content_is_estimated(box: Sandbox, make: Make) -> None:
    budget = Budget(tokens=1_000)
    box.fail("claude", kind="cut_stream")
    with pytest.raises(StreamInterruptedError):
        list(make(budget=budget).stream(POEM, thread(1)))
    assert budget.spent(1).estimated == 1
    assert budget.spent(1).tokens > 0


async def test_an_answer_without_usage_is_estimated(ask: Ask, box: Sandbox, make: Make) -> None:
    budget = Budget(tokens=1_000)
    message = {"choices": [{"message": {"content": "Tea first."}, "finish_reason": "stop"}]}
    box.fail("claude", kind="raw", body=json.dumps(message))
    await ask(make(budget=budget), POEM, thread(1))
    assert budget.spent(1).estimated == 1
    assert budget.spent(1).tokens >= 6


def test_what_the_gateway_charged_counts(make: Make, box: Sandbox) -> None:
    budget = Budget(dollars=1)
    usage = {"prompt_tokens": 70, "completion_tokens": 30, "total_tokens": 100, "cost": 0.25}
    box.answer("claude", "Tea.", usage=usage)
    make(budget=budget, prices=PRICES).invoke(POEM)
    assert budget.spent() == (0.25, 100, 0)


def test_answers_from_a_cache_are_free(make: Make) -> None:
    budget = Budget(tokens=1_000)
    router = make(budget=budget, cache=InMemoryCache())
    router.invoke(POEM)
    once = budget.spent()
    router.invoke(POEM)
    assert budget.spent() == once


def test_plain_models_count_too(box: Sandbox) -> None:
    plain: Any = ChatOpenAI(model="Qwen3-235B-A22B", base_url=box.base_url, api_key=lambda: box.api_key)
    router = NovastackRouter(models={"qwen": plain}, budget=Budget(tokens=1_000))
    message = router.invoke("Hello")
    assert router.budget
    assert message.usage_metadata
    assert router.budget.spent().tokens == message.usage_metadata["total_tokens"]
    list(router.stream("Hello", stream_usage=True))
    assert router.budget.spent() == (0, 2 * message.usage_metadata["total_tokens"], 0)
    list(router.stream("Hello"))  # `ChatOpenAI` does not ask gateways for usage
    assert router.budget.spent().estimated == 1


@pytest.mark.parametrize("way", ["batch", "abatch", "threads"])
async def test_ten_at_once_are_at_most_ten_too_many(box: Sandbox, make: Make, way: str) -> None:
    used(box, 10)
    router = make(budget=Budget(tokens=500))
    config: Any = {**thread("crowd"), "max_concurrency": 10}
    results: list[Any]
    if way == "batch":
        results = router.batch([POEM] * 100, config, return_exceptions=True)
    elif way == "abatch":
        results = await router.abatch([POEM] * 100, config, return_exceptions=True)
    else:
        with ThreadPoolExecutor(10) as pool:
            jobs = [pool.submit(router.invoke, POEM, thread("crowd")) for _ in range(100)]
        results = [job.exception() or job.result() for job in jobs]
    answered = [result for result in results if isinstance(result, AIMessage)]
    assert 50 <= len(answered) <= 60
    assert all(isinstance(result, (AIMessage, BudgetExceededError)) for result in results)
    assert router.budget
    assert router.budget.spent("crowd").tokens == 10 * len(answered) == 10 * len(box.requests)


def test_a_thousand_keys_do_not_touch_each_other() -> None:
    budget, names = Budget(tokens=10), [f"thread {at}" for at in range(1_000)]
    count = {name: budget.meter(thread(name), [HumanMessage("Hello")], None, {}) for name in names}

    def spend(name: str) -> None:
        for _ in range(3):
            count[name](
                "qwen", [AIMessage("", usage_metadata={"input_tokens": 1, "output_tokens": 1, "total_tokens": 2})], None
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(spend, names))
    assert {budget.spent(name) for name in names} == {Spent(0.0, 6, 0)}
    budget.reset("thread 7")
    assert (budget.spent("thread 7").tokens, budget.spent("thread 8").tokens) == (0, 6)


def test_of_very_many_keys_the_oldest_is_forgotten() -> None:
    budget, answer = Budget(tokens=10, per="user"), AIMessage("Hi", response_metadata={"cost": 0.5})
    budget._ledger.update((str(at), Spent(0.5)) for at in range(99_999))  # noqa: SLF001 - by calls it takes seconds
    for at in (0, 99_999, 100_000, 100_001):
        budget.meter({"metadata": {"user": at}}, [], None, {})("qwen", [answer], None)
    assert [budget.spent(key).dollars for key in (0, 1, 2, 3, 100_001)] == [1.0, 0.0, 0.0, 0.5, 0.5]


async def test_an_agent_in_a_checkpointed_graph_is_stopped(run: Ask, box: Sandbox, make: Make) -> None:
    """The count of a thread holds across the pool's threads, its turns and its calls; another thread is not stopped."""

    def look_up(word: str) -> str:
        """Look up a word."""
        return f"{word} is a word."

    calls = [{"name": "look_up", "args": {"word": "tea"}}]
    usage = {"prompt_tokens": 30, "completion_tokens": 10, "total_tokens": 40}
    box.answer("*", "", tool_calls=calls, usage=usage, times=None)
    budget = Budget(tokens=100)
    agent: Any = create_agent(make(budget=budget), [look_up], checkpointer=InMemorySaver())
    for name in ("a", "b"):
        with pytest.raises(BudgetExceededError):
            await run(agent, {"messages": [("user", POEM)]}, thread(name))
    if sys.version_info < (3, 11) and run is WAYS["ainvoke"]:  # where LangGraph does not hand its config on
        assert (budget.spent().tokens, len(box.requests)) == (120, 3)
        return
    assert (budget.spent("a").tokens, budget.spent("b").tokens, len(box.requests)) == (120, 120, 6)


def test_copies_share_a_budget_and_pickles_begin_anew(box: Sandbox, make: Make) -> None:
    used(box, 60)
    router = make(budget=Budget(tokens=100, per=None))
    for copy in (router.bind(stop=["x"]), deepcopy(router), router.model_copy(update={"deadline": 5.0})):
        copy.invoke(POEM) if router.budget and router.budget.spent().tokens < 100 else None
    assert router.budget
    assert router.budget.spent().tokens == 120
    again = pickle.loads(pickle.dumps(router))  # noqa: S301 - its own
    assert again.budget == router.budget
    assert again.budget.spent() == (0, 0, 0)
    again.invoke(POEM)
    assert (again.budget.spent().tokens, router.budget.spent().tokens) == (60, 120)


def test_a_budget_survives_dumps_and_loads() -> None:
    budget = Budget(tokens=5, per=None, degrade_at=1)
    again = loads(dumps(budget), allowed_objects=[Budget], valid_namespaces=["langchain_novastack"])
    assert again == budget == pickle.loads(pickle.dumps(budget)) != Budget(tokens=6)  # noqa: S301 - its own
    assert "lock" not in repr(budget)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"dollars": 0},
        {"dollars": float("nan")},
        {"tokens": -1},
        {"tokens": 1, "per": ""},
        {"tokens": 1, "degrade_at": 2},
    ],
)
def test_bad_budgets_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(reversed(given)), "dollars")):
        Budget(**given)


def test_dollars_need_prices(make: Make) -> None:
    for prices in (None, {"qwen": PRICES["qwen"]}):
        with pytest.raises(ValueError, match="`budget` must be in tokens, unless all models have prices"):
            make(budget=Budget(dollars=1), prices=prices)


async def test_counts_of_a_key_meet_from_many_threads() -> None:
    budget, answer = Budget(tokens=10), AIMessage("Hi", response_metadata={"cost": 0.5})

    def spend() -> None:
        for _ in range(200):
            budget.meter({}, [], None, {})("qwen", [answer], None)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert budget.spent().dollars == 800


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("kind", ["budget", "costs"])
def test_a_process_forked_while_others_count_counts_too(kind: str) -> None:
    answer = AIMessage("Hi", response_metadata={"cost": 0.5})
    meter = Budget(tokens=10).meter({}, [], None, {})
    add = partial(meter, "qwen", [answer], None) if kind == "budget" else partial(CostTracker().add, answer)
    stopped = threading.Event()

    def count() -> None:
        while not stopped.is_set():
            add()

    threads = [threading.Thread(target=count) for _ in range(3)]
    for each in threads:
        each.start()
    ends = []
    for _ in range(10):
        if not (child := os.fork()):
            adding = threading.Thread(target=add, daemon=True)
            adding.start()
            adding.join(2)
            os._exit(adding.is_alive())
        ends.append(os.waitpid(child, 0)[1])
    stopped.set()
    for each in threads:
        each.join()
    assert ends == [0] * 10
