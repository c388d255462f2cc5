"""A server that writes exactly the bytes it is told, for what no well-behaved one sends."""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from typing_extensions import Self

    Handler = Callable[["Received", socket.socket], object]

IDS = {"Qwen3-235B-A22B": "qwen", "DeepSeek-V4-Pro": "deepseek", "Claude-Opus-4.7": "claude"}
CLOSE = False
"""What a handler returns that wants the connection closed."""


class Received(NamedTuple):
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int
    """Number of the connection it came over, from 1."""

    @property
    def model(self) -> str | None:
        """Alias of the model that it asks for."""
        return IDS.get(json.loads(self.body)["model"]) if self.body else None

    @property
    def streamed(self) -> bool:
        """Whether a stream is asked for."""
        return bool(self.body and json.loads(self.body).get("stream"))


class RawServer:
    """Listens on loopback and hands each request to a handler, which writes to the socket."""

    def __init__(self, handler: Handler, *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self._handler, self._tls = handler, tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}/router/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def models(self) -> list[str | None]:
        """Aliases of the models that were asked, in order."""
        return [request.model for request in self.requests]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self.connections += 1
                threading.Thread(
                    target=self._serve, args=(self._listener.accept()[0], self.connections), daemon=True
                ).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with suppress(OSError, ValueError), sock:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            with sock, sock.makefile("rb") as file:
                while line := file.readline():
                    headers: dict[str, str] = {}
                    while (header := file.readline().decode("latin1").strip()) != "":
                        name, _, value = header.partition(":")
                        headers[name.lower()] = value.strip()
                    body = file.read(int(headers.get("content-length", 0)))
                    self.requests.append(Received(line.decode().strip(), headers, body, number))
                    if self._handler(self.requests[-1], sock) is CLOSE:
                        return


def head(status: str = "200 OK", **headers: object) -> bytes:
    """Return the head of an answer."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def whole(body: bytes, status: str = "200 OK", **headers: object) -> bytes:
    """Return a whole answer."""
    return head(status, **{"content_type": "application/json", "content_length": len(body), **headers}) + body


def answer(request: Received, text: str = "Hello.") -> bytes:
    """Return what a well-behaved gateway answers, as a stream or not."""
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    part = {"role": "assistant", "content": text}
    choice: dict[str, Any] = {"index": 0, "finish_reason": "stop", "delta" if request.streamed else "message": part}
    body = json.dumps({"id": "1", "model": "m", "choices": [choice], "usage": usage}).encode()
    if request.streamed:
        return whole(b"data: " + body + b"\n\ndata: [DONE]\n\n", content_type="text/event-stream")
    return whole(body)


def well(request: Received, sock: socket.socket) -> None:
    """Handle a request as a well-behaved gateway does."""
    sock.sendall(answer(request))


def reset(sock: socket.socket) -> bool:
    """Break a connection so that the other side gets an error rather than an end."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    return CLOSE
