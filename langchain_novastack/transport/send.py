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
from typing import TYPE_CHECKING, Any, TypeVar, cast

import openai
from openai.resources.chat.completions import AsyncCompletions, Completions

from langchain_novastack._compat import httpx
from langchain_novastack.transport import size_limits
from langchain_novastack.transport.client import SKIP_FIELDS_SET, retrying
from langchain_novastack.transport.events import read_body
from langchain_novastack.transport.http2 import awithin, within
from langchain_novastack.transport.streams import WholeAsyncStream, WholeStream
from langchain_novastack.transport.time_limits import Alarm, AsyncAlarm, TimeLimits

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping

    from langchain_novastack.transport.chat_request import Request

    Client = openai.OpenAI | openai.AsyncOpenAI
    Options = dict[str, Any]
    Chunk = tuple[Any, Mapping[str, str]]

T = TypeVar("T")

_PATH = "chat/completions"
_SDK_FOLDER = str(Path(openai.__file__).parent)


def is_patched(client: Client) -> bool:
    """Return whether something has replaced the SDK's `create`, on the class or on this client."""
    kind = Completions if isinstance(client, openai.OpenAI) else AsyncCompletions
    create = kind.create
    if type(create) is not FunctionType or not create.__code__.co_filename.startswith(_SDK_FOLDER):
        return True
    return "chat" in vars(client) and "create" in vars(client.chat.completions)


def _url(client: Client) -> str:
    """Return the whole address: putting it together here spares the SDK from taking it apart."""
    return f"{str(client.base_url).rstrip('/')}/{_PATH}"  # without a path of its own, a base URL ends without a slash


def _post(client: Client, request: Request, options: Options, cast_to: type[Any] = object, **how: Any) -> Any:
    """Send a request by the SDK's method for endpoints without a typed one.

    Options that are not given stand there as such, or the SDK would make deep copies of its defaults.
    """
    given: dict[str, Any] = {
        "headers": openai.NOT_GIVEN,
        "max_retries": client.max_retries,
        "timeout": client.timeout,
        **SKIP_FIELDS_SET,
        **options,
    }
    post: Any = client.post  # its overloads tell streams from answers, sync from async
    return post(_url(client), body=request.body, options=given, cast_to=cast_to, **how)


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


def _limited(client: Client, request: Request, limits: TimeLimits) -> Options:
    """Return the request's options with every timeout cut to what the limits leave."""
    seconds = limits.seconds(opening=True)
    if seconds is None:
        return request.options
    given = httpx.Timeout(request.options.get("timeout", client.timeout))
    cut = {name: seconds if limit is None else min(limit, seconds) for name, limit in given.as_dict().items()}
    return {**request.options, "timeout": httpx.Timeout(**cut)}


def _restore_read_timeout(client: Client, request: Request, response: httpx.Response) -> None:
    """Give the body of a stream the read timeout that the wait for its head was cut from."""
    given = httpx.Timeout(request.options.get("timeout", client.timeout))
    response.request.extensions.setdefault("timeout", {})["read"] = given.read


def send(client: openai.OpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> httpx.Response:
    """Send a request and return the HTTP response, read to its end."""
    fast = fast and not is_patched(client)
    if limits.seconds() is not None:
        return _repeating(
            client, request, limits, lambda options: _read_in_time(client, request, options, limits, fast)
        )
    if fast:
        return cast("httpx.Response", _post(client, request, request.options, httpx.Response))
    with retrying(request.options.get("max_retries")):
        raw = client.chat.completions.with_raw_response
        return raw.create(**_arguments(request, request.options)).http_response


def asend(client: openai.AsyncOpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> Awaitable[httpx.Response]:
    """Send a request and return, when awaited, the HTTP response, read to its end.

    No coroutine of its own around the SDK's: each would hold a frame for every call under way.
    """
    if fast and not is_patched(client):
        return _within(limits, _post(client, request, request.options, httpx.Response))
    return _asend_typed(client, request, limits)


async def _asend_typed(client: openai.AsyncOpenAI, request: Request, limits: TimeLimits) -> httpx.Response:
    with retrying(request.options.get("max_retries")):
        raw = client.chat.completions.with_raw_response
        answer = await _within(limits, raw.create(**_arguments(request, request.options)))
        return cast("httpx.Response", answer.http_response)


def _within(limits: TimeLimits, call: Awaitable[T]) -> Awaitable[T]:
    """Await a call for as long as the limits allow."""
    seconds = limits.seconds(opening=True)
    return call if seconds is None else _in_time(limits, call, seconds)


async def _in_time(limits: TimeLimits, call: Awaitable[T], seconds: float) -> T:
    try:
        return await asyncio.wait_for(call, seconds)
    except asyncio.TimeoutError:
        limits.expire()
        raise


def read_json(response: httpx.Response) -> Any:
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
def _opened(client: openai.OpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> Iterator[Any]:
    """Open a stream; close it, and its connection, at the end."""
    fast = fast and not is_patched(client)
    if limits.seconds(opening=True) is None:
        opened = _open(client, request, request.options, fast=fast)
    else:
        opened = _repeating(client, request, limits, lambda options: _open(client, request, options, fast=fast))
        _restore_read_timeout(client, request, opened.response)
    alarm = Alarm(limits, opened.response)
    try:
        yield opened
    finally:
        alarm.off()
        if not limits.apart:
            opened.close()


def _open(client: openai.OpenAI, request: Request, options: Options, *, fast: bool) -> Any:
    """Return something with a `response` that is not read yet, and `close`; a stream's can be iterated too."""
    if fast:
        return _post(client, request, options, stream=True, stream_cls=WholeStream)
    with retrying(options.get("max_retries")):
        if request.body.get("stream"):
            return client.chat.completions.create(**_arguments(request, options))
        unread = client.chat.completions.with_streaming_response.create(**_arguments(request, options)).__enter__()
        return SimpleNamespace(response=unread.http_response, close=unread.close)


def _read_in_time(
    client: openai.OpenAI,
    request: Request,
    options: Options,
    limits: TimeLimits,
    fast: bool,  # noqa: FBT001 - its only caller
) -> httpx.Response:
    """Open a response and read it to its end, for as long as the limits allow."""
    opened = _open(client, request, options, fast=fast)
    _restore_read_timeout(client, request, opened.response)
    alarm = Alarm(limits, opened.response)
    try:
        most = getattr(client, "max_answer_bytes", size_limits.MAX_ANSWER_BYTES)
        return next(iter(within((size_limits.read(it.response, most) for it in [opened]), opened, limits)))
    finally:
        alarm.off()
        if not limits.apart:
            opened.close()


def _repeating(client: openai.OpenAI, request: Request, limits: TimeLimits, attempt: Callable[[Options], T]) -> T:
    """Make an attempt, and others after failures, by the SDK's rules and in time.

    The SDK's own retries would each get the whole time, and sleep past the end of it.
    """
    retries = request.options.get("max_retries", client.max_retries)
    for left in range(retries, -1, -1):
        try:
            return attempt({**_limited(client, request, limits), "max_retries": 0})
        except (openai.APIError, httpx.RequestError) as error:
            pause = _pause(client, error, left, retries) if left else None
            if pause is None or pause >= (limits.seconds(opening=True) or 0.0):
                raise
        sleep(pause)
    raise AssertionError  # the last attempt returns or raises


def _pause(client: openai.OpenAI, error: Exception, left: int, retries: int) -> float | None:
    """Return the seconds to wait before a retry, as the SDK has them; None for an error that no retry mends."""
    response = getattr(error, "response", None)
    if response is not None and not client._should_retry(response):  # noqa: SLF001 - the SDK's rules have no other name
        return None
    if response is None and not isinstance(error, openai.APIConnectionError | httpx.RequestError):
        return None
    options: Any = SimpleNamespace(get_max_retries=lambda _: retries)
    headers = None if response is None else response.headers
    return client._calculate_retry_timeout(left, options, headers)  # noqa: SLF001 - as above


@asynccontextmanager
async def _aopened(
    client: openai.AsyncOpenAI, request: Request, limits: TimeLimits, *, fast: bool
) -> AsyncIterator[Any]:
    """Open a stream; close it, and its connection, at the end."""
    if fast and not is_patched(client):
        call = _post(client, request, request.options, stream=True, stream_cls=WholeAsyncStream)
        opened = await _within(limits, call)
    else:
        with retrying(request.options.get("max_retries")):
            opened = await _within(limits, client.chat.completions.create(**_arguments(request, request.options)))
    alarm = AsyncAlarm(limits, opened.response)
    try:
        yield opened
    finally:
        alarm.off()
        await opened.close()


def stream(client: openai.OpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> Generator[Chunk, None, None]:
    """Send a request and yield, for each chunk, its JSON and the response's headers."""
    with _opened(client, request, limits, fast=fast) as opened, _reading():
        for chunk in within(opened, opened, limits):
            limits.tick()
            yield chunk if isinstance(chunk, dict) else _as_json(chunk), opened.response.headers


async def astream(
    client: openai.AsyncOpenAI, request: Request, limits: TimeLimits, *, fast: bool
) -> AsyncGenerator[Chunk, None]:
    """Send a request and yield, for each chunk, its JSON and the response's headers."""
    async with _aopened(client, request, limits, fast=fast) as opened:
        with _reading():
            async for chunk in awithin(opened, opened.response, limits):
                limits.tick()
                yield chunk if isinstance(chunk, dict) else _as_json(chunk), opened.response.headers


def _as_json(chunk: Any) -> Any:
    """Return a typed chunk of the slow path as the JSON it came from; anything else as it is."""
    return chunk.model_dump(exclude_unset=True, warnings=False) if hasattr(chunk, "model_dump") else chunk
