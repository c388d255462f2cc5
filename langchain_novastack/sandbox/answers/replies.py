"""Answers on the wire: a completion at once, or the chunks of a stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.server import EVENTS, LAST_CHUNK, Reply, chunk, event, head, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from langchain_novastack.sandbox.answers.turn import Turn

DONE = event("[DONE]") + LAST_CHUNK
KEEP_ALIVE = chunk(b": keep-alive\n\n")
_SPOKEN = re.compile(r"\S+\s*|\s+")
_LOGPROB = -0.1
_ARGUMENTS_STEP = 8  # characters


def usual(turn: Turn) -> Reply:
    """Return the answer to a valid request."""
    reply = stream(turn, chunks(turn)) if turn.streamed else whole(200, turn.headers, completion(turn))
    reply.usage = turn.usage if _wants_usage(turn) or not turn.streamed else None
    return reply


def stream(turn: Turn, events: Iterable[Any], tail: bytes = DONE) -> Reply:
    """Return a stream: head, a keep-alive comment, events and their end; without one the connection is closed."""
    steps: list[bytes | float] = [head(200, turn.headers, EVENTS) + KEEP_ALIVE]
    for each in events:
        if turn.settings.chunk_delay:
            steps.append(turn.settings.chunk_delay)
        steps.append(event(each))
    return Reply(200, [*steps, tail], "keep" if tail else "close")


def completion(turn: Turn, **changes: Any) -> dict[str, Any]:
    """Return the body of an answer that is not streamed, with some top-level fields replaced."""
    choices = [{**choice, "logprobs": _logprobs(turn, choice["message"]["content"])} for choice in turn.choices]
    return {**_top(turn, "chat.completion"), "choices": choices, "usage": turn.usage, **changes}


def _top(turn: Turn, kind: str) -> dict[str, Any]:
    return {"id": turn.id, "object": kind, "created": turn.created, "model": turn.body["model"]}


def _logprobs(turn: Turn, text: str | None) -> dict[str, Any] | None:
    """Return made-up probabilities, one entry for each piece that a stream would send."""
    if not text or not turn.body.get("logprobs"):
        return None
    places = range(turn.body.get("top_logprobs") or 0)
    pieces = _SPOKEN.findall(text)
    tokens = [{**_token(piece, 0), "top_logprobs": [_token(piece, place) for place in places]} for piece in pieces]
    return {"content": tokens, "refusal": None}


def _token(piece: str, place: int) -> dict[str, Any]:
    token = piece if place == 0 else f"{piece}{place}"
    return {"token": token, "logprob": _LOGPROB * (place + 1), "bytes": list(token.encode("utf-8", "replace"))}


def chunks(turn: Turn) -> list[dict[str, Any]]:
    """Return the chunks of a streamed answer, in order."""
    sent = [chunk_of(turn, [part]) for choice in turn.choices for part in _parts(turn, choice)]
    return [*sent, chunk_of(turn, [], usage=turn.usage)] if _wants_usage(turn) else sent


def _wants_usage(turn: Turn) -> bool:
    return bool((turn.body.get("stream_options") or {}).get("include_usage"))


def chunk_of(turn: Turn, choices: list[dict[str, Any]] | None, **more: Any) -> dict[str, Any]:
    """Return one chunk with these choices and further top-level fields."""
    return {**_top(turn, "chat.completion.chunk"), "choices": choices, **more}


def _parts(turn: Turn, choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Take a choice apart as a stream sends it: word by word, spaces kept."""
    message, number = choice["message"], choice["index"]
    yield delta(number, {"role": "assistant", "content": ""})
    for name in (turn.settings.reasoning_field, "content", "refusal"):
        for piece in _SPOKEN.findall(message.get(name) or ""):
            logprobs = _logprobs(turn, piece) if name == "content" else None
            more = {"logprobs": logprobs} if logprobs else {}
            yield delta(number, {name: piece}, **more)
    for index, call in enumerate(message.get("tool_calls", ())):  # id and name first, then a few characters at a time
        arguments = call["function"]["arguments"]
        yield delta(
            number, {"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]}
        )
        for start in range(0, len(arguments), _ARGUMENTS_STEP):
            piece = {"arguments": arguments[start : start + _ARGUMENTS_STEP]}
            yield delta(number, {"tool_calls": [{"index": index, "function": piece}]})
    if choice["finish_reason"]:
        yield delta(number, {}, **{name: choice[name] for name in ("error", "finish_reason") if name in choice})


def delta(number: int, given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return one choice of a chunk."""
    return {"index": number, "delta": given, "finish_reason": None, **more}
