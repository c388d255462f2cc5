"""Connection pools: one for all sync models of the process, one for each event loop.

Models share a pool whatever their timeouts, since the SDK sends each request with its own. A pool of async
connections belongs to the event loop that opened them: used from another loop, or after `asyncio.run` has
closed the first, it fails with "Event loop is closed". So each loop has its own, which goes when the loop
goes.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import openai

from langchain_novastack.sdk import httpx

if TYPE_CHECKING:
    from collections.abc import Sequence

    SocketOptions = Sequence[tuple[int, int, int]]

_LOCK = threading.Lock()
_SYNC: dict[tuple[Any, ...], openai.DefaultHttpxClient] = {}
_ASYNC: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[Any, ...], openai.DefaultAsyncHttpxClient]]
_ASYNC = WeakKeyDictionary()


def _key(proxy: str | None, socket_options: SocketOptions | None) -> tuple[Any, ...]:
    """Tell pools apart by what shapes a connection, the process included: a fork must not share sockets."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    env = tuple(os.environ.get(name) or os.environ.get(name.lower()) for name in names)
    return os.getpid(), proxy, env, None if socket_options is None else tuple(socket_options)


def sync_pool(proxy: str | None = None, socket_options: SocketOptions | None = None) -> openai.DefaultHttpxClient:
    """Return the process's HTTP client for sync requests, building it on first use."""
    key = _key(proxy, socket_options)
    with _LOCK:
        if key not in _SYNC:
            extra: dict[str, Any] = {"proxy": proxy} if proxy else {}
            if socket_options:
                extra = {"transport": httpx.HTTPTransport(proxy=proxy, socket_options=socket_options)}
            _SYNC[key] = openai.DefaultHttpxClient(**extra)
        return _SYNC[key]


def async_pool(proxy: str | None = None, socket_options: SocketOptions | None = None) -> openai.DefaultAsyncHttpxClient:
    """Return the running event loop's HTTP client, building it on first use.

    Raises:
        RuntimeError: If no event loop is running.
    """
    key = _key(proxy, socket_options)
    with _LOCK:
        pools = _ASYNC.setdefault(asyncio.get_running_loop(), {})
        if key not in pools:
            extra: dict[str, Any] = {"proxy": proxy} if proxy else {}
            if socket_options:
                extra = {"transport": httpx.AsyncHTTPTransport(proxy=proxy, socket_options=socket_options)}
            pools[key] = openai.DefaultAsyncHttpxClient(**extra)
        return pools[key]
