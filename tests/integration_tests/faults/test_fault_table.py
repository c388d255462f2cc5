"""Every fault, four ways to ask, four shapes of a request: who is asked, in which order, and what comes out."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from helpers.fault_rows import CUT, NEXT, ROWS, STOP, TABLE, Row
from helpers.ways import WAYS, routing
from langchain.agents import create_agent
from langchain_core.tools import tool
from pydantic import BaseModel

import langchain_novastack.errors as ours
from langchain_novastack import ChatNovastack, NovastackRouter, StreamInterruptedError
from langchain_novastack._compat import httpx
from langchain_novastack.sandbox import KINDS, Sandbox

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


@tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}."


class Diagnosis(BaseModel):
    """What is wrong with a function."""

    cause: str
    line: int


Shape = Callable[[NovastackRouter, str, str], Awaitable[Any]]


async def _bare(router: NovastackRouter, way: str, question: str) -> Any:
    return await WAYS[way](router, question)


async def _tools(router: NovastackRouter, way: str, question: str) -> Any:
    return await WAYS[way](router.bind_tools([get_weather]), question)


async def _structured(router: NovastackRouter, way: str, question: str) -> Any:
    chain = router.with_structured_output(Diagnosis, include_raw=True)
    if "stream" in way:
        chunks = list(chain.stream(question)) if way == "stream" else [chunk async for chunk in chain.astream(question)]
        raw = [chunk["raw"] for chunk in chunks if "raw" in chunk]
        return sum(raw[1:], raw[0])
    return (await WAYS[way](chain, question))["raw"]


async def _agent(router: NovastackRouter, way: str, question: str) -> Any:
    """Ask inside an agent; its streams of messages make it stream the model too."""
    agent: Any = create_agent(router, [get_weather])
    state: Any = {"messages": [("user", question)]}
    modes = ["messages", "values"]
    if way == "stream":
        state = list(agent.stream(state, stream_mode=modes))[-1][1]
    elif way == "astream":
        state = [part async for part in agent.astream(state, stream_mode=modes)][-1][1]
    else:
        state = await WAYS[way](agent, state)
    return state["messages"][-1]


SHAPES: dict[str, Shape] = {"plain": _bare, "tools": _tools, "structured": _structured, "agent": _agent}
UNSTREAMED = {("agent", "astream")} if sys.version_info < (3, 11) else set()
"""There asyncio does not hand an agent's listeners on to the model, which therefore does not stream."""

RECORD = {
    "task",
    "model",
    "policy",
    "confidence",
    "reason",
    "matched",
    "pinned",
    "fallback",
    "attempts",
    "skipped",
    "changed",
}


@pytest.fixture(scope="module")
def boxes() -> Iterator[list[Sandbox]]:
    """One sandbox for all; models that reason aloud are tested elsewhere."""
    with Sandbox(reasoning=()) as running:
        yield [running]


@pytest.fixture
def box(boxes: list[Sandbox]) -> Sandbox:
    """The sandbox, healed, with an empty log; nobody's health is known."""
    NovastackRouter(base_url=boxes[0].base_url, api_key="any").reset_health()
    return boxes[0].clear()


Model = Callable[..., ChatNovastack]
IMPATIENT: dict[Any, dict[str, Any]] = {
    "silent": {"timeout": httpx.Timeout(10, read=0.2)},
    "stall": {"timeout": httpx.Timeout(10, read=0.2), "first_token_timeout": 0.3},
    "stall_after": {"timeout": httpx.Timeout(10, read=0.4), "stream_chunk_timeout": 0.4},
}


UNANSWERED = ("disconnect", "reset")
"""Kinds that a connection which was used before is forgiven once: the request goes out again, on a fresh one."""


def _first_model(model: Model, row: Row, **settings: Any) -> ChatNovastack:
    """Return the model that fails; it is impatient where that is what is tested."""
    waits = IMPATIENT.get(row.how.get("kind"), {})
    return model("deepseek", **waits, **settings)


def _router(model: Model, row: Row, **settings: Any) -> NovastackRouter:
    return NovastackRouter(models={"qwen": model("qwen"), "deepseek": _first_model(model, row, **settings)})


def test_every_kind_of_the_sandbox_is_in_the_table() -> None:
    """A new kind of fault must say here what happens."""
    assert {row.how.get("kind", "status") for row in ROWS.values()} == set(KINDS)


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("name", list(ROWS))
async def test_what_follows(box: Sandbox, model: Model, name: str, way: str, shape: str) -> None:
    """The models asked, the time, the record, the usage and the error are what the table says."""
    row = ROWS[name]
    streamed = "stream" in way and (shape, way) not in UNSTREAMED
    then = row.streamed if streamed else row.whole
    if "kind" not in row.how:
        box.fail("deepseek", **row.how, retry_after=30)
    else:
        box.fail("deepseek", **row.how)
    router, began = _router(model, row), monotonic()
    if then in {STOP, CUT}:
        wanted = StreamInterruptedError if then == CUT else row.error
        with pytest.raises(wanted or Exception) as caught:
            await SHAPES[shape](router, way, "Debug this function.")
        _check_error(caught.value, row, interrupted=then == CUT)
    else:
        message = await SHAPES[shape](router, way, "Debug this function.")
        _check_record(message, row, then)
        _check_usage(message, box)
    assert monotonic() - began < 10, "neither a `Retry-After` nor a stall was sat out"
    expected = ["deepseek", "qwen"] if then == NEXT else ["deepseek"]
    asked = [request.model for request in box.requests]
    assert asked == expected or (row.how.get("kind") in UNANSWERED and asked == ["deepseek", *expected])


def _check_record(message: AIMessage, row: Row, then: str) -> None:
    record = routing(message)
    assert set(record) == RECORD
    assert (record["task"], record["model"]) == ("code", "qwen" if then == NEXT else "deepseek")
    assert record["fallback"] is (then == NEXT)
    assert (record["pinned"], record["skipped"]) == (False, [])
    *failed, answered = record["attempts"]
    assert all(set(attempt) == {"model", "seconds", "status", "error"} for attempt in record["attempts"])
    assert all(0 <= attempt["seconds"] < 10 for attempt in record["attempts"])
    assert (answered["model"], answered["status"], answered["error"]) == (record["model"], 200, None)
    if then == NEXT:
        (attempt,) = failed
        assert (attempt["model"], attempt["status"]) == ("deepseek", row.status)
        said, _, words = attempt["error"].partition(": ")
        assert row.error is None or (said == row.error.__name__ and "deepseek" in words)
    else:
        assert failed == []


def _check_usage(message: AIMessage, box: Sandbox) -> None:
    """Usage is that of the answer alone, counted once."""
    sent, used = box.requests[-1].usage, message.usage_metadata
    assert sent is not None
    assert used is not None
    assert (used["input_tokens"], used["output_tokens"]) == (sent["prompt_tokens"], sent["completion_tokens"])


def _check_error(error: BaseException, row: Row, *, interrupted: bool) -> None:
    assert isinstance(error, ours.NovastackError)
    assert error.model == "deepseek"
    if interrupted:
        assert isinstance(error, StreamInterruptedError)
        assert error.partial is not None
        assert error.partial.text
        assert error.routing["model"] is None
        assert [attempt["model"] for attempt in error.routing["attempts"]] == ["deepseek"]
        assert error.is_retryable
    else:
        assert type(error) is row.error
        assert error.status == row.status
        assert not error.is_retryable


@pytest.mark.parametrize("how", ["alone", "fallback=False"])
@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.error])
async def test_which_error_it_is(box: Sandbox, model: Model, name: str, way: str, how: str) -> None:
    """A model's own error is ours, core's and the SDK's at once, asked alone or through a router."""
    row = TABLE[name]
    then = row.streamed if "stream" in way else row.whole
    asked: Any = _first_model(model, row, max_retries=0) if how == "alone" else _router(model, row, max_retries=0)
    box.fail("deepseek", **row.how)
    settings = {} if how == "alone" else {"fallback": False}
    with pytest.raises(ours.NovastackError) as caught:
        await WAYS[way](asked, "Debug this function.", **settings)
    error = caught.value
    if then == CUT:
        assert isinstance(error, StreamInterruptedError)
        assert isinstance(error.__cause__, row.error or Exception)
        return
    assert type(error) is row.error
    assert isinstance(error, row.kind or Exception)
    assert isinstance(error, row.openai or Exception)
    assert (error.model, error.status) == ("deepseek", row.status)
    assert error.is_retryable is bool(row.kind and row.kind.is_retryable)
    assert (error.request_id is not None) is (row.status is not None)
    assert box.wait_for(lambda box: len(box.requests) == 1)  # on a busy machine the request is noted later
