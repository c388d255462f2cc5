"""What the simulated models say, and how it is counted. The same request always gets the same answer."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.answers import instances, tool_calls
from langchain_novastack.sandbox.answers.question import Words
from langchain_novastack.sandbox.validation.messages import last_question, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.settings import Settings

CHARACTERS_PER_TOKEN = 4
_IMAGE_TOKENS = 1_000
_CACHED_FROM = 1_024
_ECHO = 200
_RESULT_ECHO = 500
_DEFAULT_PRICE = (1.0, 2.0)


@dataclass(frozen=True)
class Choice:
    """One of the answers that a request asked for."""

    text: str | None
    reasoning: str = ""
    calls: tuple[tool_calls.Call, ...] = ()
    finish_reason: str | None = "stop"
    refusal: str | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class Script:
    """An answer that `Sandbox.answer` asked for; what is None is as usual."""

    text: str | None = None
    calls: tuple[tuple[str, str, str | None], ...] = ()
    reasoning: str | None = None
    usage: dict[str, Any] | None = None
    finish_reason: str | None = None


@dataclass
class Turn:
    """One valid request and all that its answer is made of."""

    body: dict[str, Any]
    card: ModelCard
    settings: Settings
    id: str
    created: int
    prompt_tokens: int
    script: Script = field(default_factory=Script)

    @property
    def streamed(self) -> bool:
        """Whether the answer is wanted as a stream."""
        return bool(self.body.get("stream"))

    @cached_property
    def choices(self) -> list[Choice]:
        """The answer, or answers when the request asked for several."""
        return [_choice(self, number) for number in range(self.body.get("n") or 1)]

    @cached_property
    def usage(self) -> dict[str, Any]:
        """The usage block."""
        return _usage(self) if self.script.usage is None else self.script.usage


def count(text: str) -> int:
    """Return the tokens of a text, by the sandbox's count: a quarter of its characters, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def count_prompt(body: Mapping[str, Any]) -> int:
    """Return the tokens of a prompt: its texts, tool calls and tool definitions, and a fixed number per image."""
    tokens = sum(map(_count_message, body["messages"]))
    return tokens + (count(json.dumps(body["tools"])) if body.get("tools") else 0)


def _count_message(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    others = [part for part in content if part.get("type") != "text"] if isinstance(content, list) else []
    spoken = text_of(content) + (message.get("reasoning_content") or "")
    spoken += "".join(
        call["function"]["name"] + call["function"]["arguments"] for call in message.get("tool_calls") or ()
    )
    return count(spoken) + _IMAGE_TOKENS * len(others)


def _choice(turn: Turn, number: int) -> Choice:
    """Return one usual or scripted answer, cut where the request's limits say."""
    script = turn.script
    usual = script.text is None and not script.calls
    called = tuple(tool_calls.calls(turn.body, str(number))) if usual else _scripted_calls(turn, number)
    text = (None if called else _text(turn, number)) if usual else script.text
    reasoning = _reasoning(turn) if script.reasoning is None else script.reasoning
    choice = Choice(text, reasoning, called, "tool_calls" if called else "stop")
    choice = _limited(choice, turn.body) if usual else choice
    return replace(choice, finish_reason=script.finish_reason) if script.finish_reason else choice


def _scripted_calls(turn: Turn, number: int) -> tuple[tool_calls.Call, ...]:
    seed = f"{turn.id}-{number}"
    return tuple(
        tool_calls.Call(id or f"call_{seed}-{place}", name, arguments)
        for place, (name, arguments, id) in enumerate(turn.script.calls)
    )


def _text(turn: Turn, number: int) -> str:
    form = turn.body.get("response_format") or {}
    place, question = last_question(turn.body["messages"])
    if form.get("type") == "json_schema":
        return _as_json(instances.instance(form["json_schema"]["schema"], Words(question), simulated=True))
    if form.get("type") == "json_object":
        return _as_json(_object(turn, question))
    results = [message for message in turn.body["messages"][place:] if message["role"] == "tool"]
    parts = [
        f"[simulated {turn.card.id}] You asked: {_shortened(question, _ECHO)}",
        *([f"Tool results: {'; '.join(_result(message) for message in results)}"] if results else []),
        f"(No model was called; the sandbox answered. Question {digest(question)}"
        + (f", choice {number + 1}.)" if number else ".)"),
    ]
    return "\n".join(parts)


def digest(question: str) -> str:
    """Return eight characters that stand for a question in its answer."""
    return hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:8]


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _result(message: Mapping[str, Any]) -> str:
    return _shortened(text_of(message.get("content")), _RESULT_ECHO)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _object(turn: Turn, question: str) -> dict[str, Any]:
    """Return an object for JSON mode, with the keys that a schema, an example or a quotation in the prompt names."""
    prompt = "\n".join(text_of(message.get("content")) for message in turn.body["messages"])
    for hint in _objects_in(prompt):
        if isinstance(hint.get("properties"), dict):
            return dict(instances.instance({"type": "object", **hint}, Words(question), simulated=True))
        if hint:
            return dict(_like(hint, turn.card.id))
    keys = re.findall(r"['\"`]([A-Za-z_]\w*)['\"`]", prompt) or ["simulated", "answer"]
    return {key: f"simulated {key} by {turn.card.id}: {_shortened(question, _ECHO)}" for key in dict.fromkeys(keys)}


def _like(example: Any, name: str) -> Any:
    """Return a copy of a JSON value, its strings replaced by simulated ones."""
    if isinstance(example, dict):
        return {key: _like(value, key) for key, value in example.items()}
    if isinstance(example, list):
        return [_like(value, name) for value in example]
    return f"simulated {name}" if isinstance(example, str) else example


def _objects_in(text: str) -> list[dict[str, Any]]:
    """Return the outermost JSON objects in a text, the longest first."""
    found, start, decoder = [], text.find("{"), json.JSONDecoder()
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError:
            end = start + 1
        else:
            found.append((end - start, value))
        start = text.find("{", end)
    return [value for _, value in sorted(found, key=lambda pair: -pair[0])]


def _reasoning(turn: Turn) -> str:
    if not turn.settings.thinks(turn.body, turn.card):
        return ""
    _, question = last_question(turn.body["messages"])
    return f"(simulated reasoning of {turn.card.id}) The question is: {_shortened(question, _ECHO)}"


def _limited(choice: Choice, body: Mapping[str, Any]) -> Choice:
    """Apply `stop` and `max_tokens`; reasoning gets at most half of the tokens."""
    text, stop = choice.text, body.get("stop") or ()
    for end in [stop] if isinstance(stop, str) else stop:
        text = text.split(end, 1)[0] if text else text
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if limit is None or text is None:
        return replace(choice, text=text)
    reasoning = choice.reasoning[: limit // 2 * CHARACTERS_PER_TOKEN]
    room = (limit - count(reasoning)) * CHARACTERS_PER_TOKEN
    cut = len(text) > room
    return replace(
        choice, text=text[:room], reasoning=reasoning, finish_reason="length" if cut else choice.finish_reason
    )


def _usage(turn: Turn) -> dict[str, Any]:
    reasoning = sum(count(choice.reasoning) for choice in turn.choices)
    completion = reasoning + sum(map(_count_choice, turn.choices))
    before = sum(map(_count_message, turn.body["messages"][:-1]))
    usage: dict[str, Any] = {
        "prompt_tokens": turn.prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": turn.prompt_tokens + completion,
        "prompt_tokens_details": {"cached_tokens": before if before >= _CACHED_FROM else 0},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
    return {**usage, "cost": _cost(turn, completion)} if turn.settings.cost else usage


def _count_choice(choice: Choice) -> int:
    spoken = (choice.text or "") + (choice.refusal or "")
    return count(spoken) + sum(count(call.name + call.arguments) for call in choice.calls)


def _cost(turn: Turn, completion: int) -> float:
    """Return dollars, by the card's price or, where it has none, by a made-up one."""
    price = turn.card.price
    dollars_in, dollars_out = (price.input, price.output) if price else _DEFAULT_PRICE
    return round((turn.prompt_tokens * dollars_in + completion * dollars_out) / 1_000_000, 10)
