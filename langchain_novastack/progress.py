"""A progress bar for long work: `batch`, `abatch`, `compare`, evaluation.

Uses `tqdm.auto` from the `notebooks` extra, in a terminal and in Jupyter; without it nothing is shown.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook

from langchain_novastack.record import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID


class Progress(BaseCallbackHandler):
    """Counts the calls of routers as they end: per model, fallbacks, failures. Thread-safe."""

    def __init__(self, bar: Any = None) -> None:
        """Count, and move a bar of tqdm's if there is one."""
        super().__init__()
        self.models: Counter[str] = Counter()
        """Answers by alias."""
        self.fallbacks = 0
        self.failures = 0
        self._bar = bar
        self._routers: set[UUID] = set()
        self._lock = threading.Lock()

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002 - core's
        """Note a router's run."""
        if kwargs.get("name") == "NovastackRouter":
            with self._lock:
                self._routers.add(run_id)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002 - core's
        """Count an answer."""
        record = outputs.response_metadata.get(KEY, {}) if isinstance(outputs, AIMessage) else {}
        self._count(run_id, record.get("model") or "?", fallback=bool(record.get("fallback")))

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002 - core's
        """Count a failure."""
        self._count(run_id, None, fallback=False)

    def _count(self, run_id: UUID, model: str | None, *, fallback: bool) -> None:
        with self._lock:
            if run_id not in self._routers:
                return
            self._routers.discard(run_id)
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
    """Show a bar for the routed calls inside the block.

    Args:
        total: How many calls there will be; None: unknown.
        description: What the bar says in front.
    """
    bar = _bar(total, description)
    counting = Progress(bar)
    token = _PROGRESS.set(counting)
    try:
        yield counting
    finally:
        _PROGRESS.reset(token)
        if bar is not None:
            bar.close()


def _bar(total: int | None, description: str) -> Any:
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - of the `notebooks` extra
    except ImportError:
        return None
    return tqdm(total=total, desc=description)
