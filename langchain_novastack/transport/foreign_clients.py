"""Answers that come through a client of the caller's, into whose network we cannot look: limits are held from outside.

Over HTTP/1.1 the socket is shut down, which ends the read that waits on it. Over HTTP/2 others may share it, and the
HTTP library ends all answers of a connection when one read of it fails or is late, so that neither may happen.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from langchain_novastack.transport.time_limits import in_time, shut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from langchain_novastack._compat import httpx
    from langchain_novastack.transport.time_limits import TimeLimits


class WatchedPieces:
    """What a response sends, for as long as the limits allow: a thread of its own waits for it."""

    def __init__(self, body: Any, response: httpx.Response, limits: TimeLimits) -> None:
        """Start the thread, which also closes the response; if it is left over HTTP/2, when the next bytes come."""
        self._pieces, self._close_it = body
        self._response, self._limits = response, limits
        self._came: SimpleQueue[Any] = SimpleQueue()
        self._end: BaseException | None = None
        self._left = False
        run = copy_context().run
        threading.Thread(target=lambda: run(self._hand_over), name="novastack-watched", daemon=True).start()

    def _hand_over(self) -> None:
        try:
            for piece in self._pieces:
                self._came.put((piece, None))
                if self._left:
                    break
            self._came.put((None, StopIteration()))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self._came.put((None, error))
        self._close_it()

    def __iter__(self) -> WatchedPieces:
        """Return itself."""
        return self

    def __next__(self) -> Any:
        """Wait for the next piece.

        Raises:
            TimeoutError: If a limit is over before.
        """
        piece = None
        if self._end is None:
            piece, self._end = self._waited_for()
        if self._end is not None:
            raise self._end
        return piece

    def _waited_for(self) -> Any:
        while True:
            with suppress(Empty):
                return self._came.get(timeout=self._limits.seconds())
            if self._limits.over():
                return None, TimeoutError()

    def close(self) -> None:
        """Leave the thread."""
        self._left = True
        if not isinstance(self._end, StopIteration) and self._response.http_version != "HTTP/2":
            shut(self._response.extensions.get("network_stream"))


async def watched(pieces: AsyncIterator[Any], limits: TimeLimits) -> AsyncIterator[Any]:
    """Yield what a response sends, for as long as the limits allow."""
    while (piece := await in_time(limits, anext(pieces, None))) is not None:
        yield piece
