"""Callback handlers that a `with` block sets for whatever runs inside it, and for the blocks around it."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from langchain_core.callbacks import BaseCallbackHandler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import ContextVar
    from uuid import UUID

    from typing_extensions import Self

LOCK = threading.Semaphore()
"""Held while counts change. A thread that a forked child has no copy of may have held it, so there it is made anew."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=LOCK.__init__)  # type: ignore[misc] # as said


class BlockHandler(BaseCallbackHandler):
    """A handler of one block, of which LangChain calls the innermost. A run counts once, however often it comes."""

    run_inline = True  # counting needs no thread

    def __init__(self) -> None:
        """Begin without runs, outside of any block."""
        super().__init__()
        self.outer: Self | None = None  # the handler of the block around
        self.runs: set[UUID] = set()  # those that are to be counted when they end

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

    def ended(self, run_id: UUID) -> Iterator[Self]:
        """Forget a run, here and in the blocks around; yield those that had noted it."""
        for block in self.blocks():
            try:
                block.runs.remove(run_id)  # in one step, so that no other thread counts it too
            except KeyError:
                continue
            yield block
