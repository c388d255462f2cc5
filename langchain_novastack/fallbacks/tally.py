"""What is known of one model's failures, and what follows from it. Plain data: no lock, no file, no clock.

Failures that are the model's own stand under "", for all keys; rate limits stand under the key (hashed) they hit. A
request sees both: its own key's, and everyone's. All moments are seconds of `time.time`, which processes share.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from random import random
from typing import Any, NamedTuple

LONGEST = 3600.0
"""Seconds for which a `Retry-After` is believed; one that asks for no time at all is as good as none."""

_MINUTE, _SLOTS, _LEAST = 60.0, 6, 10
"""Seconds in which requests are counted, slots for that, and requests from which on their share says anything."""

_FORGOTTEN = 24 * LONGEST  # seconds after which a failure without an answer is forgotten
_JITTER = 0.1  # most that a pause is prolonged by, as a share of it, so that processes do not all probe at once


@dataclass(slots=True)
class Tally:
    """Failures in a row, and how they are waited out.

    Attributes:
        failed_at: Moment of the last one.
        retry_after: Seconds the gateway asked to wait, with the last one; 0: none.
        jitter: Share of the pause that is waited on top of it.
        often: Whether (as stores have it, a number) half of the last minute's requests had failed, in a row or not.
        probe: Ticket of the attempt that is to find out, and until when it is trusted to.
    """

    failures: float = 0
    failed_at: float = 0.0
    retry_after: float = 0.0
    jitter: float = 0.0
    often: float = False
    probe: float = 0.0
    probe_until: float = 0.0


class Skipping(NamedTuple):
    """When a model is skipped, and where that is known.

    Attributes:
        after: Failures in a row; None: never.
        seconds: How long, unless the gateway said so.
        store: A `HealthStore`, which is made of tallies, for what is known besides this process; None: nothing.
    """

    after: int | None = 3
    seconds: float = 30.0
    store: Any = None


USUAL = Skipping()


class Pause(NamedTuple):
    """How long a model is skipped: until when, which is after how many seconds, because of which failures."""

    until: float
    seconds: float
    last: Tally

    def is_over(self, now: float) -> bool:
        """Return whether the model may be probed, and nobody does so; also where the clock was set back."""
        return self.last.failed_at > now or now >= max(self.until, self.last.probe_until)


class Tallies(dict[str, Tally]):
    """What is known of one model, by the hash of the key that it holds for."""

    def failures(self, tenant: str) -> int:
        """Return the failures in a row that a key has to reckon with."""
        return sum(int(tally.failures) for tally in self._seen(tenant))

    def pause(self, tenant: str, skipping: Skipping) -> Pause | None:
        """Return how long the model is skipped; None if it is not."""
        seen = self._seen(tenant)
        if not seen or skipping.after is None:
            return None
        if self.failures(tenant) < skipping.after and not any(tally.often for tally in seen):
            return None
        last = max(seen, key=lambda tally: tally.failed_at)
        seconds = min(last.retry_after or skipping.seconds, max(LONGEST, skipping.seconds))
        return Pause(last.failed_at + seconds * (1 + last.jitter), seconds, last)

    def admit(self, tenant: str, skipping: Skipping, now: float, ticket: float) -> float | None:
        """Return a ticket to try the model now: 0 if it is healthy, the given one for a probe, None to skip it."""
        pause = self.pause(tenant, skipping)
        if pause is None or not pause.is_over(now):
            return None if pause else 0.0
        pause.last.probe, pause.last.probe_until = ticket, now + skipping.seconds
        return ticket

    def fail(self, tenant: str, now: float, *, retry_after: float, often: bool) -> None:
        """Note a failure: for all keys under "", else a limit that a key has hit."""
        for old in [name for name, tally in self.items() if now > tally.failed_at + _FORGOTTEN]:
            del self[old]
        tally = self.setdefault(tenant, Tally())
        tally.failures, tally.failed_at, tally.retry_after = tally.failures + 1, now, retry_after
        tally.often, tally.jitter = tally.often or often, random() * _JITTER  # noqa: S311 - nothing to keep secret

    def answer(self, tenant: str, now: float, *, probed: bool) -> None:
        """Note an answer: no failure in a row. A model that fails often stays skipped until a probe has answered."""
        for name in {"", tenant}:
            tally = self.pop(name, None)
            if tally and tally.often and not probed and now < tally.failed_at + _MINUTE:
                self[name] = replace(tally, failures=0)

    def release(self, ticket: float) -> None:
        """Note that a probe has found nothing out: the next caller may probe."""
        for tally in self.values():
            if tally.probe == ticket:
                tally.probe_until = 0.0

    def _seen(self, tenant: str) -> list[Tally]:
        return [tally for name in {"", tenant} if (tally := self.get(name))]


class FailureRate:
    """Counts the requests of the last minute, and those that failed; the time is told, in seconds."""

    __slots__ = ("_slots",)

    def __init__(self) -> None:
        """Begin with none."""
        self._slots: deque[list[int]] = deque(maxlen=_SLOTS)

    def add(self, now: float, *, failed: bool) -> bool:
        """Count a request; return whether it failed as half of at least ten did."""
        slot = int(now * _SLOTS / _MINUTE)
        if not self._slots or self._slots[-1][0] != slot:
            self._slots.append([slot, 0, 0])
        self._slots[-1][1] += 1
        self._slots[-1][2] += failed
        if not failed:
            return False
        counted = [each for each in self._slots if each[0] > slot - _SLOTS]
        requests = sum(each[1] for each in counted)
        return requests >= _LEAST and 2 * sum(each[2] for each in counted) >= requests
