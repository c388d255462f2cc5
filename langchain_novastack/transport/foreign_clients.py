"""Answers that come through a client of the caller's, into whose network we cannot look: limits are held from outside.

So they are for a plain `ChatOpenAI`, whose thread stays until the gateway sends something or its own timeout is over.
Over HTTP/1.1 the socket is shut down, which ends the read that waits on it. Over HTTP/2 others may share it, and the
HTTP library ends all answers of a connection when one read of it fails or is late, so that neither may happen.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from langchain_novastack.transport.time_limits import TimeLimits, in_time, shut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from langchain_novastack._compat import httpx


def watched(
    body: Any, response: httpx.Response | None, limits: TimeLimits, late: Callable[[], Exception] = TimeoutError
) -> Generator[Any, None, None]:
    """Yield what a response sends, and raise that it is late when a limit is over: a thread of its own waits for it.

    It also closes the response; where it is left over HTTP/2, or not known, when the next bytes come.
    """
    came: SimpleQueue[Any] = SimpleQueue()
    left = threading.Event()
    hand_over = (_hand_over, *body, came, left)
    threading.Thread(target=copy_context().run, args=hand_over, name="novastack-watched", daemon=True).start()
    end: BaseException | None = None
    try:
        while end is None:
            with suppress(Empty):
                piece, end = came.get(timeout=limits.seconds())
                if end is None:
                    yield piece
                continue
            end = late() if limits.over() else None
    finally:
        left.set()
        if response and not isinstance(end, StopIteration) and response.http_version != "HTTP/2":
            shut(response.extensions.get("network_stream"))
    if not isinstance(end, StopIteration):
        raise end


def _hand_over(pieces: Iterator[Any], close: Callable[[], Any], came: SimpleQueue[Any], left: threading.Event) -> None:
    """Put what comes into a queue, and then how it ended, unless nobody waits any more."""
    try:
        for piece in pieces:
            came.put((piece, None))
            if left.is_set():
                break
        came.put((None, StopIteration()))
    except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
        came.put((None, error))
    close()


async def abounded(source: Any, limits: TimeLimits, model: str) -> AsyncIterator[Any]:
    """Yield what an async generator gives that does not look at limits; raise their error when one is over."""
    try:
        while (piece := await in_time(limits, anext(source, None))) is not None:
            yield piece
    except asyncio.TimeoutError:
        if not limits.expired:
            raise
        raise limits.error(model) from None
    finally:
        await source.aclose()
