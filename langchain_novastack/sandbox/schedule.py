"""What was asked to happen to the next requests, by model."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_novastack.sandbox.faults.fault import Fault
from langchain_novastack.sandbox.settings import EVERY

if TYPE_CHECKING:
    from langchain_novastack.sandbox.answers.script import ScriptedAnswer


@dataclass
class _Entry:
    outcome: Fault | ScriptedAnswer
    left: int | None


class Schedule:
    """Queues of faults and scripted answers, one for each model and one for all; safe in several threads."""

    def __init__(self) -> None:
        """Start empty: everything as usual."""
        self._lock = threading.Lock()
        self._queues: dict[str, deque[_Entry]] = {}

    def add(self, model: str, outcome: Fault | ScriptedAnswer) -> None:
        """Append to the queue of a model, or of all, for as many requests as the outcome says."""
        with self._lock:
            self._queues.setdefault(model, deque()).append(_Entry(outcome, outcome.times))

    def take(self, model: str) -> Fault | ScriptedAnswer | None:
        """Return what happens to the next request; a model's own queue comes before the one for all."""
        with self._lock:
            queue = self._queues.get(model) or self._queues.get(EVERY)
            if not queue:
                return None
            entry = queue[0]
            if entry.left is not None:
                entry.left -= 1
                if entry.left == 0:
                    queue.popleft()
            return entry.outcome

    def heal(self, model: str | None) -> None:
        """Remove the faults from a model's queue, or from all queues; scripted answers stay."""
        with self._lock:
            for name, queue in self._queues.items():
                if model in {None, name}:
                    self._queues[name] = deque(entry for entry in queue if not isinstance(entry.outcome, Fault))

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._queues.clear()
