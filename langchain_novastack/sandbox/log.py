"""What arrived at a sandbox, and what was answered."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass
class ReceivedRequest:
    """One request, and what became of it.

    Attributes:
        path: For example `/router/v1/chat/completions`.
        method: In capitals.
        headers: By name in lower case; Authorization included; `repr` leaves them out.
        body: The parsed JSON; None if there was no body, or one that is not JSON.
        model: Alias of the model asked; None if it is unknown.
        stream: Whether the answer was wanted as a stream.
        time: When it arrived, in seconds since the epoch (`time.time`).
        status: HTTP status of the answer; None while there is none.
        fault: The kind of fault that answered; None: no fault.
        usage: The usage block that was sent, once the answer has left to its end; None: none was.
        aborted: The client left before the end.
    """

    path: str
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: Any = None
    model: str | None = None
    stream: bool = False
    time: float = field(default_factory=time.time)
    status: int | None = None
    fault: str | None = None
    usage: dict[str, Any] | None = None
    aborted: bool = False


class Connections(NamedTuple):
    """How many connections clients hold now, and how many they ever opened."""

    open: int
    total: int


class RequestLog:
    """Records and connections. The server's thread alone adds to them; others read copies, wait or clear."""

    def __init__(self) -> None:
        """Start empty."""
        self.changed = threading.Condition()
        self.records: list[ReceivedRequest] = []
        self.connections = Connections(0, 0)

    def note(self, record: ReceivedRequest | None = None, opened: int = 0, closed: int = 0) -> None:
        """Append a record, count connections, and tell those who wait that something has changed."""
        with self.changed:
            self.records += [record] if record else []
            now, total = self.connections
            self.connections = Connections(now + opened - closed, total + opened)
            self.changed.notify_all()

    def clear(self) -> None:
        """Forget all records; connections that are open still count."""
        with self.changed:
            self.records.clear()
            self.connections = Connections(self.connections.open, self.connections.open)
