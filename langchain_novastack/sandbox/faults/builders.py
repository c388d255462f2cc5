"""How each kind of fault is put on the wire. `kinds.KINDS` says what each is for."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.answers import render, replies
from langchain_novastack.sandbox.http.wire_format import (
    EVENTS,
    HTML,
    JSON,
    LAST_CHUNK,
    Head,
    Reply,
    chunk,
    dumps,
    phrase,
    whole,
)
from langchain_novastack.sandbox.validation.problems import ENVELOPES, Problem, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from langchain_novastack.sandbox.answers.turn import Turn
    from langchain_novastack.sandbox.faults.fault import Fault

_PAGE = """<!DOCTYPE html>
<html><head><title>{title}</title></head>
<body><h1>{title}</h1><p>Simulated page of a proxy in front of the gateway.</p></body></html>
"""
_CODES: Mapping[int, str] = MappingProxyType(
    {401: "invalid_api_key", 402: "insufficient_credits", 404: "model_not_found", 429: "rate_limit_exceeded"}
)
_PROPER_END = replies.DONE + LAST_CHUNK
_REFUSAL = "Simulated refusal: I can't help with that."


def _problem(turn: Turn, fault: Fault, status: int) -> Problem:
    status = fault.status or status
    message = fault.message or f"Simulated fault of {turn.card.id}: {fault.kind}, code {status}."
    return Problem(status, message, kind_of(status), _CODES.get(status))


def _envelope(turn: Turn, fault: Fault) -> dict[str, Any]:
    """Return an error body for a fault that hides behind a 200."""
    return ENVELOPES[fault.envelope](_problem(turn, fault, 502), turn.id)


def _head(turn: Turn, fault: Fault, status: int = 200) -> Head:
    return replies.head(turn.id, status, fault.all_headers)


def _at_once(turn: Turn, fault: Fault, body: Any, content_type: str = JSON, status: int = 200) -> Reply:
    return Reply(status, [whole(_head(turn, fault, status), body, content_type)])


def _streamed(turn: Turn, fault: Fault, events: list[render.Event], tail: bytes = _PROPER_END) -> Reply:
    """Return a stream of these events; without a proper end the connection is closed after it."""
    steps = [*replies.stream(turn, events, fault.all_headers, done=False), tail]
    return Reply(200, steps, "keep" if tail.endswith(LAST_CHUNK) else "close")


def _until(turn: Turn, after: int | None) -> list[render.Event]:
    """Return the usual events up to the n-th piece of content, or, for 0, up to anything a reader would see."""
    events = [each for each in render.events(turn) if each.shows not in {"end", "usage"}]
    if after is None:
        return events
    wanted = {"content"} if after else {"content", "reasoning"}
    shown = [place for place, each in enumerate(events) if each.shows in wanted] or [len(events)]
    return events[: shown[min(after, len(shown)) - 1] + 1] if after else events[: shown[0]]


def _error_event(turn: Turn, fault: Fault) -> render.Event:
    """Return an event with an error beside an empty choice, as the gateway this one mirrors documents it."""
    choice = render.delta(0, {"content": ""}, "error")
    return render.Event(render.chunk_json(turn, [choice], error=_envelope(turn, fault)["error"]), "end")


def status(turn: Turn, fault: Fault) -> Reply:
    """Answer with an error status."""
    problem = _problem(turn, fault, 503)
    if fault.body is None:
        return replies.error(problem, turn.id, fault.envelope, fault.all_headers)
    return _at_once(turn, fault, fault.body, fault.content_type or JSON, problem.status)


def error_body(turn: Turn, fault: Fault) -> Reply:
    """Answer 200 with an error for a body."""
    return _at_once(turn, fault, _envelope(turn, fault) if fault.body is None else fault.body)


def choice_error(turn: Turn, fault: Fault) -> Reply:
    """Answer 200 with half a text that ended in an error; a stream has no text."""
    error = _envelope(turn, fault)["error"]
    turn.choices = [
        replace(
            each, text=None if turn.streamed else _half(each.text or ""), calls=(), finish_reason="error", error=error
        )
        for each in turn.choices
    ]
    return replies.usual(turn, fault.all_headers)


def no_choices(turn: Turn, fault: Fault) -> Reply:
    """Answer 200 with an empty list of choices."""
    return _instead_of_choices(turn, fault, [])


def null_choices(turn: Turn, fault: Fault) -> Reply:
    """Answer 200 with null for choices."""
    return _instead_of_choices(turn, fault, None)


def _instead_of_choices(turn: Turn, fault: Fault, choices: list[Any] | None) -> Reply:
    if turn.streamed:
        return _streamed(turn, fault, [render.Event(render.chunk_json(turn, choices))])
    reply = _at_once(turn, fault, render.completion(turn, choices=choices))
    reply.usage = turn.usage
    return reply


def html(turn: Turn, fault: Fault) -> Reply:
    """Answer with a web page."""
    code = fault.status or 200
    page = _PAGE.format(title=f"{code} {phrase(code)}") if fault.body is None else fault.body
    return _at_once(turn, fault, page, HTML, code)


def invalid_json(turn: Turn, fault: Fault) -> Reply:
    """Answer 200 with JSON that stops in the middle, in a body that doesn't."""
    if turn.streamed:
        return _streamed(turn, fault, [render.Event(_half(render.chunk_json(turn, [])))])
    return _at_once(turn, fault, _half(dumps(render.completion(turn))))


def empty_body(turn: Turn, fault: Fault) -> Reply:
    """Answer 200 with nothing."""
    return _at_once(turn, fault, b"", EVENTS if turn.streamed else JSON)


def half_body(turn: Turn, fault: Fault) -> Reply:
    """Announce a length, send half of it, close."""
    if turn.streamed:
        body = "".join(f"data: {each.data}\n\n" for each in render.events(turn)).encode()
        sent = whole(_head(turn, fault), body, EVENTS)
    else:
        body = dumps(render.completion(turn)).encode()
        sent = whole(_head(turn, fault), body)
    return Reply(200, [sent[: -len(body) // 2]], "close")


def disconnect(_turn: Turn, _fault: Fault) -> Reply:
    """Close without an answer."""
    return Reply(None, [], "close")


def reset(_turn: Turn, _fault: Fault) -> Reply:
    """Reset the connection without an answer."""
    return Reply(None, [], "reset")


def role_then_error(turn: Turn, fault: Fault) -> Reply:
    """Send a role, then an error."""
    if not turn.streamed:
        return error_body(turn, fault)
    return _streamed(turn, fault, [*_until(turn, 0), _error_event(turn, fault)], LAST_CHUNK)


def error_after(turn: Turn, fault: Fault) -> Reply:
    """Send some content, then an error."""
    if not turn.streamed:
        return choice_error(turn, fault)
    return _streamed(turn, fault, [*_until(turn, _or(fault.after, 1)), _error_event(turn, fault)], LAST_CHUNK)


def cut_stream(turn: Turn, fault: Fault) -> Reply:
    """Send some content, then close."""
    return _streamed(turn, fault, _until(turn, _or(fault.after, 1)), b"") if turn.streamed else half_body(turn, fault)


def end_early(turn: Turn, fault: Fault) -> Reply:
    """End properly, but without a finish reason."""
    if turn.streamed:
        return _streamed(turn, fault, _until(turn, fault.after))
    turn.choices = [replace(each, finish_reason=None) for each in turn.choices]
    return replies.usual(turn, fault.all_headers)


def empty_stream(turn: Turn, fault: Fault) -> Reply:
    """End properly, without any event."""
    return _streamed(turn, fault, []) if turn.streamed else empty_body(turn, fault)


def stall(turn: Turn, fault: Fault) -> Reply:
    """Send headers, then only signs of life."""
    if turn.streamed:
        steps = [*replies.stream(turn, [], fault.all_headers, done=False)]
        return Reply(200, _with_signs_of_life(steps, fault, replies.KEEP_ALIVE), "close")
    return Reply(200, _with_signs_of_life([_head(turn, fault).bytes(JSON, None)], fault, chunk(b" ")), "close")


def stall_after(turn: Turn, fault: Fault) -> Reply:
    """Send some content, then only signs of life; an unstreamed answer stops in its middle, without any."""
    if turn.streamed:
        steps = [*replies.stream(turn, _until(turn, _or(fault.after, 1)), fault.all_headers, done=False)]
        return Reply(200, _with_signs_of_life(steps, fault, replies.KEEP_ALIVE), "close")
    return Reply(200, [*half_body(turn, fault).steps, _or(fault.seconds, 60.0)], "close")


def _with_signs_of_life(steps: list[bytes | float], fault: Fault, sign: bytes) -> Iterator[bytes | float]:
    yield from steps
    pause, left = _or(fault.delay, 0.5), _or(fault.seconds, 60.0)
    while left > 0:
        yield min(pause, left)
        yield sign
        left -= pause


def silent(_turn: Turn, fault: Fault) -> Reply:
    """Send nothing at all, then close."""
    return Reply(None, [_or(fault.seconds, 60.0)], "close")


def slow(turn: Turn, fault: Fault) -> Reply:
    """Answer as usual, but late."""
    return replies.usual(turn, fault.all_headers, delay=_or(fault.delay, 1.0))


def raw(turn: Turn, fault: Fault) -> Reply:
    """Send the caller's own bytes."""
    given = fault.pieces or [fault.body if isinstance(fault.body, (bytes, str)) else b""]
    parts = [part.encode("utf-8", "replace") if isinstance(part, str) else part for part in given]
    kind = fault.content_type or (EVENTS if turn.streamed else JSON)
    code = fault.status or 200
    length = sum(map(len, parts)) + (1 if fault.cut else 0)
    steps: list[bytes | float] = [_head(turn, fault, code).bytes(kind, length)]
    for part in parts:
        steps += [_or(fault.delay, 0.0), part]
    return Reply(code, steps, "close" if fault.cut else "keep")


def refusal(turn: Turn, fault: Fault) -> Reply:
    """Answer with a refusal."""
    said = fault.message or _REFUSAL
    turn.choices = [replace(each, text=None, calls=(), refusal=said, finish_reason="stop") for each in turn.choices]
    return replies.usual(turn, fault.all_headers)


def content_filter(turn: Turn, fault: Fault) -> Reply:
    """Answer with nothing, for `content_filter`."""
    turn.choices = [replace(each, text="", calls=(), finish_reason="content_filter") for each in turn.choices]
    return replies.usual(turn, fault.all_headers)


def length(turn: Turn, fault: Fault) -> Reply:
    """Answer with the first half of the usual text, for `length`."""
    turn.choices = [
        replace(
            each,
            text=_half(each.text) if each.text else each.text,
            calls=tuple(call._replace(arguments=_half(call.arguments)) for call in each.calls),
            finish_reason="length",
        )
        for each in turn.choices
    ]
    return replies.usual(turn, fault.all_headers)


def _half(text: str) -> str:
    return text[: (len(text) + 1) // 2]


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
