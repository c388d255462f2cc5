"""The faults a sandbox can show, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.faults import builders
from langchain_novastack.sandbox.validation import arguments
from langchain_novastack.sandbox.validation.problems import ENVELOPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from langchain_novastack.sandbox.answers.turn import Turn
    from langchain_novastack.sandbox.http.wire_format import Reply


class Kind(NamedTuple):
    """One kind of fault."""

    build: Callable[[Turn, Fault], Reply]

    description: str
    """What a request gets that asked for a stream, and in general."""

    plain: str = ""
    """What a request gets that asked for no stream, where that differs."""

    takes: str = ""
    """Arguments of `Sandbox.fail` that mean something here, beside those that always do."""


_ERROR = "status message envelope"

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "status": Kind(
            builders.status,
            "An HTTP error with a JSON body (`status`, default 503).",
            takes=f"{_ERROR} body content_type",
        ),
        "error_body": Kind(builders.error_body, "Status 200, and the JSON body is an error.", takes=f"{_ERROR} body"),
        "choice_error": Kind(
            builders.choice_error,
            'Status 200; the choice ends with `finish_reason: "error"` and holds the error, without content.',
            "The same, with half a text.",
            takes=_ERROR,
        ),
        "no_choices": Kind(builders.no_choices, "Status 200; `choices` is an empty list."),
        "null_choices": Kind(builders.null_choices, "Status 200; `choices` is null."),
        "html": Kind(builders.html, "A web page instead of JSON (`status`, default 200).", takes="status body"),
        "invalid_json": Kind(builders.invalid_json, "Status 200; the JSON stops in the middle."),
        "empty_body": Kind(builders.empty_body, "Status 200; nothing follows the headers."),
        "half_body": Kind(builders.half_body, "Half of the announced length, then the connection is closed."),
        "disconnect": Kind(builders.disconnect, "The connection is closed without an answer."),
        "reset": Kind(builders.reset, "The connection is reset without an answer."),
        "role_then_error": Kind(
            builders.role_then_error, "The role, then an error in the stream.", "As `error_body`.", takes=_ERROR
        ),
        "error_after": Kind(
            builders.error_after,
            "`after` pieces of content (default 1), then an error in the stream.",
            "As `choice_error`.",
            takes=f"{_ERROR} after",
        ),
        "cut_stream": Kind(
            builders.cut_stream,
            "`after` pieces of content (default 1; 0: none), then the connection is closed.",
            "As `half_body`.",
            takes="after",
        ),
        "end_early": Kind(
            builders.end_early,
            "`after` pieces of content (default: all), then `[DONE]`, without a finish reason.",
            "The whole text; `finish_reason` is null.",
            takes="after",
        ),
        "empty_stream": Kind(builders.empty_stream, "Only `[DONE]`.", "As `empty_body`."),
        "stall": Kind(
            builders.stall,
            "Headers, then a keep-alive comment every `delay` seconds (0.5) for `seconds` (60), never content.",
            "The same, with spaces for comments.",
            takes="seconds",
        ),
        "stall_after": Kind(
            builders.stall_after,
            "`after` pieces of content (default 1), then as `stall`.",
            "Half of the body, then silence for `seconds`.",
            takes="after seconds",
        ),
        "silent": Kind(
            builders.silent, "Nothing at all for `seconds` (60), then the connection is closed.", takes="seconds"
        ),
        "slow": Kind(
            builders.slow,
            "Headers at once, the first event after `delay` seconds (1), then as usual.",
            "The whole answer after `delay` seconds.",
        ),
        "refusal": Kind(
            builders.refusal, 'The model refuses (`message`), with `finish_reason: "stop"`.', takes="message"
        ),
        "content_filter": Kind(builders.content_filter, "No text; `finish_reason` is `content_filter`."),
        "length": Kind(builders.length, "Half of the usual text or arguments; `finish_reason` is `length`."),
        "raw": Kind(
            builders.raw,
            "Your own bytes: `body`, or `pieces`, each written by itself, `delay` seconds apart; "
            "`cut=True` closes as if more was to come.",
            takes="status body pieces content_type cut",
        ),
    }
)
"""Kinds by name; the names are what `Sandbox.fail(kind=...)` takes."""

_ALWAYS = frozenset(["kind", "times", "retry_after", "delay", "headers"])
_DELAY_IS_THEIRS = frozenset(["slow", "stall", "stall_after", "raw"])


@dataclass(frozen=True)
class Fault:
    """One fault, as `Sandbox.fail` was told; None is the kind's default."""

    kind: str
    times: int | None = None
    status: int | None = None
    retry_after: float | str | None = None
    after: int | None = None
    delay: float | None = None
    seconds: float | None = None
    body: bytes | str | dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    envelope: str = "openai"
    message: str | None = None
    content_type: str | None = None
    pieces: Sequence[bytes | str] | None = None
    cut: bool = False

    def __post_init__(self) -> None:
        """Check every argument.

        Raises:
            ValueError: If one is out of range, unknown, or means nothing for this kind; it names the argument.
        """
        _known("kind", self.kind, KINDS)
        _known("envelope", self.envelope, ENVELOPES)
        arguments.check({name: getattr(self, name) for name in arguments.FAULT}, arguments.FAULT)
        if self.kind == "raw" and not isinstance(self.body, (bytes, str, type(None))):
            msg = "body: must be bytes or a string for kind='raw'"
            raise ValueError(msg)
        takes = _ALWAYS | set(KINDS[self.kind].takes.split())
        for each in fields(self):
            if each.name not in takes and getattr(self, each.name) != _DEFAULTS[each.name]:
                msg = f"{each.name}: means nothing for kind={self.kind!r}, which takes {', '.join(sorted(takes))}"
                raise ValueError(msg)

    @classmethod
    def of(cls, **given: Any) -> Fault:
        """Return a fault with these arguments.

        Raises:
            ValueError: As on construction, and for an argument there is no such.
        """
        for name in given:
            _known("argument", name, _DEFAULTS)
        return cls(**given)

    @property
    def all_headers(self) -> dict[str, str]:
        """Extra headers of the answer."""
        given = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {**given, **self.headers}

    @property
    def raw_body(self) -> bytes | str:
        """The body of a `raw` fault."""
        return self.body if isinstance(self.body, (bytes, str)) else b""

    def reply(self, turn: Turn) -> Reply:
        """Return what a request gets."""
        reply = KINDS[self.kind].build(turn, self)
        reply.fault = self.kind
        if self.delay and self.kind not in _DELAY_IS_THEIRS:
            reply.steps = [self.delay, *reply.steps]
        return reply


_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {each.name: {} if each.name == "headers" else each.default for each in fields(Fault)}
)


def _known(name: str, value: Any, known: Mapping[str, Any]) -> None:
    if not isinstance(value, str) or value not in known:
        msg = f"{name}={value!r}: unknown; known are {', '.join(known)}"
        raise ValueError(msg)


def fault_table() -> str:
    """Return the kinds as a Markdown table, for `docs/testing.md`."""
    rows = [
        f"| `{name}` | {kind.description} | {kind.plain or 'The same.'} | {_code(kind.takes)} |"
        for name, kind in KINDS.items()
    ]
    return "\n".join(["| kind | streamed | not streamed | takes |", "|---|---|---|---|", *rows])


def _code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split())
