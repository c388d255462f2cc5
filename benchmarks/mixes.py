"""Streams of one answer as different gateways write it: each a list of events, for what reading it costs per chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Event = dict[str, Any]

WORDS = ("The ", "default ", "list ", "is ", "made ", "once, ", "so ", "every ", "call ", "appends ", "to ", "it. ")
USAGE = {"prompt_tokens": 60, "completion_tokens": 24, "total_tokens": 84}
HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "DeepSeek-V4-Pro"}


def _event(delta: Event, end: str | None = None, choice: Event | None = None, **more: Any) -> Event:
    return {**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": end, **(choice or {})}], **more}


def _texts(count: int, **more: Any) -> list[Event]:
    return [_event({"content": WORDS[at % len(WORDS)]}, **more) for at in range(count)]


def plain(count: int) -> list[Event]:
    """Return the stream that the documents describe."""
    return [_event({"role": "assistant", "content": ""}), *_texts(count), _event({}, "stop")]


def running_usage(count: int) -> list[Event]:
    """Return a stream with the totals so far on every piece, as vLLM's `continuous_usage_stats` writes it."""
    events = plain(count)
    for at, event in enumerate(events):
        event["usage"] = {"prompt_tokens": 60, "completion_tokens": at, "total_tokens": 60 + at}
    return events


def wordy(count: int) -> list[Event]:
    """Return a stream whose pieces repeat the role and name every field, most of them null or empty."""
    empty = {"role": "assistant", "tool_calls": None, "function_call": None, "refusal": None, "reasoning_content": None}
    nothing = {"logprobs": None, "stop_reason": None, "native_finish_reason": ""}
    return [
        *(_event({**empty, **event["choices"][0]["delta"]}, "", nothing, usage=None) for event in _texts(count)),
        _event(empty, "stop", nothing),
    ]


def reasoning(count: int) -> list[Event]:
    """Return a stream of reasoning, under both of its names, and one word of text."""
    thoughts = [WORDS[at % len(WORDS)] for at in range(count)]
    return [*(_event({"reasoning": text, "reasoning_content": text}) for text in thoughts), *plain(1)]


def enveloped(count: int) -> list[Event]:
    """Return a stream whose events are wrapped in `data`."""
    return [{"code": 0, "data": event} for event in plain(count)]


def _calls(count: int, first: Event, later: Event) -> list[Event]:
    def piece(entry: Event, arguments: str, name: str | None = None) -> Event:
        named = {"name": name} if name is not None else {}
        return _event({"tool_calls": [{**entry, "function": {**named, "arguments": arguments}}]})

    pieces = [piece({**first, "type": "function"}, '{"text": "', "look_up")]
    pieces += [piece(later, WORDS[at % len(WORDS)], later.get("name")) for at in range(count)]
    return [*pieces, piece(later, '"}', later.get("name")), _event({}, "tool_calls")]


def call(count: int) -> list[Event]:
    """Return a tool call in pieces, as the documents describe it."""
    return _calls(count, {"index": 0, "id": "call_1"}, {"index": 0})


def call_repeated(count: int) -> list[Event]:
    """Return a tool call with its id, and its index as text, on every piece."""
    return _calls(count, {"index": "0", "id": "call_1"}, {"index": "0", "id": "call_1", "type": "function"})


def call_unnumbered(count: int) -> list[Event]:
    """Return a tool call whose pieces have neither index nor id."""
    return _calls(count, {"id": "call_1"}, {"id": ""})


MIXES: dict[str, tuple[str, str, Callable[[int], list[Event]]]] = {
    "plain": ("text", "plain", plain),
    "running": ("text, totals so far on each piece", "plain", running_usage),
    "wordy": ("text, every field named on each piece", "plain", wordy),
    "reasoning": ("reasoning, under two names", "plain", reasoning),
    "enveloped": ("text, each event in an envelope", "plain", enveloped),
    "call": ("tool arguments", "call", call),
    "repeated": ("tool arguments, id and index as text on each piece", "call", call_repeated),
    "unnumbered": ("tool arguments, neither index nor id", "call", call_unnumbered),
}
"""Title, the plain one of its kind that it is compared with, and what makes it, by the name in the server's path."""
