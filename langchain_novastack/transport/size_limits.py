"""How large an answer may be, counted after decompression: a small body may hold gigabytes of zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai

from langchain_novastack.transport.both_ways import Body, body_of, following, step

if TYPE_CHECKING:
    from langchain_novastack._compat import httpx

MAX_ANSWER_BYTES = 64 * 2**20
"""Bytes of a whole answer, or of one event of a stream, unless the user says otherwise."""


class TooLargeError(openai.OpenAIError):
    """An answer, or one event of a stream, has more than so many bytes. The SDK neither wraps nor repeats it."""


async def read(response: httpx.Response, most: int, body: Body | None = None) -> httpx.Response:
    """Read a response to its end, as its own `read` does, and close it; `body` yields and closes it if not it itself.

    Raises:
        TooLargeError: If an answer has more than `most` bytes; an error is cut there.
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
    return response
