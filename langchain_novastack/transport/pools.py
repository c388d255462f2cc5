"""Connection pools: one for all sync models of the process, one for each event loop.

Models share a pool whatever their timeouts, since the SDK sends each request with its own. A pool of async
connections belongs to the event loop that opened them: used from another loop, or after `asyncio.run` has
closed the first, it fails with "Event loop is closed". So each loop has its own, which is closed when the loop
shuts down.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import openai

from langchain_novastack._compat import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, MutableMapping, Sequence

    SocketOptions = Sequence[tuple[int, int, int]]

_LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=100)
"""The SDK's own limits, which a transport of its own would lose."""

_LOCK = threading.Lock()
_SYNC: dict[tuple[Any, ...], openai.DefaultHttpxClient] = {}
_ASYNC: dict[asyncio.AbstractEventLoop, dict[tuple[Any, ...], tuple[openai.DefaultAsyncHttpxClient, Any]]] = {}


def _key(proxy: str | None, socket_options: SocketOptions | None) -> tuple[Any, ...]:
    """Tell pools apart by what shapes a connection, the process included: a fork must not share sockets."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    env = tuple(os.environ.get(name) or os.environ.get(name.lower()) for name in names)
    return os.getpid(), proxy, env, None if socket_options is None else tuple(socket_options)


@cache
def _ssl_context() -> Any:
    """Return one TLS context for all pools: loading the certificates takes longer than a request."""
    return httpx.create_ssl_context()


def _options(proxy: str | None, socket_options: SocketOptions | None, transport: Any) -> dict[str, Any]:
    """Return the HTTP client's options; socket options need a transport of their own."""
    if socket_options:
        own = transport(verify=_ssl_context(), proxy=proxy, socket_options=socket_options, limits=_LIMITS)
        return {"transport": own}
    return {"verify": _ssl_context(), **({"proxy": proxy} if proxy else {})}


def _sparing(pool: Any) -> Any:
    """Let a pool look for cookies only in responses that set one, as httpx2 does; httpx takes 40 us to look."""
    look = pool.cookies.extract_cookies

    def extract(response: Any) -> None:
        if "set-cookie" in response.headers:
            look(response)

    pool.cookies.extract_cookies = extract
    return pool


def sync_pool(proxy: str | None = None, socket_options: SocketOptions | None = None) -> openai.DefaultHttpxClient:
    """Return the process's HTTP client for sync requests, building it on first use."""
    key = _key(proxy, socket_options)
    with _LOCK:
        if key not in _SYNC:
            options = _options(proxy, socket_options, httpx.HTTPTransport)
            _SYNC[key] = _sparing(openai.DefaultHttpxClient(**options))
        return _SYNC[key]


def async_pool(proxy: str | None = None, socket_options: SocketOptions | None = None) -> openai.DefaultAsyncHttpxClient:
    """Return the running event loop's HTTP client, building it on first use.

    Raises:
        RuntimeError: If no event loop is running.
    """
    key, loop = _key(proxy, socket_options), asyncio.get_running_loop()
    with _LOCK:
        if loop not in _ASYNC:
            _drop_closed(_ASYNC)
            _ASYNC[loop] = {}
        pools = _ASYNC[loop]
        if key not in pools or pools[key][0].is_closed:
            options = _options(proxy, socket_options, httpx.AsyncHTTPTransport)
            pool = _sparing(openai.DefaultAsyncHttpxClient(**options))
            pools[key] = pool, _closing_with_loop(pool)
        return pools[key][0]


def remember(known: MutableMapping[asyncio.AbstractEventLoop, Any], loop: asyncio.AbstractEventLoop, it: Any) -> None:
    """Note something of an event loop, and drop what belongs to loops that are closed."""
    with _LOCK:
        _drop_closed(known)
        known[loop] = it


def _drop_closed(known: MutableMapping[asyncio.AbstractEventLoop, Any]) -> None:
    """Drop what belongs to closed loops; a weak mapping would not, since what is kept holds its loop."""
    for loop in [loop for loop in known if loop.is_closed()]:
        del known[loop]


def _closing_with_loop(pool: openai.DefaultAsyncHttpxClient) -> AsyncGenerator[None, None]:
    """Return a generator that closes a pool when the running event loop shuts down, as long as it is kept.

    A loop that shuts down, as `asyncio.run` has it do, ends the generators that were begun in it. This one is begun
    by hand, since nobody awaits here.
    """

    async def wait() -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await pool.aclose()

    waiting = wait()
    with suppress(StopIteration):
        waiting.__anext__().send(None)
    return waiting


def check_travels(owner: Any) -> None:
    """Check before a model or router is pickled that no HTTP client of the user's is in it.

    Raises:
        ValueError: If one is: its sockets and locks cannot travel.
    """
    for name in ("http_client", "http_async_client"):
        if getattr(owner, name) is not None:
            msg = f"`{name}` cannot be pickled: give the model or router its own where it is used, or none."
            raise ValueError(msg)


def _forget_after_fork() -> None:
    """Let go of the parent's connections in a forked child, and of a lock that may be held for ever."""
    global _LOCK  # noqa: PLW0603 - replaced as a whole, before anything else runs
    _LOCK = threading.Lock()
    _SYNC.clear()
    _ASYNC.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


class LoopPool(openai.DefaultAsyncHttpxClient):
    """Sends through the pool of whatever event loop is running, so that one SDK client will do for all loops."""

    def __init__(self, proxy: str | None = None, socket_options: SocketOptions | None = None) -> None:
        """Take what shapes a connection; nothing is opened here."""
        super().__init__(verify=_ssl_context())
        self._shape = proxy, socket_options

    async def send(self, request: Any, **how: Any) -> Any:
        """Send a request."""
        return await async_pool(*self._shape).send(request, **how)
