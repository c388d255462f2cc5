"""The SDK's clients of one model: a sync one for the process, an async one for each event loop."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from langchain_novastack.transport import pools, send
from langchain_novastack.transport.client import AsyncNovastackClient, NovastackClient
from langchain_novastack.validation import named

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from langchain_openai import ChatOpenAI

    ByLoop = MutableMapping[asyncio.AbstractEventLoop, AsyncNovastackClient]

FIELDS = ("client", "async_client", "root_client", "root_async_client")
"""Fields of `ChatOpenAI` that hold clients."""


def build_clients(model: ChatOpenAI) -> None:
    """Build a model's clients from its settings, and set them on it.

    Raises:
        ValueError: If an HTTP client that was given is not one of the library that `openai` uses.
    """
    model.client = model.root_client = None
    sync_key, async_key = _sync_and_async(model.openai_api_key)
    if sync_key is not None:
        http = model.http_client or pools.sync_pool(model.openai_proxy, _socket_options(model))
        with named("http_client", "a client of the HTTP library that `openai` uses"):
            model.root_client = NovastackClient(**_options(model), api_key=sync_key, http_client=http)
        model.client = model.root_client.chat.completions
    # Each event loop gets a copy, which spares looking for its pool, unless instrumentation would miss that.
    http_async = model.http_async_client or pools.LoopPool(model.openai_proxy, _socket_options(model))
    with named("http_async_client", "an async client of the HTTP library that `openai` uses"):
        model.root_async_client = AsyncNovastackClient(**_options(model), api_key=async_key, http_client=http_async)
    model.async_client = model.root_async_client.chat.completions


def loop_client(model: ChatOpenAI, by_loop: ByLoop) -> AsyncNovastackClient:
    """Return the async client of the running event loop; where one was given or is instrumented, the one for all.

    Args:
        model: The model.
        by_loop: Its clients so far.
    """
    root: AsyncNovastackClient = model.root_async_client
    if model.http_async_client is not None or send.is_patched_itself(root):
        return root
    loop = asyncio.get_running_loop()
    client = by_loop.get(loop)
    if client is None or client.is_closed():
        client = root.with_options(http_client=pools.async_pool(model.openai_proxy, _socket_options(model)))
        pools.remember(by_loop, loop, client)
    return client


def keys_of(model: ChatOpenAI, by_loop: ByLoop) -> list[Any]:
    """Return the keys that may have been sent from here: a key that is a callable may give new ones."""
    clients = [model.root_client, model.root_async_client]
    with suppress(RuntimeError):  # no event loop is running
        clients.append(by_loop.get(asyncio.get_running_loop()))
    return [client.api_key for client in clients if client is not None]


def _options(model: ChatOpenAI) -> dict[str, Any]:
    options: dict[str, Any] = {
        "organization": model.openai_organization,
        "base_url": model.openai_api_base,
        "timeout": model.request_timeout,
        "default_headers": model.default_headers,
        "default_query": model.default_query,
    }
    if model.max_retries is not None:
        options["max_retries"] = model.max_retries
    return options


def _socket_options(model: ChatOpenAI) -> Sequence[tuple[int, int, int]] | None:
    return getattr(model, "http_socket_options", None)  # not every version of `ChatOpenAI` has it


def _sync_and_async(key: Any) -> tuple[Any, Any]:
    """Return the key for the sync and for the async client; None for sync where only an async callable is given."""
    if isinstance(key, SecretStr):
        return key.get_secret_value(), key.get_secret_value()
    if inspect.iscoroutinefunction(key):
        return None, key

    async def ask() -> Any:
        return await asyncio.to_thread(key)

    return key, ask
