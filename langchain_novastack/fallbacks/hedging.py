"""Hedging: where a model shows nothing for a while, the next in line is asked beside it, and the quicker one answers.

Who shows something first has won: the other is cut off before that is shown, so that answers are never mixed.
"""

from __future__ import annotations

import asyncio
import threading
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_novastack.errors import OVERTAKEN
from langchain_novastack.fallbacks.alarms import ALARMS
from langchain_novastack.fallbacks.race import Race
from langchain_novastack.transport.time_limits import cut_off

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from langchain_novastack.fallbacks.attempt import Attempt
    from langchain_novastack.fallbacks.attempts import Attempts

_GRACE = 0.25
"""Seconds that the end of the one given up is waited for, so that its run ends before that of the call."""

_DAY = 86_400.0


class _Threads(Race):
    """The first attempt in the caller's thread, another in one of its own, with a copy of the caller's context."""

    def __init__(self, attempts: Attempts, ask: Callable[[Attempt], Any]) -> None:
        super().__init__()
        self._attempts, self._ask, self._context = attempts, ask, copy_context()
        self._starts = threading.Lock()
        self.thread: threading.Thread | None = None
        self.came = SimpleQueue[Any]()

    def begin(self, attempt: Attempt) -> None:
        """Let an attempt run; what is bound in time can be ended from another thread."""
        self.enter(attempt, partial(cut_off, attempt.context))
        attempt.context.until = attempt.context.until or monotonic() + _DAY

    def beside(self) -> None:
        """Make another attempt beside the first, unless that has come to an end."""
        with self._starts:
            other = self._attempts.beside(sync=True) if self._running else None
            if other is not None:
                self.begin(other)
                run = partial(self._context.run, self._run, other)
                thread = threading.Thread(target=run, name="novastack-hedge", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # there may be no more threads: the first attempt is as good as ever
                    self._running.pop(other)
                else:
                    self.thread = thread

    def _run(self, attempt: Attempt) -> None:
        try:
            self.came.put((attempt, self._ask(attempt), None))
        except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
            self.came.put((attempt, None, error))

    def is_over(self, attempt: Attempt, error: BaseException | None) -> bool:
        """Take what an attempt came to; see `Race`."""
        with self._starts:
            return super().is_over(attempt, error)

    def end(self) -> None:
        """Give up what still runs."""
        with self._starts:
            self.give_up()
        if self.thread is not None:
            self.thread.join(_GRACE)


def race(attempts: Attempts, attempt: Attempt, ask: Callable[[Attempt], Any]) -> tuple[Attempt, Any]:
    """Make an attempt, hedged where that is wanted; return the one to go on with, and what it gave.

    `ask` makes one, and returns when there is something to show.
    """
    after = attempts.hedged_after(attempt, sync=True)
    if after is None:
        return attempt, ask(attempt)
    run = _Threads(attempts, ask)
    run.begin(attempt)
    alarm = ALARMS.add(monotonic() + after, run.beside)
    one, output, error = attempt, None, None
    try:
        output = ask(attempt)
        while not run.is_over(one, error):
            one, output, error = run.came.get()
        attempts.goes_on_with(one.candidate)
        if error is not None:
            raise error
        return one, output
    finally:
        alarm.clear()
        run.end()


async def arace(
    attempts: Attempts, attempt: Attempt, ask: Callable[[Attempt], Coroutine[Any, Any, Any]]
) -> tuple[Attempt, Any]:
    """Make an attempt, hedged where that is wanted; return the one to go on with, and what it gave; see `race`."""
    after = attempts.hedged_after(attempt, sync=False)
    if after is None:
        return attempt, await ask(attempt)
    run = Race()
    tasks: dict[asyncio.Task[Any], Attempt] = {}
    try:
        tasks[_started(run, attempt, ask)] = attempt
        done, _ = await asyncio.wait(tasks, timeout=after)
        if not done and (other := attempts.beside(sync=False)):
            tasks[_started(run, other, ask)] = other
        while not (over := next((each for each in done if run.is_over(one := tasks.pop(each), _error_of(each))), None)):
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        attempts.goes_on_with(one.candidate)
        return one, over.result()
    finally:
        run.give_up()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)


def _started(run: Race, attempt: Attempt, ask: Callable[[Attempt], Coroutine[Any, Any, Any]]) -> asyncio.Task[Any]:
    task = asyncio.create_task(ask(attempt))
    task.add_done_callback(_error_of)  # which nobody may look at
    run.enter(attempt, partial(task.cancel, OVERTAKEN))
    return task


def _error_of(task: asyncio.Task[Any]) -> BaseException | None:
    return None if task.cancelled() else task.exception()
