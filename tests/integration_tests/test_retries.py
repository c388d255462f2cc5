"""Retries within a deadline are made by the rules of the SDK, which makes the others."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from helpers.raw_server import RawServer, whole
from helpers.ways import FAST

from langchain_novastack import DeadlineExceededError, NovastackError, NovastackRouter
from langchain_novastack.fallbacks import breaker

if TYPE_CHECKING:
    import socket

    from helpers.raw_server import Received
    from helpers.ways import Ask

CASES: dict[str, tuple[str, dict[str, str], int, float, float]] = {
    "told not to": ("503 Service Unavailable", {"x-should-retry": "false"}, 1, 0, 0.3),
    "told to": ("400 Bad Request", {"x-should-retry": "true", "retry-after-ms": "20"}, 3, 0.04, 0.35),
    "in milliseconds": ("429 Too Many Requests", {"retry-after-ms": "150", "retry-after": "9"}, 3, 0.3, 0.7),
    "after no time": ("429 Too Many Requests", {"retry-after": "0"}, 3, 1.1, 2.2),
    "after too long": ("429 Too Many Requests", {"retry-after": "130"}, 1, 0, 0.3),
    "without a word": ("500 Internal Server Error", {}, 3, 1.1, 2.2),
    "of what no retry mends": ("404 Not Found", {}, 1, 0, 0.3),
}
"""Status, headers, requests that are made for it, and between how many seconds they take."""


@pytest.mark.parametrize("settings", [{}, {"deadline": 60}], ids=str)
@pytest.mark.parametrize("name", list(CASES))
async def test_with_and_without_a_deadline(ask: Ask, name: str, settings: dict[str, Any]) -> None:
    status, headers, requests, least, most = CASES[name]

    def handle(_: Received, sock: socket.socket) -> None:
        sock.sendall(whole(b"{}", status, **headers))

    breaker._BREAKERS.clear()  # noqa: SLF001 - ports come back
    with RawServer(handle) as server:
        router = NovastackRouter(base_url=server.url, api_key="key", fallbacks={}, fast=FAST, **settings)
        began = monotonic()
        with pytest.raises(NovastackError):
            await ask(router, "Hello")
    assert len(server.requests) == requests
    assert least <= monotonic() - began < most + 2, "the machine may be slow"


async def test_no_pause_goes_on_past_the_deadline(ask: Ask) -> None:
    def handle(_: Received, sock: socket.socket) -> None:
        sock.sendall(whole(b"{}", "503 Service Unavailable", retry_after="9"))

    breaker._BREAKERS.clear()  # noqa: SLF001 - as above
    with RawServer(handle) as server:
        router = NovastackRouter(base_url=server.url, api_key="key", fallbacks={}, fast=FAST, deadline=2)
        router.route("Hello")  # the first decision of a process takes its time
        began = monotonic()
        with pytest.raises((NovastackError, DeadlineExceededError)):
            await ask(router, "Hello")
    assert len(server.requests) == 1
    assert monotonic() - began < 4
