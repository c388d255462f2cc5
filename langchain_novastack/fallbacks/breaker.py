"""Which models are unhealthy: a circuit breaker for each base URL and model, shared by the whole process.

A breaker keeps the books; when a model is skipped, and for how long, each router says with its own `Skipping`. Where
health is shared by processes, what the store says holds, and the process keeps its own besides, for when that fails.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from random import random
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from langchain_novastack.fallbacks import tally
from langchain_novastack.fallbacks.tally import FailureRate
from langchain_novastack.transport import retry_budget

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.fallbacks.health_store import HealthStore
    from langchain_novastack.fallbacks.tally import Skipping, Tallies

T = TypeVar("T")

_MOST_RATES = 1_000
"""Keys that hit a limit whose requests are counted; with more of them, counting begins anew."""


class Key(NamedTuple):
    """Whose health it is."""

    base_url: str
    model: str
    tenant: str = ""
    """Hash of the API key, which rate limits are counted by."""


@dataclass
class Breaker:
    """The health of one model at one gateway. Thread-safe."""

    name: str
    """What stores know it by."""

    tallies: Tallies = field(default_factory=dict)
    rates: dict[str, FailureRate] = field(default_factory=lambda: defaultdict(FailureRate))
    answered: float = 0.0
    """When the last request began that was answered (`time.monotonic`)."""

    refused: int | None = None
    """Status of the last client error, until something else happens."""

    warned: bool = False
    """Whether a misconfiguration was pointed out since the last answer."""

    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def admit(self, tenant: str, skipping: Skipping) -> float | None:
        """Return a ticket to try the model now: 0 if it is healthy, another after the pause, for one probe, or None."""
        known = self._known(skipping)
        found = tally.skipped_until(known, tenant, skipping) if known else None
        if found is None:
            return 0.0
        now, ticket = time(), random()  # noqa: S311 - only to tell probes apart
        if not tally.may_probe(found, now):
            return None
        return self._change(skipping, lambda tallies: tally.admit(tallies, tenant, skipping, now, ticket))

    def succeeded(self, tenant: str, skipping: Skipping, began: float, ticket: float) -> bool:
        """Note an answer to a request begun at that moment. Return whether the model was skipped until now."""
        now = time()
        with self._lock:
            self.answered = max(self.answered, began)
            self.refused, self.warned = None, False
            if ticket:
                self.rates.clear()
            self.rates[""].add(now, failed=False)
            if tenant and tenant in self.rates:
                self.rates[tenant].add(now, failed=False)
        if not self.tallies and not (skipping.store and skipping.store.seen(self.name)):
            return False

        def note(tallies: Tallies) -> bool:
            was = tally.skipped_until(tallies, tenant, skipping)
            tally.answer(tallies, tenant, now, probed=bool(ticket))
            return was is not None and tally.skipped_until(tallies, tenant, skipping) is None

        return self._change(skipping, note)

    def failed(
        self, tenant: str, skipping: Skipping, began: float, ticket: float, retry_after: float, *, limited: bool
    ) -> float | None:
        """Note a failure that was the model's own, or, if `limited`, of its key: nothing if begun before an answer.

        Returns:
            Seconds for which the model begins to be skipped; None if it is not, or was already.
        """
        self.refused = None
        if began < self.answered:
            self.released(skipping, ticket)
            return None
        now = time()
        with self._lock:
            if len(self.rates) > _MOST_RATES:
                self.rates.clear()
            often = self.rates[tenant if limited else ""].add(now, failed=True)

        def note(tallies: Tallies) -> float | None:
            was = tally.skipped_until(tallies, tenant, skipping)
            tally.release(tallies, ticket)
            tally.fail(tallies, tenant, now, retry_after=retry_after, limited=limited, often=often)
            waits = tally.skipped_until(tallies, tenant, skipping)
            return waits[1] if waits and not was else None

        return self._change(skipping, note)

    def released(self, skipping: Skipping, ticket: float) -> None:
        """Note an attempt that says nothing about the model: if it was the probe, the next caller may probe."""
        if ticket:
            self._change(skipping, partial(tally.release, ticket=ticket))

    def repeats_refusal(self, status: int) -> bool:
        """Note a client error; return True the first time that two of the same status come in a row."""
        with self._lock:
            repeated, self.refused = self.refused == status, status
            first = repeated and not self.warned
            self.warned = self.warned or repeated
            return first

    def report(self, tenant: str, skipping: Skipping) -> dict[str, Any]:
        """Return the health: failures in a row, whether the model is skipped, and seconds until the next try."""
        known = self._known(skipping)
        until, pause, _ = tally.skipped_until(known, tenant, skipping) or (0.0, 0.0, None)
        left = min(pause, max(0.0, until - time()))
        return {"failures": tally.failures(known, tenant), "skipped": left > 0, "retry_in": round(left, 3)}

    def reset(self, store: HealthStore | None) -> None:
        """Forget everything, here and in a store."""
        with self._lock:
            self.tallies.clear()
            self.rates.clear()
            self.answered, self.refused, self.warned = 0.0, None, False
        if store is not None:
            store.change(self.name, dict.clear, None)

    def _known(self, skipping: Skipping) -> Tallies:
        known: Tallies = skipping.store.read(self.name, self.tallies) if skipping.store else self.tallies
        return known

    def _change(self, skipping: Skipping, change: Callable[[Tallies], T]) -> T:
        """Change what is known, here and in the store, which has the last word."""
        with self._lock:
            own = change(self.tallies)
        last: T = skipping.store.change(self.name, change, own) if skipping.store else own
        return last


_BREAKERS: dict[tuple[str, str], Breaker] = {}
_LOCK = threading.Lock()


def breaker(key: Key) -> Breaker:
    """Return the process's breaker for a base URL and model id."""
    place = key[:2]
    found = _BREAKERS.get(place)
    if found is None:
        with _LOCK:
            name = f"{key.model} {hashed(key.base_url)}"
            found = _BREAKERS.setdefault(place, Breaker(name))
    return found


def hashed(text: str) -> str:
    """Return what stands for an address or a key where it must not be read."""
    return sha256(text.encode()).hexdigest()[:16]


def reset(base_url: str, model: str, store: HealthStore | None = None) -> None:
    """Forget what is known of a model's health, for all keys, and what was drawn on the address's retry budget."""
    retry_budget.refill(base_url)
    if store is not None or (base_url, model) in _BREAKERS:
        breaker(Key(base_url, model)).reset(store)


def _forget_after_fork() -> None:
    """Give a forked child fresh breakers: a lock may be held by a thread that does not exist there."""
    global _LOCK  # noqa: PLW0603 - replaced as a whole, before anything else runs
    _LOCK = threading.Lock()
    _BREAKERS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
