"""Turns at a model that takes only so many requests at once: a limit that adapts, and a queue in order of arrival.

Kept in the process for each base URL, model and key. Nobody waits before a first 429 shows that there is a limit.
"""

from __future__ import annotations

import asyncio
import os
import threading
from bisect import insort
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_novastack.transport.time_limits import at_most

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.fallbacks.breaker import Key

_RECENT = 1.0  # seconds after an answer within which a 429 still means too many at once
_FORGOTTEN = 60.0  # seconds without a refusal after which the limit is gone
_GROWTH = 0.125  # how much the limit grows with as many answers as it allows at once, while somebody waits
_MOST = 4_096  # models and keys that are remembered


@dataclass(slots=True, eq=False)
class Place:
    """A place in the queue: waited for in a thread or in a task, until it is granted or a moment has come."""

    arrived: float  # since when its call waits
    until: float  # how long it waits at most (`time.monotonic`, seconds)
    granted: bool = False
    _wake: Callable[[], object] | None = None

    async def wait(self, *, sync: bool) -> None:
        """Wait in a thread, or else in a task."""
        if sync:
            granted = threading.Event()
            self._wake = granted.set
            self.granted or granted.wait(max(0.0, self.until - monotonic()))
            return
        came, loop = asyncio.Event(), asyncio.get_running_loop()
        self._wake = lambda: loop.call_soon_threadsafe(came.set)
        with suppress(asyncio.TimeoutError):
            self.granted or await at_most(max(0.0, self.until - monotonic()), came.wait())

    def grant(self) -> bool:
        """Let the one who waits go on; return whether anybody does."""
        self.granted = True
        try:
            if self._wake:
                self._wake()
        except RuntimeError:  # an event loop that was closed and never shut down
            self.granted = False
        return self.granted


@dataclass(slots=True)
class Turns:
    """The requests to one model with one key. Thread-safe."""

    under_way: int = 0
    limit: float = inf
    ceiling: float = inf  # where refusals came of late: below it the limit grows by one with each round of answers
    answered_at: float = -inf
    refused_at: float = -inf
    _queue: list[Place] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def begin(self) -> bool:
        """Begin a request, if it is its turn at once."""
        with self._lock:
            if self.limit != inf and monotonic() > self.refused_at + _FORGOTTEN:
                self.limit = inf
                self._advance()
            free = not self._queue and self.under_way + 1 <= self.limit
            self.under_way += free
            return free

    def line_up(self, arrived: float, until: float) -> Place:
        """Return a place in the queue, in the order in which calls arrived; it may be granted at once."""
        with self._lock:
            place = Place(arrived, until)
            insort(self._queue, place, key=lambda each: each.arrived)
            self._advance()
            return place

    def leave(self, place: Place, *, begins: bool = False) -> None:
        """Give up a place, granted or not; a request that has waited long enough begins nevertheless."""
        with self._lock:
            self.under_way += begins - place.granted
            if place in self._queue:
                self._queue.remove(place)
            self._advance()

    def end(self, *, answered: bool) -> None:
        """End a request."""
        with self._lock:
            self.under_way -= 1
            if answered:
                self.answered_at = monotonic()
                if self._queue:
                    self.limit += (1 if self.limit < self.ceiling - 1 else _GROWTH) / self.limit
            self._advance()

    def refuse(self, *, crowded: bool) -> bool:
        """End a request that met a 429; return whether that means too many at once, if it is not known already."""
        with self._lock:
            crowded = crowded or self.is_crowded()
            self.under_way -= 1
            if crowded:
                known = self.under_way if self.limit == inf else self.ceiling
                self.ceiling = (known + self.under_way) / 2
                self.limit, self.refused_at = max(1.0, min(self.limit, self.under_way)), monotonic()
            self._advance()
            return crowded

    def is_crowded(self) -> bool:
        """Return whether other requests are under way, or an answer has just come."""
        return self.under_way > 1 or monotonic() < self.answered_at + _RECENT

    def _advance(self) -> None:
        while self._queue and self.under_way + 1 <= self.limit:
            self.under_way += self._queue.pop(0).grant()


@lru_cache(_MOST)
def _kept(_: Key) -> Turns:
    return Turns()


def turns_at(key: Key | None) -> Turns:
    """Return the process's turns at a model; those of nobody else for one that has no key."""
    return Turns() if key is None else _kept(key)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kept.cache_clear)
