"""A gateway that speaks HTTP/2: many answers at once over one connection, each written by a handler of its own."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import trustme

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    Handler = Callable[[dict[str, Any], "Answer"], None]


class Answer:
    """One stream of a connection, to be written to."""

    def __init__(self, connection: Any, number: int) -> None:
        self._connection, self._number = connection, number

    def begin(self) -> None:
        """Send the head of a stream of events."""
        headers = [(":status", "200"), ("content-type", "text/event-stream")]
        self._connection.write(lambda state: state.send_headers(self._number, headers))

    def say(self, text: str, reason: str | None = None) -> None:
        """Send an event."""
        event = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]}
        self.send(b"data: " + json.dumps(event).encode() + b"\n\n")

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._connection.write(lambda state: state.send_data(self._number, data))

    def end(self) -> None:
        """End the stream."""
        self._connection.write(lambda state: state.end_stream(self._number))


class _Connection:
    def __init__(self, sock: ssl.SSLSocket, handler: Handler) -> None:
        self._sock, self._handler, self._lock = sock, handler, threading.Lock()
        self._state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._bodies: dict[int, bytes] = {}

    def write(self, change: Callable[[Any], object]) -> None:
        with self._lock, suppress(OSError, h2.exceptions.ProtocolError):  # the other side may have left the stream
            change(self._state)
            self._sock.sendall(self._state.data_to_send())

    def serve(self) -> None:
        self.write(lambda state: state.initiate_connection())
        with suppress(OSError), self._sock:
            while data := self._sock.recv(65536):
                with self._lock:
                    events = self._state.receive_data(data)
                    self._sock.sendall(self._state.data_to_send())
                for event in events:
                    self._take(event)

    def _take(self, event: Any) -> None:
        if isinstance(event, h2.events.DataReceived):
            self._bodies[event.stream_id] = self._bodies.get(event.stream_id, b"") + event.data
        elif isinstance(event, h2.events.StreamEnded):
            given = json.loads(self._bodies.pop(event.stream_id)), Answer(self, event.stream_id)
            threading.Thread(target=self._handler, args=given, daemon=True).start()


class Http2Server:
    """Listens on loopback, with a certificate of its own."""

    def __init__(self, handler: Handler) -> None:
        authority, self._tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._tls)
        self._tls.set_alpn_protocols(["h2"])
        self.trust = ssl.create_default_context()
        authority.configure_trust(self.trust)
        self.connections, self._handler = 0, handler
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}/router/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock = self._tls.wrap_socket(self._listener.accept()[0], server_side=True)
                self.connections += 1
                threading.Thread(target=_Connection(sock, self._handler).serve, daemon=True).start()
