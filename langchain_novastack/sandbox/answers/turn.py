"""What a simulated model answers, in words and on the wire; always the same to the same request."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from langchain_novastack.cards import ModelCard, Price
from langchain_novastack.sandbox.answers import instances
from langchain_novastack.sandbox.arguments import EVERY, SandboxSettings, ScriptedAnswer
from langchain_novastack.sandbox.server import EVENTS, LAST_CHUNK, Reply, event, head, http_chunk, whole

_CHARACTERS_PER_TOKEN = 4
_IMAGE_TOKENS = 1_000
_CACHED_FROM = 1_024
_DEFAULT_PRICE = Price(input=1, output=2)  # made-up dollars per million tokens in and out, for cards without a price
_COMMON = frozenset(instances.WORDS["common"].split())
DONE = event("[DONE]") + LAST_CHUNK
KEEP_ALIVE = http_chunk(b": keep-alive\n\n")
_SPOKEN = re.compile(r"\S+\s*|\s+")
_ARGUMENTS_STEP = 8  # characters


class Turn:
    """One valid request and all that its answer is made of."""

    script = ScriptedAnswer()  # unless a test gave another

    def __init__(self, body: dict[str, Any], card: ModelCard, settings: SandboxSettings, id: str) -> None:
        """Look for the question, and name the request in the reply's headers."""
        self.body, self.card, self.settings, self.id = body, card, settings, id
        self.top = {"id": id, "created": int(time.time()), "model": body["model"]}  # of every answer and chunk
        self.streamed = bool(body.get("stream"))
        self.tells_usage = not self.streamed or bool((body.get("stream_options") or {}).get("include_usage"))
        self.headers = {"x-request-id": id}
        users = [place for place, message in enumerate(body["messages"]) if message["role"] == "user"]
        self.place = users[-1] if users else len(body["messages"]) - 1
        self.question = instances.message_text(body["messages"][self.place].get("content"))
        self.echo = _shortened(self.question, longest=200)

    @cached_property
    def thinks(self) -> bool:
        """Whether the model reasons aloud: it is set up to, and not told not to."""
        thinking, reasoning = self.body.get("thinking") or {}, self.body.get("reasoning") or {}
        switches = [self.body.get("enable_thinking"), thinking.get("type"), reasoning.get("enabled")]
        switches += [reasoning.get("effort"), self.body.get("reasoning_effort")]
        told_not_to = any(each is False or each in ("disabled", "none") for each in switches)
        return not told_not_to and not {self.card.alias, EVERY}.isdisjoint(self.settings.reasoning)

    @cached_property
    def choices(self) -> list[dict[str, Any]]:
        """The answer, or answers when the request asked for several, as on the wire."""
        return [self._choice(number) for number in range(self.body.get("n") or 1)]

    def _choice(self, number: int) -> dict[str, Any]:
        script, reasoning = self.script, self.script.reasoning
        if reasoning is None:
            reasoning = f"(simulated reasoning of {self.card.id}) The question is: {self.echo}" if self.thinks else ""
        text, finish, id = script.text, "stop", f"call_{self.id}-{number}-"
        calls = [_tool_call(call.id or f"{id}{at}", call.name, call.args) for at, call in enumerate(script.tool_calls)]
        if text is None and not calls:
            calls = self._usual_calls(number)
            text, reasoning, finish = self._cut(None if calls else self._usual_text(number), reasoning)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        message |= {self.settings.reasoning_field: reasoning} if reasoning else {}
        message |= {"tool_calls": calls} if calls else {}
        finish = script.finish_reason or ("tool_calls" if calls else finish)
        return {"index": number, "message": message, "logprobs": None, "finish_reason": finish}

    def _usual_text(self, number: int) -> str:
        if in_json := instances.json_answer(self.body, self.question):
            return in_json
        done = [message.get("content") for message in self.body["messages"][self.place :] if message["role"] == "tool"]
        results = "; ".join(_shortened(instances.message_text(content), longest=500) for content in done)
        told = f"Tool results: {results}\n" if done else ""
        choice = f", choice {number + 1}" if number else ""
        return (
            f"[simulated {self.card.id}] You asked: {self.echo}\n{told}"
            f"(No model was called; the sandbox answered. Question {digest(self.question)}{choice}.)"
        )

    def _usual_calls(self, number: int) -> list[dict[str, Any]]:
        """Return calls, often none; no tool twice since the last user message, so that an agent comes to an end."""
        messages, choice = self.body["messages"], self.body.get("tool_choice") or "auto"
        if not self.body.get("tools"):
            return []
        done = {call["function"]["name"] for each in messages[self.place :] for call in each.get("tool_calls") or ()}
        left = [tool["function"] for tool in self.body["tools"] if tool["function"]["name"] not in done]
        most = 1 if self.body.get("parallel_tool_calls") is False else None
        seed = hashlib.sha256(json.dumps([messages, str(number)]).encode()).hexdigest()
        return [
            _tool_call(f"call_{seed[:16]}{place}", function["name"], _arguments(function, self.question, choice))
            for place, function in enumerate(_tools_called(left, choice, self.question)[:most])
        ]

    def _cut(self, text: str | None, reasoning: str) -> tuple[str | None, str, str]:
        """Apply `stop` and `max_tokens`; reasoning gets at most half of the tokens."""
        stop = self.body.get("stop") or ()
        for end in [stop] if isinstance(stop, str) else stop:
            text = text.split(end, 1)[0] if text else text
        limit = self.body.get("max_completion_tokens") or self.body.get("max_tokens")
        if limit is None or text is None:
            return text, reasoning, "stop"
        reasoning = reasoning[: limit // 2 * _CHARACTERS_PER_TOKEN]
        room = (limit - _tokens_in(reasoning)) * _CHARACTERS_PER_TOKEN
        return text[:room], reasoning, "length" if len(text) > room else "stop"

    @cached_property
    def prompt_tokens(self) -> int:
        """Tokens of the messages and of the tools' definitions."""
        tools = self.body.get("tools")
        return sum(map(_count_message, self.body["messages"])) + (_tokens_in(json.dumps(tools)) if tools else 0)

    @cached_property
    def usage(self) -> dict[str, Any]:
        """The usage block. What came before the last message counts as cached once it is long enough.

        A model that takes cache marks keeps nothing without one, and says what it wrote.
        """
        if self.script.usage is not None:
            return self.script.usage
        messages, prompt = [choice["message"] for choice in self.choices], self.prompt_tokens
        reasoning = sum(_tokens_in(message.get(self.settings.reasoning_field, "")) for message in messages)
        completion = sum(map(_count_message, messages))
        before = sum(map(_count_message, self.body["messages"][:-1]))
        marked = self.card.takes_cache_marks and '"cache_control": ' in json.dumps(self.body)
        cached = before if before >= _CACHED_FROM and marked is self.card.takes_cache_marks else 0
        written = prompt - cached if marked and prompt >= _CACHED_FROM else 0
        price = (self.card.price or _DEFAULT_PRICE).of(prompt, completion, cached, written)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": cached, **({"cache_write_tokens": written} if written else {})},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
            **({"cost": round(price, 10)} if self.settings.cost else {}),
        }

    def reply(self, **changes: Any) -> Reply:
        """Return the usual or scripted answer; one that is not streamed with some top-level fields replaced."""
        reply = self.stream(self.chunks()) if self.streamed else whole(200, self.headers, self.completion(**changes))
        return replace(reply, usage=self.usage if self.tells_usage else None)

    def stream(self, events: list[Any], tail: bytes = DONE) -> Reply:
        """Return a stream: head, a keep-alive comment, events and their end; without one the connection is closed."""
        pause: list[bytes | float] = [self.settings.chunk_delay] if self.settings.chunk_delay else []
        sent = [step for each in events for step in [*pause, event(each)]]
        start = head(200, self.headers, EVENTS) + KEEP_ALIVE
        return Reply(200, [start, *sent, tail], "keep" if tail else "close")

    def completion(self, **changes: Any) -> dict[str, Any]:
        """Return the body of an answer that is not streamed, with some top-level fields replaced."""
        choices = [{**choice, **self._logprobs(choice["message"]["content"])} for choice in self.choices]
        return {**self.top, "object": "chat.completion", "choices": choices, "usage": self.usage, **changes}

    def chunk(self, choices: list[dict[str, Any]] | None, **more: Any) -> dict[str, Any]:
        """Return a chunk of a stream with these choices and further top-level fields."""
        return {**self.top, "object": "chat.completion.chunk", "choices": choices, **more}

    def chunks(self) -> list[dict[str, Any]]:
        """Return the chunks of a streamed answer, in order."""
        sent = [self.chunk([part]) for choice in self.choices for part in self._parts(choice)]
        return [*sent, self.chunk([], usage=self.usage)] if self.tells_usage else sent

    def _parts(self, choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Take a choice apart as a stream sends it: word by word, spaces kept; tool calls by their arguments."""
        message, number = choice["message"], choice["index"]
        yield delta(number, {"role": "assistant", "content": ""})
        for name in (self.settings.reasoning_field, "content", "refusal"):
            for piece in _SPOKEN.findall(message.get(name) or ""):
                yield delta(number, {name: piece}, **self._logprobs(piece if name == "content" else None))
        for index, call in enumerate(message.get("tool_calls", ())):
            arguments = call["function"]["arguments"]
            begun = {"index": index, **call, "function": {**call["function"], "arguments": ""}}
            yield delta(number, {"tool_calls": [begun]})
            for start in range(0, len(arguments), _ARGUMENTS_STEP):
                piece = {"arguments": arguments[start : start + _ARGUMENTS_STEP]}
                yield delta(number, {"tool_calls": [{"index": index, "function": piece}]})
        if choice["finish_reason"]:
            yield delta(number, {}, **{name: choice[name] for name in ("error", "finish_reason") if name in choice})

    def _logprobs(self, text: str | None) -> dict[str, Any]:
        """Return made-up probabilities if they are asked for, one entry for each piece that a stream would send."""
        if not text or not self.body.get("logprobs"):
            return {}
        places, pieces = range(self.body.get("top_logprobs") or 0), _SPOKEN.findall(text)
        tokens = [{**_token(piece, 0), "top_logprobs": [_token(piece, place) for place in places]} for piece in pieces]
        return {"logprobs": {"content": tokens, "refusal": None}}


def delta(number: int, given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return one choice of a chunk."""
    return {"index": number, "delta": given, "finish_reason": None, **more}


def _token(piece: str, place: int) -> dict[str, Any]:
    token = f"{piece}{place or ''}"
    return {"token": token, "logprob": -0.1 * (place + 1), "bytes": list(token.encode("utf-8", "replace"))}


def digest(question: str) -> str:
    """Return eight characters that stand for a question in its answer."""
    return hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:8]


def _tokens_in(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _count_message(message: Mapping[str, Any]) -> int:
    """Count a message: its text, refusal, reasoning and tool calls, and a fixed number for each image."""
    content = message.get("content")
    others = [part for part in content if part.get("type") != "text"] if isinstance(content, list) else []
    spoken = [message.get(name) or "" for name in ("refusal", "reasoning_content", "reasoning")]
    spoken += [call["function"]["name"] + call["function"]["arguments"] for call in message.get("tool_calls") or ()]
    return _tokens_in("".join([instances.message_text(content), *spoken])) + _IMAGE_TOKENS * len(others)


def _tool_call(id: str, name: str, arguments: Any) -> dict[str, Any]:
    spelled = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": id, "type": "function", "function": {"name": name, "arguments": spelled}}


def _arguments(function: Mapping[str, Any], question: str, choice: Any) -> Any:
    spoken = re.sub(rf"(?<!\w){re.escape(function['name'])}(?!\w)", " ", question)
    parameters = {"type": "object", **(function.get("parameters") or {})}
    purpose = f"{function['name']} {function.get('description') or ''}"
    return instances.instance(parameters, spoken, simulated=isinstance(choice, dict), purpose=purpose)


def _tools_called(left: list[dict[str, Any]], choice: Any, question: str) -> list[dict[str, Any]]:
    if isinstance(choice, dict):
        return [function for function in left if function["name"] == choice["function"]["name"]]
    if choice == "none":
        return []
    names, said = [(function, _telling(function["name"])) for function in left], _telling(question)
    named = [each for each, telling in names if instances.says(question, each["name"]) or (telling and telling <= said)]
    return named or (left[:1] if choice in {"required", "any"} else [])


def _telling(text: str) -> set[str]:
    return {word.removesuffix("s") for word in instances.words_of(text) if word not in _COMMON and not word.isdigit()}


def _shortened(text: str, *, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
