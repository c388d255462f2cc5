"""HTTP/1.1 as bytes: heads, bodies, chunks and server-sent events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JSON = "application/json"
HTML = "text/html; charset=utf-8"
EVENTS = "text/event-stream; charset=utf-8"

LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Reply:
    """What goes back to the client, step by step."""

    status: int | None
    """None: no answer at all."""
    steps: Iterable[bytes | float]
    """Bytes are written; a number is a pause in seconds, and what follows it is a write of its own."""
    end: Literal["keep", "close", "reset"] = "keep"
    usage: dict[str, Any] | None = None
    """The usage block that the client is told, if any."""
    fault: str | None = None


@dataclass(frozen=True)
class Head:
    """Headers of a reply that don't depend on its body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def bytes(self, content_type: str, length: int | None) -> bytes:
        """Return the head of a reply; without a length the body comes in chunks."""
        lines = [f"HTTP/1.1 {self.status} {phrase(self.status)}", f"Content-Type: {content_type}"]
        lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def phrase(status: int) -> str:
    """Return the reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Simulated"


def dumps(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def whole(head: Head, body: bytes | str | dict[str, Any], content_type: str = JSON) -> bytes:
    """Return a complete answer, to be written at once."""
    data = dumps(body) if isinstance(body, dict) else body
    encoded = data.encode("utf-8", "replace") if isinstance(data, str) else data
    return head.bytes(content_type, len(encoded)) + encoded


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(data: str) -> bytes:
    """Return one server-sent event, as a chunk."""
    return chunk(f"data: {data}\n\n".encode("utf-8", "replace"))


def comment(text: str) -> bytes:
    """Return one server-sent comment, as a chunk."""
    return chunk(f": {text}\n\n".encode())
