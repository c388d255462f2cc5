"""A progress bar for long work: `batch`, `abatch`, `compare`, evaluation.

Uses `tqdm.auto` from the `notebooks` extra, in a terminal and in Jupyter; without it nothing is shown.
"""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook

from langchain_novastack.fallbacks.record import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID


class Progress(BaseCallbackHandler):
    """Counts the calls of routers as they end: per model, fallbacks, failures. Thread-safe."""

    run_inline = True  # counting needs no thread

    def __init__(self, bar: Any = None) -> None:
        """Count, and move a bar of tqdm's if there is one."""
        super().__init__()
        self.models: Counter[str] = Counter()
        """Answers by alias."""
        self.fallbacks = 0
        self.failures = 0
        self._bar = bar
        self._outer: Progress | None = None
        self._calls: set[UUID] = set()
        self._lock = threading.Lock()

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Note a router's run, or that of a branch used alone or in a router whose run has another name."""
        if self._outer is not None:  # which may have been told of it already: each run is noted, and counted, once
            self._outer.on_chain_start(serialized, inputs, run_id=run_id, **kwargs)
        name, parent = kwargs.get("name"), kwargs.get("parent_run_id")
        with self._lock:
            if name == "NovastackRouter" or (name == "NovastackFallbacks" and parent not in self._calls):
                self._calls.add(run_id)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Count an answer, here and in the blocks around."""
        if self._outer is not None:
            self._outer.on_chain_end(outputs, run_id=run_id, **kwargs)
        record = outputs.response_metadata.get(KEY, {}) if isinstance(outputs, AIMessage) else {}
        if self._is_call(run_id):
            self._count(record.get("model") or "unknown", fallback=bool(record.get("fallback")))

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Count a failure, here and in the blocks around."""
        if self._outer is not None:
            self._outer.on_chain_error(error, run_id=run_id, **kwargs)
        if self._is_call(run_id):
            self._count(None, fallback=False)

    def _is_call(self, run_id: UUID) -> bool:
        with self._lock:
            found = run_id in self._calls
            self._calls.discard(run_id)
            return found

    def count(self, model: str | None, *, fallback: bool = False) -> None:
        """Count one more call, or one more decision of an evaluation, here and in the blocks around.

        Args:
            model: Alias of the model; None: no model answered.
            fallback: Whether another model than the one decided for answered.
        """
        if self._outer is not None:
            self._outer.count(model, fallback=fallback)
        self._count(model, fallback=fallback)

    def _count(self, model: str | None, *, fallback: bool) -> None:
        with self._lock:
            self.fallbacks += fallback
            if model is None:
                self.failures += 1
            else:
                self.models[model] += 1
            if self._bar is not None:
                self._bar.set_postfix(
                    {**self.models, "fallbacks": self.fallbacks, "failed": self.failures}, refresh=False
                )
                self._bar.update()


_PROGRESS: ContextVar[Progress | None] = ContextVar("novastack_progress", default=None)
register_configure_hook(_PROGRESS, inheritable=True)


@contextmanager
def progress(total: int | None = None, description: str = "routing") -> Iterator[Progress]:
    """Show a bar for the routed calls inside the block, and for the decisions of an evaluation.

    Works for `batch`, `abatch`, `compare`, chains and agents: whatever asks a router or a branch.

    Example:
        ```python
        from langchain_novastack.progress import progress

        with progress(total=len(prompts)) as done:
            answers = router.batch(prompts)
        print(done.models, done.fallbacks, done.failures)
        ```

    Args:
        total: How many calls there will be; None: unknown.
        description: What the bar says in front.
    """
    bar = _bar(total, description)
    counting = Progress(bar)
    counting._outer = _PROGRESS.get()  # noqa: SLF001 - our own
    token = _PROGRESS.set(counting)
    try:
        yield counting
    finally:
        _PROGRESS.reset(token)
        counting._outer = None  # noqa: SLF001
        if bar is not None:
            bar.close()


@contextmanager
def decisions() -> Iterator[Callable[[str], None]]:
    """Give an evaluation what to call with each decided alias; calls that its policy makes are not counted."""
    counting = _PROGRESS.get()
    token = _PROGRESS.set(None)
    try:
        yield counting.count if counting is not None else _nobody
    finally:
        _PROGRESS.reset(token)


def _nobody(_: str) -> None:
    """Count for nobody."""


def _bar(total: int | None, description: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in Jupyter without ipywidgets, tqdm warns that its bar is one of text
        try:
            from tqdm.auto import tqdm  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - of an extra
        except ImportError:
            return None
        return tqdm(total=total, desc=description)
