"""How the sandbox counts tokens, and what they cost: a quarter of the characters, rounded up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.answers.question import message_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard

CHARACTERS_PER_TOKEN = 4
_IMAGE_TOKENS = 1_000
_CACHED_FROM = 1_024
_DEFAULT_PRICE = (1.0, 2.0)
"""Made-up dollars per million tokens in and out, for cards without a price."""


def count(text: str) -> int:
    """Return the tokens of a text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def count_prompt(body: Mapping[str, Any]) -> int:
    """Return the tokens of a prompt: its texts, tool calls and tool definitions, and a fixed number per image."""
    tokens = sum(map(_count_message, body["messages"]))
    return tokens + (count(json.dumps(body["tools"])) if body.get("tools") else 0)


def _count_message(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    others = [part for part in content if part.get("type") != "text"] if isinstance(content, list) else []
    called = [call["function"] for call in message.get("tool_calls") or ()]
    spoken = [message_text(content), message.get("reasoning_content") or ""]
    spoken += [function["name"] + function["arguments"] for function in called]
    return count("".join(spoken)) + _IMAGE_TOKENS * len(others)


def usage_of(messages: list[dict[str, Any]], prompt: int, completion: int, reasoning: int) -> dict[str, Any]:
    """Return a usage block. What came before the last message counts as cached once it is long enough."""
    before = sum(map(_count_message, messages[:-1]))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": before if before >= _CACHED_FROM else 0},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def cost_in_dollars(card: ModelCard, prompt: int, completion: int) -> float:
    """Return what so many tokens cost by the card's price or, where it has none, by a made-up one."""
    dollars_in, dollars_out = (card.price.input, card.price.output) if card.price else _DEFAULT_PRICE
    return round((prompt * dollars_in + completion * dollars_out) / 1_000_000, 10)
