"""Hedging: where a model shows nothing for a while, the next in line is asked beside it, and the quicker one answers.

Who shows something first has won: the other is cut off before that is shown, so that answers are never mixed.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextvars import copy_context
from functools import partial
from heapq import heappop, heappush
from itertools import count
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_novastack.errors import OVERTAKEN
from langchain_novastack.transport.both_ways import run, step
from langchain_novastack.transport.time_limits import cut_off

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from langchain_novastack.fallbacks.attempt import Attempt

    Alarm = list[Callable[[], object]]
    Ask = Callable[[Attempt], Coroutine[Any, Any, Any]]

_GRACE = 0.25  # seconds that the end of the one given up is waited for, so that its run ends before that of the call
_DAY = 86_400.0
_LOOKS = 0.5  # seconds after which the thread of the alarms looks whether anything is left to wait for


class Tasks:
    """Attempts side by side, each in a task, which `ask` makes as far as it has something to show. Thread-safe."""

    _queue: Callable[[], object] = asyncio.Queue
    _tasks: tuple[tuple[asyncio.Task[None], Attempt], ...] = ()

    def __init__(self, ask: Ask, another: Callable[[], Attempt | None]) -> None:
        """Begin with none under way; `another` gives one to make beside the first, if there is any."""
        self._ask, self._another = ask, another
        self._winner: Attempt | None = None
        self._running: dict[Attempt, Callable[[], object]] = {}  # and what ends each
        self._lock = threading.RLock()
        self._came: Any = self._queue()
        self._forget: Callable[[], object] = int

    def _begin_first(self, attempt: Attempt, after: float) -> None:
        """Make the first attempt, and after so many seconds another beside it, unless that is forgotten before."""
        self._begin(attempt)
        self._forget = asyncio.get_running_loop().call_later(after, self._beside).cancel

    def _begin(self, attempt: Attempt) -> None:
        task = asyncio.get_running_loop().create_task(self._make(attempt))
        self._tasks += ((task, attempt),)
        attempt.race, self._running[attempt] = self, partial(task.cancel, OVERTAKEN)

    async def _end(self) -> None:
        """Wait a little for those that were given up."""
        running = [task for task, _ in self._tasks if not task.done()]
        if running:
            await asyncio.wait(running, timeout=_GRACE)
        for _, attempt in self._tasks:
            attempt.never_made()

    async def run(self, attempt: Attempt, after: float) -> tuple[Attempt, Any]:
        """Make an attempt, after so many seconds another beside it; return the one to go on with, and what it gave."""
        error = None
        try:
            self._begin_first(attempt, after)
            attempt, given, error = await step(self._came.get())
            while not self._is_over(attempt, error):
                attempt, given, error = await step(self._came.get())
            if error is not None:
                raise error
            return attempt, given
        finally:
            error = None  # whose frames are this one too
            self._forget()
            self._give_up(None)
            await self._end()

    async def _make(self, attempt: Attempt) -> None:
        outcome: tuple[Attempt, Any, BaseException | None]
        try:
            outcome = attempt, await self._ask(attempt), None
        except BaseException as error:  # noqa: BLE001 - raised where the call waits
            outcome = attempt, None, error
        self._came.put_nowait(outcome)

    def _beside(self) -> None:
        """Begin another attempt, unless the first has come to an end, or its listeners have got something."""
        with self._lock:
            other = self._another() if self._running and not self._winner else None
            if other is not None:
                self._begin(other)

    def claim(self, attempt: Attempt) -> bool:
        """Return whether an attempt that has something to show may show it; the first may, and the others end."""
        with self._lock:
            first, self._winner = self._winner is None, self._winner or attempt
            if first:
                self._give_up(attempt)
            return self._winner is attempt

    def lost(self, attempt: Attempt) -> bool:
        """Return whether another attempt has won."""
        return self._winner is not None and self._winner is not attempt

    def _is_over(self, attempt: Attempt, error: BaseException | None) -> bool:
        """Take what an attempt came to; return whether the call goes on with it: it has won, or was the last."""
        with self._lock:
            self._running.pop(attempt, None)
            urgent = error is not None and not isinstance(error, Exception | asyncio.CancelledError)
            ended = error is not None or attempt.error is None or not self._running
            return urgent or (ended and not self.lost(attempt))

    def _give_up(self, winner: Attempt | None) -> None:
        """Cut off all that run and have not won: the winner too (None) where the call itself has ended."""
        with self._lock:
            for attempt in [attempt for attempt in self._running if attempt is not winner]:
                cut = self._running.pop(attempt)
                if self.lost(attempt):
                    attempt.overtaken()
                cut()


class Threads(Tasks):
    """The first attempt in the caller's thread, another in one of its own, with a copy of the caller's context."""

    _queue = SimpleQueue
    _thread: threading.Thread | None = None

    def _begin_first(self, attempt: Attempt, after: float) -> None:
        self._context = copy_context()
        self._let(attempt)
        self._forget = ALARMS.add(monotonic() + after, self._beside).clear
        run(self._make(attempt))

    def _begin(self, attempt: Attempt) -> None:
        make = partial(self._context.run, lambda: run(self._make(attempt)))
        thread = threading.Thread(target=make, name="novastack-hedge", daemon=True)
        self._let(attempt)
        try:
            thread.start()
        except RuntimeError:  # there may be no more threads: the first attempt is as good as ever
            self._running.pop(attempt)
            attempt.never_made()
        else:
            self._thread = thread

    def _let(self, attempt: Attempt) -> None:
        """Let an attempt run; what is bound in time can be ended from another thread."""
        attempt.race, self._running[attempt] = self, partial(cut_off, attempt.context)
        attempt.context.until = attempt.context.until or monotonic() + _DAY

    async def _end(self) -> None:
        if self._thread is not None:
            self._thread.join(_GRACE)


class Alarms:
    """Calls back at given moments, from one thread for the process, which ends when there is nothing to wait for."""

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
