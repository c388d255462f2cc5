"""Which models are unhealthy: a circuit breaker for each base URL and model, shared by the whole process.

When a model is skipped, and for how long, each router says with its own `Skipping`. What a store shared by processes
says holds; the process keeps its own besides, for when that fails. The model's own failures stand under "", for
all keys, and rate limits under the key (hashed) they hit; a request sees both. Tallies go by `time.time`.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import random
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.transport import retry_budget

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 3600.0  # seconds for which a `Retry-After` is believed; one that asks for no time is as good as none

_MINUTE, _SLOTS, _LEAST = 60.0, 6, 10
"""Seconds in which requests are counted, slots for that, and requests from which on their share says anything."""

_FORGOTTEN = 24 * LONGEST  # seconds after which a failure without an answer is forgotten
_JITTER = 0.1  # most that a pause is prolonged by, as a share of it, so that processes do not all probe at once
_MOST_RATES = 1_000  # keys that hit a limit whose requests are counted; with more of them, counting begins anew


@dataclass(slots=True)
class Tally:
    """Failures in a row, and how they are waited out."""

    failures: float = 0
    failed_at: float = 0.0  # moment of the last one
    retry_after: float = 0.0  # seconds the gateway asked to wait, with the last one; 0: none. The switch: `attempt.py`
    jitter: float = 0.0  # share of the pause that is waited on top of it
    often: float = False  # whether (stores: a number) half of the last minute's requests had failed, in a row or not
    probe: float = 0.0  # ticket of the attempt that is to find out, and until when it is trusted to
    probe_until: float = 0.0


class Skipping(NamedTuple):
    """When a model is skipped, and where that is known."""

    after: int | None = 3  # failures in a row; None: never
    seconds: float = 30.0  # how long, unless the gateway said so
    store: Any = None  # a `HealthStore`, for what is known besides this process; None: nothing


class Pause(NamedTuple):
    """How long a model is skipped: until when, after how many seconds, because of which failures."""

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

    def probe(self, tenant: str, skipping: Skipping, now: float, ticket: float) -> None:
        """Note who probes the model, if it is skipped and its pause is over."""
        pause = self.pause(tenant, skipping)
        if pause and pause.is_over(now):
            pause.last.probe, pause.last.probe_until = ticket, now + skipping.seconds

    def fail(self, tenant: str, now: float, *, retry_after: float, often: bool, ticket: float = 0.0) -> None:
        """Note a failure: for all keys under "", else a limit that a key has hit."""
        for old in [name for name, tally in self.items() if now > tally.failed_at + _FORGOTTEN]:
            del self[old]
        self.release(ticket)
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


class FailureRate(deque[list[int]]):
    """Slots of the last minute, with the requests of each, and those that failed; the time is told, in seconds."""

    def add(self, now: float, *, failed: bool) -> bool:
        """Count a request; return whether it failed as half of at least ten did."""
        slot = int(now * _SLOTS / _MINUTE)
        if not self or self[-1][0] != slot:
            self.append([slot, 0, 0])
        self[-1][1] += 1
        self[-1][2] += failed
        if not failed:
            return False
        counted = [each for each in self if each[0] > slot - _SLOTS]
        requests = sum(each[1] for each in counted)
        return requests >= _LEAST and 2 * sum(each[2] for each in counted) >= requests


class Key(NamedTuple):
    """Whose health it is; the tenant is a hash of the API key, which rate limits are counted by."""

    base_url: str
    model: str
    tenant: str = ""


@dataclass
class Breaker:
    """What the process knows of one model at one address."""

    name: str  # what stores know it by
    tallies: Tallies = field(default_factory=Tallies)
    rates: dict[str, FailureRate] = field(default_factory=lambda: defaultdict(lambda: FailureRate(maxlen=_SLOTS)))
    answered: float = 0.0  # when the last request began that was answered (`time.monotonic`)
    refused: int | None = None  # status of the last client error, until something else happens
    warned: bool = False  # whether a misconfiguration was pointed out since the last answer
    lock: Any = field(default_factory=threading.Lock, repr=False)  # held while any of it is changed


_BREAKERS: dict[tuple[str, str], Breaker] = {}
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_BREAKERS.clear)  # locks may be held by threads that do not exist there


class Health:
    """The health of one model as requests with one key see it. Thread-safe."""

    __slots__ = ("_breaker", "_skipping", "_tenant", "ticket")

    def __init__(self, key: Key | None, skipping: Skipping) -> None:
        """Find what is known; a model without a key is never skipped."""
        if key is None:
            key, skipping = Key("", ""), Skipping(None)
        self._breaker = _BREAKERS.get(key[:2]) or _BREAKERS.setdefault(key[:2], Breaker(_name(*key[:2])))
        self._tenant, self._skipping = key.tenant, skipping
        self.ticket = 0.0  # other than 0: this request is the one probe that decides

    def admit(self) -> bool:
        """Return whether to try the model now: it is healthy, or its pause is over and nobody else probes it."""
        known = self._known()
        pause = known.pause(self._tenant, self._skipping) if known else None
        if pause is None:
            return True
        now, probe = time(), random()  # noqa: S311 - only to tell probes apart
        if not pause.is_over(now):
            return False
        _, pause = self._change(lambda tallies: tallies.probe(self._tenant, self._skipping, now, probe))
        self.ticket = probe if pause is not None and pause.last.probe == probe else 0.0
        return pause is None or bool(self.ticket)

    def succeeded(self, began: float) -> bool:
        """Note an answer to a request begun at that moment. Return whether the model was skipped until now."""
        now, breaker = time(), self._breaker
        with breaker.lock:
            breaker.answered = max(breaker.answered, began)
            breaker.refused, breaker.warned = None, False
            if self.ticket:
                breaker.rates.clear()
            breaker.rates[""].add(now, failed=False)
            if self._tenant and self._tenant in breaker.rates:
                breaker.rates[self._tenant].add(now, failed=False)
        if not breaker.tallies and not (self._skipping.store and self._skipping.store.seen(breaker.name)):
            return False
        was, pause = self._change(lambda tallies: tallies.answer(self._tenant, now, probed=bool(self.ticket)))
        return was is not None and pause is None

    def failed(self, began: float, retry_after: float, *, limited: bool) -> float | None:
        """Note a failure that was the model's own, or, if `limited`, of its key: nothing if begun before an answer.

        Return the seconds for which the model begins to be skipped; None if it is not, or was already.
        """
        breaker, name, now = self._breaker, self._tenant if limited else "", time()
        breaker.refused = None
        if began < breaker.answered:
            self.released()
            return None
        with breaker.lock:
            if len(breaker.rates) > _MOST_RATES:
                breaker.rates.clear()
            often = breaker.rates[name].add(now, failed=True)
        was, pause = self._change(
            lambda tallies: tallies.fail(name, now, retry_after=retry_after, often=often, ticket=self.ticket)
        )
        return pause.seconds if pause and not was else None

    def released(self) -> None:
        """Note an attempt that says nothing about the model: if it was the probe, the next caller may probe."""
        if self.ticket:
            self._change(lambda tallies: tallies.release(self.ticket))

    def repeats_refusal(self, status: int) -> bool:
        """Note a client error; return True the first time that two of the same status come in a row."""
        breaker = self._breaker
        with breaker.lock:
            repeated, breaker.refused = breaker.refused == status, status
            first = repeated and not breaker.warned
            breaker.warned = breaker.warned or repeated
            return first

    def report(self) -> dict[str, Any]:
        """Return the health: failures in a row, whether the model is skipped, and seconds until the next try."""
        known = self._known()
        pause = known.pause(self._tenant, self._skipping)
        left = min(pause.seconds, max(0.0, pause.until - time())) if pause else 0.0
        return {"failures": known.failures(self._tenant), "skipped": left > 0, "retry_in": round(left, 3)}

    def _known(self) -> Tallies:
        store, breaker = self._skipping.store, self._breaker
        return breaker.tallies if store is None else store.read(breaker.name, breaker.tallies)

    def _change(self, change: Callable[[Tallies], object]) -> tuple[Pause | None, Pause | None]:
        """Change what is known, here and in the store, which has the last word; return the pause before and after."""

        def both(tallies: Tallies) -> tuple[Pause | None, Pause | None]:
            was = tallies.pause(self._tenant, self._skipping)
            change(tallies)
            return was, tallies.pause(self._tenant, self._skipping)

        store, breaker = self._skipping.store, self._breaker
        with breaker.lock:
            own = both(breaker.tallies)
        return own if store is None else store.change(breaker.name, both, own)


def hashed(text: str) -> str:
    """Return what stands for an address or a key where it must not be read."""
    return sha256(text.encode()).hexdigest()[:16]


def _name(base_url: str, model: str) -> str:
    return f"{model} {hashed(base_url)}"


def reset(base_url: str, model: str, store: Any = None) -> None:
    """Forget a model's health, also in a `HealthStore`, for all keys, and what the address's retry budget has spent."""
    retry_budget.refill(base_url)
    _BREAKERS.pop((base_url, model), None)
    if store is not None:
        store.change(_name(base_url, model), Tallies.clear, None)
