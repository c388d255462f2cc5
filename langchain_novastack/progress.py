"""A progress bar for long work: `batch`, `abatch`, `compare`, evaluation.

Uses `tqdm.auto` from the `notebooks` extra, in a terminal and in Jupyter; without it nothing is shown.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook
from typing_extensions import override

from langchain_novastack.callbacks import LOCK, BlockHandler
from langchain_novastack.tracing import ROUTING

if TYPE_CHECKING:
    from uuid import UUID


class Progress(BlockHandler):
    """Counts the calls of routers as they end: per model, fallbacks, failures. Thread-safe."""

    def __init__(self, bar: Any = None) -> None:
        """Count, and move a bar of tqdm's if there is one."""
        super().__init__()
        self.models: Counter[str] = Counter()  # answers by alias
        self.fallbacks = self.failures = 0
        self._bar = bar

    @override
    def on_chain_start(self, serialized: object, inputs: object, *, run_id: UUID, **kwargs: Any) -> None:
        """Note a router's run, or that of a branch used alone or in a router whose run has another name."""
        name, parent = kwargs.get("name"), kwargs.get("parent_run_id")
        for block in self.blocks():
            if name == "NovastackRouter" or (name == "NovastackFallbacks" and parent not in block.runs):
                block.runs.add(run_id)

    @override
    def on_chain_end(self, outputs: object, *, run_id: UUID, **_: Any) -> None:
        record = outputs.response_metadata.get(ROUTING, {}) if isinstance(outputs, AIMessage) else {}
        for block in self.ended(run_id):
            block.add(record.get("model") or "unknown", fallback=bool(record.get("fallback")))

    @override
    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        for block in self.ended(run_id):
            block.add(None)

    def add(self, model: str | None, *, fallback: bool = False) -> None:
        """Count one more call here alone: the alias that answered, if one did, and whether it was fallen back to."""
        with LOCK:
            self.fallbacks += fallback
            self.failures += model is None
            self.models.update([model] if model else ())
            if self._bar is not None:
                self._bar.set_postfix(self._counts(), refresh=False)
                self._bar.update()

    def _counts(self) -> dict[str, int]:
        return {**self.models, "fallbacks": self.fallbacks, "failed": self.failures}

    def __repr__(self) -> str:
        """Return the counts: what a cell of a notebook shows, and where there is no bar."""
        return ", ".join(f"{name} {count}" for name, count in self._counts().items())


_PROGRESS: ContextVar[Progress | None] = ContextVar("novastack_progress", default=None)
register_configure_hook(_PROGRESS, inheritable=True)


@contextmanager
def progress(total: int | None = None, description: str = "routing") -> Iterator[Progress]:
    """Show a bar for the routed calls inside the block, and for the decisions of an evaluation.

    Works for `batch`, `abatch`, `compare`, chains and agents: whatever asks a router or a branch. `total` is how many
    calls there will be (None: unknown), `description` what the bar says in front. What it yields prints as the counts.
    """
    bar: Any = None
    with warnings.catch_warnings(), suppress(ImportError):  # without the extra there is no bar
        warnings.simplefilter("ignore")  # in Jupyter without ipywidgets, tqdm warns that its bar is one of text
        bar = resolve_name("tqdm.auto:tqdm")(total=total, desc=description)
    with bar if bar is not None else nullcontext(), Progress(bar).inside(_PROGRESS) as counting:
        yield counting


@contextmanager
def decisions() -> Iterator[Callable[[str], None]]:
    """Yield what an evaluation calls with each decided alias; calls that its policy makes are not counted."""
    counting = _PROGRESS.get()
    token = _PROGRESS.set(None)

    def count(alias: str) -> None:
        for block in counting.blocks() if counting else ():
            block.add(alias)

    try:
        yield count
    finally:
        _PROGRESS.reset(token)
