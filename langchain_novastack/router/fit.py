"""What makes a request fit a fallback whose window is too small: the argument `fit` of a router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage, SystemMessage, trim_messages

from langchain_novastack.chat_models.token_counting import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.messages import BaseMessage

_SHARE = 0.85
"""Part of the window that a request may fill: the rest is for the answer, and since tokens are only estimated."""


def fitting(fit: Any, tools: Any) -> Callable[[list[BaseMessage], int], list[BaseMessage]]:
    """Return what makes of messages, and of a window in tokens, the messages to send; `tools` take room too."""
    if fit != "trim":
        return lambda messages, _: fit(messages)
    return lambda messages, window: trim(messages, int(window * _SHARE) - count_tokens((), tools))


def trim(messages: list[BaseMessage], room: int) -> list[BaseMessage]:
    """Return the latest messages that fit into a number of tokens: tool calls with all of their results or not at all.

    System messages and the last request are always kept. What follows the request, a tool loop under way, comes before
    what was said earlier.
    """
    system = [message for message in messages if isinstance(message, SystemMessage)]
    rest = [message for message in messages if not isinstance(message, SystemMessage)]
    last = max((at for at, message in enumerate(rest) if isinstance(message, HumanMessage)), default=0)
    asked = rest[last : last + 1]
    room -= count_tokens([*system, *asked])
    after = _latest(rest[last + 1 :], room, "ai")
    before = _latest(rest[:last], room - count_tokens(after), "human")
    kept = {id(message) for message in (*system, *before, *asked, *after)}
    return [message for message in messages if id(message) in kept]


def _latest(messages: list[BaseMessage], room: int, start: str) -> list[BaseMessage]:
    """Return the last of the messages that fit, from one of the type `start` on."""
    if room <= 0 or not messages:
        return []
    return trim_messages(messages, max_tokens=room, token_counter=count_tokens, strategy="last", start_on=start)
