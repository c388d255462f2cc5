"""The same prompt to several models, side by side; and an answer in normal form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.recording_tracer import Tracer
from helpers.ways import FAST, total
from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI

from langchain_novastack import Comparison, NovastackRouter, RoutedResponse
from langchain_novastack.cards import CARDS, Price
from langchain_novastack.costs import BatchCosts
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from helpers.ways import Ask

    Make = Callable[..., NovastackRouter]
    Compare = Callable[..., Awaitable[Comparison]]

ALL = ["qwen", "deepseek", "claude"]
PROMPT = "What is rain?"


async def _compare(router: NovastackRouter, *args: Any, **kwargs: Any) -> Comparison:
    return router.compare(*args, **kwargs)


async def _acompare(router: NovastackRouter, *args: Any, **kwargs: Any) -> Comparison:
    return await router.acompare(*args, **kwargs)


@pytest.fixture(params=[_compare, _acompare], ids=["compare", "acompare"])
def compare(request: pytest.FixtureRequest) -> Compare:
    made: Compare = request.param
    return made


async def test_all_models_answer(box: Sandbox, router: NovastackRouter, compare: Compare) -> None:
    """One answer each, in the router's order, with seconds and usage; each model asked once."""
    compared = await compare(router, PROMPT)
    assert [answer.model for answer in compared] == ALL
    assert len(compared) == 3
    assert sorted(str(request.model) for request in box.requests) == sorted(ALL)
    sent = {request.model: request.usage for request in box.requests}
    for answer in compared:
        assert answer.error is None
        assert answer.message is not None
        assert CARDS[answer.model].id in answer.message.text
        assert answer.seconds > 0
        expected = sent[answer.model]
        assert answer.usage is not None
        assert expected is not None
        assert answer.usage.total_tokens == expected["total_tokens"] > 0
        assert (answer.cost, answer.cost_is_estimate) == (None, False)
        assert compared[answer.model] is answer


async def test_one_that_fails_loses_no_other(box: Sandbox, make: Make, compare: Compare) -> None:
    """Its error stands in its place, and no fallback answers for it."""
    box.fail("deepseek", status=503)
    compared = await compare(make(max_retries=0), PROMPT)
    assert [answer.error is None for answer in compared] == [True, False, True]
    assert isinstance(compared["deepseek"].error, openai.InternalServerError)
    assert compared["deepseek"].message is None
    assert sorted(str(request.model) for request in box.requests) == sorted(ALL)


async def test_one_that_cannot_take_it_loses_no_other(router: NovastackRouter, compare: Compare) -> None:
    """An image for all three: two say why they do not take it."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    compared = await compare(router, [HumanMessage([{"type": "text", "text": "What is this?"}, image])])
    assert [answer.error is None for answer in compared] == [False, False, True]
    assert "does not take images" in str(compared["qwen"].error)


async def test_they_are_asked_at_once(compare: Compare) -> None:
    """The last is asked before the first has answered."""
    with Sandbox(delay=1.0) as slow:
        router = NovastackRouter(base_url=slow.base_url, api_key=slow.api_key, fast=FAST)
        compared = await compare(router, PROMPT)
        asked = [request.time for request in slow.requests]
    assert max(asked) - min(asked) < 1.0
    assert all(answer.seconds >= 0.9 for answer in compared)


async def test_some_models(router: NovastackRouter, box: Sandbox, compare: Compare) -> None:
    """In the order asked for, by any spelling, each once."""
    compared = await compare(router, PROMPT, ["Claude-Opus-4.7", "qwen", "claude"])
    assert [answer.model for answer in compared] == ["claude", "qwen"]
    assert len(box.requests) == 2
    assert len(await compare(router, PROMPT, [])) == 0
    with pytest.raises(KeyError):
        compared["deepseek"]


@pytest.mark.parametrize("models", ["qwen", ["qwen", "gpt-9"]])
async def test_bad_models_are_value_errors(
    router: NovastackRouter, box: Sandbox, compare: Compare, models: Any
) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match="`model"):
        await compare(router, PROMPT, models)
    assert box.requests == []


@pytest.mark.parametrize("prompt", [[], 7])
async def test_a_bad_input_is_the_callers_error(
    router: NovastackRouter, box: Sandbox, compare: Compare, prompt: Any
) -> None:
    """It is not a failure of three models."""
    with pytest.raises(ValueError, match="input"):
        await compare(router, prompt)
    assert box.requests == []


async def test_arguments_and_config_reach_every_model(router: NovastackRouter, box: Sandbox, compare: Compare) -> None:
    """Call arguments are sent, and runs traced, one for each model."""
    tracer = Tracer()
    await compare(router, PROMPT, config={"callbacks": [tracer], "tags": ["side by side"]}, stop=["END"])
    assert [request.body["stop"] for request in box.requests] == [["END"]] * 3
    assert sorted(run.name for run in tracer.llm_runs) == sorted(card.id for card in CARDS.values())
    assert all("side by side" in (run.tags or ()) for run in tracer.runs)


async def test_costs_are_the_gateways_or_the_cards(compare: Compare) -> None:
    """What the gateway charges counts; else the price the user set, and then it is called an estimate."""
    with Sandbox(cost=True) as box:
        router = NovastackRouter(base_url=box.base_url, api_key=box.api_key, fast=FAST)
        compared = await compare(router, PROMPT, ["qwen"])
        assert box.requests[0].usage is not None
        assert (compared["qwen"].cost, compared["qwen"].cost_is_estimate) == (box.requests[0].usage["cost"], False)
    with Sandbox() as box:
        models = NovastackRouter(base_url=box.base_url, api_key=box.api_key, fast=FAST).models
        card = CARDS["qwen"].model_copy(update={"price": Price(input=1_000_000, output=2_000_000)})
        router = NovastackRouter(models={"qwen": models["qwen"].model_copy(update={"card": card})})
        answer = (await compare(router, PROMPT))["qwen"]
        assert answer.message is not None
        used: Any = answer.message.usage_metadata
        assert (answer.cost, answer.cost_is_estimate) == (used["input_tokens"] + 2 * used["output_tokens"], True)


def test_records_are_plain_data(box: Sandbox, make: Make) -> None:
    """Ready for a table, and for JSON."""
    box.fail("claude", status=500)
    records = make(max_retries=0).compare(PROMPT).to_records()
    assert json.loads(json.dumps(records)) == records
    assert [list(record) for record in records] == [
        ["model", "answer", "error", "seconds", "usage", "cost", "cost_is_estimate"]
    ] * 3
    usage = records[0]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert (records[2]["answer"], records[2]["usage"]) == (None, None)
    assert records[2]["error"].startswith("NovastackServerError: claude answered HTTP 500")


def test_it_is_json_with_a_failed_model(box: Sandbox, make: Make) -> None:
    """The error is told in words; in Python it stays what it was."""
    box.fail("claude", status=500)
    compared = make(max_retries=0).compare(PROMPT)
    answers = json.loads(compared.model_dump_json())["answers"]
    assert answers[2]["error"] == compared.to_records()[2]["error"]
    assert (answers[0]["error"], answers[0]["model"]) == (None, "qwen")
    assert compared.model_dump()["answers"][2]["error"] is compared["claude"].error


def test_models_are_found_by_any_spelling(router: NovastackRouter) -> None:
    compared = router.compare(PROMPT, ["qwen", "claude"])
    for name in ("claude", "Claude-Opus-4.7", "anthropic/claude-opus-4-7", "CLAUDE"):
        assert compared[name].model == "claude"
        assert name in compared
    assert not any(name in compared for name in ("deepseek", "DeepSeek-V4-Pro", "zzz", 5, None))
    assert compared["qwen"] in compared
    own = router.models
    renamed = NovastackRouter(models={"mine": own["qwen"], "Claude-Opus-4.7": own["claude"]}).compare(PROMPT)
    assert ("mine" in renamed, renamed["claude"].model) == (True, "Claude-Opus-4.7")


def test_the_table_is_safe_html(box: Sandbox, make: Make) -> None:
    """Answers and errors are text: whatever a model writes is escaped."""
    evil = "<script>alert(1)</script>&\"'<img src=x onerror=alert(2)>"
    box.answer("qwen", evil).fail("claude", status=500, message=evil)
    html = make(max_retries=0).compare(PROMPT)._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;script&gt;") == 2
    assert html.count("<tr") >= 4


def test_it_prints_as_text(router: NovastackRouter) -> None:
    """For a terminal, at most 80 columns wide."""
    text = str(router.compare(PROMPT))
    assert all(alias in text for alias in ALL)
    assert max(map(len, text.splitlines())) <= 80


# ---- the normal form


async def test_the_normal_form(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """`router | RoutedResponse.from_message`, in every call style."""
    chain = router | RoutedResponse.from_message
    response = await ask(chain, "Debug this function for me")
    usage = box.requests[-1].usage
    assert usage is not None
    assert type(response) is RoutedResponse
    assert response.model_dump() == {
        "content": response.content,
        "model_used": "DeepSeek-V4-Pro",
        "usage": {name: usage[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")},
        "finish_reason": "stop",
        "fallback_triggered": False,
    }
    assert response.content.startswith("[simulated DeepSeek-V4-Pro]")


async def test_the_normal_form_after_a_fallback(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """It names who answered, and that it was not the one decided for."""
    box.fail("deepseek", status=503, times=1)
    response = await ask(router | RoutedResponse.from_message, "Debug this function for me")
    assert (response.model_used, response.fallback_triggered) == ("Qwen3-235B-A22B", True)


def test_the_normal_form_of_any_message(box: Sandbox, router: NovastackRouter) -> None:
    """Of a branch, of a bare model, of a summed stream, of LangChain's own client, and of a message by hand."""
    plain: Any = ChatOpenAI(model="Claude-Opus-4.7", base_url=box.base_url, api_key=box.api_key)
    messages = [
        router.branches["claude"].invoke("hi"),
        router.models["claude"].invoke("hi"),
        total(list(router.stream("hi", model="claude"))),
        plain.bind(temperature=None).invoke("hi"),
    ]
    responses = [RoutedResponse.from_message(message) for message in messages]
    assert [response.model_used for response in responses] == ["Claude-Opus-4.7"] * 4
    assert {response.usage.total_tokens for response in responses} == {responses[0].usage.total_tokens}
    assert responses[0].usage.total_tokens > 0
    empty = RoutedResponse.from_message(AIMessage([{"type": "text", "text": "Hello"}, {"type": "reasoning"}]))
    assert (empty.content, empty.model_used, empty.usage.total_tokens, empty.finish_reason) == ("Hello", "", 0, None)


@pytest.mark.parametrize("alias", ["claude", "deepseek", "qwen"])
def test_the_normal_form_of_several_answers(router: NovastackRouter, alias: str) -> None:
    """With `n` above 1, LangChain leaves the model's name out; the routing record has it."""
    response = RoutedResponse.from_message(router.invoke("hi", model=alias, n=2))
    assert response.model_used == CARDS[alias].id
    by_hand = AIMessage("x", response_metadata={"routing": {"model": "mine"}})
    assert RoutedResponse.from_message(by_hand).model_used == "mine"
    assert RoutedResponse.from_message(AIMessage("x", response_metadata={"routing": None})).model_used == ""


def test_the_normal_form_of_something_else() -> None:
    """A `ValueError` that names the argument."""
    with pytest.raises(ValueError, match="`message` must be an AIMessage, got HumanMessage"):
        RoutedResponse.from_message(HumanMessage("hi"))


@pytest.mark.parametrize("routing", ["gpt-5", ["a"], {"model": 3}])
def test_another_packages_routing_is_no_record(routing: object) -> None:
    answer = AIMessage("hi", response_metadata={"routing": routing})
    assert RoutedResponse.from_message(answer).content == "hi"
    assert BatchCosts([answer]).to_records()[0]["dollars"] is None


async def test_the_words_of_a_refusal_are_compared(box: Sandbox, router: NovastackRouter, compare: Compare) -> None:
    box.fail("qwen", kind="refusal", message="I will not.")
    assert (await compare(router, "Hello", ["qwen"])).to_records()[0]["answer"] == "I will not."


def test_the_normal_form_of_half_a_character() -> None:
    """A gateway may cut a character in two, as escapes: halves that meet are joined, one left alone is replaced."""
    response = RoutedResponse.from_message(AIMessage("a \ud83d" + "\ude00 and \ud83d", response_metadata={}))
    assert response.content == "a \U0001f600 and \ufffd"
    assert RoutedResponse.model_validate_json(response.model_dump_json()) == response
