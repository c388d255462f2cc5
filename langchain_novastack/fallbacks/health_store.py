"""Where health is kept for several processes: what `FileHealth` and `RedisHealth` share.

A store holds one small table, the tallies of each model, and of healthy models nothing. Where it cannot be read or
changed, what the process itself knows holds, and one warning says so; it is tried again a little later.
"""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from dataclasses import astuple
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from langchain_novastack.fallbacks.tally import Tallies, Tally

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("langchain_novastack")

T = TypeVar("T")
Table = dict[str, Tallies]
"""Tallies of all models by what `Breaker.name` says: id, and hash of the base URL."""

_PAUSE = 5.0
"""Seconds for which a store that failed is left alone."""


class HealthStore(ABC):
    """A table of health outside of the process; thread-safe."""

    _fresh: float
    """Seconds for which what was read is taken for what is."""

    def __init__(self) -> None:
        """Begin with what is not known yet."""
        self._table: Table = {}
        self._fresh_until = self._lost_until = 0.0
        self._warned = False

    @abstractmethod
    def _load(self) -> Table:
        """Return the table as it is now, as cheaply as can be."""

    @abstractmethod
    def _edit(self, edit: Callable[[bytes | None], bytes]) -> None:
        """Read what is kept, change it and write it, alone."""

    def seen(self, name: str) -> bool:
        """Return whether there was anything to know of a model when the table was read last."""
        return name in self._table

    def read(self, name: str, own: Tallies) -> Tallies:
        """Return what is known of a model; the process's own where the store fails."""
        if monotonic() >= self._fresh_until:
            table = self._tried(self._load, None)
            if table is None:
                return own
            self._table, self._fresh_until = table, monotonic() + self._fresh
        return self._table.get(name, {})

    def change(self, name: str, change: Callable[[Tallies], T], own: T) -> T:
        """Change what is known of a model; return what that returned, or `own` where the store fails."""
        results = [own]

        def edit(data: bytes | None) -> bytes:
            table = decode(data)
            results[1:] = [change(table.setdefault(name, {}))]
            if not table[name]:
                del table[name]
            self._table = table
            return _encode(table)

        return results[-1] if self._tried(lambda: self._edit(edit) is None, otherwise=False) else own

    def _tried(self, call: Callable[[], T], otherwise: T) -> T:
        if monotonic() < self._lost_until:
            return otherwise
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - no failure of a store may fail a call
            self._lost_until = monotonic() + _PAUSE
            if not self._warned:
                said = "%r cannot be used (%s); each process goes by the health that it sees itself."
                logger.warning(said, self, type(error).__name__)  # its message may hold an address with a password
            self._warned = True
            return otherwise


def _encode(table: Table) -> bytes:
    rows = {name: {tenant: astuple(tally) for tenant, tally in tallies.items()} for name, tallies in table.items()}
    return json.dumps(rows).encode()


def decode(data: bytes | None) -> Table:
    """Read a table; one that is missing or broken is empty, as if all models were healthy."""
    try:
        rows = json.loads(data or b"{}")
        return {
            name: {tenant: Tally(*map(float, row)) for tenant, row in tallies.items()} for name, tallies in rows.items()
        }
    except (AttributeError, RecursionError, TypeError, ValueError):
        return {}
