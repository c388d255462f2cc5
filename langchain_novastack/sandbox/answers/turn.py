"""What a simulated model answers, always the same to the same request; its tokens are a quarter of the characters."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.cards import Price
from langchain_novastack.sandbox.answers.instances import instance, json_answer
from langchain_novastack.sandbox.answers.question import Material, last_question, message_text, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.schedule import SandboxSettings, ScriptedAnswer

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
    built = instance(parameters, Material(spoken), simulated=forced, purpose=purpose)
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


_LONGEST_ECHO = 200
_LONGEST_RESULT = 500


@dataclass(frozen=True)
class SimulatedChoice:
    """One of the answers that a request asked for."""

    text: str | None
    reasoning: str = ""
    calls: tuple[SimulatedCall, ...] = ()
    finish_reason: str | None = "stop"
    refusal: str | None = None
    error: dict[str, Any] | None = None

    @property
    def tokens(self) -> int:
        """Tokens of all but the reasoning."""
        spoken = (self.text or "") + (self.refusal or "")
        return count(spoken) + sum(count(call.name + call.arguments) for call in self.calls)


@dataclass
class Turn:
    """One valid request and all that its answer is made of."""

    body: dict[str, Any]
    card: ModelCard
    settings: SandboxSettings
    id: str
    created: int  # seconds since the epoch
    prompt_tokens: int
    script: ScriptedAnswer
    headers: dict[str, str] = field(init=False)  # of the reply

    def __post_init__(self) -> None:
        """Name the request in the reply's headers, and look for its question."""
        self.headers = {"x-request-id": self.id}
        self.place, self.question = last_question(self.body["messages"])

    @property
    def streamed(self) -> bool:
        """Whether the answer is wanted as a stream."""
        return bool(self.body.get("stream"))

    @cached_property
    def choices(self) -> list[SimulatedChoice]:
        """The answer, or answers when the request asked for several."""
        return [_usual_or_scripted(self, number) for number in range(self.body.get("n") or 1)]

    @cached_property
    def usage(self) -> dict[str, Any]:
        """The usage block."""
        if self.script.usage is not None:
            return self.script.usage
        reasoning = sum(count(choice.reasoning) for choice in self.choices)
        completion = reasoning + sum(choice.tokens for choice in self.choices)
        usage = usage_of(self.body, self.card, self.prompt_tokens, completion, reasoning)
        if self.settings.cost:
            usage["cost"] = cost_in_dollars(self.card, usage)
        return usage

    @property
    def echo(self) -> str:
        """The question, shortened."""
        return _shortened(self.question, _LONGEST_ECHO)


def digest(question: str) -> str:
    """Return eight characters that stand for a question in its answer."""
    return hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:8]


def _usual_or_scripted(turn: Turn, number: int) -> SimulatedChoice:
    script = turn.script
    usual = script.text is None and not script.tool_calls
    calls = tuple(tool_calls(turn.body, str(number)) if usual else _scripted_calls(turn, number))
    text = script.text if not usual else None if calls else _usual_text(turn, number)
    reasoning = script.reasoning
    if reasoning is None:
        thinks = turn.settings.thinks(turn.body, turn.card)
        reasoning = f"(simulated reasoning of {turn.card.id}) The question is: {turn.echo}" if thinks else ""
    choice = SimulatedChoice(text, reasoning, calls, "tool_calls" if calls else "stop")
    choice = _cut(choice, turn.body) if usual else choice
    return replace(choice, finish_reason=script.finish_reason) if script.finish_reason else choice


def _scripted_calls(turn: Turn, number: int) -> list[SimulatedCall]:
    calls = enumerate(turn.script.tool_calls)
    named = [(each.id or f"call_{turn.id}-{number}-{at}", each.name, each.args) for at, each in calls]
    return [SimulatedCall(id, name, args if isinstance(args, str) else json.dumps(args)) for id, name, args in named]


def _usual_text(turn: Turn, number: int) -> str:
    in_json = json_answer(turn.body, turn.question, f"by {turn.card.id}: {turn.echo}")
    if in_json is not None:
        return in_json
    results = [
        _shortened(message_text(message.get("content")), _LONGEST_RESULT)
        for message in turn.body["messages"][turn.place :]
        if message["role"] == "tool"
    ]
    told = f"Tool results: {'; '.join(results)}\n" if results else ""
    choice = f", choice {number + 1}" if number else ""
    return (
        f"[simulated {turn.card.id}] You asked: {turn.echo}\n{told}"
        f"(No model was called; the sandbox answered. Question {digest(turn.question)}{choice}.)"
    )


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _cut(choice: SimulatedChoice, body: dict[str, Any]) -> SimulatedChoice:
    """Apply `stop` and `max_tokens`; reasoning gets at most half of the tokens."""
    text, stop = choice.text, body.get("stop") or ()
    for end in [stop] if isinstance(stop, str) else stop:
        text = text.split(end, 1)[0] if text else text
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if limit is None or text is None:
        return replace(choice, text=text)
    reasoning = choice.reasoning[: limit // 2 * CHARACTERS_PER_TOKEN]
    room = (limit - count(reasoning)) * CHARACTERS_PER_TOKEN
    finish_reason = "length" if len(text) > room else choice.finish_reason
    return replace(choice, text=text[:room], reasoning=reasoning, finish_reason=finish_reason)
