"""Answers that do not fit what was asked go to the next model: the words in `attempts`, nothing against health."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from helpers.failing_listener import Raises
from helpers.ways import WAYS, routing
from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.exceptions import OutputParserException
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from langchain_novastack import AllModelsFailedError, ChatNovastack, NovastackRouter, StreamInterruptedError
from langchain_novastack.errors import NovastackMisfitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

BUG = "Debug this function: def f(): pass. Answer as JSON."


def get_weather(city: str) -> str:
    """Weather of a city."""
    return f"Sunny in {city}."


class Tokens(BaseCallbackHandler):
    """Notes every token."""

    run_inline = True

    def __init__(self) -> None:
        self.seen: list[str] = []

    def on_llm_new_token(self, token: str, **_: Any) -> None:  # type: ignore[override] # of a text
        self.seen.append(token)


class City(BaseModel):
    """A city."""

    name: str
    people: int


CALLS: dict[str, Any] = {
    "arguments cut short": {"name": "get_weather", "args": '{"city": "Lis'},
    "arguments that are a list": {"name": "get_weather", "args": '["Lisbon"]'},
    "a tool nobody bound": {"name": "get_forecast", "args": {"city": "Lisbon"}},
}


@pytest.mark.parametrize("kind", list(CALLS))
async def test_calls_that_cannot_be_run(make: Any, run: Ask, box: Sandbox, kind: str) -> None:
    router = make(skip_after=1)
    box.answer("deepseek", tool_calls=[CALLS[kind]])
    with get_usage_metadata_callback() as used:
        answer = await run(router.bind_tools([get_weather]), BUG)
    record = routing(answer)
    assert (record["model"], record["fallback"]) == ("qwen", True)
    first, second = record["attempts"]
    assert (first["model"], first["status"], second["error"]) == ("deepseek", 200, None)
    assert CALLS[kind]["name"] in first["error"]
    assert "Lis" not in first["error"]
    assert all(counts["input_tokens"] for counts in used.usage_metadata.values())
    assert len(used.usage_metadata) == 2, "both answers have to be paid for"
    assert not router.health()["deepseek"]["failures"]


@pytest.mark.parametrize("kind", list(CALLS))
async def test_a_plain_model_and_a_branch_of_its_own(make: Any, run: Ask, box: Sandbox, kind: str) -> None:
    first, second = (
        ChatOpenAI(model=name, base_url=box.base_url, api_key=lambda: box.api_key, max_retries=0)
        for name in ("DeepSeek-V4-Pro", "Qwen3-235B-A22B")
    )
    for line in (
        make(models={"deepseek": first, "qwen": second}).bind_tools([get_weather]),
        make().branches["deepseek"].bind_tools([get_weather]),
    ):
        box.answer("deepseek", tool_calls=[CALLS[kind]])
        assert routing(await run(line, BUG))["model"] == "qwen"


@pytest.mark.parametrize("way", ["last in line", "no fallback", "stream", "astream", "cut", "unknown names"])
async def test_it_stays_as_it_was(make: Any, box: Sandbox, way: str) -> None:
    """From the last in line, where it has been shown, where a limit cut it, where nobody says what there is."""
    call = CALLS["a tool nobody bound" if way == "unknown names" else "arguments cut short"]
    box.answer("*", tool_calls=[call], finish_reason="length" if way == "cut" else None)
    asked = make() if way == "unknown names" else make().bind_tools([get_weather])
    more: Any = {"last in line": {"model": "qwen"}, "no fallback": {"fallback": False}}.get(way, {})
    answer = await WAYS[way if way in WAYS else "ainvoke"](asked, BUG, **more)
    calls = answer.tool_calls if way == "unknown names" else answer.invalid_tool_calls
    assert [each["name"] for each in calls] == [call["name"]]
    assert len(box.requests) == 1


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
async def test_structured_output(make: Any, run: Ask, box: Sandbox, method: str, raw: bool) -> None:  # noqa: FBT001 - a parameter
    good = {"name": "Rome", "people": 3}
    for model, fields in (("deepseek", {"name": "Rome, a secret"}), ("qwen", good)):
        if method == "function_calling":
            box.answer(model, tool_calls=[{"name": "City", "args": fields}])
        else:
            box.answer(model, f"{fields}".replace("'", '"'))
    router = make(skip_after=1)
    found = await run(router.with_structured_output(City, method=method, include_raw=raw), BUG)
    assert (found["parsed"] if raw else found) == City(name="Rome", people=3)
    assert [request.model for request in box.requests] == ["deepseek", "qwen"]
    assert not router.health()["deepseek"]["failures"]
    if raw:
        assert found["parsing_error"] is None
        assert "secret" not in str(routing(found["raw"])["attempts"])


UNFIT = {"words": "It is large.", "fenced": '```json\n{"name": "Rome"}\n```', "a field less": '{"name": "Rome"}'}
UNFIT |= {"a list": "[]", "too deep": "[" * 20_000}


@pytest.mark.parametrize("said", UNFIT.values(), ids=UNFIT)
async def test_an_agents_response_format(make: Any, run: Ask, box: Sandbox, said: str) -> None:
    """LangChain's agents bind it beside their tools, and parse the answer themselves."""
    good = {"name": "Rome", "people": 3}
    box.answer("deepseek", said).answer("qwen", json.dumps(good))
    agent = create_agent(make(), [get_weather], response_format=City)
    state = await run(agent, {"messages": [("user", BUG)]})
    assert state["structured_response"] == City(**good)
    assert [request.model for request in box.requests] == ["deepseek", "qwen"]


async def test_what_is_no_text_fits_any_response_format(make: Any, run: Ask, box: Sandbox) -> None:
    """Calls, refusals, and what a limit cut off, are the agent's to judge; so is an answer of the last in line."""
    schema = {"name": "City", "schema": City.model_json_schema()}
    model = make().bind_tools([get_weather], response_format={"type": "json_schema", "json_schema": schema})
    box.answer("deepseek", tool_calls=[{"name": "get_weather", "args": {"city": "Rome"}}])
    assert (await run(model, BUG)).tool_calls
    box.answer("deepseek", '{"name": "Ro', finish_reason="length")
    assert (await run(model, BUG)).text == '{"name": "Ro'
    box.fail("deepseek", kind="refusal", message="I will not.", times=1)
    await run(model, BUG)
    assert [request.model for request in box.requests] == ["deepseek"] * 3
    box.answer("*", "No.", times=2)
    assert (await run(model, BUG)).text == "No."


@pytest.mark.parametrize("kind", ["error_after", "cut_stream"])
async def test_a_stream_that_nobody_sees_is_not_shown(make: Any, run: Ask, box: Sandbox, kind: str) -> None:
    """Where no listener gets the pieces, another model may still answer."""
    router = make(streaming=True)
    for line in (router, router.branches["deepseek"]):
        box.fail("deepseek", kind=kind, after=2, times=1)
        assert routing(await run(line, BUG))["model"] == "qwen"
    box.answer("deepseek", "No.").answer("qwen", '{"name": "Rome", "people": 3}')
    assert await run(router.with_structured_output(City), BUG) == City(name="Rome", people=3)
    box.fail("deepseek", kind=kind, after=2, times=1)
    with pytest.raises(StreamInterruptedError) as caught:
        await run(router, BUG, fallback=False)
    assert caught.value.partial, "nobody else may answer, and what came is not lost"


@pytest.mark.parametrize("kind", ["error_after", "cut_stream"])
async def test_callbacks_of_a_model_are_listeners(box: Sandbox, run: Ask, kind: str) -> None:
    """What they got of one model is never followed by the words of another."""
    tokens = Tokens()
    given: dict[str, Any] = {"base_url": box.base_url, "api_key": box.api_key, "streaming": True, "callbacks": [tokens]}
    models: Any = {alias: ChatNovastack(model=alias, **given) for alias in ("qwen", "deepseek")}
    box.fail("deepseek", kind=kind, after=2, times=1)
    with pytest.raises(StreamInterruptedError):
        await run(NovastackRouter(models=models), BUG)
    assert "Qwen" not in "".join(tokens.seen)


async def test_an_answer_in_words_where_a_tool_was_to_be_called(make: Any, run: Ask, box: Sandbox) -> None:
    box.answer("deepseek", "Rome has three million people.")
    box.answer("qwen", tool_calls=[{"name": "City", "args": {"name": "Rome", "people": 3}}])
    assert await run(make().with_structured_output(City, method="function_calling"), BUG) == City(name="Rome", people=3)


async def test_every_model_in_line(make: Any, run: Ask, box: Sandbox) -> None:
    """With the last one it ends as before; with an error of the last one, the words of the first are kept."""
    router = make(max_retries=0)
    box.answer("*", "No.", times=None)
    with pytest.raises(OutputParserException):
        await run(router.with_structured_output(City), BUG)
    assert [request.model for request in box.requests] == ["deepseek", "qwen"]
    box.clear()
    box.answer("deepseek", "No.").fail("qwen", status=503)
    with pytest.raises(AllModelsFailedError) as caught:
        await run(router.with_structured_output(City), BUG)
    assert isinstance(caught.value.attempts[0], NovastackMisfitError)


async def test_agents_finish(router: NovastackRouter, box: Sandbox) -> None:
    """A malformed call each, and one more request each."""
    box.answer("deepseek", tool_calls=[CALLS["arguments cut short"]], times=10)
    agent = create_agent(router, [get_weather])
    for _ in range(10):
        given: Any = {"messages": [("user", "Debug this function: get_weather('Lisbon')")]}
        messages = (await agent.ainvoke(given))["messages"]
        assert messages[-1].text
        assert not messages[-1].invalid_tool_calls
    extra = [request for request in box.requests if request.model == "qwen" and len(request.body["messages"]) == 1]
    assert len(extra) == 10


@pytest.mark.parametrize("named", [(OutputParserException,), (ValueError,), (Exception,), (NovastackMisfitError,)])
async def test_errors_that_only_the_caller_names(
    model: Callable[..., Any], run: Ask, box: Sandbox, named: tuple[type[Exception], ...]
) -> None:
    first, second = (model(alias).with_structured_output(City) for alias in ("deepseek", "qwen"))
    box.answer("deepseek", "No.").answer("qwen", '{"name": "Rome", "people": 3}')
    assert await run(first.with_fallbacks([second], exceptions_to_handle=named), BUG) == City(name="Rome", people=3)


async def test_classes_that_name_something_else_leave_it_alone(
    model: Callable[..., Any], run: Ask, box: Sandbox
) -> None:
    first, second = (model(alias).with_structured_output(City) for alias in ("deepseek", "qwen"))
    box.answer("deepseek", "No.")
    with pytest.raises(OutputParserException):
        await run(first.with_fallbacks([second], exceptions_to_handle=(TimeoutError,)), BUG)
    assert len(box.requests) == 1


async def test_a_callback_of_the_callers_is_never_an_answer(model: Callable[..., Any], run: Ask, box: Sandbox) -> None:
    line = model("deepseek").with_fallbacks([model("qwen")], exceptions_to_handle=(KeyError,))
    with pytest.raises(KeyError):
        await run(line, BUG, {"callbacks": [Raises(KeyError())]})
    assert not box.requests
