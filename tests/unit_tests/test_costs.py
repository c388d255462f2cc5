"""What answers cost: as charged, else estimated and marked so, else unknown; summed once, however they were asked."""

from __future__ import annotations

import threading
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.load import dumps, loads
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI

from langchain_novastack import ChatNovastack, NovastackError, NovastackRouter
from langchain_novastack.cards import CLAUDE, Price
from langchain_novastack.costs import BatchCosts, CostTracker, cost_of, track_costs
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from helpers.ways import Ask

PRICES = {
    "qwen": Price(input=1, output=2),
    "deepseek": Price(input=10, output=20),
    "claude": Price(input=50, output=90),
}
CODE, POEM = "Debug this function.", "Write a poem."


@pytest.fixture
def charging() -> Iterator[NovastackRouter]:
    """A router on a gateway that names the cost of each answer."""
    with Sandbox(cost=True) as box:
        yield NovastackRouter(base_url=box.base_url, api_key=box.api_key)


def by_price(message: AIMessage, price: Price) -> float:
    usage = message.usage_metadata
    assert usage is not None
    return (usage["input_tokens"] * price.input + usage["output_tokens"] * price.output) / 1_000_000


async def test_a_charged_cost_is_on_the_message_and_in_the_sum(ask: Ask, charging: NovastackRouter) -> None:
    with track_costs() as costs:
        message = await ask(charging, POEM)
    charged = message.response_metadata["cost"]
    assert charged > 0
    assert "cost_estimate" not in message.response_metadata
    entry = costs.models["Claude-Opus-4.7"]
    assert (entry.answers, entry.estimated, entry.unknown) == (1, 0, 0)
    assert entry.dollars == costs.dollars == charged


async def test_a_price_gives_an_estimate_that_says_so(ask: Ask, make: Callable[..., NovastackRouter]) -> None:
    """The router's own prices: on the message under another name than a charged cost, and marked in the sum."""
    with track_costs() as costs:
        message = await ask(make(prices=PRICES), CODE)
    assert "cost" not in message.response_metadata
    assert message.response_metadata["cost_estimate"] == pytest.approx(by_price(message, PRICES["deepseek"]))
    entry = costs.models["DeepSeek-V4-Pro"]
    assert (entry.answers, entry.estimated, entry.unknown) == (1, 1, 0)
    assert entry.dollars == pytest.approx(by_price(message, PRICES["deepseek"]))
    assert cost_of(message).estimated


async def test_without_cost_and_price_nothing_is_invented(ask: Ask, router: NovastackRouter) -> None:
    with track_costs() as costs:
        message = await ask(router, POEM)
    assert not {"cost", "cost_estimate"} & message.response_metadata.keys()
    entry = costs.models["Claude-Opus-4.7"]
    assert (entry.answers, entry.unknown, entry.dollars, costs.dollars) == (1, 1, None, None)
    assert entry.output_tokens > 0
    assert cost_of(message).dollars is None


def test_what_the_gateway_charged_wins_over_prices(charging: NovastackRouter) -> None:
    with track_costs(prices=PRICES) as costs:
        message = charging.invoke(POEM)
    assert costs.dollars == message.response_metadata["cost"]
    assert costs.models["Claude-Opus-4.7"].estimated == 0


@pytest.mark.parametrize("name", ["claude", "Claude-Opus-4.7", "anthropic/claude-opus-4-7"])
def test_prices_of_the_tracker_take_any_spelling(router: NovastackRouter, name: str) -> None:
    with track_costs(prices={name: PRICES["claude"]}) as costs:
        message = router.invoke(POEM)
    assert costs.dollars == pytest.approx(by_price(message, PRICES["claude"]))


async def test_batches_of_all_kinds_are_summed_by_model(charging: NovastackRouter) -> None:
    prompts: list[Any] = [CODE, POEM, "Hello"] * 4
    with track_costs() as costs:
        answers = charging.batch(prompts) + await charging.abatch(prompts)
        answers += [message for _, message in charging.batch_as_completed(prompts)]
        charging.generate([[message] for message in ChatPromptTemplate.from_template(POEM).format_messages()])
    assert {name: entry.answers for name, entry in costs.models.items()} == {
        "DeepSeek-V4-Pro": 12,
        "Claude-Opus-4.7": 13,
        "Qwen3-235B-A22B": 12,
    }
    one = charging.invoke(POEM).response_metadata["cost"]
    charged = sum(answer.response_metadata["cost"] for answer in answers) + one
    assert costs.dollars == pytest.approx(charged)


def test_an_agent_s_calls_are_counted_once(charging: NovastackRouter) -> None:
    def get_weather(city: str) -> str:
        """Get the weather of a city."""
        return f"Sunny in {city}."

    with track_costs() as costs:
        agent: Any = create_agent(charging, [get_weather])
        result = agent.invoke({"messages": [("user", "Use get_weather: how is the weather in Lisbon?")]})
    answers = [message for message in result["messages"] if message.type == "ai"]
    assert len(answers) == 2
    assert sum(entry.answers for entry in costs.models.values()) == 2
    assert costs.dollars == pytest.approx(sum(answer.response_metadata["cost"] for answer in answers))


def test_a_failed_attempt_costs_nothing_known(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    box.fail("deepseek", status=503)
    with track_costs(prices=PRICES) as costs:
        make().invoke(CODE)
    assert list(costs.models) == ["Qwen3-235B-A22B"]


def test_nested_trackers_and_handlers_do_not_count_twice(charging: NovastackRouter) -> None:
    """One tracker, both as the block's and as a callback, in a chain of several runs, with a block inside."""
    chain = ChatPromptTemplate.from_template("{what}") | charging
    with track_costs() as outer:
        chain.invoke({"what": POEM}, {"callbacks": [outer]})
        with track_costs() as inner:
            chain.invoke({"what": POEM})
    assert (sum(e.answers for e in outer.models.values()), sum(e.answers for e in inner.models.values())) == (2, 1)


def answers(costs: CostTracker) -> int:
    return sum(entry.answers for entry in costs.models.values())


async def test_an_inner_block_counts_for_the_outer_too(ask: Ask, charging: NovastackRouter) -> None:
    """Each block has what happened in it, and what the block inside it was handed by hand is counted once."""
    with track_costs() as outer:
        await ask(charging, POEM)
        with track_costs() as middle:
            await ask(charging, POEM)
            with track_costs() as inner:
                await ask(charging, POEM)
                await ask(charging, POEM, config={"callbacks": [outer, middle]})
        await ask(charging, POEM)
    charging.invoke(POEM, {"callbacks": [inner]})
    assert [answers(costs) for costs in (outer, middle, inner)] == [5, 3, 3]
    assert inner.dollars is not None
    assert outer.dollars == pytest.approx(5 * inner.dollars / 3)


def test_a_block_inside_a_chain_counts_once(charging: NovastackRouter) -> None:
    """The outer tracker reaches the call both from the chain around and through the block inside."""

    def step(text: str) -> str:
        with track_costs() as inner:
            charging.invoke(text)
        return str(answers(inner))

    with track_costs() as outer:
        assert RunnableLambda(step).invoke(POEM) == "1"
    assert answers(outer) == 1


async def test_sums_by_task_and_what_was_saved(ask: Ask, make: Callable[..., NovastackRouter]) -> None:
    router = make(prices=PRICES)
    with track_costs(prices=PRICES) as outer, track_costs() as inner:
        one, two = await ask(router, CODE), await ask(router, POEM)
        await ask(router.models["qwen"], "Hello")
    assert {task: entry.answers for task, entry in outer.tasks.items()} == {"code": 1, "creative": 1}
    assert outer.tasks["code"].dollars == pytest.approx(by_price(one, PRICES["deepseek"]))
    records = {record["task"]: record for record in outer.to_records(by="task")}
    assert records["creative"]["dollars"] == pytest.approx(by_price(two, PRICES["claude"]))
    counts = {name: sum(getattr(m, name) for m in outer.models.values()) for name in ("input_tokens", "output_tokens")}
    instead = PRICES["claude"].of(**counts)
    assert outer.dollars
    assert outer.saved_against("anthropic/claude-opus-4-7") == pytest.approx(instead - outer.dollars)
    assert inner.dollars == pytest.approx(outer.dollars)
    assert inner.saved_against("claude") is None, "no price to compare with"
    assert "task: creative" in str(outer)


def test_an_empty_block_has_cost_nothing() -> None:
    with track_costs() as costs:
        pass
    assert costs.dollars == 0


async def test_a_batch_is_a_table(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    """Rows in the order of the requests: what is known of each, and nothing of prompts."""
    plain = make().batch([CODE, POEM])
    estimated = [record["dollars"] for record in BatchCosts(plain, PRICES).to_records()]
    known = [PRICES["deepseek"], PRICES["claude"]]
    assert estimated == [pytest.approx(by_price(*pair)) for pair in zip(plain, known, strict=True)]
    router = make(prices=PRICES, max_retries=0)
    box.fail("qwen", status=500, times=None)
    prompts: list[Any] = [CODE, POEM, "Hello"]
    results: list[Any] = await router.abatch(prompts, return_exceptions=True)
    results += router.batch([CODE], {"tags": ["x"]})
    box.fail("deepseek", status=500)
    results += router.batch([CODE], return_exceptions=True)
    table = BatchCosts(results)
    records = table.to_records()
    assert [(r["model"], r["task"]) for r in records[:2]] == [("deepseek", "code"), ("claude", "creative")]
    assert [r["error"] is None for r in records] == [True, True, False, True, False]
    assert records[0]["dollars"] == pytest.approx(by_price(results[0], PRICES["deepseek"]))
    assert records[0]["tokens"] == results[0].usage_metadata["total_tokens"]
    assert records[0]["estimated"]
    assert records[0]["seconds"] > 0
    assert (records[4]["task"], records[4]["dollars"], records[4]["tokens"]) == ("code", None, None)
    assert records[4]["error"].startswith("AllModelsFailedError")
    lines = str(table).splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) <= 80
    assert table._repr_html_().count("<tr>") == 6
    assert "Debug" not in str(records)


def test_a_failed_run_is_forgotten(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    box.fail("*", status=401)
    with track_costs() as costs, pytest.raises(NovastackError):
        make().invoke(POEM)
    assert (costs.models, costs.runs) == ({}, set())  # a leak shows nowhere else


def test_several_answers_are_counted_by_model_and_cost(charging: NovastackRouter) -> None:
    """With `n` above 1, LangChain leaves model and cost out of the message."""
    with track_costs() as costs:
        charging.invoke(POEM, n=2)
    entry = costs.models["Claude-Opus-4.7"]
    assert (list(costs.models), entry.answers, entry.unknown) == (["Claude-Opus-4.7"], 1, 0)
    assert costs.dollars
    with track_costs(PRICES) as costs, Sandbox() as box:
        NovastackRouter(base_url=box.base_url, api_key=box.api_key).invoke(POEM, n=2)
    assert costs.models["Claude-Opus-4.7"].estimated == 1


def test_threads_add_up_and_other_blocks_stay_apart(charging: NovastackRouter) -> None:
    """A thread of the caller's own has no context of the block's; it takes the tracker as a callback."""
    shared = CostTracker()

    def work() -> None:
        for _ in range(5):
            charging.invoke(POEM, {"callbacks": [shared]})

    threads = [threading.Thread(target=work) for _ in range(4)]
    with track_costs() as here:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert shared.models["Claude-Opus-4.7"].answers == 20
    assert here.models == {}


def test_answers_from_a_cache_are_free(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    router = make(cache=InMemoryCache(), prices=PRICES)
    with track_costs(prices=PRICES) as costs:
        first, second = router.invoke(POEM), router.invoke(POEM)
    entry = costs.models["Claude-Opus-4.7"]
    assert len(box.requests) == 1
    assert (entry.answers, entry.cached, entry.estimated) == (2, 1, 1)
    assert entry.dollars == pytest.approx(by_price(first, PRICES["claude"]))
    assert cost_of(second).dollars == 0.0


def test_plain_models_of_the_caller_count_too() -> None:
    """A bare `ChatOpenAI` keeps the gateway's cost elsewhere; a model with a card of its own has its price."""
    with Sandbox(cost=True) as box:
        plain = ChatOpenAI(model="Qwen3-235B-A22B", base_url=box.base_url, api_key=lambda: box.api_key)
        priced = CLAUDE.model_copy(update={"price": PRICES["claude"]})
        claude = ChatNovastack(model="claude", card=priced, base_url=box.base_url, api_key=box.api_key)
        router = NovastackRouter(models={"qwen": plain, "claude": claude})
        with track_costs() as costs:
            router.batch(["Hello", POEM])
    assert {name: (e.answers, e.unknown, e.estimated) for name, e in costs.models.items()} == {
        "Qwen3-235B-A22B": (1, 0, 0),
        "Claude-Opus-4.7": (1, 0, 0),
    }
    assert all(entry.dollars for entry in costs.models.values())


def test_comparisons_mark_estimates(charging: NovastackRouter, make: Callable[..., NovastackRouter]) -> None:
    estimated = make(prices=PRICES).compare("Hello")
    assert all(answer.cost and answer.cost_is_estimate for answer in estimated)
    assert str(estimated).count("(estimate)") == 3
    charged = charging.compare("Hello")
    assert all(answer.cost and not answer.cost_is_estimate for answer in charged)
    unknown = make().compare("Hello")
    assert [answer.cost for answer in unknown] == [None, None, None]


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"prices": {"gpt": PRICES["qwen"]}}, r"`prices` must name known models \(.*\), got 'gpt'"),
        ({"prices": {"qwen": {"input": -1, "output": 1}}}, "prices"),
    ],
)
def test_bad_prices_are_refused(make: Callable[..., NovastackRouter], settings: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        make(**settings)


@pytest.mark.parametrize(
    "prices", [{"qwen": 0.5}, {"qwen": None}, {"qwen": {"input": 1}}, {"": PRICES["qwen"]}, {1: PRICES["qwen"]}, 1, []]
)
def test_bad_prices_of_the_tracker_are_refused(prices: Any) -> None:
    for kind in (CostTracker, partial(BatchCosts, [])):
        with pytest.raises(ValueError, match="`prices` must"):
            kind(prices)
    with pytest.raises(ValueError, match="`prices` must"), track_costs(prices=prices):
        pass


@pytest.mark.parametrize("number", [-1, float("inf"), float("nan")])
def test_prices_are_finite_and_not_negative(number: float) -> None:
    for name in ("input", "output"):
        with pytest.raises(ValueError, match=name):
            Price(**{"input": 1, "output": 1, name: number})
        with pytest.raises(ValueError, match="`prices` must hold"):
            CostTracker({"qwen": {"input": 1, "output": 1, name: number}})  # type: ignore[dict-item] # from a file


def test_a_price_of_a_model_that_never_answered_is_told(router: NovastackRouter) -> None:
    """A misspelt name is not silent; the id of a model of the caller's own is as good as one of the three."""
    with pytest.warns(UserWarning, match="`prices` names 'clod'.*'Claude-Opus-4.7' have no known cost"):  # noqa: SIM117 - order
        with track_costs(prices={"clod": PRICES["claude"]}):
            router.invoke(POEM)
    usage = UsageMetadata(input_tokens=3, output_tokens=4, total_tokens=7)
    said = AIMessage("Hi", response_metadata={"model_name": "my-model"}, usage_metadata=usage)
    with warnings.catch_warnings(), track_costs(prices={"my-model": PRICES["qwen"]}) as costs:
        warnings.simplefilter("error")
        message = GenericFakeChatModel(messages=iter([said])).invoke("Hello")
    assert costs.models["my-model"].dollars == pytest.approx(by_price(message, PRICES["qwen"]))


def test_prices_are_refused_beside_models_passed_in(router: NovastackRouter) -> None:
    with pytest.raises(ValueError, match="`prices` must be left out where `models` are given"):
        NovastackRouter(models=router.models, prices=PRICES)


def test_prices_survive_dumps_and_loads(
    box: Sandbox, make: Callable[..., NovastackRouter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
    monkeypatch.setenv("NOVASTACK_BASE_URL", box.base_url)
    theirs = ["langchain_novastack"]
    again = loads(dumps(make(prices=PRICES)), allowed_objects=[NovastackRouter, Price], valid_namespaces=theirs)
    assert again.invoke(POEM).response_metadata["cost_estimate"] > 0


def test_sums_are_shown_in_80_columns_with_their_notes(router: NovastackRouter) -> None:
    with track_costs(prices={"claude": PRICES["claude"]}) as costs:
        router.batch([CODE, POEM, POEM])
    lines = str(costs).splitlines()
    assert max(map(len, lines)) <= 80
    shown = {line.split()[0]: line for line in lines[1:]}
    assert "2 estimated" in shown["Claude-Opus-4.7"]
    assert "1 unknown" in shown["DeepSeek-V4-Pro"]
    assert "0.0" not in shown["DeepSeek-V4-Pro"]
    assert "2 estimated" in costs._repr_html_()
