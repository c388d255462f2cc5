"""The only module that asks models: four ways, one shape.

Messages and tools are JSON already, so the fast path sends them as a `client.Template` has it, or as the SDK builds the
request where that is not enough, and takes answers back as plain JSON. It repeats what the SDK would, by its rules. The
slow path goes through `chat.completions.create`, where instrumentation hooks in; it is taken when something has.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import openai
from openai.resources.chat.completions import AsyncCompletions, Completions
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

from langchain_novastack._compat import httpx
from langchain_novastack.transport import retry_budget, streams
from langchain_novastack.transport.both_ways import body_of, run, step
from langchain_novastack.transport.chat_request import MAX_ANSWER_BYTES
from langchain_novastack.transport.client import AsyncNovastackClient, NovastackClient, without_retries
from langchain_novastack.transport.connection_errors import is_of_request
from langchain_novastack.transport.events import read_body
from langchain_novastack.transport.foreign_clients import watched
from langchain_novastack.transport.pools import PooledClient
from langchain_novastack.transport.streams import OpenStream
from langchain_novastack.transport.time_limits import TimeLeft, TimeLimits, in_time

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator

    from langchain_novastack.transport.chat_request import Request

T = TypeVar("T")

_NAMES = {"headers": "extra_headers", "params": "extra_query"}  # options of a request, as the SDK's `create` has them
_ARGUMENTS = frozenset(CompletionCreateParamsStreaming.__annotations__)  # `create` itself may be wrapped by now
_RETRY_COUNT = "x-stainless-retry-count"
_SDK_FOLDER = str(Path(openai.__file__).parent)
_SDK_LOG = logging.getLogger("openai")


def is_watched(client: openai.OpenAI | openai.AsyncOpenAI) -> bool:
    """Return whether anything may look on while the SDK works: in place of a method or the client, or at its log."""
    kind, own = type(client), vars(client)
    if kind is not NovastackClient and kind is not AsyncNovastackClient:
        return True
    create = Completions.create if kind is NovastackClient else AsyncCompletions.create
    if not (_is_sdks(create) and _is_sdks(kind.post) and _is_sdks(kind.request)) or "post" in own or "request" in own:
        return True
    return ("chat" in own and "create" in vars(client.chat.completions)) or _SDK_LOG.isEnabledFor(logging.DEBUG)


@lru_cache(maxsize=64)
def _is_sdks(function: Any) -> bool:
    return type(function) is FunctionType and function.__code__.co_filename.startswith(_SDK_FOLDER)


class _Call:
    """One request on its way, sync or async, past the SDK or through it, with the tries that it takes.

    It is repeated by the SDK's rules, but in time: the SDK's own retries would sleep past the end of it.
    """

    def __init__(self, client: Any, request: Request, limits: TimeLimits, *, fast: bool) -> None:
        self._client, self._request, self._limits = client, request, limits
        self._fast = fast and not is_watched(client)
        self._sync = isinstance(client, openai.OpenAI)
        self._ours = isinstance(client._client, PooledClient)  # noqa: SLF001 - whose network looks at limits
        self._limited = limits.seconds() is not None
        repeats = isinstance(client, NovastackClient | AsyncNovastackClient)  # others repeat by themselves
        self._most: int = request.options.get("max_retries", client.max_retries) if repeats else 0
        self._taken = 0

    def _timeouts(self, *, stream: bool) -> dict[str, Any]:
        """Return the request's timeouts, cut to what the limits leave where they are not held from outside."""
        named = self._given_timeouts()
        if not (self._limited and self._sync) and not (self._ours and (self._limited or stream)):
            return named
        left = {seconds: TimeLeft(seconds, self._limits) for seconds in set(named.values())}
        cut: dict[str, Any] = {name: left[seconds] for name, seconds in named.items()}
        return {**cut, "pool": float(cut["pool"])}  # which the library waits for without the network

    def _given_timeouts(self) -> dict[str, Any]:
        given = self._request.options.get("timeout", self._client.timeout)
        timeout: Any = given if hasattr(given, "as_dict") else httpx.Timeout(given)  # of `httpx` or of `httpx2`
        return dict(timeout.as_dict())

    def _arguments(self, *, stream: bool) -> dict[str, Any]:
        """Spell the request as arguments of the SDK's `create`; what it has none for goes into `extra_body`."""
        typed = {key: value for key, value in self._request.body.items() if key in _ARGUMENTS}
        extra = {key: value for key, value in self._request.body.items() if key not in typed}
        options = {name: self._request.options[key] for key, name in _NAMES.items() if key in self._request.options}
        if self._taken:
            options["extra_headers"] = {**options.get("extra_headers", {}), _RETRY_COUNT: str(self._taken)}
        options["timeout"] = httpx.Timeout(**self._timeouts(stream=stream))
        return {**typed, **options, **({"extra_body": extra} if extra else {})}

    async def _received(self, *, stream: bool) -> httpx.Response:
        """Send the request, past the SDK, and return what came with a status of success."""
        sent = await self._client.build(self._request, self._timeouts(stream=stream))
        if self._taken:
            sent.headers[_RETRY_COUNT] = str(self._taken)
        response: httpx.Response = await self._client.exchange(sent, stream=stream)
        if response.is_success:
            return response
        raise openai.APIStatusError("", response=response, body=None)

    async def answered(self) -> httpx.Response:
        if self._sync and self._limited and not self._ours:
            opened = await self.opened()
            most = getattr(self._client, "max_answer_bytes", MAX_ANSWER_BYTES)
            return await streams.read_whole(opened.response, most, opened.body)
        if self._fast:
            return await self._received(stream=False)
        with without_retries():
            raw = self._client.chat.completions.with_raw_response
            return cast("httpx.Response", (await step(raw.create(**self._arguments(stream=False)))).http_response)

    async def opened(self) -> OpenStream:
        response, body = await self._unread()
        if not self._ours and self._sync:  # the body gets the read timeout that the wait for its head was cut from
            response.request.extensions.setdefault("timeout", {})["read"] = self._given_timeouts()["read"]
            pieces = watched(body, response, self._limits)
            body = pieces, pieces.close
        most = self._client.max_answer_bytes if self._fast else None
        return OpenStream(response, body, self._limits, most, held=self._ours or self._sync)

    async def _unread(self) -> tuple[httpx.Response, Any]:
        if self._fast:
            response = await self._received(stream=True)
            return response, body_of(response)
        with without_retries():
            if self._request.body.get("stream"):
                made = await step(self._client.chat.completions.create(**self._arguments(stream=True)))
                pieces = iter(made) if self._sync else (chunk async for chunk in made)  # a wrapper may be of both kinds
                return made.response, (pieces, made.close)
            create = self._client.chat.completions.with_streaming_response.create
            unread = create(**self._arguments(stream=True)).__enter__()
            return unread.http_response, (unread.http_response.iter_bytes(), unread.close)

    async def tried(self, attempt: Callable[[_Call], Awaitable[T]]) -> T:
        """Return what an attempt gives, of as many as may be made."""
        sleep = time.sleep if self._sync else asyncio.sleep
        while True:
            try:
                return await attempt(self)
            except Exception as error:
                if (pause := self._pause(error)) is None:
                    raise  # from here: a frame that holds the error would be held by it
            await step(sleep(pause))

    def _pause(self, error: Exception) -> float | None:
        """Return the seconds to wait before the next try; None where no retry cures the error, or none is left."""
        client, headers = self._client, None
        if self._taken >= self._most:
            return None
        if isinstance(error, openai.APIStatusError):
            again, headers = client._should_retry(error.response), error.response.headers  # noqa: SLF001 - the SDK's rules have no other name
        else:
            again = is_of_request(error) and retry_budget.draw(client.budget)
        options: Any = SimpleNamespace(get_max_retries=lambda _: self._most)
        pause: float = client._calculate_retry_timeout(self._most - self._taken, options, headers)  # noqa: SLF001 - as above
        self._taken += 1
        left = self._limits.seconds()
        return pause if again and (left is None or pause < left) else None


def send(client: openai.OpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> httpx.Response:
    """Send a request and return the HTTP response, read to its end."""
    return run(_Call(client, request, limits, fast=fast).tried(_Call.answered))


def asend(client: Any, request: Request, limits: TimeLimits, *, fast: bool) -> Awaitable[httpx.Response]:
    """Send a request and return the HTTP response, read to its end; an `openai.AsyncOpenAI` sends it."""
    return in_time(limits, _Call(client, request, limits, fast=fast).tried(_Call.answered))


def stream(
    client: openai.OpenAI, request: Request, limits: TimeLimits, read: Callable[[Any, Any], T], *, fast: bool
) -> Generator[T, None, None]:
    """Send a request and yield what is read of each chunk's JSON, with the response's headers.

    No frame that an error goes on from keeps the JSON: reports that list locals would show what the gateway said.
    """
    opened = run(_Call(client, request, limits, fast=fast).tried(_Call.opened))
    try:
        with _reading():
            while (chunks := run(opened.chunks())) is not None:
                for chunk in chunks:
                    yield read(chunk, opened.response.headers)
    finally:
        opened.close()


async def astream(
    client: openai.AsyncOpenAI, request: Request, limits: TimeLimits, read: Callable[[Any, Any], T], *, fast: bool
) -> AsyncGenerator[T, None]:
    """Send a request and yield what is read of each chunk; see `stream`."""
    opened = await in_time(limits, _Call(client, request, limits, fast=fast).tried(_Call.opened))
    try:
        with _reading():
            while (chunks := await opened.chunks()) is not None:
                for chunk in chunks:
                    yield read(chunk, opened.response.headers)
    finally:
        await opened.close()


def read_json(response: httpx.Response) -> Any:
    """Return a response's body as JSON, or as `Events`; raise `json.JSONDecodeError` for HTML, a cut one, or none."""
    with _reading():
        return read_body(response.content)


@contextmanager
def _reading() -> Iterator[None]:
    """Raise as one error what bytes can do to the JSON parser: bad text, bad JSON, too deep, too long a number."""
    try:
        yield
    except (RecursionError, ValueError):
        msg = "not JSON"
        raise json.JSONDecodeError(msg, "", 0) from None
