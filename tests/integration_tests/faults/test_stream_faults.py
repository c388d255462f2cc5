"""Streams: nothing is shown before the first meaningful chunk, another model takes over until then and never after."""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
from collections.abc import AsyncGenerator, Callable
from time import monotonic
from typing import Any

import pytest
from helpers.raw_server import RawServer, whole
from helpers.ways import WAYS, routing, total
from langchain_core.messages import AIMessageChunk
from langchain_openai import ChatOpenAI

from langchain_novastack import AllModelsFailedError, ChatNovastack, NovastackRouter, StreamInterruptedError
from langchain_novastack.sandbox import Sandbox

QUESTION = "Debug this function."
STREAMS = ["stream", "astream"]
Make = Callable[..., NovastackRouter]


async def chunks_of(runnable: Any, way: str, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
    """Stream in either way."""
    if way == "stream":
        for chunk in runnable.stream(*args, **kwargs):
            yield chunk
    else:
        async with contextlib.aclosing(runnable.astream(*args, **kwargs)) as chunks:
            async for chunk in chunks:
                yield chunk


async def read(runnable: Any, way: str, *args: Any, **kwargs: Any) -> tuple[list[AIMessageChunk], Exception | None]:
    """Return all chunks, and the error that ended them."""
    seen: list[AIMessageChunk] = []
    try:
        async for chunk in chunks_of(runnable, way, *args, **kwargs):
            seen.append(chunk)  # noqa: PERF401 - what was seen before an error counts
    except Exception as error:  # noqa: BLE001 - it is what the tests look at
        return seen, error
    return seen, None


def meaningful(chunk: AIMessageChunk) -> bool:
    return bool(chunk.content or chunk.tool_call_chunks or chunk.additional_kwargs.get("reasoning_content"))


@pytest.mark.parametrize("way", STREAMS)
@pytest.mark.parametrize("how", [{"kind": "role_then_error"}, {"kind": "cut_stream", "after": 0}, {"status": 503}])
async def test_before_content_another_model_takes_over(box: Sandbox, make: Make, way: str, how: dict[str, Any]) -> None:
    """Nothing of the model that failed is ever shown."""
    box.fail("deepseek", **how)
    chunks, error = await read(make(), way, QUESTION)
    assert error is None
    assert {chunk.id for chunk in chunks} == {chunks[0].id}, "one model's stream"
    assert total(chunks).text.startswith("[simulated Qwen3-235B-A22B]")
    assert [request.model for request in box.requests] == ["deepseek", "qwen"]
    assert [chunk for chunk in chunks if "routing" in chunk.response_metadata] == [chunks[-1]]


@pytest.mark.parametrize("way", STREAMS)
async def test_nothing_is_shown_while_only_a_role_has_come(box: Sandbox, make: Make, way: str) -> None:
    """The first chunk comes with everything before it, when there is something to see."""
    head = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
    text = b'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'
    end = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    box.fail("qwen", kind="raw", pieces=[head, text, end], delay=0.3)
    began = monotonic()
    times = [monotonic() - began async for chunk in chunks_of(make(), way, "Hi", model="qwen")]
    assert times[0] > 0.5, "the role came after 0.3 s, the text after 0.6 s"


@pytest.mark.parametrize("way", STREAMS)
@pytest.mark.parametrize("kind", ["error_after", "cut_stream", "end_early"])
async def test_after_content_no_other_model_is_asked(box: Sandbox, make: Make, way: str, kind: str) -> None:
    """The error has all that was shown, and the record."""
    box.fail("deepseek", kind=kind, after=3)
    chunks, error = await read(make(), way, QUESTION)
    assert isinstance(error, StreamInterruptedError)
    assert [request.model for request in box.requests] == ["deepseek"]
    assert isinstance(error.partial, AIMessageChunk)
    assert error.partial.text == "".join(chunk.text for chunk in chunks) != ""
    assert error.partial.additional_kwargs["reasoning_content"].startswith("(simulated reasoning")
    assert error.routing["attempts"][0]["model"] == "deepseek"
    assert error.routing["attempts"][0]["error"].startswith("StreamInterruptedError: ")
    assert (error.routing["model"], error.routing["fallback"]) == (None, False)
    assert error.is_retryable


@pytest.mark.parametrize("way", STREAMS)
@pytest.mark.parametrize("ours", [True, False], ids=["ChatNovastack", "ChatOpenAI"])
@pytest.mark.parametrize("said", [{"code": 503}, {"code": 429}, {"code": "503"}, {"status": 529}])
async def test_the_status_that_an_error_event_names_is_the_errors(
    way: str, said: dict[str, Any], *, ours: bool
) -> None:
    """As `.status`, and in the record; no HTTP status, so there is no `status_code`."""
    words = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Once"}}]}
    events = (words, {"error": {"message": "too busy", **said}})
    body = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)
    with RawServer(lambda _, sock: sock.sendall(whole(body, content_type="text/event-stream"))) as server:
        model = (ChatNovastack if ours else ChatOpenAI)(model="Qwen3-235B-A22B", base_url=server.url, api_key="k-test")
        _, error = await read(NovastackRouter(models={"qwen": model}), way, QUESTION)
    assert isinstance(error, StreamInterruptedError)
    status = int(*said.values())
    assert (error.status, error.routing["attempts"][0]["status"]) == (status, status)
    assert not hasattr(error, "status_code")
    assert pickle.loads(pickle.dumps(error)).status == status  # noqa: S301 - our own


@pytest.mark.parametrize("way", STREAMS)
async def test_reasoning_is_content(box: Sandbox, make: Make, way: str) -> None:
    """Who has read a model think has seen its answer begin."""
    box.fail("deepseek", kind="choice_error")
    chunks, error = await read(make(), way, QUESTION)
    assert isinstance(error, StreamInterruptedError)
    assert all(chunk.text == "" for chunk in chunks)
    assert any(meaningful(chunk) for chunk in chunks)
    assert len(box.requests) == 1


@pytest.mark.parametrize("way", STREAMS)
async def test_a_tool_call_is_content(box: Sandbox, make: Make, way: str) -> None:
    call = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}
    event = json.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
    box.fail("deepseek", kind="raw", body=f"data: {event}\n\n")
    chunks, error = await read(make(), way, QUESTION)
    assert isinstance(error, StreamInterruptedError)
    assert [chunk.tool_call_chunks[0]["name"] for chunk in chunks] == ["f"]


@pytest.mark.parametrize("way", STREAMS)
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "routed"])
async def test_first_token_timeout_is_deaf_to_comments(box: Sandbox, make: Make, way: str, *, alone: bool) -> None:
    """Comments every 20 ms do not prolong the wait; it ends when it is over, with little slack."""
    box.fail("deepseek", kind="stall", seconds=15, delay=0.02)
    router = make(first_token_timeout=0.4)
    began = monotonic()
    if alone:
        _, error = await read(router.models["deepseek"], way, QUESTION)
        assert error is not None
        assert type(error).__name__ == "NovastackTimeoutError"
        assert "first token" in str(error)
    else:
        chunks, error = await read(router, way, QUESTION)
        assert error is None
        assert routing(total(chunks))["model"] == "qwen"
    assert 0.4 <= monotonic() - began < 3


@pytest.mark.parametrize("way", STREAMS)
async def test_first_token_timeout_lets_a_slow_stream_go_on(box: Sandbox, make: Make, way: str) -> None:
    """It bounds the wait for the first token only."""
    del box
    with Sandbox(chunk_delay=0.05) as slow:
        router = make(base_url=slow.base_url, first_token_timeout=0.5)
        chunks, error = await read(router, way, "Tell me a story about a lighthouse and its keeper.")
    assert error is None
    assert len(chunks) * 0.05 > 0.5, "the whole stream took longer than the wait for the first token may"


@pytest.mark.parametrize("way", STREAMS)
async def test_a_stall_after_content_ends_by_the_time_between_chunks(box: Sandbox, make: Make, way: str) -> None:
    box.fail("deepseek", kind="stall_after", after=2, seconds=15, delay=0.02)
    began = monotonic()
    chunks, error = await read(make(stream_chunk_timeout=0.3), way, QUESTION)
    assert isinstance(error, StreamInterruptedError)
    assert error.partial is not None
    assert error.partial.text == "".join(chunk.text for chunk in chunks)
    assert monotonic() - began < 5
    assert len(box.requests) == 1


@pytest.mark.parametrize("way", STREAMS)
async def test_closing_early_frees_the_connection_and_starts_nothing(box: Sandbox, make: Make, way: str) -> None:
    """A reader who stops after the first chunk leaves no connection, no request and no mark on anybody's health."""
    box.fail("deepseek", kind="stall_after", after=1, seconds=15)
    router = make()
    stream = chunks_of(router, way, QUESTION)
    async for chunk in stream:
        if chunk.text:
            break
    await stream.aclose()
    assert await asyncio.to_thread(box.wait_for, lambda box: box.connections.open == 0)
    assert [request.model for request in box.requests] == ["deepseek"]
    assert box.requests[0].aborted
    assert router.health()["deepseek"]["failures"] == 0


def test_breaking_out_of_a_loop_frees_the_connection(box: Sandbox, make: Make) -> None:
    box.fail("deepseek", kind="stall_after", after=1, seconds=15)
    for chunk in make().stream(QUESTION):
        if chunk.text:
            break
    assert box.wait_for(lambda box: box.connections.open == 0)


@pytest.mark.parametrize("way", ["ainvoke", "astream"])
@pytest.mark.parametrize("kind", ["silent", "stall", "stall_after"])
async def test_a_cancelled_task_falls_back_to_nobody(box: Sandbox, make: Make, way: str, kind: str) -> None:
    """Cancellation goes through at once, frees the connection, and counts against no model."""
    box.fail("deepseek", kind=kind, seconds=15)
    router = make()
    task = asyncio.ensure_future(WAYS[way](router, QUESTION))
    assert await asyncio.to_thread(box.wait_for, lambda box: len(box.requests) == 1)
    await asyncio.sleep(0.1)
    task.cancel()
    began = monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - began < 3
    assert await asyncio.to_thread(box.wait_for, lambda box: box.connections.open == 0)
    assert [request.model for request in box.requests] == ["deepseek"]
    assert router.health()["deepseek"]["failures"] == 0


@pytest.mark.parametrize("way", ["ainvoke", "astream"])
async def test_a_callers_timeout_is_the_callers(box: Sandbox, make: Make, way: str) -> None:
    """`asyncio.wait_for` around a call ends it; no other model is asked for what nobody waits for."""
    box.fail("deepseek", kind="silent", seconds=15)
    router = make()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(WAYS[way](router, QUESTION), 0.3)
    assert await asyncio.to_thread(box.wait_for, lambda box: box.connections.open == 0)
    assert [request.model for request in box.requests] == ["deepseek"]
    assert router.health()["deepseek"]["failures"] == 0


@pytest.mark.parametrize("way", STREAMS)
async def test_when_every_stream_fails_before_content(box: Sandbox, make: Make, way: str) -> None:
    box.fail("*", kind="role_then_error")
    chunks, error = await read(make(), way, QUESTION)
    assert chunks == []
    assert isinstance(error, AllModelsFailedError)
    assert [attempt["model"] for attempt in error.routing["attempts"]] == ["deepseek", "qwen"]


@pytest.mark.parametrize("way", STREAMS)
async def test_the_second_stream_may_break_too(box: Sandbox, make: Make, way: str) -> None:
    """Then its text is the partial one, and the record names both."""
    box.fail("deepseek", status=500).fail("qwen", kind="error_after", after=2)
    chunks, error = await read(make(), way, QUESTION)
    assert isinstance(error, StreamInterruptedError)
    assert error.model == "qwen"
    assert error.partial is not None
    assert error.partial.text == "".join(chunk.text for chunk in chunks)
    assert [attempt["model"] for attempt in error.routing["attempts"]] == ["deepseek", "qwen"]
