"""Hedging: where a model shows nothing for a while, the next in line is asked beside it, and the quicker one answers.

Who shows something first has won: the other is cut off before that is shown, so that answers are never mixed.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_novastack.errors import OVERTAKEN
from langchain_novastack.fallbacks.race import Race
from langchain_novastack.transport.time_limits import cut_off

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from langchain_novastack.fallbacks.attempts import Attempt, Attempts

_GRACE = 0.25
"""Seconds that the end of the one given up is waited for, so that its run ends before that of the call."""

_DAY = 86_400.0


class _Threads(Race):
    """Attempts in threads, each with a copy of the caller's context."""

    def __init__(self, ask: Callable[[Attempt], Any]) -> None:
        super().__init__()
        self._ask = ask
        self._came = SimpleQueue[Any]()
        self._threads: list[threading.Thread] = []

    def start(self, attempt: Attempt) -> None:
        """Make an attempt."""
        self.enter(attempt, partial(cut_off, attempt.context))
        attempt.context.until = attempt.context.until or monotonic() + _DAY  # what is bound in time can be ended
        run = partial(copy_context().run, self._run, attempt)
        self._threads.append(threading.Thread(target=run, name="novastack-hedge", daemon=True))
        self._threads[-1].start()

    def _run(self, attempt: Attempt) -> None:
        try:
            self._came.put((attempt, self._ask(attempt), None))
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            self._came.put((attempt, None, error))

    def next(self, seconds: float | None = None) -> Any:
        """Return an attempt with what it came to, output and error; None if the time is over before."""
        with suppress(Empty):
            return self._came.get(timeout=seconds)
        return None

    def end(self) -> None:
        """Give up what still runs."""
        self.give_up()
        for thread in self._threads:
            thread.join(_GRACE)


def race(attempts: Attempts, attempt: Attempt, ask: Callable[[Attempt], Any]) -> tuple[Attempt, Any]:
    """Make an attempt, hedged where that is wanted; return the one to go on with, and what it gave.

    Args:
        attempts: The attempts of the call, which may have another one to make beside.
        attempt: The next of them.
        ask: Makes one; returns when there is something to show.
    """
    after = attempts.hedged_after(attempt, sync=True)
    if after is None:
        return attempt, ask(attempt)
    run = _Threads(ask)
    try:
        run.start(attempt)
        came = run.next(after)
        if came is None and (other := attempts.beside(sync=True)):
            run.start(other)
        while True:
            one, output, error = came or run.next()
            came = None
            if run.is_over(one, error):
                attempts.goes_on_with(one)
                if error is not None:
                    raise error
                return one, output
    finally:
        run.end()


class _Tasks(Race):
    """Attempts in tasks."""

    def __init__(self, ask: Callable[[Attempt], Coroutine[Any, Any, Any]]) -> None:
        super().__init__()
        self._ask = ask
        self.tasks: dict[asyncio.Task[Any], Attempt] = {}

    def start(self, attempt: Attempt) -> None:
        """Make an attempt."""
        task = asyncio.create_task(self._ask(attempt))
        task.add_done_callback(lambda task: task.cancelled() or task.exception())  # which nobody may look at
        self.enter(attempt, partial(task.cancel, OVERTAKEN))
        self.tasks[task] = attempt

    async def next(self, seconds: float | None = None) -> list[asyncio.Task[Any]]:
        """Return what has come to an end; nothing if the time is over before."""
        done, _ = await asyncio.wait(self.tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return list(done)

    async def end(self) -> None:
        """Give up what still runs."""
        self.give_up()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=_GRACE)


async def arace(
    attempts: Attempts, attempt: Attempt, ask: Callable[[Attempt], Coroutine[Any, Any, Any]]
) -> tuple[Attempt, Any]:
    """Make an attempt, hedged where that is wanted; return the one to go on with, and what it gave; see `race`."""
    after = attempts.hedged_after(attempt, sync=False)
    if after is None:
        return attempt, await ask(attempt)
    run = _Tasks(ask)
    try:
        run.start(attempt)
        done = await run.next(after)
        if not done and (other := attempts.beside(sync=False)):
            run.start(other)
        while True:
            for task in done or await run.next():
                one = run.tasks.pop(task)
                if run.is_over(one, None if task.cancelled() else task.exception()):
                    attempts.goes_on_with(one)
                    return one, task.result()
            done = []
    finally:
        await run.end()
