"""What one attempt streams, on its way to the caller; written once for `stream` and `astream`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk

from langchain_novastack.fallbacks.misfits import check, check_chunk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_novastack.fallbacks.attempt import Attempt


def _says_something(chunk: object) -> bool:
    """Return whether a chunk has text, reasoning, a tool call or the end: until then another model may answer."""
    if not isinstance(chunk, AIMessageChunk):
        return True
    finished = chunk.response_metadata.get("finish_reason")
    return bool(chunk.content or chunk.tool_call_chunks or chunk.additional_kwargs or finished)


class Relay:
    """The chunks of one attempt: held back until one says something, then shown, but for the tail.

    The tail, the last chunk of a message's stream, waits until the attempt has ended well: it carries the record.
    """

    __slots__ = ("_attempt", "_tail")

    def __init__(self, attempt: Attempt) -> None:
        """Begin with nothing shown."""
        self._attempt = attempt
        self._tail: Any = None

    def opening(self, source: Iterator[Any]) -> list[Any]:
        """Read up to the first chunk that says something; return what to show now."""
        held: list[Any] = []
        for chunk in source:
            held.append(chunk)
            if _says_something(chunk):
                break
        return self._opened(held)

    async def aopening(self, source: AsyncIterator[Any]) -> list[Any]:
        """Read up to the first chunk that says something; return what to show now."""
        held: list[Any] = []
        async for chunk in source:
            held.append(chunk)
            if _says_something(chunk):
                break
        return self._opened(held)

    def _opened(self, held: list[Any]) -> list[Any]:
        """Check what a plain `ChatOpenAI` began with before anything is shown, so that another can answer."""
        candidate = self._attempt.candidate
        if candidate.plain and held and _says_something(held[-1]):
            check_chunk(held[-1], candidate.alias)
        elif candidate.plain:
            check(held, candidate.alias)
        return list(filter(self.shows, held))

    def shows(self, chunk: Any) -> bool:
        """Take a chunk; return whether it is shown now.

        Raises:
            NovastackResponseError: If a plain `ChatOpenAI` lets an error pass as the end of its answer.
        """
        if isinstance(chunk, AIMessage) and getattr(chunk, "chunk_position", "last") == "last":
            self._attempt.whole = self._tail = chunk  # or a whole message in place of one
            return False
        attempt = self._attempt
        if attempt.candidate.plain:
            check_chunk(chunk, attempt.candidate.alias)
        if not attempt.shown:
            attempt.begin_to_show()
        attempt.shown.append(chunk)
        return True

    def end(self) -> None:
        """Take the end of the stream.

        Raises:
            NovastackResponseError: If a plain `ChatOpenAI` lets half an answer pass.
        """
        if self._attempt.candidate.plain:
            check([*self._attempt.shown, self._tail], self._attempt.candidate.alias)

    def closing(self) -> list[Any]:
        """Return the last chunk, with the record on it; nothing for streams of other things than messages."""
        shown, last = self._attempt.shown, self._tail
        if last is None and shown and isinstance(shown[-1], AIMessageChunk):
            last = AIMessageChunk(content="", id=shown[-1].id, chunk_position="last")
        attached = self._attempt.attach(last)
        if last is None:
            return []
        shown.append(attached)
        return [attached]
