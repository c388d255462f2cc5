"""HTTP/1.1 as bytes: heads, bodies, chunks and server-sent events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JSON = "application/json"
HTML = "text/html; charset=utf-8"
EVENTS = "text/event-stream; charset=utf-8"

LAST_CHUNK = b"0\r\n\r\n"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass
class Reply:
    """What goes back to the client, step by step."""

    status: int | None  # None: no answer at all
    steps: Iterable[bytes | float]
    """Bytes are written; a number is a pause in seconds, and what follows it is a write of its own."""
    end: Literal["keep", "close", "reset"] = "keep"
    usage: dict[str, Any] | None = None  # the usage block that the client is told, if any
    fault: str | None = None


def head(status: int, headers: Mapping[str, str], content_type: str, length: int | None = None) -> bytes:
    """Return the head of a reply; without a length the body comes in chunks."""
    lines = [f"HTTP/1.1 {status} {phrase(status)}", f"Content-Type: {content_type}"]
    lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def phrase(status: int) -> str:
    """Return the reason phrase of a status."""
    return _PHRASES.get(status, "Simulated")


def dumps(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def whole(status: int, headers: Mapping[str, str], body: Any, content_type: str = JSON) -> bytes:
    """Return a complete answer, to be written at once; a body that is neither bytes nor a string is sent as JSON."""
    data = body if isinstance(body, (bytes, str)) else dumps(body)
    encoded = data.encode("utf-8", "replace") if isinstance(data, str) else data
    return head(status, headers, content_type, len(encoded)) + encoded


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(data: str) -> bytes:
    """Return one server-sent event, as a chunk."""
    return chunk(f"data: {data}\n\n".encode("utf-8", "replace"))
