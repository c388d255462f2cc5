"""How each kind of fault is put on the wire. `kinds.json` says what each is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.answers import render, replies
from langchain_novastack.sandbox.http import wire_format as wire
from langchain_novastack.sandbox.http.wire_format import Reply
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
_PROPER_END = replies.DONE + wire.LAST_CHUNK
_REFUSAL = "Simulated refusal: I can't help with that."
_SECONDS = 60.0
"""How long a stall lasts unless it is said."""


def _problem(turn: Turn, fault: Fault, status: int) -> Problem:
    status = fault.status or status
    message = fault.message or f"Simulated fault of {turn.card.id}: {fault.kind}, code {status}."
    return Problem(status, message, kind_of(status), _CODES.get(status))


def _envelope(turn: Turn, fault: Fault) -> dict[str, Any]:
    """Return an error body for a fault that hides behind a 200."""
    return ENVELOPES[fault.envelope](_problem(turn, fault, 502), turn.id)


def _head(turn: Turn, fault: Fault, status: int = 200) -> wire.Head:
    return replies.head(turn.id, status, fault.all_headers)


def _at_once(turn: Turn, fault: Fault, body: Any, content_type: str = wire.JSON, status: int = 200) -> Reply:
    return Reply(status, [wire.whole(_head(turn, fault, status), body, content_type)])


def _streamed(turn: Turn, fault: Fault, events: list[render.Event], tail: bytes = _PROPER_END) -> Reply:
    """Return a stream of these events; without a proper end the connection is closed after it."""
    steps = [*replies.stream_steps(turn, events, fault.all_headers, done=False), tail]
    return Reply(200, steps, "keep" if tail.endswith(wire.LAST_CHUNK) else "close")


def _edited(turn: Turn, fault: Fault, **changes: Any) -> Reply:
    """Answer as usual, but for what changes in every choice."""
    turn.choices = [replace(each, **changes) for each in turn.choices]
    return replies.usual(turn, fault.all_headers)


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


def _status(turn: Turn, fault: Fault) -> Reply:
    problem = _problem(turn, fault, 503)
    if fault.body is None:
        return replies.error(problem, turn.id, fault.envelope, fault.all_headers)
    return _at_once(turn, fault, fault.body, fault.content_type or wire.JSON, problem.status)


def _error_body(turn: Turn, fault: Fault) -> Reply:
    return _at_once(turn, fault, _envelope(turn, fault) if fault.body is None else fault.body)


def _choice_error(turn: Turn, fault: Fault) -> Reply:
    turn.choices = [replace(each, text=None if turn.streamed else _half(each.text or "")) for each in turn.choices]
    return _edited(turn, fault, calls=(), finish_reason="error", error=_envelope(turn, fault)["error"])


def _choices_event(turn: Turn, fault: Fault, choices: list[Any] | None) -> Reply:
    return _streamed(turn, fault, [render.Event(render.chunk_json(turn, choices))])


def _choices_body(turn: Turn, fault: Fault, choices: list[Any] | None) -> Reply:
    reply = _at_once(turn, fault, render.completion(turn, choices=choices))
    reply.usage = turn.usage
    return reply


def _html(turn: Turn, fault: Fault) -> Reply:
    code = fault.status or 200
    page = _PAGE.format(title=f"{code} {wire.phrase(code)}") if fault.body is None else fault.body
    return _at_once(turn, fault, page, wire.HTML, code)


def _half_event(turn: Turn, fault: Fault) -> Reply:
    return _streamed(turn, fault, [render.Event(_half(render.chunk_json(turn, [])))])


def _half_json(turn: Turn, fault: Fault) -> Reply:
    """Answer with JSON that stops in the middle, in a body that doesn't."""
    return _at_once(turn, fault, _half(wire.dumps(render.completion(turn))))


def _half_body(turn: Turn, fault: Fault) -> Reply:
    if turn.streamed:
        body = "".join(f"data: {each.data}\n\n" for each in render.events(turn)).encode()
    else:
        body = wire.dumps(render.completion(turn)).encode()
    sent = wire.whole(_head(turn, fault), body, wire.EVENTS if turn.streamed else wire.JSON)
    return Reply(200, [sent[: -len(body) // 2]], "close")


def _then_error(turn: Turn, fault: Fault, after: int) -> Reply:
    events = [*_until(turn, _or(fault.after, after)), _error_event(turn, fault)]
    return _streamed(turn, fault, events, wire.LAST_CHUNK)


def _then_cut(turn: Turn, fault: Fault) -> Reply:
    return _streamed(turn, fault, _until(turn, _or(fault.after, 1)), b"")


def _then_done(turn: Turn, fault: Fault) -> Reply:
    return _streamed(turn, fault, _until(turn, fault.after))


def _then_comments(turn: Turn, fault: Fault, after: int | None = None) -> Reply:
    events = [] if after is None else _until(turn, _or(fault.after, after))
    steps = [*replies.stream_steps(turn, events, fault.all_headers, done=False)]
    return Reply(200, _with_signs_of_life(steps, fault, replies.KEEP_ALIVE), "close")


def _only_spaces(turn: Turn, fault: Fault) -> Reply:
    steps: list[bytes | float] = [_head(turn, fault).bytes(wire.JSON, None)]
    return Reply(200, _with_signs_of_life(steps, fault, wire.chunk(b" ")), "close")


def _half_then_silence(turn: Turn, fault: Fault) -> Reply:
    return Reply(200, [*_half_body(turn, fault).steps, _or(fault.seconds, _SECONDS)], "close")


def _with_signs_of_life(steps: list[bytes | float], fault: Fault, sign: bytes) -> Iterator[bytes | float]:
    yield from steps
    pause, left = _or(fault.delay, 0.5), _or(fault.seconds, _SECONDS)
    while left > 0:
        yield min(pause, left)
        yield sign
        left -= pause


def _raw(turn: Turn, fault: Fault) -> Reply:
    given = fault.pieces or [fault.body if isinstance(fault.body, (bytes, str)) else b""]
    parts = [part.encode("utf-8", "replace") if isinstance(part, str) else part for part in given]
    content_type = fault.content_type or (wire.EVENTS if turn.streamed else wire.JSON)
    code = fault.status or 200
    length = sum(map(len, parts)) + (1 if fault.cut else 0)
    steps: list[bytes | float] = [_head(turn, fault, code).bytes(content_type, length)]
    for part in parts:
        steps += [_or(fault.delay, 0.0), part]
    return Reply(code, steps, "close" if fault.cut else "keep")


def _refusal(turn: Turn, fault: Fault) -> Reply:
    return _edited(turn, fault, text=None, calls=(), refusal=fault.message or _REFUSAL, finish_reason="stop")


def _cut_at_length(turn: Turn, fault: Fault) -> Reply:
    for place, each in enumerate(turn.choices):
        calls = tuple(call._replace(arguments=_half(call.arguments)) for call in each.calls)
        turn.choices[place] = replace(each, text=each.text and _half(each.text), calls=calls)
    return _edited(turn, fault, finish_reason="length")


def _half(text: str) -> str:
    return text[: (len(text) + 1) // 2]


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


Builder = Callable[["Turn", "Fault"], Reply]


class Builders(NamedTuple):
    """What answers a request that meets a fault."""

    streamed: Builder
    plain: Builder
    """Where no stream was asked for."""


def _always(builder: Builder) -> Builders:
    return Builders(builder, builder)


BUILDERS: Mapping[str, Builders] = MappingProxyType(
    {
        "status": _always(_status),
        "error_body": _always(_error_body),
        "choice_error": _always(_choice_error),
        "no_choices": Builders(partial(_choices_event, choices=[]), partial(_choices_body, choices=[])),
        "null_choices": Builders(partial(_choices_event, choices=None), partial(_choices_body, choices=None)),
        "html": _always(_html),
        "invalid_json": Builders(_half_event, _half_json),
        "empty_body": Builders(partial(_at_once, body=b"", content_type=wire.EVENTS), partial(_at_once, body=b"")),
        "half_body": _always(_half_body),
        "disconnect": _always(lambda *_: Reply(None, [], "close")),
        "reset": _always(lambda *_: Reply(None, [], "reset")),
        "role_then_error": Builders(partial(_then_error, after=0), _error_body),
        "error_after": Builders(partial(_then_error, after=1), _choice_error),
        "cut_stream": Builders(_then_cut, _half_body),
        "end_early": Builders(_then_done, partial(_edited, finish_reason=None)),
        "empty_stream": Builders(partial(_streamed, events=[]), partial(_at_once, body=b"")),
        "stall": Builders(_then_comments, _only_spaces),
        "stall_after": Builders(partial(_then_comments, after=1), _half_then_silence),
        "silent": _always(lambda _, fault: Reply(None, [_or(fault.seconds, _SECONDS)], "close")),
        "slow": _always(lambda turn, fault: replies.usual(turn, fault.all_headers, delay=_or(fault.delay, 1.0))),
        "refusal": _always(_refusal),
        "content_filter": _always(partial(_edited, text="", calls=(), finish_reason="content_filter")),
        "length": _always(_cut_at_length),
        "raw": _always(_raw),
    }
)
"""By the name of the fault's kind."""
