"""The kinds of faults a sandbox can show, as a table, and how one of them is made and shown."""

from __future__ import annotations

import json
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.faults.builders import BUILDERS
from langchain_novastack.sandbox.faults.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.sandbox.answers.turn import Turn
    from langchain_novastack.sandbox.http.wire_format import Reply


class Kind(NamedTuple):
    """One kind of fault, as described in `kinds.json`."""

    streamed: str
    """What a request gets that asked for a stream, and in general."""

    plain: str = "The same."
    """What a request gets that asked for no stream."""

    takes: str = ""
    """Arguments of `Sandbox.fail` that mean something here, with spaces between them; some others always do."""


_KINDS_TEXT = files(__package__).joinpath("kinds.json").read_text(encoding="utf-8")

KINDS: Mapping[str, Kind] = MappingProxyType({name: Kind(**row) for name, row in json.loads(_KINDS_TEXT).items()})
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
    takes = _ALWAYS.union(KINDS[fault.kind].takes.split())
    for name, value in fault:
        if name not in takes and value != getattr(_NO_ARGUMENTS, name):
            msg = f"{name}: must be left out for kind={fault.kind!r}, which takes {', '.join(sorted(takes))}"
            raise ValueError(msg)
    return fault


def reply_with(fault: Fault, turn: Turn) -> Reply:
    """Return what a request gets that meets a fault."""
    builders = BUILDERS[fault.kind]
    reply = (builders.streamed if turn.streamed else builders.plain)(turn, fault)
    reply.fault = fault.kind
    if fault.delay and fault.kind not in _DELAY_IS_THEIRS:
        reply.steps = [fault.delay, *reply.steps]
    return reply


def fault_table() -> str:
    """Return the kinds as a Markdown table, for `docs/testing.md`."""
    rows = [
        f"| `{name}` | {kind.streamed} | {kind.plain} | {', '.join(f'`{each}`' for each in kind.takes.split())} |"
        for name, kind in KINDS.items()
    ]
    return "\n".join(["| kind | streamed | not streamed | takes |", "|---|---|---|---|", *rows])
