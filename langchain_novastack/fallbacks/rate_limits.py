"""Rate limiters under a deadline: LangChain waits for them before a request is made, and for as long as it takes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.runnables import RunnableBinding, RunnableParallel

from langchain_novastack.transport.attempt_context import current
from langchain_novastack.transport.time_limits import TimeLimits, in_time

_PAUSE = 0.05  # seconds between two looks at a limiter, in sync calls


class _InTime(BaseRateLimiter):
    """A rate limiter that is waited for no longer than the attempt under way may take."""

    def __init__(self, inner: BaseRateLimiter, model: str) -> None:
        self._inner, self._model = inner, model

    def acquire(self, *, blocking: bool = True) -> bool:
        limits = TimeLimits(current())
        while not self._inner.acquire(blocking=blocking and limits.seconds() is None):
            if not blocking:
                return False
            if limits.over():
                raise limits.error(self._model)
            time.sleep(min(_PAUSE, limits.seconds() or 0))
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:
        limits = TimeLimits(current())
        try:
            return await in_time(limits, self._inner.aacquire(blocking=blocking))
        except asyncio.TimeoutError:
            raise limits.error(self._model) from None


def limited_in_time(runnable: Any, model: BaseChatModel, alias: str) -> Any:
    """Return a runnable whose model, which it begins with, waits for its limiter no longer than an attempt may take."""
    if model.rate_limiter is None:
        return runnable
    return _beginning(runnable, model.model_copy(update={"rate_limiter": _InTime(model.rate_limiter, alias)}))


def _beginning(runnable: Any, model: BaseChatModel) -> Any:
    """Return a copy of a runnable that begins with another model."""
    if isinstance(runnable, BaseChatModel):
        return model
    if isinstance(runnable, RunnableParallel):
        steps = runnable.steps__
        return runnable.model_copy(update={"steps__": {**steps, "raw": _beginning(steps["raw"], model)}})
    name = "bound" if isinstance(runnable, RunnableBinding) else "first"
    return runnable.model_copy(update={name: _beginning(getattr(runnable, name), model)})
