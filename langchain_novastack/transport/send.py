"""The only module that sends requests: four ways, one shape.

The SDK keeps what it does well: retries, authentication, timeouts, status errors and the decoding of server
sent events. Messages and tools are JSON already, so the fast path hands them to `client.post`, which the SDK
documents for endpoints without a typed method, and takes answers back as plain JSON. The slow path goes
through `chat.completions.create`, where instrumentation hooks in; it is taken when something has.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from time import sleep
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import openai
from openai.resources.chat.completions import AsyncCompletions, Completions

from langchain_novastack._compat import httpx
from langchain_novastack.transport.client import LEAN, retrying
from langchain_novastack.transport.events import read_body
from langchain_novastack.transport.streams import WholeAsyncStream, WholeStream
from langchain_novastack.transport.time_limits import Alarm, AsyncAlarm, Clock
from langchain_novastack.transport.waits import retry_after

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Generator, Iterator

    from langchain_novastack.chat_models.payload import Request

_PATH = "chat/completions"
_BACKOFF = 0.5
"""Seconds before the first retry; doubled for each further one."""

_RETRIED = {408, 409, 429}
"""Client errors that the SDK retries, besides every server error."""

_SDK_FOLDER = str(Path(openai.__file__).parent)


def is_patched(client: openai.OpenAI | openai.AsyncOpenAI) -> bool:
    """Return whether something has replaced the SDK's `create`, on the class or on this client."""
    kind = Completions if isinstance(client, openai.OpenAI) else AsyncCompletions
    create = kind.create
    if type(create) is not FunctionType or not create.__code__.co_filename.startswith(_SDK_FOLDER):
        return True
    return is_patched_itself(client)


def is_patched_itself(client: openai.OpenAI | openai.AsyncOpenAI) -> bool:
    """Return whether something has replaced `create` on this very client, so that a copy would not do."""
    return "chat" in vars(client) and "create" in vars(client.chat.completions)


def _url(client: openai.OpenAI | openai.AsyncOpenAI) -> str:
    """Return the whole address: putting it together here spares the SDK from taking it apart."""
    return f"{str(client.base_url).rstrip('/')}/{_PATH}"  # without a path of its own, a base URL ends without a slash


def _post(client: Any, request: Request, options: dict[str, Any], cast_to: Any = object, **how: Any) -> Any:
    """Send a request by the SDK's method for endpoints without a typed one.

    Options that are not given stand there as such, or the SDK would make deep copies of its defaults.
    """
    defaults = {"headers": openai.NOT_GIVEN, "max_retries": client.max_retries, "timeout": client.timeout, **LEAN}
    return client.post(_url(client), body=request.body, options={**defaults, **options}, cast_to=cast_to, **how)


@cache
def _typed_arguments() -> frozenset[str]:
    return frozenset(inspect.signature(inspect.unwrap(Completions.create)).parameters)


def _arguments(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """Spell a request as arguments of the SDK's `create`; what it has no argument for goes into `extra_body`."""
    typed = {key: value for key, value in request.body.items() if key in _typed_arguments()}
    extra = {key: value for key, value in request.body.items() if key not in typed}
    names = {"headers": "extra_headers", "params": "extra_query", "timeout": "timeout"}
    options = {names[key]: value for key, value in given.items() if key in names}
    return {**typed, **options, **({"extra_body": extra} if extra else {})}


def _limited(client: Any, request: Request, clock: Clock) -> dict[str, Any]:
    """Return the request's options with every timeout cut to what the clock leaves."""
    seconds = clock.seconds(opening=True)
    if seconds is None:
        return request.options
    given = httpx.Timeout(request.options.get("timeout", client.timeout))
    cut = {name: seconds if limit is None else min(limit, seconds) for name, limit in given.as_dict().items()}
    return {**request.options, "timeout": httpx.Timeout(**cut)}


def _restore_read_timeout(client: Any, request: Request, response: Any) -> None:
    """Give the body of a stream the read timeout that the wait for its head was cut from."""
    given = httpx.Timeout(request.options.get("timeout", client.timeout))
    response.request.extensions.setdefault("timeout", {})["read"] = given.read


def send(client: Any, request: Request, clock: Clock, *, fast: bool) -> Any:
    """Send a request and return the HTTP response, read to its end."""
    fast = fast and not is_patched(client)
    if clock.seconds() is None and fast:
        return _post(client, request, request.options, httpx.Response)
    if clock.seconds() is None:
        with retrying(request.options.get("max_retries")):
            raw = client.chat.completions.with_raw_response
            return raw.create(**_arguments(request, request.options)).http_response
    with _opened(client, request, clock, fast=fast) as answer:
        answer.response.read()
        return answer.response


def asend(client: Any, request: Request, clock: Clock, *, fast: bool) -> Awaitable[Any]:
    """Send a request and return, when awaited, the HTTP response, read to its end.

    No coroutine of its own around the SDK's: each would hold a frame for every call under way.
    """
    if fast and not is_patched(client):
        return _within(clock, _post(client, request, request.options, httpx.Response))
    return _asend_typed(client, request, clock)


async def _asend_typed(client: Any, request: Request, clock: Clock) -> Any:
    with retrying(request.options.get("max_retries")):
        raw = client.chat.completions.with_raw_response
        return (await _within(clock, raw.create(**_arguments(request, request.options)))).http_response


def _within(clock: Clock, call: Awaitable[Any]) -> Awaitable[Any]:
    """Await a call for as long as the clock allows."""
    seconds = clock.seconds(opening=True)
    return call if seconds is None else _in_time(clock, call, seconds)


async def _in_time(clock: Clock, call: Awaitable[Any], seconds: float) -> Any:
    try:
        return await asyncio.wait_for(call, seconds)
    except asyncio.TimeoutError:
        clock.ring()
        raise


def read_json(response: Any) -> Any:
    """Return a response's body as JSON; as `Events` if it is events, whatever its label says.

    Raises:
        json.JSONDecodeError: If it is HTML, empty, cut, or anything else that the parser does not take.
    """
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


@contextmanager
def _opened(client: Any, request: Request, clock: Clock, *, fast: bool) -> Iterator[Any]:
    """Open a response that is not read yet; close it, and its connection, at the end."""
    fast = fast and not is_patched(client)
    if clock.seconds(opening=True) is None:
        opened = _open(client, request, request.options, fast=fast)
    else:
        opened = _open_in_time(client, request, clock, fast=fast)
        _restore_read_timeout(client, request, opened.response)
    alarm = Alarm(clock, opened.response)
    try:
        yield opened
    finally:
        alarm.off()
        opened.close()


def _open(client: Any, request: Request, options: dict[str, Any], *, fast: bool) -> Any:
    """Return something with a `response` that is not read yet, and `close`; a stream's can be iterated too."""
    if fast:
        return _post(client, request, options, stream=True, stream_cls=WholeStream)
    with retrying(options.get("max_retries")):
        if request.body.get("stream"):
            return client.chat.completions.create(**_arguments(request, options))
        unread = client.chat.completions.with_streaming_response.create(**_arguments(request, options)).__enter__()
        return SimpleNamespace(response=unread.http_response, close=unread.close)


def _open_in_time(client: Any, request: Request, clock: Clock, *, fast: bool) -> Any:
    """Open a streamed response before the clock runs out.

    The SDK's own retries would each get the whole time, and sleep past the end of it; so they are made here.
    """
    retries = request.options.get("max_retries", client.max_retries)
    for tried in range(retries + 1):
        options = {**_limited(client, request, clock), "max_retries": 0}
        try:
            return _open(client, request, options, fast=fast)
        except openai.APIError as error:
            pause = _pause(error, tried)
            if tried == retries or pause is None or pause >= (clock.seconds() or 0.0):
                raise
        sleep(pause)
    raise AssertionError  # the last try returns or raises


def _pause(error: openai.APIError, tried: int) -> float | None:
    """Return the seconds to wait before a retry, as the SDK does; None for an error that no retry mends."""
    if isinstance(error, openai.APIConnectionError):
        return _BACKOFF * 2.0**tried
    status = getattr(error, "status_code", 0)
    if status not in _RETRIED and status < 500:  # noqa: PLR2004
        return None
    asked = retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None
    return _BACKOFF * 2.0**tried if asked is None else asked


@asynccontextmanager
async def _aopened(client: Any, request: Request, clock: Clock, *, fast: bool) -> AsyncIterator[Any]:
    """Open a streamed response; close it, and its connection, at the end."""
    if fast and not is_patched(client):
        call = _post(client, request, request.options, stream=True, stream_cls=WholeAsyncStream)
        opened = await _within(clock, call)
    else:
        with retrying(request.options.get("max_retries")):
            opened = await _within(clock, client.chat.completions.create(**_arguments(request, request.options)))
    alarm = AsyncAlarm(clock, opened.response)
    try:
        yield opened
    finally:
        alarm.off()
        await opened.close()


def stream(client: Any, request: Request, clock: Clock, *, fast: bool) -> Generator[tuple[Any, Any], None, None]:
    """Send a request and yield, for each chunk, its JSON and the response's headers."""
    with _opened(client, request, clock, fast=fast) as opened, _reading():
        for chunk in opened:
            clock.tick()
            yield chunk if isinstance(chunk, dict) else _as_json(chunk), opened.response.headers


async def astream(client: Any, request: Request, clock: Clock, *, fast: bool) -> AsyncGenerator[tuple[Any, Any], None]:
    """Send a request and yield, for each chunk, its JSON and the response's headers."""
    async with _aopened(client, request, clock, fast=fast) as opened:
        with _reading():
            async for chunk in opened:
                clock.tick()
                yield chunk if isinstance(chunk, dict) else _as_json(chunk), opened.response.headers


def _as_json(chunk: Any) -> Any:
    """Return a typed chunk of the slow path as the JSON it came from; anything else as it is."""
    return chunk.model_dump(exclude_unset=True, warnings=False) if hasattr(chunk, "model_dump") else chunk
