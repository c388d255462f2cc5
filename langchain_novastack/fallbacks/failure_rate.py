"""How many of a model's last requests failed."""

from __future__ import annotations

from collections import deque

from langchain_novastack.fallbacks.tally import MINUTE

_SLOTS, _LEAST = 6, 10
"""Slots that a minute is counted in, and requests from which on their share says anything."""


class FailureRate:
    """Counts the requests of the last minute, and those that failed; the time is told, in seconds."""

    __slots__ = ("_slots",)

    def __init__(self) -> None:
        """Begin with none."""
        self._slots: deque[list[int]] = deque(maxlen=_SLOTS)

    def add(self, now: float, *, failed: bool) -> bool:
        """Count a request; return whether it failed as half of at least ten did."""
        slot = int(now * _SLOTS / MINUTE)
        if not self._slots or self._slots[-1][0] != slot:
            self._slots.append([slot, 0, 0])
        self._slots[-1][1] += 1
        self._slots[-1][2] += failed
        if not failed:
            return False
        counted = [each for each in self._slots if each[0] > slot - _SLOTS]
        requests = sum(each[1] for each in counted)
        return requests >= _LEAST and 2 * sum(each[2] for each in counted) >= requests
