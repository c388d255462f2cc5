"""What was asked to happen to the next requests, by model."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_novastack.sandbox.faults.kinds import Fault

if TYPE_CHECKING:
    from langchain_novastack.sandbox.answers.turn import Script

EVERY = "*"


@dataclass
class _Plan:
    happens: Fault | Script
    left: int | None


class Plans:
    """Queues of faults and scripted answers, one for each model and one for all; safe in several threads."""

    def __init__(self) -> None:
        """Start empty: everything as usual."""
        self._lock = threading.Lock()
        self._queues: dict[str, deque[_Plan]] = {}

    def add(self, model: str, happens: Fault | Script, times: int | None) -> None:
        """Append to the queue of a model, or of all; None times means until it is removed."""
        with self._lock:
            self._queues.setdefault(model, deque()).append(_Plan(happens, times))

    def take(self, model: str) -> Fault | Script | None:
        """Return what happens to the next request; a model's own queue comes before the one for all."""
        with self._lock:
            queue = self._queues.get(model) or self._queues.get(EVERY)
            if not queue:
                return None
            plan = queue[0]
            if plan.left is not None:
                plan.left -= 1
                if plan.left == 0:
                    queue.popleft()
            return plan.happens

    def heal(self, model: str | None) -> None:
        """Remove the faults from a model's queue, or from all queues; scripted answers stay."""
        with self._lock:
            for name, queue in self._queues.items():
                if model in {None, name}:
                    self._queues[name] = deque(plan for plan in queue if not isinstance(plan.happens, Fault))

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._queues.clear()
