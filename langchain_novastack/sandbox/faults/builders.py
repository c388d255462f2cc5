"""How each kind of fault is put on the wire. `kinds.json` says what each is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.answers import replies
from langchain_novastack.sandbox.answers.replies import Event
from langchain_novastack.sandbox.faults.kinds import KINDS, Fault
from langchain_novastack.sandbox.http import server as wire
from langchain_novastack.sandbox.http.server import Reply
from langchain_novastack.sandbox.validation.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_novastack.sandbox.answers.turn import Turn

_PAGE = """<!DOCTYPE html>
<html><head><title>{title}</title></head>
<body><h1>{title}</h1><p>Simulated page of a proxy in front of the gateway.</p></body></html>
"""
_PROPER_END = replies.DONE + wire.LAST_CHUNK
_REFUSAL = "Simulated refusal: I can't help with that."


def reply_with(fault: Fault, turn: Turn) -> Reply:
    """Return what a request gets that meets a fault."""
    if fault.retry_after is not None:
        turn.headers["Retry-After"] = str(fault.retry_after)
    turn.headers.update(fault.headers)
    reply = BUILDERS[fault.kind][0 if turn.streamed else -1](turn, fault)
    reply.fault = fault.kind
    if fault.delay and "delay" not in KINDS[fault.kind].defaults:
        reply.steps = [fault.delay, *reply.steps]
    return reply


def _problem(turn: Turn, fault: Fault) -> Problem:
    message = f"Simulated fault of {turn.card.id}: {fault.kind}, code {fault.status}."
    return Problem.of_status(fault.status, fault.message or message)


def _error(turn: Turn, fault: Fault) -> dict[str, Any]:
    error: dict[str, Any] = _problem(turn, fault).in_envelope(fault.envelope, turn.id)["error"]
    return error


def _at_once(turn: Turn, _fault: Fault, body: Any, content_type: str = wire.JSON, status: int = 200) -> Reply:
    return Reply(status, [wire.whole(status, turn.headers, body, content_type)])


def _streamed(turn: Turn, _fault: Fault, events: list[Event], tail: bytes = _PROPER_END) -> Reply:
    """Return a stream of these events; without a proper end the connection is closed after it."""
    steps = [*replies.stream_steps(turn, events), tail]
    return Reply(200, steps, "keep" if tail.endswith(wire.LAST_CHUNK) else "close")


def _edited(turn: Turn, _fault: Fault, **changes: Any) -> Reply:
    turn.choices = [replace(each, **changes) for each in turn.choices]
    return replies.usual(turn)


def _until(turn: Turn, after: int | None) -> list[Event]:
    """Return the usual events up to the n-th piece of content, or, for 0, up to anything a reader would see."""
    events = [each for each in replies.stream_events(turn) if each.shows not in {"end", "usage"}]
    if after is None:
        return events
    wanted = {"content"} if after else {"content", "reasoning"}
    shown = [place for place, each in enumerate(events) if each.shows in wanted] or [len(events)]
    return events[: shown[min(after, len(shown)) - 1] + 1] if after else events[: shown[0]]


def _status(turn: Turn, fault: Fault) -> Reply:
    if fault.body is None:
        return replies.failed(_problem(turn, fault), turn.id, fault.envelope, turn.headers)
    return _at_once(turn, fault, fault.body, fault.content_type or wire.JSON, fault.status)


def _error_body(turn: Turn, fault: Fault) -> Reply:
    body = _problem(turn, fault).in_envelope(fault.envelope, turn.id) if fault.body is None else fault.body
    return _at_once(turn, fault, body)


def _choice_error(turn: Turn, fault: Fault) -> Reply:
    turn.choices = [replace(each, text=None if turn.streamed else _half(each.text or "")) for each in turn.choices]
    return _edited(turn, fault, calls=(), finish_reason="error", error=_error(turn, fault))


def _choices(turn: Turn, fault: Fault, choices: list[Any] | None) -> Reply:
    if turn.streamed:
        return _streamed(turn, fault, [Event(replies.chunk_json(turn, choices))])
    reply = _at_once(turn, fault, replies.completion(turn, choices=choices))
    reply.usage = turn.usage
    return reply


def _html(turn: Turn, fault: Fault) -> Reply:
    page = _PAGE.format(title=f"{fault.status} {wire.phrase(fault.status)}") if fault.body is None else fault.body
    return _at_once(turn, fault, page, wire.HTML, fault.status)


def _invalid_json(turn: Turn, fault: Fault) -> Reply:
    if turn.streamed:
        return _streamed(turn, fault, [Event(_half(replies.chunk_json(turn, [])))])
    return _at_once(turn, fault, _half(wire.dumps(replies.completion(turn))))


def _half_body(turn: Turn, _fault: Fault) -> Reply:
    content_type, body = wire.JSON, wire.dumps(replies.completion(turn))
    if turn.streamed:
        content_type, body = wire.EVENTS, "".join(f"data: {each.data}\n\n" for each in replies.stream_events(turn))
    data = body.encode()
    return Reply(200, [wire.whole(200, turn.headers, data, content_type)[: -len(data) // 2]], "close")


def _then_error(turn: Turn, fault: Fault) -> Reply:
    """Send an error beside an empty choice, as the gateway this one mirrors documents it."""
    choice = replies.delta(0, {"content": ""}, "error")
    error = Event(replies.chunk_json(turn, [choice], error=_error(turn, fault)), "end")
    return _streamed(turn, fault, [*_until(turn, fault.after), error], wire.LAST_CHUNK)


def _then(turn: Turn, fault: Fault, tail: bytes = _PROPER_END) -> Reply:
    return _streamed(turn, fault, _until(turn, fault.after), tail)


def _then_comments(turn: Turn, fault: Fault) -> Reply:
    steps = replies.stream_steps(turn, [] if fault.after is None else _until(turn, fault.after))
    return Reply(200, _with_signs_of_life([*steps], fault, replies.KEEP_ALIVE), "close")


def _only_spaces(turn: Turn, fault: Fault) -> Reply:
    head = wire.head(200, turn.headers, wire.JSON)
    return Reply(200, _with_signs_of_life([head], fault, wire.chunk(b" ")), "close")


def _with_signs_of_life(steps: list[bytes | float], fault: Fault, sign: bytes) -> Iterator[bytes | float]:
    yield from steps
    left = fault.seconds
    while left > 0:
        yield min(fault.delay, left)
        yield sign
        left -= fault.delay


def _half_then_silence(turn: Turn, fault: Fault) -> Reply:
    return Reply(200, [*_half_body(turn, fault).steps, fault.seconds], "close")


def _raw(turn: Turn, fault: Fault) -> Reply:
    given = fault.pieces or [fault.body if isinstance(fault.body, (bytes, str)) else b""]
    parts = [part.encode("utf-8", "replace") if isinstance(part, str) else part for part in given]
    content_type = fault.content_type or (wire.EVENTS if turn.streamed else wire.JSON)
    length = sum(map(len, parts)) + (1 if fault.cut else 0)
    steps: list[bytes | float] = [wire.head(fault.status, turn.headers, content_type, length)]
    for part in parts:
        steps += [fault.delay, part]
    return Reply(fault.status, steps, "close" if fault.cut else "keep")


def _refusal(turn: Turn, fault: Fault) -> Reply:
    return _edited(turn, fault, text=None, calls=(), refusal=fault.message or _REFUSAL, finish_reason="stop")


def _cut_at_length(turn: Turn, fault: Fault) -> Reply:
    for place, each in enumerate(turn.choices):
        calls = tuple(call._replace(arguments=_half(call.arguments)) for call in each.calls)
        turn.choices[place] = replace(each, text=each.text and _half(each.text), calls=calls)
    return _edited(turn, fault, finish_reason="length")


def _half(text: str) -> str:
    return text[: (len(text) + 1) // 2]


Builder = Callable[["Turn", Fault], Reply]

BUILDERS: Mapping[str, tuple[Builder, ...]] = {
    "status": (_status,),
    "error_body": (_error_body,),
    "choice_error": (_choice_error,),
    "no_choices": (partial(_choices, choices=[]),),
    "null_choices": (partial(_choices, choices=None),),
    "html": (_html,),
    "invalid_json": (_invalid_json,),
    "empty_body": (partial(_at_once, body=b"", content_type=wire.EVENTS), partial(_at_once, body=b"")),
    "half_body": (_half_body,),
    "disconnect": (lambda *_: Reply(None, [], "close"),),
    "reset": (lambda *_: Reply(None, [], "reset"),),
    "role_then_error": (_then_error, _error_body),
    "error_after": (_then_error, _choice_error),
    "cut_stream": (partial(_then, tail=b""), _half_body),
    "end_early": (_then, partial(_edited, finish_reason=None)),
    "empty_stream": (partial(_streamed, events=[]), partial(_at_once, body=b"")),
    "stall": (_then_comments, _only_spaces),
    "stall_after": (_then_comments, _half_then_silence),
    "silent": (lambda _, fault: Reply(None, [fault.seconds], "close"),),
    "slow": (lambda turn, fault: replies.usual(turn, delay=fault.delay),),
    "refusal": (_refusal,),
    "content_filter": (partial(_edited, text="", calls=(), finish_reason="content_filter"),),
    "length": (_cut_at_length,),
    "raw": (_raw,),
}
"""By the name of the fault's kind; the last one answers where no stream was asked for."""
