"""How large an answer may be, counted after decompression: a small body may hold gigabytes of zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _counting(most: int) -> Callable[[bytes], bytes]:
    """Return a function that returns each piece as it is, as long as all of them together are not too large."""
    size = 0

    def count(piece: bytes) -> bytes:
        nonlocal size
        size += len(piece)
        if size > most:
            raise TooLargeError(most)
        return piece

    return count


def read(response: httpx.Response, most: int) -> httpx.Response:
    """Read a response of at most so many bytes to its end, as its own `read` does, and close it.

    Raises:
        TooLargeError: If it is larger.
    """
    try:
        response._content = b"".join(map(_counting(most), response.iter_bytes()))  # noqa: SLF001 - where `read` puts it
    except BaseException:
        response.close()
        raise
    return response


async def aread(response: httpx.Response, most: int) -> httpx.Response:
    """Read a response of at most so many bytes to its end, as its own `aread` does, and close it.

    Raises:
        TooLargeError: If it is larger.
    """
    count = _counting(most)
    try:
        response._content = b"".join([count(piece) async for piece in response.aiter_bytes()])  # noqa: SLF001 - as above
    except BaseException:
        await response.aclose()
        raise
    return response
