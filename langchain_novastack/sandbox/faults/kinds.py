"""Faults: the arguments of `Sandbox.fail`, and the kinds there are, as a table."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from langchain_novastack.sandbox.validation.problems import (
    Arguments,
    Envelope,
    HeaderName,
    JsonObject,
    Line,
    Seconds,
    Status,
    Times,
)

Pieces = list[bytes | str] | tuple[bytes | str, ...]


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
    pieces: Pieces | None = None
    cut: bool = False


class Kind(NamedTuple):
    """One kind of fault, as described in `kinds.json`."""

    builders: Sequence[str]  # methods of `builders.py`: for streams and, where it is another, for whole answers
    streamed: str  # what a request gets that asked for a stream, and in general
    plain: str = "The same."  # what a request gets that asked for no stream
    takes: str = ""
    """Arguments of `Sandbox.fail` that mean something here, with spaces between them; some others always do."""

    defaults: Mapping[str, Any] = MappingProxyType({})
    """What is taken for arguments that are left out; a kind with a `delay` here uses it in its own way."""


KINDS: Mapping[str, Kind] = {
    name: Kind(**row) for name, row in json.loads(pkgutil.get_data(__package__, "kinds.json") or "").items()
}
"""Kinds by name; the names are what `Sandbox.fail(kind=...)` takes."""

_ALWAYS = frozenset(["kind", "times", "retry_after", "delay", "headers"])
_DEFAULTED = frozenset(["kind", "status", "after", "delay", "seconds"])  # None is the kind's default for these
_NO_ARGUMENTS = Fault()


def make_fault(**given: Any) -> Fault:
    """Return a fault; a `ValueError` names an argument that is bad, or means nothing for the kind."""
    given = {name: value for name, value in given.items() if value is not None or name not in _DEFAULTED}
    fault = Fault.of(**given)
    if fault.kind not in KINDS:
        msg = f"`kind` must be one of {', '.join(KINDS)}, got {fault.kind!r}."
        raise ValueError(msg)
    if fault.kind == "raw" and isinstance(fault.body, dict):
        msg = "`body` must be bytes or a string for kind='raw'."
        raise ValueError(msg)
    takes = _ALWAYS.union(KINDS[fault.kind].takes.split())
    for name in given:
        if name not in takes and getattr(fault, name) != getattr(_NO_ARGUMENTS, name):
            msg = f"`{name}` must be left out for kind={fault.kind!r}, which takes {', '.join(sorted(takes))}."
            raise ValueError(msg)
    return fault.model_copy(update={**KINDS[fault.kind].defaults, **{name: getattr(fault, name) for name in given}})
