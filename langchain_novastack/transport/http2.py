"""Answers over HTTP/2, many at once over one connection: how one of them is given up without harm to its neighbours.

The HTTP library ends all answers of a connection when one read of it fails or is late, so neither may happen.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_novastack.transport.time_limits import is_shared

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

    from langchain_novastack._compat import httpx
    from langchain_novastack.transport.time_limits import TimeLimits

T = TypeVar("T")


def within(items: Iterable[T], opened: Any, limits: TimeLimits) -> Iterable[T]:
    """Return what a response sends, for as long as the limits allow.

    Over HTTP/1.1 a read that waits is ended. Over HTTP/2 a thread of its own waits; when a limit is over it is left
    behind, and closes the response when the next bytes of it come.

    Args:
        items: What is read from it.
        opened: Has the `response`, and can `close` it.
        limits: Of the request.
    """
    if not is_shared(opened.response) or limits.moment() is None:
        return items
    limits.apart = True
    return _waited_for(items, opened, limits)


def _waited_for(items: Iterable[T], opened: Any, limits: TimeLimits) -> Iterator[T]:
    came: SimpleQueue[Any] = SimpleQueue()
    left = threading.Event()
    hand_over = partial(copy_context().run, _hand_over, items, came, left, opened)
    threading.Thread(target=hand_over, name="novastack-http2", daemon=True).start()
    try:
        while True:
            item, end = _next(came, limits)
            if end is not None:
                break
            yield item
    finally:
        left.set()
    if not isinstance(end, StopIteration):
        raise end


def _hand_over(items: Iterable[Any], came: SimpleQueue[Any], left: threading.Event, opened: Any) -> None:
    """Put what comes into a queue, and then how it ended, unless nobody waits any more."""
    try:
        for item in items:
            came.put((item, None))
            if left.is_set():
                break
        came.put((None, StopIteration()))
    except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
        came.put((None, error))
    opened.close()


def _next(came: SimpleQueue[Any], limits: TimeLimits) -> Any:
    while True:
        with suppress(Empty):
            return came.get(timeout=limits.seconds())
        if limits.over():
            raise TimeoutError


def awithin(items: AsyncIterable[T], response: httpx.Response, limits: TimeLimits) -> AsyncIterable[T]:
    """Return what a response sends, for as long as the limits allow; see `within`."""
    return items if not is_shared(response) or limits.moment() is None else _awaited(items, limits)


async def _awaited(items: AsyncIterable[T], limits: TimeLimits) -> AsyncIterator[T]:
    source = aiter(items)
    while True:
        try:
            item = await asyncio.wait_for(anext(source), limits.seconds())
        except StopAsyncIteration:
            return
        except asyncio.TimeoutError:
            limits.expire()
            raise
        yield item
