"""Streams of JSON, read to their very end: one that is left before costs its connection, and a TLS handshake.

The SDK stops at `[DONE]`, and what follows on the wire, the end of the HTTP body, stays unread. Over HTTP/2 to leave a
stream costs nothing.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING, Any

import openai

from langchain_novastack.transport.events import DONE, EventDecoder
from langchain_novastack.transport.json_text import loads
from langchain_novastack.transport.time_limits import Alarm, AsyncAlarm, is_shared

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from langchain_novastack._compat import httpx
    from langchain_novastack.transport.events import Event
    from langchain_novastack.transport.time_limits import TimeLimits

_GRACE = 0.2
"""Seconds that the end of the body may take to follow; then the connection is given up."""


def as_sdks(error: Exception, request: httpx.Request) -> Exception:
    """Return what the SDK raises for an error of the HTTP library, of whichever version; any other as it is."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("httpx")]
    if "RequestError" not in kinds:
        return error
    late = "TimeoutException" in kinds
    failure = openai.APITimeoutError(request=request) if late else openai.APIConnectionError(request=request)
    failure.__cause__ = error
    return failure


class _Stream:
    """What a stream is made of: its response, and the limits of its request."""

    def __init__(self, response: httpx.Response, most: int, limits: TimeLimits) -> None:
        """Take a response that is not read yet.

        Args:
            response: From the gateway.
            most: Bytes that an event may have.
            limits: Of the request; the end of the body gets a short one of its own.
        """
        self.response = response
        self._limits = limits
        self._decoder = EventDecoder(most)
        self._done = False

    def _chunks(self, piece: bytes | None) -> Iterable[Any]:
        """Return the JSON of the events in a piece; None: of what is left at the end."""
        if piece is None:
            return self._slowly(self._decoder.finish())
        plain = self._decoder.plain(piece)
        return self._slowly(self._decoder.feed(piece)) if plain is None else map(self._json, plain)

    def _slowly(self, events: Iterator[Event]) -> Iterator[Any]:
        """Yield the JSON of events, up to the mark of the end.

        Raises:
            openai.APIError: If one is an error.
        """
        for event in events:
            if event.data == DONE:
                self._done = True
                return
            yield self._json(event.data)

    def _json(self, data: str | bytes) -> Any:
        read = loads(data)
        if isinstance(read, dict) and read.get("error"):
            msg = "An error occurred during streaming"
            raise openai.APIError(msg, self.response.request, body=read["error"])
        return read

    def _begin_the_end(self) -> bool:
        """Return whether the rest of the body is worth reading, which must come soon."""
        self._limits.grace = monotonic() + _GRACE
        return not is_shared(self.response)


class WholeStream(_Stream):
    """A stream of JSON whose connection can be used again."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the JSON of each event."""
        pieces = self.response.iter_bytes()
        try:
            for piece in chain(pieces, [None]):
                yield from self._chunks(piece)
                if self._done:
                    self._read_on(pieces)
                    return
        except Exception as error:  # noqa: BLE001 - unknown ones come back as they are
            raise as_sdks(error, self.response.request)  # noqa: B904 - which sets the cause

    def _read_on(self, pieces: Iterator[bytes]) -> None:
        if self._begin_the_end():
            alarm = Alarm(self._limits, self.response)
            with suppress(Exception):  # behind a complete answer nothing matters
                for _ in pieces:
                    pass
            alarm.off()

    def close(self) -> None:
        """Close the response, and its connection if it is not read to the end."""
        self.response.close()


class WholeAsyncStream(_Stream):
    """A stream of JSON whose connection can be used again."""

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Yield the JSON of each event."""
        pieces = self.response.aiter_bytes()
        try:
            async for piece in pieces:
                for chunk in self._chunks(piece):
                    yield chunk
                if self._done:
                    await self._read_on(pieces)
                    return
            for chunk in self._chunks(None):
                yield chunk
        except Exception as error:  # noqa: BLE001 - unknown ones come back as they are
            raise as_sdks(error, self.response.request)  # noqa: B904 - which sets the cause

    async def _read_on(self, pieces: AsyncIterator[bytes]) -> None:
        if self._begin_the_end():
            alarm = AsyncAlarm(self._limits, self.response)
            with suppress(Exception):  # behind a complete answer nothing matters
                async for _ in pieces:
                    pass
            alarm.off()

    async def close(self) -> None:
        """Close the response, and its connection if it is not read to the end."""
        await self.response.aclose()
