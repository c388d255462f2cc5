"""A gateway on loopback that costs its clients nothing but their own work: it answers from a cache.

Run as a process of its own; prints its port and serves until its standard input closes. The first part of the
path says what happens: `plain`, `failing` (DeepSeek answers 500), `slow` (after a second), `agent` (two calls of a
tool, then text), `tail` (one request in twenty is answered two seconds late), `chunks-N` (a stream of N pieces of
text), `chunks-N-MIX` (as another gateway writes it, see `mixes.py`), `count` (how many requests to `tail` there were).
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import cache
from typing import Any

from mixes import MIXES, USAGE

CODE_MODEL = b"DeepSeek-V4-Pro"
_SLOW = 1.0
_LATE = 2.0
_LATE_EVERY = 20
_PIECE = 16_384
_TEXT = "The default list is made once, so every call appends to the same one; use None and make it inside."
_OBJECT = '{"title": "Shared default list", "severity": 3, "lines": [1, 2], "fix": "Use None."}'
_HEAD = {"id": "chatcmpl-1", "created": 1_790_000_000, "model": CODE_MODEL.decode(), "system_fingerprint": None}


def _http(status: str, kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _whole(message: dict[str, Any], end: str = "stop") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": end}
    data = {**_HEAD, "object": "chat.completion", "choices": [choice], "usage": USAGE}
    return _http("200 OK", "application/json", json.dumps(data).encode())


@cache
def answer(*, structured: bool) -> bytes:
    """Return a plain answer; structured ones hold the JSON that the benchmark's schema asks for."""
    return _whole({"content": _OBJECT if structured else _TEXT})


@cache
def tool_call(number: int) -> bytes:
    """Return a call of the benchmark's first tool."""
    function = {"name": "look_up_0", "arguments": '{"path": "src", "pattern": "seen"}'}
    call = {"id": f"call_{number}", "type": "function", "function": function}
    return _whole({"content": None, "tool_calls": [call]}, "tool_calls")


@cache
def events(count: int, mix: str = "plain") -> bytes:
    """Return a stream of so many pieces, in HTTP chunks of 16 KiB."""
    last = {**MIXES["plain"][2](0)[0], "choices": [], "usage": USAGE}
    body = b"".join(map(_event, [*MIXES[mix][2](count), last])) + b"data: [DONE]\n\n"
    pieces = [body[at : at + _PIECE] for at in range(0, len(body), _PIECE)]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


@cache
def failure() -> bytes:
    """Return the 500 of a model that is down."""
    data = {"error": {"message": "The model is overloaded.", "type": "server_error", "code": "overloaded"}}
    return _http("500 Internal Server Error", "application/json", json.dumps(data).encode())


class Gateway(asyncio.Protocol):
    """One connection."""

    arrived = 0
    """Requests to `tail`, on all connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start with nothing read."""
        self.transport: Any = transport
        self.read = b""

    def data_received(self, data: bytes) -> None:
        """Answer once a request is there as a whole; clients send one at a time."""
        self.read += data
        head, blank, body = self.read.partition(b"\r\n\r\n")
        if not blank:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self.read = b""
        self.reply(head.split(b"/", 2)[1].decode(), body)

    def reply(self, scenario: str, body: bytes) -> None:
        """Send what the scenario says."""
        if scenario == "failing" and CODE_MODEL in body:
            self.transport.write(failure())
        elif scenario.startswith("chunks-"):
            _, count, *mix = scenario.split("-")
            self.transport.write(events(int(count), *mix))
        elif scenario == "slow":
            self.later(_SLOW, answer(structured=False))
        elif scenario == "tail":
            Gateway.arrived += 1
            self.later(0.02 if Gateway.arrived % _LATE_EVERY else _LATE, events(10))
        elif scenario == "count":
            self.transport.write(_http("200 OK", "application/json", json.dumps(Gateway.arrived).encode()))
        elif scenario == "agent" and (turns := body.count(b'"tool_call_id"')) < 2:  # noqa: PLR2004 - then text
            self.transport.write(tool_call(turns))
        else:
            self.transport.write(answer(structured=b'"response_format"' in body))

    def later(self, seconds: float, data: bytes) -> None:
        """Send after so many seconds, unless the client has gone."""
        asyncio.get_running_loop().call_later(
            seconds, lambda: None if self.transport.is_closing() else self.transport.write(data)
        )


async def main() -> None:
    """Serve until standard input closes."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Gateway, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    try:
        from uvloop import run  # faster, where it happens to be installed
    except ImportError:
        from asyncio import run
    run(main())
