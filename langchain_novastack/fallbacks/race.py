"""Which of several attempts side by side answers, and how many calls may be made so."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_SHARE, _FEW = 0.08, 4  # part of the calls that may be hedged, and how many may be while there are few
_REMEMBERED = 1_000  # calls after which older ones count less, so that a good hour does not pay for a bad one


@dataclass
class Hedges:
    """How many calls were hedged, of all that might have been.

    Attributes:
        after: Seconds without anything to show after which a call is.
    """

    after: float
    calls: float = 0
    made: float = 0

    def called(self) -> None:
        """Count a call."""
        self.calls += 1
        if self.calls >= _REMEMBERED:
            self.calls, self.made = self.calls / 2, self.made / 2

    def allow(self) -> bool:
        """Return whether one more call may be hedged, and count it."""
        allowed = self.made + 1 <= max(_FEW, _SHARE * self.calls)
        self.made += allowed
        return allowed


class Race(ABC):
    """Attempts side by side, each of which `ask` makes as far as it has something to show. Thread-safe."""

    def __init__(self, attempts: Any, ask: Callable[[Any], Any]) -> None:
        """Begin with none under way."""
        self.attempts, self.ask = attempts, ask
        self.winner: Any = None
        self._running: dict[Any, Callable[[], object]] = {}
        self._lock = threading.RLock()

    @abstractmethod
    def begin(self, attempt: Any) -> None:
        """Make an attempt beside what is under way."""

    def enter(self, attempt: Any, cut: Callable[[], object]) -> None:
        """Let an attempt run; `cut` ends it."""
        attempt.race, self._running[attempt] = self, cut

    def beside(self) -> None:
        """Begin another attempt, unless the first has come to an end."""
        with self._lock:
            other = self.attempts.beside() if self._running else None
            if other is not None:
                self.begin(other)

    def claim(self, attempt: Any) -> bool:
        """Return whether an attempt that has something to show may show it; the first may, and the others end."""
        with self._lock:
            first, self.winner = self.winner is None, self.winner or attempt
            if first:
                self.give_up()
            return self.winner is attempt

    def lost(self, attempt: Any) -> bool:
        """Return whether another attempt has won."""
        return self.winner is not None and self.winner is not attempt

    def is_over(self, attempt: Any, error: BaseException | None) -> bool:
        """Take what an attempt came to; return whether the call goes on with it: it has won, or was the last."""
        with self._lock:
            self._running.pop(attempt, None)
            over = not self.lost(attempt) and (error is not None or attempt.error is None or not self._running)
            if over:
                self.attempts.goes_on_with(attempt.candidate)
            return over

    def give_up(self) -> None:
        """Cut off all that run and have not won."""
        with self._lock:
            for attempt in [attempt for attempt in self._running if attempt is not self.winner]:
                cut = self._running.pop(attempt)
                if self.winner is not None:  # else the call itself has ended
                    attempt.overtaken()
                cut()
