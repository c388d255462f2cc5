"""Which models are unhealthy: a circuit breaker for each base URL and model, shared by the whole process.

A breaker counts failures in a row. It does not decide by itself how many are too many, nor for how long: each
router asks with its own settings.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

Key = tuple[str, str]
"""Base URL and model id."""

LONGEST = 3600.0
"""Seconds for which a `Retry-After` is believed; one that asks for no time at all is as good as none."""


@dataclass
class Breaker:
    """The health of one model at one gateway. Thread-safe."""

    failures: int = 0
    """Failures in a row that were the model's own."""

    failed_at: float = 0.0
    """Moment of the last one (`time.monotonic`, seconds)."""

    retry_after: float | None = None
    """Seconds the gateway asked to wait, with the last one."""

    probe_until: float | None = None
    """Until when one attempt is trusted to find out; None: no probe is under way."""

    probe: int = 0
    """Number of the last probe."""

    refused: int | None = None
    """Status of the last client error, until something else happens."""

    warned: bool = False
    """Whether a misconfiguration was pointed out since the last answer."""

    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def resumes_at(self, skip_after: int | None, skip_for: float) -> float | None:
        """Return the moment from which the model may be tried again; None if it is not skipped."""
        if skip_after is None or self.failures < skip_after:
            return None
        return self.failed_at + min(self.retry_after or skip_for, max(LONGEST, skip_for))

    def admit(self, skip_after: int | None, skip_for: float) -> int | None:
        """Return a ticket to try the model now, or None. After the pause one caller is let through, as the probe.

        Returns:
            0 if the model is healthy, the number of the probe if this is one.
        """
        with self._lock:
            now, resumes = monotonic(), self.resumes_at(skip_after, skip_for)
            if resumes is None:
                return 0
            if now < resumes or (self.probe_until is not None and now < self.probe_until):
                return None
            self.probe_until = now + skip_for
            self.probe += 1
            return self.probe

    def succeeded(self) -> None:
        """Note an answer: the model is healthy."""
        with self._lock:
            self.failures, self.retry_after, self.probe_until = 0, None, None
            self.refused, self.warned = None, False

    def failed(self, retry_after: float | None) -> None:
        """Note a failure that was the model's own."""
        with self._lock:
            self.failures += 1
            self.failed_at, self.retry_after = monotonic(), retry_after
            self.probe_until = self.refused = None

    def released(self, ticket: int) -> None:
        """Note an attempt that says nothing about the model: if it was the probe, the next caller may probe."""
        with self._lock:
            if ticket and ticket == self.probe:
                self.probe_until = None

    def repeats_refusal(self, status: int) -> bool:
        """Note a client error; return True the first time that two of the same status come in a row."""
        with self._lock:
            repeated, self.refused = self.refused == status, status
            first = repeated and not self.warned
            self.warned = self.warned or repeated
            return first


_BREAKERS: dict[Key, Breaker] = {}
_LOCK = threading.Lock()


def breaker(key: Key) -> Breaker:
    """Return the process's breaker for a base URL and model id."""
    found = _BREAKERS.get(key)
    if found is None:
        with _LOCK:
            found = _BREAKERS.setdefault(key, Breaker())
    return found


def reset(key: Key) -> None:
    """Forget what is known of a model's health."""
    known = _BREAKERS.get(key)
    if known is not None:
        known.succeeded()


def report(key: Key, skip_after: int | None, skip_for: float) -> dict[str, Any]:
    """Return a model's health: failures in a row, whether it is skipped, and seconds until the next try."""
    state = breaker(key)
    resumes = state.resumes_at(skip_after, skip_for)
    wait = 0.0 if resumes is None else max(0.0, resumes - monotonic())
    return {"failures": state.failures, "skipped": wait > 0, "retry_in": round(wait, 3)}


def _forget_after_fork() -> None:
    """Give a forked child fresh breakers: a lock may be held by a thread that does not exist there."""
    global _LOCK  # noqa: PLW0603 - replaced as a whole, before anything else runs
    _LOCK = threading.Lock()
    _BREAKERS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
