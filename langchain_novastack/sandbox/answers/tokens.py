"""How the sandbox counts tokens, and what they cost: a quarter of the characters, rounded up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_novastack.cards import Price
from langchain_novastack.sandbox.answers.question import message_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard

CHARACTERS_PER_TOKEN = 4
_IMAGE_TOKENS = 1_000
_CACHED_FROM = 1_024
_DEFAULT_PRICE = Price(input=1, output=2)  # made-up dollars per million tokens in and out, for cards without a price


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


def usage_of(body: Mapping[str, Any], card: ModelCard, prompt: int, completion: int, reasoning: int) -> dict[str, Any]:
    """Return a usage block. What came before the last message counts as cached once it is long enough.

    A model that takes cache marks keeps nothing without one, and says what it wrote.
    """
    before = sum(map(_count_message, body["messages"][:-1]))
    marked = card.takes_cache_marks and '"cache_control": ' in json.dumps(body)
    cached = before if before >= _CACHED_FROM and marked is card.takes_cache_marks else 0
    written = {"cache_write_tokens": prompt - cached} if marked and prompt >= _CACHED_FROM else {}
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, **written},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def cost_in_dollars(card: ModelCard, usage: Mapping[str, Any]) -> float:
    """Return what a usage costs by the card's price or, where it has none, by a made-up one."""
    cached = (usage["prompt_tokens_details"].get(name, 0) for name in ("cached_tokens", "cache_write_tokens"))
    return round((card.price or _DEFAULT_PRICE).of(usage["prompt_tokens"], usage["completion_tokens"], *cached), 10)
