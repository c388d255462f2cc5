"""Streams whose answer is complete: what breaks behind that costs nothing, since nothing can be missing but a count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Finishing(Protocol):
    """What knows whether an answer is complete."""

    @property
    def finished(self) -> bool:
        """Whether it is."""


def until_broken(events: Iterator[Any], state: Finishing) -> Iterator[Any]:
    """Yield events; end where they break behind a complete answer."""
    try:
        yield from events
    except Exception:
        if not state.finished:
            raise


async def auntil_broken(events: AsyncIterator[Any], state: Finishing) -> AsyncIterator[Any]:
    """Yield events; end where they break behind a complete answer."""
    try:
        async for event in events:
            yield event
    except Exception:
        if not state.finished:
            raise
