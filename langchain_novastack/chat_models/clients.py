"""The SDK's clients of a model, and a warning of where they send its key."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from langchain_novastack.transport.client import AsyncNovastackClient, NovastackClient
from langchain_novastack.transport.pools import LoopClient, ProcessClient, Route
from langchain_novastack.validation import bad_argument, named

_LOADER = "langchain_core.load.load"


def build_clients(model: Any) -> None:
    """Build a model's clients from its fields; a `ValueError` for a client, proxy or certificates of no use."""
    sync_key, async_key = _callable_or_plain(model.openai_api_key)
    if model.openai_proxy and (model.http_client or model.http_async_client):
        raise bad_argument("openai_proxy", "not be given beside an HTTP client, which has proxies of its own")
    sockets = model.http_socket_options
    route = Route(model.openai_proxy, sockets if sockets is None else tuple((a, b, c) for a, b, c in sockets))
    options = _options(model)
    model.client = model.root_client = None
    if sync_key is not None:
        with named("openai_proxy", "the address of a proxy"):
            http = model.http_client or ProcessClient(route)
        with named("http_client", "a client of the HTTP library that `openai` uses"):
            model.root_client = NovastackClient(**options, api_key=sync_key, http_client=http)
        model.client = model.root_client.chat.completions
    with named("http_async_client", "an async client of the HTTP library that `openai` uses"):
        http_async = model.http_async_client or LoopClient(route)
        model.root_async_client = AsyncNovastackClient(**options, api_key=async_key, http_client=http_async)
    model.async_client = model.root_async_client.chat.completions
    for client in filter(None, (model.root_client, model.root_async_client)):
        client.max_answer_bytes = model.max_answer_bytes
        client.budget = model.openai_api_base if model.max_retries is None else None


def _options(model: Any) -> dict[str, Any]:
    """Return the options of the SDK's clients; what is None is left to the SDK, which would take it for "no limit"."""
    options = {"timeout": model.request_timeout, "max_retries": model.max_retries, "base_url": model.openai_api_base}
    options |= {"organization": model.openai_organization, "default_headers": model.default_headers}
    options["default_query"] = model.default_query
    return {name: value for name, value in options.items() if value is not None}


def _callable_or_plain(key: Any) -> tuple[Any, Any]:
    """Return the key for the sync and for the async client; None for sync where only an async callable is given."""
    if isinstance(key, SecretStr):
        return key.get_secret_value(), key.get_secret_value()
    return (None, key) if inspect.iscoroutinefunction(key) else (key, partial(asyncio.to_thread, key))


def warn_of_host(url: str, usual: str) -> None:
    """Warn if core's loader is building a model for another host than the usual: dumps say where a key is sent."""
    host, expected = (urlsplit(each).netloc.rpartition("@")[2] for each in (url, usual))
    if host == expected:
        return
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") != _LOADER:
        frame = frame.f_back
    if frame is not None:
        msg = (
            f"This dump names the host {host}, and the key will be sent there, not to {expected}. If that is meant, "
            "set `NOVASTACK_BASE_URL` to its address; if the dump is from elsewhere, do not use what was loaded."
        )
        warnings.warn(msg, UserWarning, stacklevel=2)
