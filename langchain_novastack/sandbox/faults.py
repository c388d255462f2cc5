"""Faults: the arguments of `Sandbox.fail`, the kinds there are (`faults.json`), and how each is put on the wire."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from langchain_novastack.sandbox import server as wire
from langchain_novastack.sandbox.answers.turn import DONE, KEEP_ALIVE, Turn, delta
from langchain_novastack.sandbox.arguments import Arguments, HeaderName, JsonObject, Line, Seconds, Status, Times
from langchain_novastack.sandbox.server import Reply
from langchain_novastack.sandbox.validation.problems import Envelope, Refused


class Fault(Arguments):
    """One fault, as `Sandbox.fail` was told; times are in seconds. What is left out is the kind's default."""

    kind: str = "status"
    times: Times | None = None
    status: Status = 503
    retry_after: float | Line | None = None
    after: Annotated[int, Field(ge=0)] | None = None
    delay: Seconds = 0.0
    seconds: Seconds = 60.0
    body: bytes | str | JsonObject | None = None
    headers: Mapping[HeaderName, Line] = Field(default_factory=dict)
    envelope: Envelope = "openai"
    message: str | None = None
    content_type: Line | None = None
    pieces: list[bytes | str] | tuple[bytes | str, ...] | None = None
    cut: bool = False


class Kind(NamedTuple):
    """One kind of fault: a row of `faults.json`, whose `fields` say what each is."""

    builders: Sequence[str]
    streamed: str
    plain: str = "The same."
    takes: str = ""
    defaults: Mapping[str, Any] = MappingProxyType({})
    choice: Mapping[str, Any] = MappingProxyType({})


_ROWS = json.loads(pkgutil.get_data(__package__, "faults.json") or "")
KINDS: Mapping[str, Kind] = {name: Kind(**row) for name, row in _ROWS.items() if name != "fields"}
"""Kinds by name; the names are what `Sandbox.fail(kind=...)` takes."""

_ALWAYS = {"kind", "times", "retry_after", "delay", "headers"}
_DEFAULTED = {"kind", "status", "after", "delay", "seconds"}  # None is the kind's default for these


def make_fault(**given: Any) -> Fault:
    """Return a fault; a `ValueError` names an argument that is bad, or means nothing for the kind."""
    given = {name: value for name, value in given.items() if value is not None or name not in _DEFAULTED}
    fault = Fault.of(**given)
    if (kind := KINDS.get(fault.kind)) is None:
        msg = f"`kind` must be one of {', '.join(KINDS)}, got {fault.kind!r}."
        raise ValueError(msg)
    takes = _ALWAYS.union(kind.takes.split())
    if others := given.keys() - takes:
        msg = f"`{min(others)}` must be left out for kind={fault.kind!r}, which takes {', '.join(sorted(takes))}."
        raise ValueError(msg)
    return fault.model_copy(update={**kind.defaults, **{name: getattr(fault, name) for name in given}})


def reply_with(fault: Fault, turn: Turn) -> Reply:
    """Return what a request gets that meets a fault."""
    if fault.retry_after is not None:
        turn.headers["Retry-After"] = str(fault.retry_after)
    turn.headers.update(fault.headers)
    kind = KINDS[fault.kind]
    for choice in turn.choices if kind.choice else ():
        choice.update(kind.choice)
    reply: Reply = getattr(_Builder(turn, fault), kind.builders[0 if turn.streamed else -1])()
    return reply if "delay" in kind.defaults else reply.after(fault.delay)


def _half(text: str) -> str:
    return text[: (len(text) + 1) // 2]


class _Builder:
    """Builds a reply; the methods without an underscore are the builders that `faults.json` names."""

    def __init__(self, turn: Turn, fault: Fault) -> None:
        self.turn, self.fault, self.headers = turn, fault, turn.headers
        self.content_type = fault.content_type or (wire.EVENTS if turn.streamed else wire.JSON)

    def _error_body(self) -> dict[str, Any]:
        fault = self.fault
        message = fault.message or f"Simulated fault of {self.turn.card.id}: {fault.kind}, code {fault.status}."
        return Refused("fault", status=fault.status, message=message).in_envelope(fault.envelope, self.turn.id)

    def error(self) -> Reply:
        return self._error(self.fault.status)

    def error_in_200(self) -> Reply:
        return self._error(200)

    def _error(self, status: int) -> Reply:
        fault = self.fault
        body = self._error_body() if fault.body is None else fault.body
        return wire.whole(status, self.headers, body, fault.content_type or wire.JSON)

    def empty_body(self) -> Reply:
        return wire.whole(200, self.headers, b"", self.content_type)

    def invalid_json(self) -> Reply:
        data = wire.encoded(self.turn.chunk([]) if self.turn.streamed else self.turn.completion())
        half = data[: len(data) // 2].decode("utf-8", "ignore")
        return self.turn.stream([half]) if self.turn.streamed else wire.whole(200, self.headers, half)

    def half_body(self) -> Reply:
        """Send half of the announced length; `stall_after` is silent then."""
        data = wire.encoded(self.turn.completion())
        if self.turn.streamed:
            data = b"".join(b"data: %b\n\n" % wire.encoded(each) for each in self.turn.chunks())
        start = wire.head(200, self.headers, self.content_type, len(data)) + data[: len(data) // 2]
        return Reply(200, [start, self.fault.seconds] if self.fault.kind == "stall_after" else [start], "close")

    def hang_up(self) -> Reply:
        return Reply(None, [self.fault.seconds], "reset" if self.fault.kind == "reset" else "close")

    def no_choices(self) -> Reply:
        choices: list[Any] | None = [] if self.fault.kind == "no_choices" else None
        streamed = self.turn.streamed
        return self.turn.stream([self.turn.chunk(choices)]) if streamed else self.turn.reply(choices=choices)

    def _chunks_before(self) -> list[dict[str, Any]]:
        """Return the usual chunks up to the n-th piece of content; None: all but the end; 0: the role alone."""
        after = self.fault.after
        if self.fault.kind in {"empty_stream", "stall"}:
            return []
        chunks = [each for each in self.turn.chunks() if each["choices"] and not each["choices"][0]["finish_reason"]]
        if after == 0:
            return chunks[:1]
        others = {"role", self.turn.settings.reasoning_field}
        content = [place for place, each in enumerate(chunks) if not others & each["choices"][0]["delta"].keys()]
        return chunks[: content[:after][-1] + 1] if after and content else chunks

    def then_end(self) -> Reply:
        return self.turn.stream(self._chunks_before(), b"" if self.fault.kind == "cut_stream" else DONE)

    def then_error(self) -> Reply:
        """Send an error beside an empty choice, as the gateway this one mirrors documents it."""
        choice = delta(0, {"content": ""}, finish_reason="error")
        error = self.turn.chunk([choice], error=self._error_body()["error"])
        return self.turn.stream([*self._chunks_before(), error], wire.LAST_CHUNK)

    def stall(self) -> Reply:
        sign, started = wire.http_chunk(b" "), Reply(200, [wire.head(200, self.headers, wire.JSON)])
        if self.turn.streamed:
            sign, started = KEEP_ALIVE, self.turn.stream(self._chunks_before(), b"")
        return Reply(200, chain(started.steps, self._signs_of_life(sign)), "close")

    def _signs_of_life(self, sign: bytes) -> Iterator[bytes | float]:
        left = self.fault.seconds
        while left > 0:
            yield from (min(self.fault.delay, left), sign)
            left -= self.fault.delay

    def slow(self) -> Reply:
        reply = self.turn.reply()
        start, *rest = reply.steps
        return replace(reply, steps=[start, self.fault.delay, *rest] if rest else [self.fault.delay, start])

    def usual(self) -> Reply:
        return self.turn.reply()

    def other_words(self) -> Reply:
        """Answer without tool calls: with nothing, with a refusal, or with half a text and an error."""
        for choice in self.turn.choices:
            message = choice["message"]
            message.pop("tool_calls", None)
            if self.fault.kind == "refusal":
                message.update(content=None, refusal=self.fault.message)
            elif self.fault.kind == "content_filter":
                message["content"] = ""
            else:
                message["content"] = None if self.turn.streamed else _half(message["content"] or "")
                choice["error"] = self._error_body()["error"]
        return self.turn.reply()

    def length(self) -> Reply:
        for choice in self.turn.choices:
            message = choice["message"]
            message["content"] = message["content"] and _half(message["content"])
            for call in message.get("tool_calls", ()):
                call["function"]["arguments"] = _half(call["function"]["arguments"])
        return self.turn.reply()

    def raw(self) -> Reply:
        fault = self.fault
        parts = [wire.encoded(part) for part in fault.pieces or (fault.body or b"",)]
        start = wire.head(fault.status, self.headers, self.content_type, sum(map(len, parts)) + fault.cut)
        steps = (step for part in parts for step in (fault.delay, part))
        return Reply(fault.status, [start, *steps], "close" if fault.cut else "keep")
