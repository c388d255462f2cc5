"""A small HTTP/1.1 server on loopback, one thread and any number of connections; and HTTP as bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import responses
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from langchain_novastack.sandbox.log import ReceivedRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from langchain_novastack.sandbox.log import RequestLog

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
    fault: str | None = None

    def after(self, seconds: float) -> Reply:
        """Return it so that it begins some seconds later."""
        return replace(self, steps=chain([seconds], self.steps)) if seconds else self


def head(status: int, headers: Mapping[str, str], content_type: str, length: int | None = None) -> bytes:
    """Return the head of a reply; without a length the body comes in chunks."""
    lines = [f"HTTP/1.1 {status} {responses.get(status, 'Simulated')}", f"Content-Type: {content_type}"]
    lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def dumps(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encoded(body: Any) -> bytes:
    """Return a body as bytes; one that is neither bytes nor a string as JSON."""
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else dumps(body)).encode("utf-8", "replace")


def whole(status: int, headers: Mapping[str, str], body: Any, content_type: str = JSON) -> Reply:
    """Return a reply that is written at once."""
    data = encoded(body)
    return Reply(status, [head(status, headers, content_type, len(data)) + data])


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(data: Any) -> bytes:
    """Return one server-sent event, as a chunk."""
    return chunk(b"data: %b\n\n" % encoded(data))


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

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop answering; a client that left before the end is noted in the record."""
        del exc
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
        end = self.buffer.find(_HEAD_END)
        if end < 0:
            return
        record = _parse_head(bytes(self.buffer[:end]).decode("latin-1"))
        headers = record.headers
        length = headers.get("content-length", "0")
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
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
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
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), name="novastack-sandbox", daemon=True)
        self.thread.start()
        ready.wait()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        serving = self.loop.create_server(lambda: _Connection(self), sock=self.socket, backlog=_BACKLOG)
        listening = self.loop.run_until_complete(serving)
        self.loop.call_soon(ready.set)
        try:
            self.loop.run_forever()
        finally:
            listening.close()
            for connection in self.connections:
                connection.transport.abort()
            # Two turns: one for the aborts, one for what they call.
            for _ in range(2):
                self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()

    def close(self) -> None:
        """Close every connection, also those in the middle of an answer, and end the thread."""
        with suppress(RuntimeError):  # closed already
            self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
