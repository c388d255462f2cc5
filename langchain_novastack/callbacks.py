"""Callback handlers that a `with` block sets for whatever runs inside it, and for the blocks around it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from langchain_core.callbacks import BaseCallbackHandler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import ContextVar
    from uuid import UUID

    from typing_extensions import Self


class BlockHandler(BaseCallbackHandler):
    """A handler of one block. Thread-safe: a run counts once, however often it reaches the handler.

    LangChain calls the handler of the innermost block; that one goes through `blocks` to serve those around it too.
    """

    run_inline = True  # counting needs no thread

    def __init__(self) -> None:
        """Begin without runs, outside of any block."""
        super().__init__()
        self.outer: Self | None = None
        """The handler of the block around; None outside of `inside`."""
        self._runs: set[UUID] = set()
        self._lock = threading.Lock()

    @contextmanager
    def inside(self, variable: ContextVar[Self | None]) -> Iterator[Self]:
        """Listen to what runs inside a block; `variable` is the one that LangChain's configure hook reads."""
        self.outer = variable.get()
        token = variable.set(self)
        try:
            yield self
        finally:
            variable.reset(token)
            self.outer = None

    def blocks(self) -> Iterator[Self]:
        """Yield this handler, then those of the blocks around, from the inside out."""
        block: Self | None = self
        while block is not None:
            yield block
            block = block.outer

    def begin(self, run_id: UUID) -> None:
        """Note a run that is to be counted when it ends."""
        with self._lock:
            self._runs.add(run_id)

    def has(self, run_id: UUID | None) -> bool:
        """Return whether a run is noted."""
        with self._lock:
            return run_id in self._runs

    def end(self, run_id: UUID) -> bool:
        """Forget a run; return whether it was noted."""
        with self._lock:
            noted = run_id in self._runs
            self._runs.discard(run_id)
            return noted
