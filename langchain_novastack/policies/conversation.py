"""What of a conversation is the user's own request."""

from __future__ import annotations

import json
import pkgutil
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.messages import BaseMessage

_MARKS = json.loads(pkgutil.get_data("langchain_novastack", "policies/conversation.json") or "")

INJECTED: tuple[str, ...] = tuple(_MARKS["injected"])
"""Tags of blocks that programs put into a user's message: what is between them is not the user's own."""

QUESTION_MARKS: tuple[str, ...] = tuple(_MARKS["question_marks"])
"""What begins the line with the request, where a program has put context before it."""

LONG_CONTEXT = 400
"""Characters before such a line from which on they are taken for context."""

NEAR_END = 2000
"""Characters at the end in which such a line is looked for."""


def requests(messages: list[BaseMessage]) -> Iterator[tuple[int, str]]:
    """Yield the user's requests, newest first, each with its place in the conversation; empty ones are left out."""
    for at in range(len(messages) - 1, -1, -1):
        if isinstance(messages[at], HumanMessage) and (text := request_of(messages[at])):
            yield at, text


def request_of(message: BaseMessage) -> str:
    """Return what the user asks for in a message: its text, without injected blocks and context."""
    content = message.content
    text = content if isinstance(content, str) else _text_of(content)
    if "<" in text and "</" in text:  # a single character is looked for many times faster
        text = _without_blocks(text)
    if len(text) > LONG_CONTEXT:
        text = _after_context(text)
    return text.strip()


def _text_of(content: list[str | dict[str, Any]]) -> str:
    parts = (part if isinstance(part, str) else part.get("text") for part in content)
    return "\n".join(part for part in parts if isinstance(part, str))


def _without_blocks(text: str) -> str:
    """Cut out injected blocks; each tag costs one pass, however the text is made."""
    for tag in INJECTED:
        end = f"</{tag}>"
        if end in text:
            before, *blocks = text.split(f"<{tag}")
            text = before + "".join(block.partition(end)[2] for block in blocks)
    return text


def _after_context(text: str) -> str:
    """Return what follows the last line that announces the request, if much stands before it."""
    tail = text[-NEAR_END:]
    low = tail.lower()
    found = max(low.rfind(f"\n{mark}") + len(mark) + 1 if f"\n{mark}" in low else -1 for mark in QUESTION_MARKS)
    asked = tail[found:] if found >= 0 else ""
    return asked if asked.strip() and len(text) - len(asked) > LONG_CONTEXT else text
