"""The network under our own pools: whatever a gateway does, no wait goes on past the limits of a request.

Where a request is bound in time, its timeouts are `TimeLeft`, and this looks at them before each wait; any other passes
through. A name lookup cannot be ended by anybody, so under a limit it is made by a thread that may be left behind.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import threading
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from contextlib import contextmanager, suppress
from inspect import iscoroutinefunction
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from langchain_novastack._compat import httpcore
from langchain_novastack.transport.both_ways import run, step
from langchain_novastack.transport.time_limits import TimeLeft

if TYPE_CHECKING:
    from collections.abc import Iterator

    Found = Future[list[str]]

_MOST_LOOKUPS = 8
"""Threads that look up names at most; further lookups wait for their turn."""

_REFUSED = (httpcore.ConnectError, httpcore.ConnectTimeout)
_PIECE = 65_536
"""Bytes that are written before the time is looked at again."""


class _Lookups:
    """Name lookups in daemon threads of their own: an executor's would hold up the end of a loop and of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Found, str, int]] = deque()
        self._threads = 0

    def begin(self, host: str, port: int) -> Found:
        """Return the addresses of a host, once they are known."""
        found: Found = Future()
        with self._lock:
            self._waiting.append((found, host, port))
            more = self._threads < _MOST_LOOKUPS
            self._threads += more
        if more:
            threading.Thread(target=self._work, name="novastack-lookup", daemon=True).start()
        return found

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                found, host, port = self._waiting.popleft()
            if found.set_running_or_notify_cancel():
                try:
                    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                    found.set_result(list(dict.fromkeys(str(row[4][0]) for row in rows)))
                except Exception as error:  # noqa: BLE001 - handed to the thread that waits
                    found.set_exception(error)


_LOOKUPS = _Lookups()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_LOOKUPS.__init__)  # type: ignore[misc] # it has none of the parent's threads


def _begin(host: str, port: int) -> Found:
    """Look up a host, unless it is an address already."""
    with suppress(ValueError):
        found: Found = Future()
        found.set_result([str(ip_address(host))])
        return found
    return _LOOKUPS.begin(host, port)


@contextmanager
def _looking_up() -> Iterator[None]:
    """Raise what a lookup may raise as the HTTP library does."""
    try:
        yield
    except (LateError, asyncio.TimeoutError):
        raise httpcore.ConnectTimeout from None
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error


def _soon(timeout: TimeLeft, share: int = 1) -> float:
    return max(timeout.now() / share, 0.001)


def _left(timeout: float | None, late: type[Exception], stream: Any = None) -> float | None:
    """Return the seconds that may be waited on a connection.

    Raises:
        httpcore.TimeoutException: Of the kind given, if the time is over.
    """
    if isinstance(timeout, TimeLeft) and (timeout := timeout.now(stream)) <= 0:
        raise late
    return timeout


class BoundedStream:
    """A connection; a read, write or handshake ends when the time is over."""

    def __init__(self, inner: Any) -> None:
        """Take what the HTTP library has opened."""
        self._inner = inner
        self.close, self.get_extra_info = inner.close, inner.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, or wait for it."""
        data: bytes = self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout, self))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        size = _PIECE if isinstance(timeout, TimeLeft) else len(buffer)
        for at in range(0, len(buffer), size or 1):
            self._inner.write(buffer[at : at + size], _left(timeout, httpcore.WriteTimeout))

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Any:
        """Speak TLS from now on."""
        left = _left(timeout, httpcore.ConnectTimeout, self)
        return BoundedStream(self._inner.start_tls(ssl_context, server_hostname, left))


class AsyncBoundedStream:
    """An async connection; a read ends when the time is over.

    Its pool asks each connection for each request whether it is closed, and the HTTP library would ask its socket for
    all that is known of it: an eighth of a call, with 16 at once.
    """

    def __init__(self, inner: Any) -> None:
        """Take what the HTTP library has opened."""
        self._inner = inner
        self._fileno = getattr(inner.get_extra_info("socket"), "fileno", None)
        self.write, self.aclose = inner.write, inner.aclose

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, or wait for it."""
        data: bytes = await self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))
        return data

    async def start_tls(self, *args: Any, **how: Any) -> Any:
        """Speak TLS from now on."""
        return AsyncBoundedStream(await self._inner.start_tls(*args, **how))

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        if info != "is_readable" or self._fileno is None or not hasattr(select, "poll"):
            return self._inner.get_extra_info(info)
        if (number := self._fileno()) < 0:
            return True
        look = select.poll()
        look.register(number, select.POLLIN)
        return bool(look.poll(0))


class BoundedNetwork:
    """Opens connections for a sync or an async pool."""

    def __init__(self, inner: Any) -> None:
        """Take the HTTP library's own network."""
        self._inner = inner
        self._is_async = iscoroutinefunction(inner.connect_tcp)

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **how: Any) -> Any:
        """Open a connection, to the first address of the host that takes it."""
        opening = self._open(host, port, timeout, how)
        return opening if self._is_async else run(opening)

    async def _open(self, host: str, port: int, timeout: float | None, how: Any) -> Any:
        stream = AsyncBoundedStream if self._is_async else BoundedStream
        last = host
        if isinstance(timeout, TimeLeft):
            with _looking_up():
                *others, last = await self._addresses(_begin(host, port), _soon(timeout))
            for address in others:
                with suppress(*_REFUSED):
                    return stream(await step(self._inner.connect_tcp(address, port, timeout=_soon(timeout, 2), **how)))
            timeout = _soon(timeout)
        return stream(await step(self._inner.connect_tcp(last, port, timeout=timeout, **how)))

    async def _addresses(self, found: Found, seconds: float) -> list[str]:
        return await asyncio.wait_for(asyncio.wrap_future(found), seconds) if self._is_async else found.result(seconds)


def bound(pool: Any) -> None:
    """Put a network of ours under a pool, and under those for its proxies.

    The HTTP library has no public place for it; `tests/integration_tests/test_deadlines.py` breaks when one moves.
    """
    for transport in (pool._transport, *pool._mounts.values()):  # noqa: SLF001 - see above
        inner = getattr(transport, "_pool", None)
        if inner is not None:
            inner._network_backend = BoundedNetwork(inner._network_backend)  # noqa: SLF001 - see above
