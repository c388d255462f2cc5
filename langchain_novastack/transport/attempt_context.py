"""What the attempt under way allows the model that makes it, and what the model reports back.

A call argument for it would show in traces and spoil cache keys, so it travels in a context variable: `fallbacks`
enters an `AttemptContext` around the start of each attempt, and `chat_models` reads it when it builds the request.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class AttemptContext:
    """Time and retries that one attempt has, and its report. Whatever starts inside `with context:` finds it.

    Never yield to foreign code from within.

    Attributes:
        until: Moment (`time.monotonic`, seconds) at which the attempt is cut; None: no limit.
        retry: Whether the request may be sent again by itself. False while another model waits.
        misfits: Whether an answer that does not fit what was asked is a failure, since another model waits.
        spells_effort: Whether the card spells `reasoning_effort` in the model's own words; else it is sent as given.
        turns: The turns at the model; tell whether a 429 that comes now means too many requests at once.
        lone: Whether no line of models makes it, so that the model's own call is one.
        changed: Report: names of the request fields that the model's card changed.
        sent: Report: whether a request was sent; an answer without one came from a cache.
        streamed: Report: whether the answer comes as a stream, and may have been shown.
        crowded: Report: whether a 429 meant too many at once, which no retry cures before it is this request's turn.
        cut: Report: whether `until` ended the attempt.
        overtaken: Whether another model was quicker, so that this attempt is given up.
        waits_on: Report: the connection that is read; kept where the attempt is bound in time, and not async.
    """

    until: float | None = None
    retry: bool = True
    misfits: bool = False
    spells_effort: bool = False
    turns: Any = None
    lone: bool = True
    changed: tuple[str, ...] = ()
    sent: bool = False
    streamed: bool = False
    crowded: bool = False
    cut: bool = False
    overtaken: bool = False
    waits_on: Any = None
    _token: Any = None

    @property
    def judges(self) -> bool:
        """Whether an answer that does not fit what was asked is a failure here: nothing of it has been shown."""
        return self.misfits and not self.streamed

    def __enter__(self) -> None:
        """Hold for what starts from here on."""
        self._token = _CURRENT.set(self)

    def __exit__(self, *_: object) -> None:
        """Hold no longer."""
        _CURRENT.reset(self._token)


_CURRENT: ContextVar[AttemptContext | None] = ContextVar("novastack_attempt", default=None)


def current() -> AttemptContext:
    """Return the context of the attempt under way, or an unlimited one outside of any."""
    return _CURRENT.get() or AttemptContext()
