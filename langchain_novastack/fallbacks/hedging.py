"""Makes attempts until one answers. Hedging: where it shows nothing for a while, the next in line is asked beside it.

Who shows something first has won: the other is cut off before that is shown, so that answers are never mixed.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_novastack.errors import OVERTAKEN
from langchain_novastack.fallbacks.alarms import ALARMS
from langchain_novastack.fallbacks.turns import Place
from langchain_novastack.transport.both_ways import run, step
from langchain_novastack.transport.time_limits import cut_off

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from langchain_novastack.fallbacks.attempt import Attempt
    from langchain_novastack.fallbacks.attempts import Attempts

    Ask = Callable[[Attempt], Coroutine[Any, Any, Any]]

_GRACE = 0.25  # seconds that the end of the one given up is waited for, so that its run ends before that of the call
_DAY = 86_400.0


class Race(ABC):
    """Attempts side by side, each of which `ask` makes as far as it has something to show. Thread-safe."""

    def __init__(self, attempts: Any, ask: Ask) -> None:
        """Begin with none under way."""
        self.attempts, self.ask = attempts, ask
        self.winner: Any = None
        self._running: dict[Any, Callable[[], object]] = {}
        self._lock = threading.RLock()

    @abstractmethod
    def begin(self, attempt: Any) -> None:
        """Make an attempt beside what is under way."""

    def enter(self, attempt: Any, cut: Callable[[], object]) -> None:
        """Let an attempt run; `cut` ends it."""
        attempt.race, self._running[attempt] = self, cut

    def beside(self) -> None:
        """Begin another attempt, unless the first has come to an end."""
        with self._lock:
            other = self.attempts.beside() if self._running else None
            if other is not None:
                self.begin(other)

    def claim(self, attempt: Any) -> bool:
        """Return whether an attempt that has something to show may show it; the first may, and the others end."""
        with self._lock:
            first, self.winner = self.winner is None, self.winner or attempt
            if first:
                self.give_up()
            return self.winner is attempt

    def lost(self, attempt: Any) -> bool:
        """Return whether another attempt has won."""
        return self.winner is not None and self.winner is not attempt

    def is_over(self, attempt: Any, error: BaseException | None) -> bool:
        """Take what an attempt came to; return whether the call goes on with it: it has won, or was the last."""
        with self._lock:
            self._running.pop(attempt, None)
            over = not self.lost(attempt) and (error is not None or attempt.error is None or not self._running)
            if over:
                self.attempts.goes_on_with(attempt.candidate)
            return over

    def give_up(self) -> None:
        """Cut off all that run and have not won."""
        with self._lock:
            for attempt in [attempt for attempt in self._running if attempt is not self.winner]:
                cut = self._running.pop(attempt)
                if self.winner is not None:  # else the call itself has ended
                    attempt.overtaken()
                cut()


async def answered(attempts: Attempts, ask: Ask) -> tuple[Attempt, Any]:
    """Make attempts, by `ask`, until one has something to show; return it, and what it gave.

    Raises:
        NovastackError: If none answers.
    """
    for attempt in attempts:
        if isinstance(attempt, Place):
            await attempt.wait(sync=attempts.sync)
            continue
        hedged = _Threads if attempts.sync else _Tasks
        after = attempt.hedged_after
        made, given = (attempt, await ask(attempt)) if after is None else await step(hedged(attempts, ask).run(attempt))
        if made.error is None:
            return made, given
    raise attempts.error()


class _Threads(Race):
    """The first attempt in the caller's thread, another in one of its own, with a copy of the caller's context."""

    def __init__(self, attempts: Attempts, ask: Ask) -> None:
        super().__init__(attempts, ask)
        self._context = copy_context()
        self._came: SimpleQueue[tuple[Attempt, Any, BaseException | None]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def run(self, attempt: Attempt) -> tuple[Attempt, Any]:
        self._let(attempt)
        alarm = ALARMS.add(monotonic() + (attempt.hedged_after or 0), self.beside)
        error: BaseException | None = None
        try:
            given = run(self.ask(attempt))
            while not self.is_over(attempt, error):
                attempt, given, error = self._came.get()
            if error is not None:
                raise error
            return attempt, given
        finally:
            alarm.clear()
            self.give_up()
            if self._thread is not None:
                self._thread.join(_GRACE)

    def begin(self, attempt: Attempt) -> None:
        thread = threading.Thread(target=self._context.run, args=(self._make, attempt), name="novastack-hedge")
        thread.daemon = True
        self._let(attempt)
        try:
            thread.start()
        except RuntimeError:  # there may be no more threads: the first attempt is as good as ever
            self._running.pop(attempt)
        else:
            self._thread = thread

    def _let(self, attempt: Attempt) -> None:
        """Let an attempt run; what is bound in time can be ended from another thread."""
        self.enter(attempt, partial(cut_off, attempt.context))
        attempt.context.until = attempt.context.until or monotonic() + _DAY

    def _make(self, attempt: Attempt) -> None:
        try:
            self._came.put((attempt, run(self.ask(attempt)), None))
        except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
            self._came.put((attempt, None, error))


class _Tasks(Race):
    """Each attempt in a task of its own."""

    def __init__(self, attempts: Attempts, ask: Ask) -> None:
        super().__init__(attempts, ask)
        self._tasks: dict[asyncio.Task[Any], Attempt] = {}
        self._came: asyncio.Queue[tuple[asyncio.Task[Any], BaseException | None]] = asyncio.Queue()

    async def run(self, attempt: Attempt) -> tuple[Attempt, Any]:
        self.begin(attempt)
        alarm = asyncio.get_running_loop().call_later(attempt.hedged_after or 0, self.beside)
        try:
            task, error = await self._came.get()
            while not self.is_over(made := self._tasks.pop(task), error):
                task, error = await self._came.get()
            return made, task.result()
        finally:
            alarm.cancel()
            self.give_up()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=_GRACE)

    def begin(self, attempt: Attempt) -> None:
        task = asyncio.get_running_loop().create_task(self.ask(attempt))
        self._tasks[task] = attempt
        self.enter(attempt, partial(task.cancel, OVERTAKEN))
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._came.put_nowait((task, None if task.cancelled() else task.exception()))
