"""What arrived at a sandbox, and what was answered."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class ReceivedRequest:
    """One request, and what became of it."""

    path: str
    """For example `/router/v1/chat/completions`."""

    method: str = "POST"
    """In capitals."""

    headers: dict[str, str] = field(default_factory=dict)
    """By name in lower case; Authorization included; `repr` shows names only."""

    body: Any = None
    """The parsed JSON; None if there was no body, or one that is not JSON."""

    model: str | None = None
    """Alias of the model asked; None if it is unknown."""

    stream: bool = False
    """Whether the answer was wanted as a stream."""

    time: float = field(default_factory=time.time)
    """When it arrived, in seconds since the epoch (`time.time`)."""

    status: int | None = None
    """HTTP status of the answer; None while there is none."""

    fault: str | None = None
    """The kind of fault that answered; None: no fault."""

    usage: dict[str, Any] | None = None
    """The usage block that was sent, once the answer has left to its end; None: none was."""

    aborted: bool = False
    """The client left before the end."""

    def __repr__(self) -> str:
        """Show the record with the names of its headers alone: their values may be secrets."""
        shown = {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "headers": sorted(self.headers)}
        return f"ReceivedRequest({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


class Connections(NamedTuple):
    """How many connections clients hold now, and how many they ever opened."""

    open: int
    total: int


class RequestLog:
    """Records and connections, safe to read and write from several threads."""

    def __init__(self) -> None:
        """Start empty."""
        self.changed = threading.Condition()
        self._records: list[ReceivedRequest] = []
        self._connections = Connections(0, 0)

    @property
    def records(self) -> list[ReceivedRequest]:
        """All records so far, in the order of arrival."""
        with self.changed:
            return self._records[:]

    @property
    def connections(self) -> Connections:
        """Connections now."""
        with self.changed:
            return self._connections

    def add(self, record: ReceivedRequest) -> None:
        """Append a record."""
        with self.changed:
            self._records.append(record)
            self.changed.notify_all()

    def count(self, opened: int = 0, closed: int = 0) -> None:
        """Count connections that were opened or closed."""
        with self.changed:
            now, total = self._connections
            self._connections = Connections(now + opened - closed, total + opened)
            self.changed.notify_all()

    def touch(self) -> None:
        """Tell those who wait that a record has changed."""
        with self.changed:
            self.changed.notify_all()

    def clear(self) -> None:
        """Forget all records; connections that are open still count."""
        with self.changed:
            self._records.clear()
            self._connections = Connections(self._connections.open, self._connections.open)

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until a condition holds, at most so many seconds; return whether it does."""
        with self.changed:
            return self.changed.wait_for(condition, seconds)
