"""The faults a sandbox can show, as a table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.faults import builders
from langchain_novastack.sandbox.faults.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
_NO_ARGUMENTS = Fault()


def make_fault(**given: Any) -> Fault:
    """Return a fault with these arguments, all of which mean something for its kind.

    Raises:
        ValueError: If an argument is unknown, of a wrong type, out of range, or means nothing; it is named.
    """
    fault = Fault.of(**given)
    if fault.kind not in KINDS:
        msg = f"kind={fault.kind!r}: must be one of {', '.join(KINDS)}"
        raise ValueError(msg)
    if fault.kind == "raw" and isinstance(fault.body, dict):
        msg = "body: must be bytes or a string for kind='raw'"
        raise ValueError(msg)
    takes = _ALWAYS | set(KINDS[fault.kind].takes.split())
    for name, value in fault:
        if name not in takes and value != getattr(_NO_ARGUMENTS, name):
            msg = f"{name}: must be left out for kind={fault.kind!r}, which takes {', '.join(sorted(takes))}"
            raise ValueError(msg)
    return fault


def reply_with(fault: Fault, turn: Turn) -> Reply:
    """Return what a request gets that meets a fault."""
    reply = KINDS[fault.kind].build(turn, fault)
    reply.fault = fault.kind
    if fault.delay and fault.kind not in _DELAY_IS_THEIRS:
        reply.steps = [fault.delay, *reply.steps]
    return reply


def fault_table() -> str:
    """Return the kinds as a Markdown table, for `docs/testing.md`."""
    rows = [
        f"| `{name}` | {kind.description} | {kind.plain or 'The same.'} | {_code(kind.takes)} |"
        for name, kind in KINDS.items()
    ]
    return "\n".join(["| kind | streamed | not streamed | takes |", "|---|---|---|---|", *rows])


def _code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split())
