"""The socket under a response: what may be done to it from outside of the HTTP library."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_novastack._compat import httpx


def is_shared(response: httpx.Response) -> bool:
    """Tell whether other answers may come over the same connection: then nothing may be done to its socket."""
    return response.http_version == "HTTP/2"


def hang_up(response: httpx.Response) -> None:
    """Shut down the socket under a response, from any thread; a read that waits on it ends at once."""
    if is_shared(response):
        return
    stream = response.extensions.get("network_stream")
    sock = stream.get_extra_info("socket") if stream is not None else None
    with suppress(OSError):
        if isinstance(sock, socket.socket):
            # Not the method of an SSL socket, which would also drop the TLS state under the reader's feet.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        elif sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
