"""The SDK's streams, read to their very end: one that is left before costs its connection, and a TLS handshake.

The SDK stops at `[DONE]`, and what follows on the wire, the end of the HTTP body, stays unread; its newest async
streams read on, its sync ones don't. It offers no hook but the private `_iter_events`;
`tests/integration_tests/test_connections.py` breaks when that goes. Over HTTP/2 to leave a stream costs nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

import openai

from langchain_novastack._compat import httpx
from langchain_novastack.transport.sockets import hang_up, is_shared
from langchain_novastack.transport.timer import TIMER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_GRACE = 0.2
"""Seconds that the end of the body may take to follow; then the connection is given up."""

_NO_MATTER = (httpx.TransportError, httpx.StreamError, openai.APIConnectionError)
"""What may go wrong behind a complete answer."""


class WholeStream(openai.Stream[object]):
    """A stream of JSON whose connection can be used again."""

    def _iter_events(self) -> Iterator[Any]:
        events = super()._iter_events()
        for event in events:
            if event.data.startswith("[DONE]") and not is_shared(self.response):
                self._read_on(events)
            yield event

    def _read_on(self, events: Iterator[Any]) -> None:
        number = TIMER.add(monotonic() + _GRACE, lambda: hang_up(self.response))
        try:
            with suppress(*_NO_MATTER):
                for _ in events:
                    pass
        finally:
            TIMER.drop(number)


class WholeAsyncStream(openai.AsyncStream[object]):
    """A stream of JSON whose connection can be used again."""

    async def _iter_events(self) -> AsyncIterator[Any]:
        events = super()._iter_events()
        async for event in events:
            if event.data.startswith("[DONE]") and not is_shared(self.response):
                with suppress(asyncio.TimeoutError, *_NO_MATTER):
                    await asyncio.wait_for(_read_on(events), _GRACE)
            yield event


async def _read_on(events: AsyncIterator[Any]) -> None:
    async for _ in events:
        pass
