"""The only module that sends requests: four ways, one shape.

Messages and tools are JSON already, so the fast path sends them as a `client.Template` has it, or as the SDK builds the
request where that is not enough, and takes answers back as plain JSON. It repeats what the SDK would, by its rules. The
slow path goes through `chat.completions.create`, where instrumentation hooks in; it is taken when something has.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import time
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import openai
from openai.resources.chat.completions import AsyncCompletions, Completions

from langchain_novastack._compat import httpx
from langchain_novastack.transport import retry_budget, size_limits
from langchain_novastack.transport.client import AsyncNovastackClient, NovastackClient, retrying
from langchain_novastack.transport.events import read_body
from langchain_novastack.transport.http2 import awithin, within
from langchain_novastack.transport.pools import LoopClient, ProcessClient
from langchain_novastack.transport.streams import WholeAsyncStream, WholeStream, as_sdks
from langchain_novastack.transport.time_limits import Alarm, AsyncAlarm, TimeLeft, TimeLimits

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Mapping

    from langchain_novastack.transport.chat_request import Request

    Client = openai.OpenAI | openai.AsyncOpenAI
    Options = dict[str, Any]
    Chunk = tuple[Any, Mapping[str, str]]

T = TypeVar("T")

_PATH = "chat/completions"
_EXPRESSED = {"timeout", "max_retries"}
"""Options of a request that a template can express."""

_RETRY_COUNT = "x-stainless-retry-count"
_SDK_FOLDER = str(Path(openai.__file__).parent)
_SDK_LOG = logging.getLogger("openai")


# ---- which path


def is_watched(client: Client) -> bool:
    """Return whether anything may look on while the SDK works.

    It has replaced a method of the SDK, on the class or on this client, or the client is not one of ours; or the SDK
    writes a log.
    """
    kind, own = type(client), vars(client)
    if kind is not NovastackClient and kind is not AsyncNovastackClient:
        return True
    create = Completions.create if kind is NovastackClient else AsyncCompletions.create
    if not (_is_sdks(create) and _is_sdks(kind.post) and _is_sdks(kind.request)):
        return True
    if "chat" in own and "create" in vars(client.chat.completions):
        return True
    return "post" in own or "request" in own or _SDK_LOG.isEnabledFor(logging.DEBUG)


def _is_sdks(function: Any) -> bool:
    return type(function) is FunctionType and _is_written_there(function)


@lru_cache(maxsize=64)
def _is_written_there(function: FunctionType) -> bool:
    return function.__code__.co_filename.startswith(_SDK_FOLDER)


def _is_ours(client: Client) -> bool:
    """Return whether a client sends through our own pools, whose network looks at the limits itself."""
    return type(client._client) in (ProcessClient, LoopClient)  # noqa: SLF001 - see `client`


# ---- what is sent


def _url(client: Client) -> str:
    """Return the whole address: putting it together here spares the SDK from taking it apart."""
    return f"{str(client.base_url).rstrip('/')}/{_PATH}"  # without a path of its own, a base URL ends without a slash


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


def _timeouts(client: Client, request: Request, limits: TimeLimits, *, stream: bool = False) -> dict[str, Any]:
    """Return the request's timeouts, cut to what the limits leave."""
    given = request.options.get("timeout", client.timeout)
    named: dict[str, Any] = httpx.Timeout(given).as_dict()
    sync = isinstance(client, openai.OpenAI)
    limited = limits.moment() is not None
    limits.bound = sync and _is_ours(client) and (limited or named["read"] is not None)
    if not limited and not (stream and limits.bound):
        return named
    names = tuple(named) if sync else ("connect",)
    cut = {name: TimeLeft(named[name], limits) for name in names}
    if "pool" in cut:
        cut["pool"] = float(cut["pool"])  # type: ignore[assignment] # which the library waits for without the network
    return {**named, **cut}


def _options(client: Client, request: Request, limits: TimeLimits, *, stream: bool = False) -> Options:
    return {**request.options, "timeout": httpx.Timeout(**_timeouts(client, request, limits, stream=stream))}


def _from_template(client: Any, request: Request, limits: TimeLimits, *, stream: bool) -> httpx.Request | None:
    """Return a request made by the client's template; None where the SDK must build it."""
    template = client.template
    if template is None or not template.fits(client) or not request.options.keys() <= _EXPRESSED:
        return None
    timeouts = _timeouts(client, request, limits, stream=stream)
    try:
        return cast("httpx.Request", template.request(client, request.body, timeouts))
    except TypeError:
        return None


# ---- what is repeated


class _Tries:
    """The tries of a request, by the SDK's rules and in time.

    The SDK's own retries would each get the whole time, and sleep past the end of it.
    """

    def __init__(self, client: Client, request: Request, limits: TimeLimits) -> None:
        self._client, self._limits = client, limits
        self._most: int = request.options.get("max_retries", client.max_retries)
        self.taken = 0

    def counted(self, request: httpx.Request) -> httpx.Request:
        """Tell in a request which try it is."""
        if self.taken:
            request.headers[_RETRY_COUNT] = str(self.taken)
        return request

    def pause(self, error: Exception) -> float | None:
        """Return the seconds to wait before the next try; None where there is none."""
        pause = self._pause(error) if self.taken < self._most else None
        left = self._limits.seconds()
        if pause is None or (left is not None and pause >= left):
            return None
        self.taken += 1
        return pause

    def _pause(self, error: Exception) -> float | None:
        """Return what the SDK would wait; None for an error that no retry cures."""
        response, client = getattr(error, "response", None), self._client
        if response is not None and not client._should_retry(response):  # noqa: SLF001 - the SDK's rules have no other name
            return None
        if response is None and not (
            isinstance(error, openai.APIConnectionError | httpx.RequestError)
            and retry_budget.draw(getattr(client, "budget", None))
        ):
            return None
        options: Any = SimpleNamespace(get_max_retries=lambda _: self._most)
        headers = None if response is None else response.headers
        return client._calculate_retry_timeout(self._most - self.taken, options, headers)  # noqa: SLF001 - as above


def _repeating(tries: _Tries, attempt: Callable[[], T]) -> T:
    while True:
        try:
            return attempt()
        except (openai.APIError, httpx.RequestError) as error:
            if (pause := tries.pause(error)) is None:
                raise  # from here: a frame that holds the error would be held by it
        time.sleep(pause)


async def _arepeating(tries: _Tries, attempt: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await attempt()
        except (openai.APIError, httpx.RequestError) as error:
            if (pause := tries.pause(error)) is None:
                raise
        await asyncio.sleep(pause)


# ---- one try


def _received(client: Any, request: Request, limits: TimeLimits, tries: _Tries, *, stream: bool) -> httpx.Response:
    """Send a request, past the SDK, and return what came with a status of success."""
    sent = _from_template(client, request, limits, stream=stream)
    if sent is None:
        sent = client.draft(_url(client), request.body, _options(client, request, limits, stream=stream))
        if request.options.keys() <= _EXPRESSED:
            client.keep(sent)
    try:
        response = client.exchange(tries.counted(sent), stream=stream)
        if not response.is_success and stream:
            size_limits.read(response, client.max_answer_bytes)
    except Exception as error:  # noqa: BLE001 - unknown ones come back as they are
        raise as_sdks(error, sent)  # noqa: B904 - which sets the cause
    return _checked(response)


async def _areceived(
    client: Any, request: Request, limits: TimeLimits, tries: _Tries, *, stream: bool
) -> httpx.Response:
    """Send a request, past the SDK, and return what came with a status of success."""
    sent = _from_template(client, request, limits, stream=stream)
    if sent is None:
        sent = await client.draft(_url(client), request.body, _options(client, request, limits, stream=stream))
        if request.options.keys() <= _EXPRESSED:
            client.keep(sent)
    try:
        response = await client.exchange(tries.counted(sent), stream=stream)
        if not response.is_success and stream:
            await size_limits.aread(response, client.max_answer_bytes)
    except Exception as error:  # noqa: BLE001 - unknown ones come back as they are
        raise as_sdks(error, sent)  # noqa: B904 - which sets the cause
    return _checked(response)


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    text = response.text.strip()
    raise openai.APIStatusError(text or f"Error code: {response.status_code}", response=response, body=text)


def _answer(client: Any, request: Request, limits: TimeLimits, tries: _Tries, *, fast: bool) -> httpx.Response:
    """Return a response that is read to its end, for as long as the limits allow."""
    if fast and (limits.moment() is None or _is_ours(client)):
        return _received(client, request, limits, tries, stream=False)
    opened = _open(client, request, limits, tries, fast=fast)
    with _watching(opened, client, request, limits):
        most = getattr(client, "max_answer_bytes", size_limits.MAX_ANSWER_BYTES)
        return next(iter(within((size_limits.read(it.response, most) for it in [opened]), opened, limits)))


def _open(client: Any, request: Request, limits: TimeLimits, tries: _Tries | None, *, fast: bool) -> Any:
    """Return something with a `response` that is not read yet, and `close`; a stream's can be iterated too.

    Without tries of ours, the SDK makes its own.
    """
    if fast and tries:
        return WholeStream(_received(client, request, limits, tries, stream=True), client.max_answer_bytes, limits)
    arguments = _arguments(request, _options(client, request, limits, stream=True))
    with retrying(0 if tries else request.options.get("max_retries")):
        if request.body.get("stream"):
            return client.chat.completions.create(**arguments)
        unread = client.chat.completions.with_streaming_response.create(**arguments).__enter__()
        return SimpleNamespace(response=unread.http_response, close=unread.close)


@contextmanager
def _watching(opened: Any, client: Client, request: Request, limits: TimeLimits) -> Iterator[None]:
    """Hold the limits while a response is read; close it, and its connection, at the end."""
    if not limits.bound:  # the body gets the read timeout that the wait for its head was cut from
        given = httpx.Timeout(request.options.get("timeout", client.timeout))
        opened.response.request.extensions.setdefault("timeout", {})["read"] = given.read
    limits.tick()
    alarm = Alarm(limits, opened.response)
    try:
        yield
    finally:
        alarm.off()
        if not limits.apart:
            opened.close()


async def _in_time(limits: TimeLimits, call: Awaitable[T]) -> T:
    """Await a call for as long as the limits allow."""
    try:
        return await asyncio.wait_for(call, limits.seconds())
    except asyncio.TimeoutError:
        limits.expire()
        raise


# ---- four ways


def send(client: openai.OpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> httpx.Response:
    """Send a request and return the HTTP response, read to its end."""
    fast = fast and not is_watched(client)
    if fast or limits.moment() is not None:
        tries = _Tries(client, request, limits)
        return _repeating(tries, lambda: _answer(client, request, limits, tries, fast=fast))
    with retrying(request.options.get("max_retries")):
        raw = client.chat.completions.with_raw_response
        return raw.create(**_arguments(request, request.options)).http_response


async def asend(client: openai.AsyncOpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> httpx.Response:
    """Send a request and return the HTTP response, read to its end."""
    if fast and not is_watched(client):
        tries = _Tries(client, request, limits)
        call = _arepeating(tries, lambda: _areceived(client, request, limits, tries, stream=False))
        return await (call if limits.moment() is None else _in_time(limits, call))
    with retrying(request.options.get("max_retries")):
        raw = client.chat.completions.with_raw_response
        answer = await _in_time(limits, raw.create(**_arguments(request, _options(client, request, limits))))
        return cast("httpx.Response", answer.http_response)


def stream(client: openai.OpenAI, request: Request, limits: TimeLimits, *, fast: bool) -> Generator[Chunk, None, None]:
    """Send a request and yield, for each chunk, its JSON and the response's headers."""
    fast = fast and not is_watched(client)
    if fast or limits.moment() is not None:
        tries = _Tries(client, request, limits)
        opened = _repeating(tries, lambda: _open(client, request, limits, tries, fast=fast))
    else:
        opened = _open(client, request, limits, None, fast=False)
    with _watching(opened, client, request, limits), _reading():
        for chunk in within(opened, opened, limits):
            limits.tick()
            yield chunk if isinstance(chunk, dict) else _as_json(chunk), opened.response.headers


async def astream(
    client: openai.AsyncOpenAI, request: Request, limits: TimeLimits, *, fast: bool
) -> AsyncGenerator[Chunk, None]:
    """Send a request and yield, for each chunk, its JSON and the response's headers."""
    opened = await _in_time(limits, _aopen(client, request, limits, fast=fast and not is_watched(client)))
    limits.tick()
    alarm = AsyncAlarm(limits, opened.response)
    try:
        with _reading():
            async for chunk in awithin(opened, opened.response, limits):
                limits.tick()
                yield chunk if isinstance(chunk, dict) else _as_json(chunk), opened.response.headers
    finally:
        alarm.off()
        await opened.close()


async def _aopen(client: Any, request: Request, limits: TimeLimits, *, fast: bool) -> Any:
    """Return a stream, with a `response` that is not read yet, and `close`."""
    if fast:
        tries = _Tries(client, request, limits)
        response = await _arepeating(tries, lambda: _areceived(client, request, limits, tries, stream=True))
        return WholeAsyncStream(response, client.max_answer_bytes, limits)
    with retrying(request.options.get("max_retries")):
        return await client.chat.completions.create(**_arguments(request, _options(client, request, limits)))


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


def _as_json(chunk: Any) -> Any:
    """Return a typed chunk of the slow path as the JSON it came from; anything else as it is."""
    return chunk.model_dump(exclude_unset=True, warnings=False) if hasattr(chunk, "model_dump") else chunk
