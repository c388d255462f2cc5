"""Answers as the gateway's JSON: one completion, or the events of a stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.answers.tokens import CHARACTERS_PER_TOKEN
from langchain_novastack.sandbox.http.wire_format import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_novastack.sandbox.answers.turn import SimulatedChoice, Turn

_SPOKEN = re.compile(r"\S+\s*|\s+")
_LOGPROB = -0.1


class Event(NamedTuple):
    """One event of a stream."""

    data: str
    """JSON."""

    shows: str = ""
    """What it brings: `content` (text or part of a tool call), `reasoning`, `end`, `usage`, or nothing."""


def completion(turn: Turn, **changes: Any) -> dict[str, Any]:
    """Return the body of an answer that is not streamed, with some top-level fields replaced."""
    return {
        "id": turn.id,
        "object": "chat.completion",
        "created": turn.created,
        "model": turn.body["model"],
        "choices": [_whole_choice(turn, number, choice) for number, choice in enumerate(turn.choices)],
        "usage": turn.usage,
        **changes,
    }


def _whole_choice(turn: Turn, number: int, choice: SimulatedChoice) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": choice.text}
    if choice.refusal is not None:
        message["refusal"] = choice.refusal
    if choice.reasoning:
        message[turn.settings.reasoning_field] = choice.reasoning
    if choice.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in choice.calls
        ]
    logprobs = _logprobs(turn, choice.text) if choice.text else None
    extra = {} if choice.error is None else {"error": choice.error}
    finish = choice.finish_reason or None
    return {"index": number, "message": message, "logprobs": logprobs, "finish_reason": finish, **extra}


def _logprobs(turn: Turn, text: str) -> dict[str, Any] | None:
    """Return made-up probabilities, one entry for each piece that a stream would send."""
    if not turn.body.get("logprobs"):
        return None
    places = range(turn.body.get("top_logprobs") or 0)
    return {
        "content": [
            {**_token(piece, 0), "top_logprobs": [_token(piece, place) for place in places]} for piece in pieces(text)
        ],
        "refusal": None,
    }


def _token(piece: str, place: int) -> dict[str, Any]:
    token = piece if place == 0 else f"{piece}{place}"
    return {"token": token, "logprob": _LOGPROB * (place + 1), "bytes": list(token.encode("utf-8", "replace"))}


def pieces(text: str) -> list[str]:
    """Split a text as a stream sends it: word by word, spaces kept."""
    return _SPOKEN.findall(text)


def events(turn: Turn) -> list[Event]:
    """Return the events of a streamed answer, in order, without the closing `[DONE]`."""
    sent = [event for number, choice in enumerate(turn.choices) for event in _choice_events(turn, number, choice)]
    if wants_usage(turn):
        sent.append(Event(chunk_json(turn, [], usage=turn.usage), "usage"))
    return sent


def wants_usage(turn: Turn) -> bool:
    """Return whether a stream ends with a usage event: only when the request asked for it."""
    return bool((turn.body.get("stream_options") or {}).get("include_usage"))


def chunk_json(turn: Turn, choices: list[dict[str, Any]] | None, **more: Any) -> str:
    """Return one chunk's JSON with these choices and further top-level fields."""
    head = {"id": turn.id, "object": "chat.completion.chunk", "created": turn.created, "model": turn.body["model"]}
    return dumps({**head, "choices": choices, **more})


def delta(number: int, given: dict[str, Any], finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one choice of a chunk."""
    return {"index": number, "delta": given, **more, "finish_reason": finish_reason}


def _choice_events(turn: Turn, number: int, choice: SimulatedChoice) -> Iterator[Event]:
    def send(given: dict[str, Any], shows: str = "") -> Event:
        return Event(chunk_json(turn, [delta(number, given)]), shows)

    yield send({"role": "assistant", "content": ""})
    for piece in pieces(choice.reasoning):
        yield send({turn.settings.reasoning_field: piece}, "reasoning")
    for piece in pieces(choice.text or ""):
        more: dict[str, Any] = {"logprobs": logprobs} if (logprobs := _logprobs(turn, piece)) else {}
        yield Event(chunk_json(turn, [delta(number, {"content": piece}, **more)]), "content")
    for piece in pieces(choice.refusal or ""):
        yield send({"refusal": piece}, "content")
    for given in _call_deltas(choice):
        yield send({"tool_calls": [given]}, "content")
    if choice.finish_reason:
        error: dict[str, Any] = {"error": choice.error} if choice.error else {}
        yield Event(chunk_json(turn, [delta(number, {}, choice.finish_reason, **error)]), "end")


def _call_deltas(choice: SimulatedChoice) -> Iterator[dict[str, Any]]:
    """Yield tool calls in pieces: id and name first, then the arguments, a few characters at a time."""
    step = 2 * CHARACTERS_PER_TOKEN
    for index, call in enumerate(choice.calls):
        yield {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        for start in range(0, len(call.arguments), step):
            yield {"index": index, "function": {"arguments": call.arguments[start : start + step]}}
