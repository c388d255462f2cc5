"""A tracer that keeps whole run trees and draws them as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_core.tracers.base import BaseTracer

if TYPE_CHECKING:
    from langchain_core.tracers.schemas import Run


class Tracer(BaseTracer):
    """Keeps every root run, with its children in it, once it has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.roots: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.roots.append(run)

    @property
    def runs(self) -> list[Run]:
        """All runs, each before its children."""
        return [run for root in self.roots for run in _walk(root)]

    @property
    def llm_runs(self) -> list[Run]:
        return [run for run in self.runs if run.run_type in {"llm", "chat_model"}]

    def tree(self, *, tags: bool = False) -> str:
        """Draw the runs, one a line, children indented; a failed one with its error's class."""
        return "\n".join(line for root in self.roots for line in _lines(root, 0, tags=tags))

    def unended(self) -> list[str]:
        """Names of runs that have begun and not ended."""
        return [run.name for run in self.run_map.values()]


def _walk(run: Run) -> list[Run]:
    return [run, *(inner for child in run.child_runs for inner in _walk(child))]


def _lines(run: Run, depth: int, *, tags: bool) -> list[str]:
    failed = f" !{run.error.partition('(')[0]}" if run.error else ""
    tagged = f" [{', '.join(run.tags or ())}]" if tags and run.tags else ""
    head = f"{'  ' * depth}{run.run_type} {run.name}{tagged}{failed}"
    return [head, *(line for child in run.child_runs for line in _lines(child, depth + 1, tags=tags))]
