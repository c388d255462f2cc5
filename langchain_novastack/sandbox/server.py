"""A small HTTP/1.1 server on loopback, one thread and any number of connections; its log; and HTTP as bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.client import responses
from itertools import chain
from typing import Any, Literal, NamedTuple

JSON = "application/json"
EVENTS = "text/event-stream; charset=utf-8"
LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Reply:
    """What goes back to the client, step by step."""

    status: int | None  # None: no answer at all
    steps: Iterable[bytes | float]
    """Bytes are written; a number is a pause in seconds, and what follows it is a write of its own."""
    end: Literal["keep", "close", "reset"] = "keep"
    usage: dict[str, Any] | None = None  # the usage block that the client is told, if any

    def after(self, seconds: float) -> Reply:
        """Return it so that it begins some seconds later."""
        return replace(self, steps=chain([seconds], self.steps)) if seconds else self


def head(status: int, headers: Mapping[str, str], content_type: str, length: int | None = None) -> bytes:
    """Return the head of a reply; without a length the body comes in chunks."""
    lines = [f"HTTP/1.1 {status} {responses.get(status, 'Simulated')}", f"Content-Type: {content_type}"]
    lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def encoded(body: Any) -> bytes:
    """Return a body as bytes; one that is neither bytes nor a string as compact JSON."""
    if isinstance(body, bytes):
        return body
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def whole(status: int, headers: Mapping[str, str], body: Any, content_type: str = JSON) -> Reply:
    """Return a reply that is written at once."""
    data = encoded(body)
    return Reply(status, [head(status, headers, content_type, len(data)) + data])


def http_chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(data: Any) -> bytes:
    """Return one server-sent event, as a chunk."""
    return http_chunk(b"data: %b\n\n" % encoded(data))


@dataclass
class ReceivedRequest:
    """One request, and what became of it.

    Attributes:
        path: For example `/router/v1/chat/completions`.
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


@dataclass
class RequestLog:
    """Records and connections. The server's thread alone adds to them; others read copies, wait or clear."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    records: list[ReceivedRequest] = field(default_factory=list)
    connections: Connections = field(default_factory=lambda: Connections(0, 0))

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


_HEAD_END = b"\r\n\r\n"
_LARGEST = 64 * 1024 * 1024
_BACKLOG = 2048
_LINGER_OFF = struct.pack("ii", 1, 0)


class _Connection(asyncio.Protocol):
    """One client's connection. Answers its requests one after the other."""

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self.server = server
        self.buffer = bytearray()
        self.record: ReceivedRequest | None = None  # of the request that is being answered
        self.timer: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a TCP server's transports are all `Transport`
        self.server.connections.add(self)
        self.server.log.note(opened=1)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Stop answering; a client that left before the end is noted in the record."""
        if self.timer:
            self.timer.cancel()
        if self.record:
            self.record.aborted = True
        self.server.connections.discard(self)
        self.server.log.note(closed=1)

    def data_received(self, data: bytes) -> None:
        """Answer a request as soon as it is complete and the one before it is answered."""
        self.buffer += data
        if self.record is None:
            self.next_request()

    def next_request(self) -> None:
        if (end := self.buffer.find(_HEAD_END)) < 0:
            return
        record = _parse_head(self.buffer[:end].decode("latin-1"))
        headers, length = record.headers, record.headers.get("content-length", "0")
        readable = "transfer-encoding" not in headers and length.isdecimal() and int(length) <= _LARGEST
        start = end + len(_HEAD_END)
        stop = start + int(length) if readable else start
        if len(self.buffer) < stop:
            return
        body = bytes(self.buffer[start:stop]) if readable else None
        del self.buffer[:stop]
        self.record, reply = record, self.server.handler(record, body)
        if reply.end == "keep" and (not readable or headers.get("connection", "").lower() == "close"):
            reply.end = "close"
        self.play(record, reply, iter(reply.steps))

    def play(self, record: ReceivedRequest, reply: Reply, steps: Iterator[bytes | float]) -> None:
        """Write up to the next pause, or to the end."""
        written = bytearray()
        for step in steps:
            if not isinstance(step, bytes):
                self.transport.write(written)
                self.timer = self.server.loop.call_later(step, self.play, record, reply, steps)
                return
            written += step
        record.usage = reply.usage  # before the last byte leaves: a client that has read it may look at the record
        self.transport.write(written)
        self.record = None
        self.server.log.note()
        if reply.end == "reset":
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
            self.transport.abort()
        elif reply.end == "close":
            self.transport.close()
        else:
            self.next_request()


def _parse_head(head: str) -> ReceivedRequest:
    first, *lines = head.split("\r\n")
    method, target, *_ = [*first.split(" "), ""]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return ReceivedRequest(target.partition("?")[0], method, headers)


class Server:
    """Owns the thread, its event loop and the listening socket."""

    def __init__(self, handler: Callable[[ReceivedRequest, bytes | None], Reply], log: RequestLog) -> None:
        """Listen on a free port of 127.0.0.1 and answer, in a thread, by the handler, which returns at once."""
        self.handler = handler
        self.log = log
        self.connections: set[_Connection] = set()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        self.port: int = self.socket.getsockname()[1]
        # Not the policy's loop: a notebook or a test may have replaced or patched that one.
        self.loop = asyncio.SelectorEventLoop()
        serving = self.loop.create_server(lambda: _Connection(self), sock=self.socket, backlog=_BACKLOG)
        self.listening = self.loop.create_task(serving)  # clients that come before it runs wait in the backlog
        self.thread = threading.Thread(target=self._run, name="novastack-sandbox", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.loop.run_forever()
        self.loop.run_until_complete(self.listening).close()
        for connection in self.connections:
            connection.transport.abort()
        for _ in range(2):  # one turn for the aborts, one for what they call
            self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def close(self) -> None:
        """Close every connection, also those in the middle of an answer, and end the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
