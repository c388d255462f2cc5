"""`with_fallbacks` of single models: the same rules, also behind tools, schemas and parsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.fault_rows import CUT, NEXT, STOP, TABLE
from helpers.ways import WAYS, Ask, routing
from langchain_core.exceptions import OutputParserException
from langchain_core.runnables import RunnableWithFallbacks
from langchain_core.tools import tool
from pydantic import BaseModel

from langchain_novastack import (
    AllModelsFailedError,
    ChatNovastack,
    NovastackRouter,
    RouteMisconfiguredWarning,
    StreamInterruptedError,
)

if TYPE_CHECKING:
    from langchain_novastack.sandbox import Sandbox

QUESTION = "Use get_weather: how is the weather in Lisbon?"
Model = Callable[..., ChatNovastack]


@tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}."


class Report(BaseModel):
    """A weather report."""

    city: str
    degrees: int


def _plain(model: Model) -> Any:
    return model("deepseek").with_fallbacks([model("qwen")])


def _bound(model: Model) -> Any:
    first, second = (model(alias).bind_tools([get_weather]) for alias in ("deepseek", "qwen"))
    return first.with_fallbacks([second])


def _then_bound(model: Model) -> Any:
    return model("deepseek").with_fallbacks([model("qwen")]).bind_tools([get_weather])


def _structured(model: Model) -> Any:
    first, second = (model(alias).with_structured_output(Report) for alias in ("deepseek", "qwen"))
    return first.with_fallbacks([second])


def _raw(model: Model) -> Any:
    first, second = (model(alias).with_structured_output(Report, include_raw=True) for alias in ("deepseek", "qwen"))
    return first.with_fallbacks([second])


def _by_function(model: Model) -> Any:
    given: dict[str, Any] = {"method": "function_calling"}
    first, second = (model(alias).with_structured_output(Report, **given) for alias in ("deepseek", "qwen"))
    return first.with_fallbacks([second])


def _json_mode(model: Model) -> Any:
    given: dict[str, Any] = {"method": "json_mode", "include_raw": True}
    first, second = (model(alias).with_structured_output(Report, **given) for alias in ("deepseek", "qwen"))
    return first.with_fallbacks([second])


LINES: dict[str, Callable[[Model], Any]] = {
    "plain": _plain,
    "bind_tools, with_fallbacks": _bound,
    "with_fallbacks, bind_tools": _then_bound,
    "with_structured_output": _structured,
    "include_raw": _raw,
    "function_calling": _by_function,
    "json_mode, include_raw": _json_mode,
}
NAMES = (
    "503",
    "429",
    "404",
    "401",
    "error in a 200 body",
    "no choices",
    "closed without an answer",
    "role, then an error",
)


@pytest.fixture(params=list(LINES))
def line(request: pytest.FixtureRequest, model: Model) -> Any:
    """A line of two models, in one of the shapes."""
    return LINES[request.param](model)


def asked(box: Sandbox) -> list[str | None]:
    return [request.model for request in box.requests]


@pytest.mark.parametrize("name", NAMES)
async def test_the_same_rules_hold(box: Sandbox, line: Any, ask: Ask, name: str) -> None:
    row = TABLE[name]
    box.fail("deepseek", **row.how)
    assert isinstance(line, RunnableWithFallbacks)
    if row.whole == STOP:
        with pytest.raises(row.openai or Exception):
            await ask(line, f"{QUESTION} As JSON.")
    else:
        assert await ask(line, f"{QUESTION} As JSON.") is not None
    assert asked(box) == (["deepseek", "qwen"] if row.whole == NEXT else ["deepseek"])


async def test_a_line_that_fails_names_all(box: Sandbox, line: Any, ask: Ask) -> None:
    box.fail("*", status=400)
    with pytest.raises(openai.BadRequestError) as caught:
        await ask(line, QUESTION)
    error: Any = caught.value
    assert [each.model for each in error.attempts] == ["deepseek", "qwen"]
    assert [attempt["model"] for attempt in error.routing["attempts"]] == ["deepseek", "qwen"]
    assert isinstance(error, AllModelsFailedError)


@pytest.mark.parametrize("name", ["content, then an error", "content, then cut"])
@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_an_interrupted_stream_is_never_answered_by_another(box: Sandbox, line: Any, name: str, way: str) -> None:
    """Also where a parser stands between: those who listen to the model have seen its text."""
    row = TABLE[name]
    assert row.streamed == CUT
    box.fail("deepseek", **row.how)
    with pytest.raises(StreamInterruptedError) as caught:
        await WAYS[way](line, "Tell me about Lisbon, as JSON.")
    assert asked(box) == ["deepseek"]
    assert caught.value.partial is not None
    assert caught.value.routing["attempts"][0]["model"] == "deepseek"


@pytest.mark.parametrize("shape", ["plain", "bind_tools, with_fallbacks", "with_fallbacks, bind_tools"])
async def test_messages_carry_the_record(box: Sandbox, model: Model, ask: Ask, shape: str) -> None:
    """Without a router nobody decided anything, and that is what the record says."""
    box.fail("deepseek", status=503)
    record = routing(await ask(LINES[shape](model), QUESTION))
    assert (record["task"], record["policy"], record["model"], record["fallback"]) == (None, None, "qwen", True)
    attempts = [(attempt["model"], attempt["status"]) for attempt in record["attempts"]]
    assert attempts == [("deepseek", 503), ("qwen", 200)]


NONSENSE = '{"city": "Lisbon"'


def _tried(ask: Ask) -> list[str]:
    """Return who is asked where no answer parses: one that is streamed is not asked for again."""
    return ["deepseek"] if ask in {WAYS["stream"], WAYS["astream"]} else ["deepseek", "qwen"]


@pytest.mark.parametrize("shape", ["with_structured_output", "function_calling"])
async def test_a_failed_parse_is_the_parsers_error(box: Sandbox, model: Model, ask: Ask, shape: str) -> None:
    """Of the last model in line; of the first, where the answer was streamed. No model's health suffers."""
    if shape == "function_calling":
        box.answer("*", tool_calls=[{"name": "Report", "args": {"city": "Lisbon"}}], times=None)
    else:
        box.answer("*", NONSENSE, times=None)
    line = LINES[shape](model)
    for _ in range(4):
        with pytest.raises((OutputParserException, ValueError)) as caught:
            await ask(line, QUESTION)
        assert not isinstance(caught.value, openai.OpenAIError)
    assert asked(box) == _tried(ask) * 4


@pytest.mark.parametrize("shape", ["include_raw", "json_mode, include_raw"])
async def test_a_failed_parse_is_handed_over_with_include_raw(box: Sandbox, model: Model, ask: Ask, shape: str) -> None:
    box.answer("*", NONSENSE, times=None)
    answer = await ask(LINES[shape](model), f"{QUESTION} As JSON.")
    outcome: Any = answer
    assert outcome["parsed"] is None
    assert isinstance(outcome["parsing_error"], OutputParserException)
    assert asked(box) == _tried(ask)


async def test_a_router_parses_by_the_same_rules(box: Sandbox, make: Callable[..., NovastackRouter], ask: Ask) -> None:
    box.answer("*", NONSENSE, times=None)
    router = make()
    with pytest.raises(OutputParserException):
        await ask(router.with_structured_output(Report), "Debug this function.")
    outcome: Any = await ask(router.with_structured_output(Report, include_raw=True), "Debug this function.")
    assert isinstance(outcome["parsing_error"], OutputParserException)
    assert asked(box) == _tried(ask) * 2
    assert router.health()["deepseek"]["failures"] == 0


async def test_the_warning_of_a_misconfigured_route_is_the_same(box: Sandbox, line: Any, ask: Ask) -> None:
    box.fail("deepseek", status=404)
    await ask(line, f"{QUESTION} As JSON.")
    with pytest.warns(RouteMisconfiguredWarning, match="deepseek"):
        await ask(line, f"{QUESTION} As JSON.")


async def test_a_failing_model_is_skipped_here_too(box: Sandbox, line: Any, ask: Ask) -> None:
    box.fail("deepseek", status=503)
    for _ in range(4):
        await ask(line, f"{QUESTION} As JSON.")
    assert asked(box) == ["deepseek", "qwen"] * 3 + ["qwen"]
