"""Calls back at given moments, from one thread for the whole process, which ends when there is nothing to wait for."""

from __future__ import annotations

import os
import threading
from heapq import heappop, heappush
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Alarm = list[Callable[[], object]]

_LOOKS = 0.5  # seconds after which the thread looks whether anything is left to wait for


class Alarms:
    """What is called back, and when. Thread-safe."""

    def __init__(self) -> None:
        """Begin with nothing; so does a forked child, which has no copy of the thread."""
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Alarm]] = []
        self._numbers = count()
        self._runs = False

    def add(self, moment: float, call: Callable[[], object]) -> Alarm:
        """Call back soon after a moment (`time.monotonic`, seconds); `clear()` of what is returned forgets it."""
        alarm: Alarm = [call]
        with self._changed:
            heappush(self._due, (moment, next(self._numbers), alarm))
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="novastack-alarms", daemon=True).start()
            elif self._due[0][2] is alarm:
                self._changed.notify()
        return alarm

    def _run(self) -> None:
        while (calls := self._next()) is not None:
            for call in calls:
                call()

    def _next(self) -> Alarm | None:
        """Wait for the next alarm, and return it; None if there is none left."""
        with self._changed:
            while self._due:
                moment, _, alarm = self._due[0]
                if alarm and (left := moment - monotonic()) > 0:
                    self._changed.wait(min(left, _LOOKS))
                    continue
                heappop(self._due)
                if alarm:
                    return list(alarm)
            self._runs = False
            return None


ALARMS = Alarms()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ALARMS.__init__)  # type: ignore[misc] # begins anew
