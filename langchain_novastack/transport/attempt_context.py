"""What the attempt under way allows the model that makes it, and what the model reports back.

A call argument for it would show in traces and spoil cache keys, so it travels in a context variable: `fallbacks`
enters an `AttemptContext` around the start of each attempt, and `chat_models` reads it when it builds the request.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class AttemptContext:
    """Time and retries that one attempt has, and its report. Whatever starts inside `with context:` finds it.

    Never yield to foreign code from within.
    """

    until: float | None = None  # moment (`time.monotonic`, seconds) at which the attempt is cut; None: no limit
    retry: bool = True  # whether the request may be sent again by itself; False while another model waits
    misfits: bool = False  # whether an answer that does not fit what was asked is a failure, since others may answer
    spells_effort: bool = False  # whether the card spells `reasoning_effort` in the model's words; else: as given
    turns: Any = None  # the turns at the model; tell whether a 429 that comes now means too many requests at once
    lone: bool = True  # whether no line of models makes it, so that the model's own call is one
    shows: Callable[[], None] | None = None  # told when listeners get the first piece of a stream; None: there are none
    overtaken: bool = False  # whether another model was quicker, so that this attempt is given up
    changed: tuple[str, ...] = ()  # report: names of the request fields that the model's card changed
    sent: bool = False  # report: whether a request was sent; an answer without one came from a cache
    streamed: bool = False  # report: whether the answer comes as a stream, of which somebody may get each piece
    crowded: bool = False  # report: whether a 429 meant too many at once, which no retry cures before it is its turn
    cut: bool = False  # report: whether `until` ended the attempt
    waits_on: Any = None  # report: the connection that is read; kept where the attempt is bound in time, and not async
    _token: Any = None

    @property
    def judges(self) -> bool:
        """Whether an answer that does not fit what was asked is a failure here: nothing of it has been shown."""
        return self.misfits and not self.streamed

    def begins(self, *, stream: bool) -> None:
        """Take the report that a request is sent. What nobody gets, and another model may answer, is not shown."""
        self.sent, self.streamed = True, stream and (self.lone or self.retry or self.shows is not None)

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
