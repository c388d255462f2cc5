"""Answers, whole or streams of JSON, read to their very end: one left before costs its connection, a TLS handshake.

The SDK stops at `[DONE]`, and what follows on the wire, the end of the HTTP body, stays unread.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import openai

from langchain_novastack.transport.both_ways import Body, body_of, following, step
from langchain_novastack.transport.events import DONE, EventDecoder, TooLargeError, loads
from langchain_novastack.transport.time_limits import in_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from langchain_novastack._compat import httpx
    from langchain_novastack.transport.time_limits import TimeLimits

_GRACE = 0.2  # seconds that the end of the body may take to follow; then the connection is given up


async def read_whole(response: httpx.Response, most: int, body: Body | None = None) -> httpx.Response:
    """Read a response to its end, as its own `read` does, and close it; `body` yields and closes it if not it itself.

    Raise `TooLargeError` if an answer has more than `most` bytes; an error is cut there.
    """
    pieces, close = body or body_of(response)
    parts, size = [], 0
    try:
        while size <= most and (piece := await following(pieces)) is not None:
            parts.append(piece)
            size += len(piece)
    finally:
        await step(close())
    if size > most and response.is_success:
        raise TooLargeError(most)
    response._content = b"".join(parts)[:most]  # noqa: SLF001 - where its own `read` puts it
    try:
        _ = response.is_success or response.text  # the words of a failure, for which any codec of Python's may be named
    except Exception:  # noqa: BLE001 - whatever a codec raises
        response.encoding = "utf-8"
    return response


class OpenStream:
    """A stream, sync or async, of bytes or of the SDK's typed chunks."""

    def __init__(
        self, response: httpx.Response, body: Body, limits: TimeLimits, most: int | None, *, held: bool
    ) -> None:
        """Take a response and its body, of events of at most so many bytes, or (None) of typed chunks.

        `held` is whether what yields the body holds the limits by itself.
        """
        self.response, self.body, self.close, self._limits = response, body, body[1], limits
        self._decoder, self._held = None if most is None else EventDecoder(most), held
        self._done, self._came = False, True  # whether all was said; whether anything was since the last wait

    async def chunks(self) -> Iterable[Any] | None:
        """Return the JSON of the chunks that come next, which may raise what they are; None at the end."""
        if self._came:  # signs of life are no chunk, and what the caller did in between took no time of the gateway's
            self._limits.tick()
        if self._done:
            self._limits.completed(_GRACE)
            with suppress(Exception):  # behind a complete answer nothing matters
                while await self._piece() is not None:
                    pass
            return None
        piece, decoder = await self._piece(), self._decoder
        self._came = decoder is None
        if decoder is None:
            typed = hasattr(piece, "model_dump")  # as the SDK's are; instrumentation may give others
            return None if piece is None else [piece.model_dump(exclude_unset=True, warnings=False) if typed else piece]
        if piece is None:
            self._done = True
            return self._slowly(decoder.finish())
        plain = decoder.plain(piece)
        return self._slowly(decoder.feed(piece)) if plain is None else map(self._json, plain)

    async def _piece(self) -> Any:
        piece = following(self.body[0])
        return await (piece if self._held else in_time(self._limits, piece))

    def _slowly(self, events: Iterator[Any]) -> Iterator[Any]:
        """Yield the JSON of events, up to the mark of the end."""
        for event in events:
            if event.data == DONE:
                self._done = True
                return
            yield self._json(event.data)

    def _json(self, data: str | bytes) -> Any:
        read, self._came = loads(data), True
        if isinstance(read, dict) and read.get("error"):
            msg = "An error occurred during streaming"
            raise openai.APIError(msg, self.response.request, body=read)
        return read
