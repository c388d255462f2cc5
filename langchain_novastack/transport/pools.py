"""Connection pools: one for all sync models of the process, one for each event loop.

Models share a pool whatever their timeouts, since each request has its own. Async connections belong to the event loop
that opened them, and fail in any other; so each loop has a pool, which is closed when the loop shuts down. Certificates
and proxies are those that the environment names when a request is sent.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import openai

from langchain_novastack._compat import httpx
from langchain_novastack.transport.both_ways import body_of, run, step
from langchain_novastack.transport.network import bound
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Coroutine, Mapping

FRESH = "novastack_fresh"
"""Extension of a request that asks for a connection of its own, which no request before it has used."""

_MOST, _KEPT = 1000, 100
"""Connections of a pool, under way and idle: the SDK's own limits, which a transport of its own would lose."""

_SEE_OTHER = 303
_REBUILT = ("host", "content-length", "transfer-encoding")

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD")  # the last one ends the first
_NAMES = (*_PROXIES, *map(str.lower, _PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")

# `os.environ` encodes and decodes at every look, 3 us for each of 13 names; so this looks at what lies beneath.
_ENVIRON: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
_KEYS = _NAMES if _ENVIRON is os.environ else tuple(map(os.environ.encodekey, _NAMES))


class Route(NamedTuple):
    """How connections are made: through which proxy (None: those of the environment), and options of every socket."""

    proxy: str | None = None
    socket_options: tuple[tuple[int, int, int], ...] | None = None


class UnusableSettingError(ValueError, openai.OpenAIError):
    """Certificates or a proxy cannot be used as named. A class that the SDK neither wraps nor repeats."""


_LOCK = threading.Lock()
_OF_PROCESS: dict[Any, Any] = {}
_PLACE = f"_novastack_pools_{os.getpid()}"
"""Attribute of event loops that holds their pools: nothing else may, or a loop that nobody closes would stay."""


@lru_cache(maxsize=8)
def _ssl_context(environment: tuple[Any, ...]) -> ssl.SSLContext:  # noqa: ARG001 - what the cache tells apart
    """Return one TLS context for all pools: loading the certificates takes longer than a request."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        name = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), None)
        if name is None:
            raise
        must = bad_argument(name, f"name certificates that can be read ({error})")
        raise UnusableSettingError(str(must)) from error


async def _closing_with_loop(pool: openai.DefaultAsyncHttpxClient) -> AsyncGenerator[None, None]:
    """Close a pool when the event loop shuts down: that ends the generators that were begun in it, and are kept."""
    try:
        yield
    finally:
        await pool.aclose()


def check_travels(owner: Any) -> None:
    """Raise ValueError before a model or router is pickled with an HTTP client of the user's: its sockets cannot be."""
    for name in ("http_client", "http_async_client"):
        if getattr(owner, name) is not None:
            raise bad_argument(name, "be left out of what is pickled: give the model its own where it is used, or none")


def _forget_after_fork() -> None:
    """Let go of the parent's connections in a forked child, and of a lock that may be held for ever."""
    global _LOCK, _PLACE
    _LOCK, _PLACE = threading.Lock(), f"_novastack_pools_{os.getpid()}"
    _OF_PROCESS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def _follow_up(request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
    """Return the request that a redirect asks for; None if there is none, or it leads to another host or port.

    Method, body and key go along (RFC 9110 leaves that open for 301 and 302): a request for a completion is nothing
    without them, and they must not leave the host. From `http` to `https` the port may change.
    """
    onward = response.next_request
    if onward is None:
        return None
    here, there = request.url, onward.url
    has_tls_added = here.scheme == "http" and there.scheme == "https"
    if here.host != there.host or not (has_tls_added or (here.scheme, here.port) == (there.scheme, there.port)):
        return None
    kept = {name: value for name, value in request.headers.items() if name not in _REBUILT}
    method, content = ("GET", None) if response.status_code == _SEE_OTHER else (request.method, request.content)
    return httpx.Request(method, there, headers=kept, content=content, extensions=request.extensions)


class PooledClient:
    """Mixin of what the SDK client of a model is given: sends through a pool that it shares.

    It holds the model's cookies and nothing else, so that closing it closes nothing that others use.
    """

    def __init__(self: Any, route: Route) -> None:
        """Take what shapes a connection; nothing is opened here."""
        super().__init__(transport=self._NOWHERE())  # type: ignore[call-arg] # the HTTP library's
        self._route = route

    def pool(self: Any, *, fresh: bool = False) -> Any:
        """Return the pool of the process or of the running event loop, building it on first use."""
        pools, key = self._kept(), (self._route, fresh, tuple(map(_ENVIRON.get, _KEYS)))
        with _LOCK:
            pool = pools.get(key)
            if pool is None or pool.is_closed:
                pool = pools[key] = self._built(*key)
            return pool

    def _built(self: Any, route: Route, fresh: bool, environment: tuple[Any, ...]) -> Any:  # noqa: FBT001 - a key
        """Return a new pool, bound in time, and without cookies: those that a gateway sets belong to one model."""
        limits = httpx.Limits(max_connections=_MOST, max_keepalive_connections=0 if fresh else _KEPT)
        given: dict[str, Any] = {"verify": _ssl_context(environment), "limits": limits}
        if route.proxy:
            given["proxy"] = route.proxy
        try:
            if route.socket_options:
                given = {"transport": self._ROUTED(socket_options=route.socket_options, **given)}
            pool = self._POOL(**given)
        except ImportError:
            must = "be an HTTP proxy, unless the package `socksio` is installed, and so must `ALL_PROXY` and its kin"
            raise UnusableSettingError(str(bad_argument("openai_proxy", must))) from None
        bound(pool)
        pool.cookies.extract_cookies = lambda _: None
        return pool

    async def _follow(self: Any, request: httpx.Request, how: dict[str, Any]) -> httpx.Response:
        """Send a request, and again where a redirect stays with the host; other redirects are the answer."""
        pool = self.pool(fresh=FRESH in request.extensions)
        for _ in range(self.max_redirects + 1):
            response: httpx.Response = await step(pool.send(request, **{**how, "follow_redirects": False}))
            if "set-cookie" in response.headers:
                self.cookies.extract_cookies(response)
            following = _follow_up(request, response)
            if following is None:
                return response
            await step(body_of(response)[1]())
            request = following
        msg = "Exceeded maximum allowed redirects."
        raise httpx.TooManyRedirects(msg, request=request)


class ProcessClient(PooledClient, openai.DefaultHttpxClient):
    """Sends through the pool of the process; raises ValueError for a proxy or certificates that cannot be used."""

    _POOL, _ROUTED, _NOWHERE = openai.DefaultHttpxClient, httpx.HTTPTransport, httpx.BaseTransport

    def __init__(self, route: Route) -> None:
        """Take what shapes a connection, and build the pool."""
        super().__init__(route)
        self.pool()

    def _kept(self) -> dict[Any, Any]:
        return _OF_PROCESS

    def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        """Send a request."""
        return run(self._follow(request, how))


class LoopClient(PooledClient, openai.DefaultAsyncHttpxClient):
    """Sends through the pool of whatever event loop is running."""

    _POOL, _ROUTED, _NOWHERE = openai.DefaultAsyncHttpxClient, httpx.AsyncHTTPTransport, httpx.AsyncBaseTransport

    def _kept(self) -> dict[Any, Any]:
        return vars(asyncio.get_running_loop()).setdefault(_PLACE, {})  # type: ignore[no-any-return] # ours

    def _built(self, *key: Any) -> Any:
        pool = super()._built(*key)
        pool.closing = _closing_with_loop(pool)
        with suppress(StopIteration):  # begun by hand, since nobody awaits here
            pool.closing.__anext__().send(None)
        return pool

    def send(self, request: httpx.Request, **how: Any) -> Coroutine[Any, Any, httpx.Response]:
        """Send a request."""
        return self._follow(request, how)
