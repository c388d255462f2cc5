"""Which models are unhealthy: a circuit breaker for each base URL and model, shared by the whole process.

A breaker keeps the books; when a model is skipped, and for how long, each router says with its own `Skipping`. Where
health is shared by processes, what the store says holds, and the process keeps its own besides, for when that fails.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from random import random
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from langchain_novastack.fallbacks.tally import FailureRate, Skipping, Tallies
from langchain_novastack.transport import retry_budget

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.fallbacks.health_store import HealthStore

T = TypeVar("T")

_MOST_RATES = 1_000  # keys that hit a limit whose requests are counted; with more of them, counting begins anew


class Key(NamedTuple):
    """Whose health it is; the tenant is a hash of the API key, which rate limits are counted by."""

    base_url: str
    model: str
    tenant: str = ""


@dataclass
class Breaker:
    """What the process knows of one model at one address.

    Attributes:
        name: What stores know it by.
        answered: When the last request began that was answered (`time.monotonic`).
        refused: Status of the last client error, until something else happens.
        warned: Whether a misconfiguration was pointed out since the last answer.
        lock: Whoever changes any of it holds this.
    """

    name: str
    tallies: Tallies = field(default_factory=Tallies)
    rates: dict[str, FailureRate] = field(default_factory=lambda: defaultdict(FailureRate))
    answered: float = 0.0
    refused: int | None = None
    warned: bool = False
    lock: Any = field(default_factory=threading.Lock, repr=False)


_BREAKERS: dict[tuple[str, str], Breaker] = {}
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_BREAKERS.clear)  # locks may be held by threads that do not exist there


class Health:
    """The health of one model as requests with one key see it. Thread-safe."""

    __slots__ = ("_breaker", "_skipping", "_tenant", "ticket")

    def __init__(self, key: Key | None, skipping: Skipping) -> None:
        """Find what is known; a model without a key is never skipped, and nothing is kept of it."""
        if key is None:
            key, skipping = Key("", ""), Skipping(None)
            self._breaker = Breaker("")
        else:
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
        ticket = self._change(lambda tallies: tallies.admit(self._tenant, self._skipping, now, probe))
        self.ticket = ticket or 0.0
        return ticket is not None

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

        def note(tallies: Tallies) -> bool:
            was = tallies.pause(self._tenant, self._skipping)
            tallies.answer(self._tenant, now, probed=bool(self.ticket))
            return was is not None and tallies.pause(self._tenant, self._skipping) is None

        return self._change(note)

    def failed(self, began: float, retry_after: float, *, limited: bool) -> float | None:
        """Note a failure that was the model's own, or, if `limited`, of its key: nothing if begun before an answer.

        Returns:
            Seconds for which the model begins to be skipped; None if it is not, or was already.
        """
        breaker, name = self._breaker, self._tenant if limited else ""
        breaker.refused = None
        if began < breaker.answered:
            self.released()
            return None
        now = time()
        with breaker.lock:
            if len(breaker.rates) > _MOST_RATES:
                breaker.rates.clear()
            often = breaker.rates[name].add(now, failed=True)

        def note(tallies: Tallies) -> float | None:
            was = tallies.pause(self._tenant, self._skipping)
            tallies.release(self.ticket)
            tallies.fail(name, now, retry_after=retry_after, often=often)
            pause = tallies.pause(self._tenant, self._skipping)
            return pause.seconds if pause and not was else None

        return self._change(note)

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

    def _change(self, change: Callable[[Tallies], T]) -> T:
        """Change what is known, here and in the store, which has the last word."""
        store, breaker = self._skipping.store, self._breaker
        with breaker.lock:
            own = change(breaker.tallies)
        return own if store is None else store.change(breaker.name, change, own)


def hashed(text: str) -> str:
    """Return what stands for an address or a key where it must not be read."""
    return sha256(text.encode()).hexdigest()[:16]


def _name(base_url: str, model: str) -> str:
    return f"{model} {hashed(base_url)}"


def reset(base_url: str, model: str, store: HealthStore | None = None) -> None:
    """Forget what is known of a model's health, for all keys, and what was drawn on the address's retry budget."""
    retry_budget.refill(base_url)
    _BREAKERS.pop((base_url, model), None)
    if store is not None:
        store.change(_name(base_url, model), Tallies.clear, None)
