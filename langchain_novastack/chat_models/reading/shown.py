"""What a stream has shown: held back until it says something, and never shown again when it is sent once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_novastack.chat_models.reading.choices import REASONING

if TYPE_CHECKING:
    from langchain_core.outputs import ChatGenerationChunk

_REPEATED = 24
"""Characters from which a last piece that equals all before it is that text once more."""


class Shown:
    """The chunks that were shown of one stream."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.chunks: list[ChatGenerationChunk] = []
        self.by_delta = False
        """Whether it came in pieces, so that a whole message can only be all of them again."""
        self._held: list[ChatGenerationChunk] = []

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(chunk.text for chunk in self.chunks)

    def add(self, chunk: ChatGenerationChunk, *, says: bool) -> list[ChatGenerationChunk]:
        """Take a chunk that says something, or does not yet; return the chunks to show now."""
        self._held.append(chunk)
        if not says and not self.chunks:
            return []
        chunks, self._held = self._held, []
        self.chunks += chunks
        return chunks

    def drop_repeated(self, sent: dict[str, Any], reason: str | None, *, again: bool) -> None:
        """Leave out of a message or delta, in place, what has been shown of it.

        Args:
            sent: The message or delta.
            reason: Why the answer ended, if it says so.
            again: Whether it is the whole message at the end of the pieces that it was sent in.
        """
        text = sent.get("content")
        if isinstance(text, str) and text and (again or (reason and len(text) >= _REPEATED)):
            before = self.text
            repeats = text.startswith(before) if again else text == before
            sent["content"] = text[len(before) :] if repeats else None if again else text
        if again and any(chunk.message.additional_kwargs.get("reasoning_content") for chunk in self.chunks):
            for name in REASONING:
                sent.pop(name, None)
