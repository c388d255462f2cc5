"""Chunks of a stream that say nothing yet are held back: until the first that does, another model may still answer."""

from __future__ import annotations

from typing import Generic, TypeVar

from langchain_core.messages import AIMessageChunk

Chunk = TypeVar("Chunk")


def is_meaningful(message: object) -> bool:
    """Return whether a chunk says something: text, reasoning, a tool call or the end. Other outputs always do."""
    if not isinstance(message, AIMessageChunk):
        return True
    finished = message.response_metadata.get("finish_reason")
    return bool(message.content or message.tool_call_chunks or message.additional_kwargs or finished)


class HoldBack(Generic[Chunk]):
    """Holds back the chunks of one stream until the first that says something; from then on none."""

    __slots__ = ("_held", "waiting")

    def __init__(self) -> None:
        """Begin with nothing held back."""
        self._held: list[Chunk] = []
        self.waiting = True

    def add(self, chunk: Chunk, *, meaningful: bool) -> list[Chunk]:
        """Take the next chunk; return those to show now, in order: none, or this one after those held back.

        Args:
            chunk: The chunk.
            meaningful: Whether it says something.
        """
        if not self.waiting:
            return [chunk]
        self._held.append(chunk)
        return self.rest() if meaningful else []

    def rest(self) -> list[Chunk]:
        """Return what is held back, and hold back no more."""
        held, self._held, self.waiting = self._held, [], False
        return held
