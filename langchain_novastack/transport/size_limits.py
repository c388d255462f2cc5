"""How large an answer may be, counted after decompression: a small body may hold gigabytes of zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from langchain_novastack._compat import httpx

MAX_ANSWER_BYTES = 64 * 2**20
"""Bytes of a whole answer, or of one event of a stream, unless the user says otherwise."""


class TooLargeError(openai.OpenAIError):
    """An answer, or one event of a stream, is larger than allowed. A class that the SDK neither wraps nor repeats."""

    def __init__(self, most: int) -> None:
        """Build the error.

        Args:
            most: Bytes that were allowed.
        """
        super().__init__(f"more than {most} bytes")
        self.most = most


class Meter:
    """Counts bytes, up to a limit."""

    __slots__ = ("_most", "size")

    def __init__(self, most: int) -> None:
        """Begin at nothing."""
        self._most = most
        self.size = 0

    def count(self, piece: bytes) -> bytes:
        """Return a piece as it is.

        Raises:
            TooLargeError: If all that was counted is more than allowed.
        """
        self.size += len(piece)
        if self.size > self._most:
            raise TooLargeError(self._most)
        return piece


def _is_small(response: httpx.Response, most: int) -> bool:
    """Tell whether the head of an answer already says that all of it is allowed."""
    length = response.headers.get("content-length", "")
    return length.isdecimal() and int(length) <= most and "content-encoding" not in response.headers


def read(response: httpx.Response, most: int) -> httpx.Response:
    """Read a response to its end, and close it.

    Raises:
        TooLargeError: If it has more than `most` bytes.
    """
    try:
        if not _is_small(response, most):
            pieces = map(Meter(most).count, response.iter_bytes())
            response.iter_bytes = lambda: pieces  # type: ignore[method-assign, misc, assignment] # `read` asks it
        response.read()
    except BaseException:
        response.close()
        raise
    finally:
        vars(response).pop("iter_bytes", None)
    return response


async def aread(response: httpx.Response, most: int) -> httpx.Response:
    """Read a response to its end, and close it.

    Raises:
        TooLargeError: If it has more than `most` bytes.
    """
    try:
        if not _is_small(response, most):
            pieces = _counted(response.aiter_bytes(), Meter(most))
            response.aiter_bytes = lambda: pieces  # type: ignore[method-assign, misc, assignment] # as above
        await response.aread()
    except BaseException:
        await response.aclose()
        raise
    finally:
        vars(response).pop("aiter_bytes", None)
    return response


async def _counted(pieces: AsyncIterator[bytes], meter: Meter) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield meter.count(piece)
