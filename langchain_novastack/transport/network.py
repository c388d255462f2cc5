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
import time
from collections import defaultdict
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from functools import partial
from inspect import iscoroutinefunction
from ipaddress import ip_address
from typing import Any

from langchain_novastack import _compat
from langchain_novastack.transport.both_ways import run, step
from langchain_novastack.transport.time_limits import TimeLeft, at_most

_PIECE = 65_536  # bytes that are written before the time is looked at again
_PAUSE = 0.02  # seconds between two looks whether one more name may be looked up

_AT_ONCE = 256
"""How many connections to one address an event loop opens at once: one that is being opened takes 6 KiB more than an
open one, and the fewer ask at the same time, the fewer find a listener's queue full."""

_MOST = 8
"""How many threads may look up names at once. They are daemons: an executor's would hold up the end of the process."""

_LOOKUPS = threading.Semaphore(_MOST)
if hasattr(os, "register_at_fork"):  # a child has none of the parent's threads
    os.register_at_fork(after_in_child=partial(_LOOKUPS.__init__, _MOST))  # type: ignore[misc] # made anew


def _look_up(found: Future[list[str]], host: str, port: int) -> None:
    with suppress(InvalidStateError):  # nobody waits any more
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            found.set_exception(error)
    _LOOKUPS.release()


def _soon(timeout: TimeLeft, share: int = 1) -> float:
    return max(timeout.now() / share, 0.001)


def _left(timeout: float | None, late: type[Exception], stream: Any = None) -> float | None:
    """Return the seconds that may be waited on a connection; raise that it is too late if there are none."""
    if isinstance(timeout, TimeLeft) and (timeout := timeout.now(stream)) <= 0:
        raise late
    return timeout


class _SyncStream:
    """A connection; a read, write or handshake ends when the time is over."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.close, self.get_extra_info = inner.close, inner.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, _compat.httpcore.ReadTimeout, self))  # type: ignore[no-any-return] # bytes

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        size = _PIECE if isinstance(timeout, TimeLeft) else len(buffer)
        for at in range(0, len(buffer), size or 1):
            self._inner.write(buffer[at : at + size], _left(timeout, _compat.httpcore.WriteTimeout))

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Any:
        left = _left(timeout, _compat.httpcore.ConnectTimeout, self)
        return _SyncStream(self._inner.start_tls(ssl_context, server_hostname, left))


class _AsyncStream:
    """An async connection; a read ends when the time is over.

    Its pool asks each connection for each request whether it is closed, and the HTTP library would ask its socket for
    all that is known of it: an eighth of a call, with 16 at once.
    """

    def __init__(self, inner: Any) -> None:
        self._inner, self._socket = inner, inner.get_extra_info("socket")
        self.write, self.aclose = inner.write, inner.aclose

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, _left(timeout, _compat.httpcore.ReadTimeout))  # type: ignore[no-any-return] # bytes

    async def start_tls(self, *args: Any, **how: Any) -> Any:
        return _AsyncStream(await self._inner.start_tls(*args, **how))

    def get_extra_info(self, info: str) -> Any:
        if info != "is_readable" or not (hasattr(self._socket, "fileno") and hasattr(select, "poll")):
            return self._inner.get_extra_info(info)
        if (number := self._socket.fileno()) < 0:
            return True
        look = select.poll()
        look.register(number, select.POLLIN)
        return bool(look.poll(0))


class _Network:
    """Opens connections for a sync or an async pool, to the first address of a host that takes one."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._is_async = iscoroutinefunction(inner.connect_tcp)
        self._opening: dict[Any, asyncio.Semaphore] = defaultdict(partial(asyncio.Semaphore, _AT_ONCE))

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **how: Any) -> Any:
        given = host, port, timeout, how
        return self._open_few(*given) if self._is_async else run(self._open(*given))

    async def _open_few(self, host: str, port: int, timeout: float | None, how: Any) -> Any:
        opening = self._opening[host, port]
        try:
            left = _left(timeout, _compat.httpcore.ConnectTimeout) if opening.locked() else None
            await at_most(left, opening.acquire())
        except asyncio.TimeoutError:
            raise _compat.httpcore.ConnectTimeout from None
        try:
            return await self._open(host, port, timeout, how)
        finally:
            opening.release()

    async def _open(self, host: str, port: int, timeout: float | None, how: Any) -> Any:
        stream = _AsyncStream if self._is_async else _SyncStream
        last = host
        if isinstance(timeout, TimeLeft):
            *others, last = await self._addresses(host, port, timeout)
            for address in others:
                with suppress(_compat.httpcore.ConnectError, _compat.httpcore.ConnectTimeout):
                    return stream(await step(self._inner.connect_tcp(address, port, timeout=_soon(timeout, 2), **how)))
            timeout = _soon(timeout)
        return stream(await step(self._inner.connect_tcp(last, port, timeout=timeout, **how)))

    async def _addresses(self, host: str, port: int, timeout: TimeLeft) -> Any:
        """Return the addresses of a host, unless it is one already."""
        with suppress(ValueError):
            return [str(ip_address(host))]
        while not _LOOKUPS.acquire(blocking=False):
            if timeout.now() <= 0:
                raise _compat.httpcore.ConnectTimeout
            await step((asyncio.sleep if self._is_async else time.sleep)(_PAUSE))
        found: Future[list[str]] = Future()
        threading.Thread(target=_look_up, args=(found, host, port), name="novastack-lookup", daemon=True).start()
        left = _soon(timeout)
        try:
            waiting = at_most(left, asyncio.wrap_future(found)) if self._is_async else found.result(left)
            return await step(waiting)
        except (LateError, asyncio.TimeoutError):
            raise _compat.httpcore.ConnectTimeout from None
        except (OSError, UnicodeError) as error:
            raise _compat.httpcore.ConnectError(str(error)) from error


def bound(pool: Any) -> None:
    """Put a network of ours under a pool, and under those for its proxies.

    The HTTP library has no public place for it; `tests/integration_tests/test_deadlines.py` breaks when one moves.
    """
    for transport in (pool._transport, *pool._mounts.values()):  # noqa: SLF001 - see above
        if (inner := getattr(transport, "_pool", None)) is not None:
            inner._network_backend = _Network(inner._network_backend)  # noqa: SLF001 - see above
