"""Answers on the wire: a completion at once, the events of a stream, an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.answers.turn import CHARACTERS_PER_TOKEN
from langchain_novastack.sandbox.http.server import EVENTS, LAST_CHUNK, Reply, chunk, dumps, event, head, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from langchain_novastack.sandbox.answers.turn import SimulatedChoice, Turn
    from langchain_novastack.sandbox.validation.problems import Envelope, Problem

DONE = event("[DONE]")
KEEP_ALIVE = chunk(b": keep-alive\n\n")
_SPOKEN = re.compile(r"\S+\s*|\s+")
_LOGPROB = -0.1


class Event(NamedTuple):
    """One event of a stream, and what it shows: `content` (text, tool calls), `reasoning`, `end`, `usage`, nothing."""

    data: str
    shows: str = ""


def usual(turn: Turn, *, delay: float = 0.0) -> Reply:
    """Return the answer to a valid request; a stream's first event, or the whole answer, `delay` seconds later."""
    if turn.streamed:
        usage = turn.usage if _wants_usage(turn) else None
        return Reply(200, [*stream_steps(turn, stream_events(turn), delay=delay), DONE + LAST_CHUNK], usage=usage)
    pause = [delay] if delay else []
    return Reply(200, [*pause, whole(200, turn.headers, completion(turn))], usage=turn.usage)


def failed(
    problem: Problem, request_id: str, envelope: Envelope = "openai", headers: Mapping[str, str] | None = None
) -> Reply:
    """Return an error in one of the published shapes."""
    body = problem.in_envelope(envelope, request_id)
    return Reply(problem.status, [whole(problem.status, headers or {"x-request-id": request_id}, body)])


def stream_steps(turn: Turn, events: list[Event], *, delay: float = 0.0) -> Iterator[bytes | float]:
    """Yield a stream without its end: head, a keep-alive comment, the events."""
    yield head(200, turn.headers, EVENTS) + KEEP_ALIVE
    if delay:
        yield delay
    for each in events:
        if turn.settings.chunk_delay:
            yield turn.settings.chunk_delay
        yield event(each.data)


def completion(turn: Turn, **changes: Any) -> dict[str, Any]:
    """Return the body of an answer that is not streamed, with some top-level fields replaced."""
    choices = [_whole_choice(turn, number, choice) for number, choice in enumerate(turn.choices)]
    return {**_top(turn, "chat.completion"), "choices": choices, "usage": turn.usage, **changes}


def _top(turn: Turn, kind: str) -> dict[str, Any]:
    return {"id": turn.id, "object": kind, "created": turn.created, "model": turn.body["model"]}


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
    tokens = [
        {**_token(piece, 0), "top_logprobs": [_token(piece, place) for place in places]} for piece in _pieces(text)
    ]
    return {"content": tokens, "refusal": None}


def _token(piece: str, place: int) -> dict[str, Any]:
    token = piece if place == 0 else f"{piece}{place}"
    return {"token": token, "logprob": _LOGPROB * (place + 1), "bytes": list(token.encode("utf-8", "replace"))}


def _pieces(text: str | None) -> list[str]:
    """Split a text as a stream sends it: word by word, spaces kept."""
    return _SPOKEN.findall(text or "")


def stream_events(turn: Turn) -> list[Event]:
    """Return the events of a streamed answer, in order, without the closing `[DONE]`."""
    sent = [each for number, choice in enumerate(turn.choices) for each in _choice_events(turn, number, choice)]
    return [*sent, Event(chunk_json(turn, [], usage=turn.usage), "usage")] if _wants_usage(turn) else sent


def _wants_usage(turn: Turn) -> bool:
    return bool((turn.body.get("stream_options") or {}).get("include_usage"))


def chunk_json(turn: Turn, choices: list[dict[str, Any]] | None, **more: Any) -> str:
    """Return one chunk's JSON with these choices and further top-level fields."""
    return dumps({**_top(turn, "chat.completion.chunk"), "choices": choices, **more})


def delta(number: int, given: dict[str, Any], finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one choice of a chunk."""
    return {"index": number, "delta": given, **more, "finish_reason": finish_reason}


def _choice_events(turn: Turn, number: int, choice: SimulatedChoice) -> Iterator[Event]:
    def send(shows: str, given: dict[str, Any], finish_reason: str | None = None, **more: Any) -> Event:
        return Event(chunk_json(turn, [delta(number, given, finish_reason, **more)]), shows)

    yield send("", {"role": "assistant", "content": ""})
    for piece in _pieces(choice.reasoning):
        yield send("reasoning", {turn.settings.reasoning_field: piece})
    for piece in _pieces(choice.text):
        logprobs = _logprobs(turn, piece)
        yield send("content", {"content": piece}, None, **({"logprobs": logprobs} if logprobs else {}))
    for piece in _pieces(choice.refusal):
        yield send("content", {"refusal": piece})
    for given in _call_deltas(choice):
        yield send("content", {"tool_calls": [given]})
    if choice.finish_reason:
        yield send("end", {}, choice.finish_reason, **({"error": choice.error} if choice.error else {}))


def _call_deltas(choice: SimulatedChoice) -> Iterator[dict[str, Any]]:
    """Yield tool calls in pieces: id and name first, then the arguments, a few characters at a time."""
    step = 2 * CHARACTERS_PER_TOKEN
    for index, call in enumerate(choice.calls):
        yield {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        for start in range(0, len(call.arguments), step):
            yield {"index": index, "function": {"arguments": call.arguments[start : start + step]}}
