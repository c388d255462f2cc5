"""What was asked to happen to the next requests, by model."""

from __future__ import annotations

import threading
from collections import defaultdict
from itertools import repeat
from typing import TYPE_CHECKING, TypeAlias

from langchain_novastack.sandbox.arguments import EVERY, ScriptedAnswer
from langchain_novastack.sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

Outcome: TypeAlias = Fault | ScriptedAnswer


class Schedule:
    """Queues of faults and scripted answers, one for each model and one for all; safe in several threads."""

    def __init__(self) -> None:
        """Start empty: everything as usual."""
        self._lock = threading.Lock()
        self._queues: defaultdict[str, list[tuple[Outcome, Iterator[Outcome]]]] = defaultdict(list)

    def add(self, model: str, outcome: Outcome) -> None:
        """Append to the queue of a model, or of all, for as many requests as the outcome says."""
        with self._lock:
            turns = repeat(outcome) if outcome.times is None else repeat(outcome, outcome.times)
            self._queues[model].append((outcome, turns))

    def take(self, model: str) -> Outcome | None:
        """Return what happens to the next request; a model's own queue comes before the one for all."""
        with self._lock:
            for queue in (self._queues[model], self._queues[EVERY]):
                while queue:
                    outcome, turns = queue[0]
                    if next(turns, None):
                        return outcome
                    del queue[0]
        return None

    def heal(self, model: str | None) -> None:
        """Remove the faults from a model's queue, or from all queues; scripted answers stay."""
        with self._lock:
            for name, queue in self._queues.items():
                if model in {None, name}:
                    queue[:] = [(outcome, turns) for outcome, turns in queue if not isinstance(outcome, Fault)]

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._queues.clear()
