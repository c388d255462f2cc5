"""What gateways leave out or add: answers that are loosely shaped are answers all the same, and lose nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import WAYS, Ask

from langchain_novastack import NovastackResponseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox

QWEN = "Qwen3-235B-A22B"
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
CALL = {"id": "a", "function": {"name": "f", "arguments": "{}"}}


def chunk(delta: Any, reason: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"delta": delta, "finish_reason": reason}], **more}


def events(*chunks: Any, end: str = "\n\n") -> str:
    lines = [each if isinstance(each, str) else f"data: {json.dumps(each)}" for each in chunks]
    return "".join(line + end for line in [*lines, "data: [DONE]"])


def whole(message: Any, reason: str = "stop", **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": reason}], **more}


BODIES: dict[str, dict[str, Any]] = {
    "only what is needed": whole({"content": "hi"}),
    "nulls": whole({"role": None, "content": "hi", "tool_calls": None}, model=None, id=None, error=None, usage=None),
    "parts for content": whole({"content": [{"type": "text", "text": "hi"}]}),
    "an unknown finish reason": whole({"content": "hi"}, "eos"),
    "part of the usage": whole({"content": "hi"}, usage={"prompt_tokens": 1, "completion_tokens": None}),
}
STREAMS: dict[str, str] = {
    "only what is needed": events(chunk({"content": "h"}), chunk({"content": "i"}, "stop")),
    "chunks without choices": events({"choices": []}, {"id": "x"}, chunk({"content": "hi"}), chunk({}, "stop")),
    "null deltas": events(chunk(None), chunk({"content": "hi"}), chunk(None, "stop")),
    "a reason said twice": events(chunk({"content": "hi"}, "stop"), chunk({}, "stop")),
    "text behind the reason": events(chunk({"content": "h"}, "stop"), chunk({"content": "i"})),
    "an empty reason first": events(chunk({"content": "hi"}, ""), chunk({}, "stop")),
    "a message for a delta": events(whole({"role": "assistant", "content": "hi"})),
    "comments and other line ends": events(": PROCESSING", chunk({"content": "hi"}), chunk({}, "stop"), end="\r\n\r\n"),
    "data in two lines": events('data: {"choices": [{"delta": {"content": "hi"},\ndata: "finish_reason": "stop"}]}'),
}


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
async def test_loose_bodies_are_answers(model: Callable[..., ChatNovastack], box: Sandbox, way: str, body: Any) -> None:
    box.fail("qwen", kind="raw", body=json.dumps(body), content_type="application/json")
    message = await WAYS[way](model(), "Hello")
    assert message.text == "hi"
    assert message.response_metadata["model_name"] == QWEN


@pytest.mark.parametrize("way", ["stream", "astream"])
@pytest.mark.parametrize("body", STREAMS.values(), ids=list(STREAMS))
async def test_loose_streams_are_answers(
    model: Callable[..., ChatNovastack], box: Sandbox, way: str, body: str
) -> None:
    box.fail("qwen", kind="raw", body=body, content_type="text/event-stream")
    message = await WAYS[way](model(), "Hello")
    assert message.text == "hi"
    assert message.response_metadata["finish_reason"] == "stop"
    assert message.response_metadata["model_name"] == QWEN


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_the_last_of_several_usages_counts(model: Callable[..., ChatNovastack], box: Sandbox, way: str) -> None:
    """Some gateways repeat a running total; it is not added up."""
    running = [
        chunk({"content": "h"}, usage={**USAGE, "total_tokens": 2}),
        chunk({"content": "i"}, "stop", usage=USAGE),
    ]
    box.fail("qwen", kind="raw", body=events(*running), content_type="text/event-stream")
    message = await WAYS[way](model(), "Hello")
    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] == 3


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_tool_calls_without_an_index_are_kept(
    model: Callable[..., ChatNovastack], box: Sandbox, way: str
) -> None:
    """A new id begins a new call."""
    first, second = {**CALL, "function": {"name": "f", "arguments": ""}}, {**CALL, "id": "b"}
    rest = {"function": {"arguments": '{"x": 1}'}}
    calls = [chunk({"tool_calls": [each]}) for each in (first, rest, second)]
    box.fail("qwen", kind="raw", body=events(*calls, chunk({}, "tool_calls")), content_type="text/event-stream")
    message = await WAYS[way](model(), "Hello")
    assert [(call["id"], call["args"]) for call in message.tool_calls] == [("a", {"x": 1}), ("b", {})]


@pytest.mark.parametrize("cost", [0.25, "0.25"], ids=["number", "decimal string"])
async def test_a_cost_is_kept(model: Callable[..., ChatNovastack], box: Sandbox, ask: Ask, cost: Any) -> None:
    usage = {**USAGE, "cost": cost}
    box.answer("qwen", "hi", usage=usage)
    message = await ask(model(), "Hello")
    assert message.response_metadata["cost"] == 0.25


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_one_json_body_for_a_stream(model: Callable[..., ChatNovastack], box: Sandbox, way: str) -> None:
    """A whole answer is taken, and an error says what the gateway said."""
    box.fail("qwen", kind="raw", body=json.dumps(whole({"content": "hi"})), content_type="application/json", times=1)
    assert (await WAYS[way](model(), "Hello")).text == "hi"
    box.fail("qwen", kind="error_body", message="The upstream is away")
    with pytest.raises(NovastackResponseError, match="The upstream is away"):
        await WAYS[way](model(max_retries=0), "Hello")


async def test_our_own_words_survive(model: Callable[..., ChatNovastack], box: Sandbox, ask: Ask) -> None:
    """What an unusable answer was is said, in all four ways."""
    box.fail("qwen", kind="html")
    with pytest.raises(NovastackResponseError, match=r"not JSON|without a finish reason"):
        await ask(model(max_retries=0), "Hello")
    box.heal().fail("qwen", kind="error_body", message="The upstream is away")
    with pytest.raises(NovastackResponseError, match="The upstream is away"):
        await ask(model(max_retries=0), "Hello")


def test_the_default_model_has_its_gateway_id(model: Callable[..., ChatNovastack], box: Sandbox) -> None:
    alone = type(model())(base_url=box.base_url, api_key=box.api_key)
    assert alone.model_name == QWEN
