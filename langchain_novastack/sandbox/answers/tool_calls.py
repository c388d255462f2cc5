"""Which tools an answer calls, and with which arguments."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.answers import instances
from langchain_novastack.sandbox.answers.question import Material, last_question, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORCED = frozenset(["required", "any"])
_COMMON_TEXT = "a and ask call create do fetch find for get in is list make of run set the to tool up use"
_COMMON = frozenset(_COMMON_TEXT.split())  # words that any tool's name may hold, and any question


class SimulatedCall(NamedTuple):
    """One tool call of an answer."""

    id: str
    name: str
    arguments: str  # as on the wire: a JSON object in a string


def tool_calls(body: Mapping[str, Any], salt: str = "") -> list[SimulatedCall]:
    """Return the tools that the answer to a request calls, in the order they are called; often none.

    A tool that was called since the last user message is never called again, so that an agent comes to an end. Several
    choices of one answer have different ids by their `salt`.
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
        SimulatedCall(f"call_{seed[:16]}{number}", function["name"], _call_arguments(function, question, forced=forced))
        for number, function in enumerate(chosen)
    ]


def _call_arguments(function: Mapping[str, Any], question: str, *, forced: bool) -> str:
    spoken = re.sub(rf"(?<!\w){re.escape(function['name'])}(?!\w)", " ", question)
    parameters = {"type": "object", **(function.get("parameters") or {})}
    purpose = f"{function['name']} {function.get('description') or ''}"
    built = instances.instance(parameters, Material(spoken), simulated=forced, purpose=purpose)
    return json.dumps(built, ensure_ascii=False)


def _chosen(left: list[dict[str, Any]], choice: Any, question: str) -> list[dict[str, Any]]:
    if isinstance(choice, dict):
        return [function for function in left if function["name"] == choice["function"]["name"]]
    if choice == "none":
        return []
    names = [(function, _telling(function["name"])) for function in left]
    material, said = Material(question), _telling(question)
    named = [each for each, telling in names if material.says(each["name"]) or (telling and telling <= said)]
    return named or (left[:1] if choice in _FORCED else [])


def _telling(text: str) -> set[str]:
    return {word.removesuffix("s") for word in words_of(text) if word not in _COMMON and not word.isdigit()}
