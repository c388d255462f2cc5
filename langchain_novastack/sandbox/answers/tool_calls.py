"""Which tools an answer calls, and with which arguments."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.answers import instances
from langchain_novastack.sandbox.answers.question import Words, words
from langchain_novastack.sandbox.validation.messages import last_question

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORCED = frozenset(["required", "any"])
_CLEAR_WORDS = 2
_CLEAR_SHARE = 1 / 3


class Call(NamedTuple):
    """One tool call of an answer."""

    id: str
    name: str
    arguments: str
    """As on the wire: a JSON object in a string."""


def calls(body: Mapping[str, Any], salt: str = "") -> list[Call]:
    """Return the tools that the answer to a request calls, in the order they are called; often none.

    A tool that was called since the last user message is never called again, so that an agent comes to an end.

    Args:
        body: A valid request.
        salt: Goes into the calls' ids; lets several choices of one answer have different ones.
    """
    place, question = last_question(body["messages"])
    done = {
        call["function"]["name"] for message in body["messages"][place:] for call in message.get("tool_calls") or ()
    }
    left = [tool["function"] for tool in body.get("tools") or () if tool["function"]["name"] not in done]
    chosen = _chosen(left, body.get("tool_choice") or "auto", question)
    if body.get("parallel_tool_calls") is False:
        chosen = chosen[:1]
    forced = isinstance(body.get("tool_choice"), dict)
    seed = hashlib.sha256(json.dumps([body["messages"], salt]).encode()).hexdigest()
    return [
        Call(f"call_{seed[:16]}{number}", function["name"], arguments(function, question, forced=forced))
        for number, function in enumerate(chosen)
    ]


def arguments(function: Mapping[str, Any], question: str, *, forced: bool) -> str:
    """Return a tool's arguments, filled from the question, as a JSON object in a string."""
    spoken = re.sub(rf"(?<!\w){re.escape(function['name'])}(?!\w)", " ", question)
    parameters = {"type": "object", **(function.get("parameters") or {})}
    return json.dumps(instances.instance(parameters, Words(spoken), simulated=forced), ensure_ascii=False)


def _chosen(left: list[dict[str, Any]], choice: Any, question: str) -> list[dict[str, Any]]:
    if isinstance(choice, dict):
        return [function for function in left if function["name"] == choice["function"]["name"]]
    if choice == "none" or not left:
        return []
    named = [function for function in left if _is_named(function, question)]
    best = max(left, key=lambda function: _overlap(function, question))
    if choice in _FORCED:
        return named or [best]
    return named or ([best] if _is_clear(best, question) else [])


def _is_named(function: Mapping[str, Any], question: str) -> bool:
    """Return whether the question names a tool: literally, or by all the telling words of its name."""
    telling = words(function["name"])
    literal = Words(question).says(function["name"])
    return literal or bool(telling and telling <= words(question))


def _summary(function: Mapping[str, Any]) -> set[str]:
    """Return the telling words of a tool's description's first sentence."""
    text = (function.get("description") or "").strip()
    return words(re.split(r"(?<=[.!?])\s|\n", text, maxsplit=1)[0])


def _overlap(function: Mapping[str, Any], question: str) -> int:
    return len((words(function["name"]) | _summary(function)) & words(question))


def _is_clear(function: Mapping[str, Any], question: str) -> bool:
    """Return whether the question shares enough words with a tool's description."""
    summary = _summary(function)
    shared = len(summary & words(question))
    return shared >= _CLEAR_WORDS and shared >= _CLEAR_SHARE * len(summary)
