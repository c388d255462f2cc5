"""Rate limiters under a deadline: LangChain waits for them before a request is made, and for as long as it takes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.runnables import RunnableBinding, RunnableParallel, RunnableSequence

from langchain_novastack.transport.time_limits import TimeLimits

if TYPE_CHECKING:
    from langchain_novastack.fallbacks.candidate import Candidate
    from langchain_novastack.transport.attempt_context import AttemptContext

_PAUSE = 0.05
"""Seconds between two looks at a limiter, in sync calls."""


class _InTime(BaseRateLimiter):
    """A rate limiter that is waited for no longer than an attempt may take."""

    def __init__(self, inner: BaseRateLimiter, model: str, limits: TimeLimits) -> None:
        self._inner, self._model, self._limits = inner, model, limits

    def acquire(self, *, blocking: bool = True) -> bool:
        while not self._inner.acquire(blocking=False):
            if not blocking:
                return False
            if self._limits.over():
                raise self._limits.error(self._model)
            time.sleep(min(_PAUSE, self._limits.seconds() or 0))
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:
        try:
            return await asyncio.wait_for(self._inner.aacquire(blocking=blocking), self._limits.seconds())
        except asyncio.TimeoutError:
            self._limits.expire()
            raise self._limits.error(self._model) from None


def limited_in_time(candidate: Candidate, context: AttemptContext) -> Candidate:
    """Return a candidate whose model waits for its rate limiter, if it has one, no longer than the attempt may take."""
    bounded = _bounded(candidate.runnable, candidate.alias, TimeLimits(context))
    return candidate if bounded is candidate.runnable else replace(candidate, runnable=bounded)


def _bounded(runnable: Any, model: str, limits: TimeLimits) -> Any:
    """Return a runnable with the limiter of the model that it begins with bound; itself without one."""
    if isinstance(runnable, BaseChatModel):
        limiter = runnable.rate_limiter
        return runnable if limiter is None else _with(runnable, "rate_limiter", _InTime(limiter, model, limits))
    if isinstance(runnable, RunnableParallel) and "raw" in runnable.steps__:
        raw = _bounded(runnable.steps__["raw"], model, limits)
        return (
            runnable if raw is runnable.steps__["raw"] else _with(runnable, "steps__", {**runnable.steps__, "raw": raw})
        )
    if isinstance(runnable, RunnableBinding | RunnableSequence):
        name = "bound" if isinstance(runnable, RunnableBinding) else "first"
        inner = _bounded(getattr(runnable, name), model, limits)
        return runnable if inner is getattr(runnable, name) else _with(runnable, name, inner)
    return runnable


def _with(runnable: Any, name: str, value: Any) -> Any:
    return runnable.model_copy(update={name: value})
