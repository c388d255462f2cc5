"""One thread for the whole process that looks after limits of time: it sleeps until the next of them is over.

A thread for each stream would cost more than the stream's first chunks.
"""

from __future__ import annotations

import os
import threading
from heapq import heapify, heappop, heappush
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Look = Callable[[], float | None]

_FEW = 64
"""Forgotten entries that are not worth sweeping out."""


class Timer:
    """Calls back at given moments, in a thread that starts with the first and stays. Thread-safe."""

    def __init__(self) -> None:
        """Begin with nothing to look at."""
        self.reset()

    def reset(self) -> None:
        """Forget everything, the thread included: a forked child has no copy of it."""
        self._changed = threading.Condition()
        self._due: list[tuple[float, int]] = []
        self._looks: dict[int, Look] = {}
        self._numbers = count()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """Return how many moments are kept, those of finished streams that are not yet swept out included."""
        return len(self._due)

    def add(self, moment: float, look: Look) -> int:
        """Call `look` at a moment (`time.monotonic`, seconds); it returns the next such moment, or None.

        Args:
            moment: When to call; `look` is called soon after it, never before.
            look: Must return quickly and not raise.

        Returns:
            The number by which `drop` knows it.
        """
        with self._changed:
            number = next(self._numbers)
            self._looks[number] = look
            self._push(moment, number)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="novastack-timer", daemon=True)
                self._thread.start()
            return number

    def drop(self, number: int) -> None:
        """Forget what `add` returned this number for; nothing happens if it is forgotten already."""
        with self._changed:
            self._looks.pop(number, None)
            if len(self._due) > 2 * len(self._looks) + _FEW:
                self._due = [entry for entry in self._due if entry[1] in self._looks]
                heapify(self._due)

    def _push(self, moment: float, number: int) -> None:
        heappush(self._due, (moment, number))
        if self._due[0][1] == number:
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while (wait := self._due[0][0] - monotonic() if self._due else None) is None or wait > 0:
                    self._changed.wait(wait)
                _, number = heappop(self._due)
                look = self._looks.get(number)
            moment = look() if look else None
            with self._changed:
                if moment is not None and number in self._looks:
                    self._push(moment, number)


TIMER = Timer()
"""The process's."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=TIMER.reset)
