"""From the gateway's JSON to LangChain's messages: what counts as an answer, and what is kept of it. No I/O."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.outputs import ChatResult
from langchain_openai.chat_models.base import _create_usage_metadata

from langchain_novastack.cards import cost_in
from langchain_novastack.chat_models import unvalidated
from langchain_novastack.chat_models.reading import choices as reading
from langchain_novastack.chat_models.reading.calls import CallReader, tools_in
from langchain_novastack.chat_models.reading.choices import NOTHING, reason_in
from langchain_novastack.chat_models.reading.markup import calls_in, plain_json
from langchain_novastack.chat_models.reading.refusals import show_refusals
from langchain_novastack.chat_models.reading.shown import Shown
from langchain_novastack.chat_models.reading.structured import length_error
from langchain_novastack.chat_models.reading.usage import UsageReader, clean, is_plain, normalize
from langchain_novastack.dialects import meaning
from langchain_novastack.errors import NovastackError, NovastackResponseError, raise_instead
from langchain_novastack.transport.error_words import in_band, read_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_core.outputs import ChatGeneration, ChatGenerationChunk

    from langchain_novastack.transport.chat_request import Request
    from langchain_novastack.transport.events import Events

    Fail = Callable[[object], Exception]
    Convert = Callable[[dict[str, Any]], ChatGenerationChunk | None]

PROVIDER = "novastack"
"""`model_provider` of every message and `ls_provider` of every run."""

show_refusals(PROVIDER)

_NO_REASON = (None, *NOTHING)
_REASONING = frozenset(reading.REASONING) - {"reasoning_details"}
_USUAL = frozenset({"content", "reasoning", "reasoning_content"})
_SELDOM = ("error", "usage", "logprobs")


def read_answer(body: Any, request: Request, fail: Fail, headers: dict[str, str] | None = None) -> ChatResult:
    """Return the body of a 200 answer as LangChain's result, or raise what it really is.

    Raises:
        NovastackResponseError: If it holds an error, no choices, or an empty answer.
    """
    if usual := _usual(body, request, headers):
        return usual
    body = reading.unwrapped(body)
    with usable(request, "an answer of an unknown shape"):
        usage = reading.usage_in(body) if isinstance(body, dict) else None
        output, charged = _beside(body if isinstance(body, dict) else {}, request, usage, normalize(usage))
        try:
            return ChatResult(generations=_generations(body, request, fail, output, headers), llm_output=output)
        except NovastackError as error:  # which may have been charged all the same
            error.usage = charged
            raise


def _generations(
    body: Any, request: Request, fail: Fail, output: dict[str, Any], headers: dict[str, str] | None
) -> list[ChatGeneration]:
    choices = body.get("choices") if isinstance(body, dict) else None
    if isinstance(body, dict) and body.get("error"):
        raise fail(body["error"])
    if not isinstance(choices, list) or not choices:
        what = "an answer without choices" if isinstance(body, dict) else "something that is not a JSON object"
        raise fail(body) if not isinstance(body, str) and read_error(body).words else _unusable(request, what)
    if not all(isinstance(choice, dict) for choice in choices):
        raise _unusable(request, "choices of an unknown shape")
    parts = [choices] if request.body.get("n") in (None, 1) else [[choice] for choice in choices]
    return [_generation(part, request, fail, output, headers) for part in parts]


def _usual(body: Any, request: Request, headers: dict[str, str] | None) -> ChatResult | None:
    """Return an answer of the usual shape: a text that ended well, with reasoning or without; None for any other."""
    try:
        (choice,) = body["choices"]
        sent, usage, text = choice["message"], body["usage"], choice["message"]["content"]
        kinds = [name for name, value in sent.items() if value and name != "role"]
        said = kinds == ["content"] or (text and _USUAL.issuperset(kinds))
        if not said or type(text) is not str or choice["finish_reason"] != "stop" or not is_plain(usage):
            return None
        if body.get("error") or any(map(choice.get, ("error", "usage", "delta"))) or headers or request.schema:
            return None
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    if "<" in text and request.body.get("tools"):
        return None
    extra = {"refusal": None, **(reading.reasoning_in(sent) if len(kinds) > 1 else {})}
    output, _ = _beside(body, request, usage, usage)
    return unvalidated.result(_made(choice, "stop", text, output, additional_kwargs=extra), output)


def _beside(
    body: dict[str, Any], request: Request, usage: Any, counts: dict[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what stands beside the choices of an answer, and of it the usage with the cost."""
    cost = cost_in(counts or usage, request.price)
    output = {"token_usage": counts, "model_provider": PROVIDER, "model_name": model_in(body, request), **cost}
    output["system_fingerprint"] = body.get("system_fingerprint")
    output |= {name: body[name] for name in ("id", "service_tier") if body.get(name)}
    return output, {**(counts or {}), **cost}


def _made(choice: dict[str, Any], reason: Any, content: Any, output: dict[str, Any], **fields: Any) -> ChatGeneration:
    """Return a message with its usage and how it ended."""
    info = {"finish_reason": reason}
    if "logprobs" in choice:
        info["logprobs"] = choice["logprobs"]
    usage = output["token_usage"] and _create_usage_metadata(output["token_usage"], output.get("service_tier"))
    return unvalidated.answer(info, content, usage_metadata=usage, **fields)


def _generation(
    choices: list[dict[str, Any]], request: Request, fail: Fail, output: dict[str, Any], headers: dict[str, str] | None
) -> ChatGeneration:
    """Return what the choices of one answer say."""
    check_choice(choices[0], request, fail)
    part, calls = reading.read(choices), CallReader()
    sent, text = part.sent, part.sent.get("content")
    for number, pieces in part.calls:
        calls.feed(pieces, number, whole=True)
    if not calls.calls and isinstance(text, str):
        calls.feed(_written_calls(text, request), whole=True)
    _check_end(part, calls, request)
    extra = {name: sent[name] for name in ("function_call", "audio") if sent.get(name)}
    extra |= {"refusal": sent.get("refusal"), **reading.reasoning_in(sent)}
    extra |= {name: details for name in ("reasoning_details",) if (details := reading.details_in(sent))}
    good, bad = calls.parsed(cut=meaning(part.reason) in {"cut", "filtered"})
    named = {"name": sent.get("name"), "id": sent.get("id"), "tool_calls": good, "invalid_tool_calls": bad}
    generation = _made(part.choice, part.reason, text or "", output, additional_kwargs=extra, **named)
    generation.generation_info = {**({"headers": headers} if headers else {}), **(generation.generation_info or {})}
    _parse_into(generation.message, sent, str(part.reason), request)
    return generation


def _check_end(part: reading.Part, calls: CallReader, request: Request) -> None:
    if not (part.of_message or part.sent or calls.calls):
        raise _unusable(request, "a choice without a message")
    if not part.reason:
        raise _unusable(request, "an answer without a finish reason")
    if not (meaning(part.reason) or part.sent.get("content") or calls.calls):
        raise _unusable(request, "an empty answer with an unknown finish reason")


def _written_calls(text: str, request: Request) -> list[dict[str, Any]]:
    """Return the calls that a model wrote into its text, where it was offered tools."""
    if "<" not in text or not request.body.get("tools"):
        return []
    return calls_in(text, {tool["name"]: tool for tool in tools_in(request.body)})


def model_in(data: dict[str, Any], request: Request) -> str:
    """Return the model that an answer or chunk names, or the one asked if it names none."""
    name = data.get("model")
    return name if isinstance(name, str) and name else str(request.body["model"])


def check_choice(choice: dict[str, Any], request: Request, fail: Fail) -> None:
    """Raise the error that a choice of an answer or a chunk carries, if any."""
    if choice.get("error"):
        raise fail(choice["error"])
    reason = reason_in(choice)
    if meaning(reason) == "failed":
        raise _unusable(request, f"an answer that ended with an error ({str(reason).lower()})")


def _unusable(request: Request, what: str) -> NovastackResponseError:
    return NovastackResponseError(f"{request.model} sent {what}.", model=request.model)


def _parse_into(message: Any, sent: dict[str, Any], reason: str, request: Request) -> None:
    """Set `parsed` as the SDK's `parse` does. Text that does not parse is the parser's business, not an error here."""
    if not request.schema or sent.get("refusal") or not isinstance(sent.get("content"), str):
        return
    if meaning(reason) == "cut":
        raise length_error(message)
    with suppress(ValueError):
        message.additional_kwargs["parsed"] = request.schema.model_validate_json(plain_json(sent["content"]))


@contextmanager
def usable(request: Request, what: str) -> Iterator[None]:
    """Raise whatever LangChain's conversion raises on a strange shape as an unusable answer."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise_instead(_unusable(request, what))  # what it stands for quotes the answer


def number_calls_apart(message: Any) -> None:
    """Put pieces of tool calls into the content of a chunk as LangChain's v1 blocks, with numbers of their own.

    Core numbers reasoning and text from 0, and so does the gateway its tool calls; summed, the two would be merged.
    """
    if message.tool_call_chunks:
        message.content = [dict(block) for block in message.content_blocks]
        for block in (each for each in message.content if each["type"] == "tool_call_chunk"):
            block["index"] = f"lc_tc_{block.get('index')}"
        message.response_metadata["output_version"] = "v1"


def from_events(events: Events, state: StreamState) -> ChatResult:
    """Return the whole answer that came as events although no stream was asked for."""
    with usable(state.request, "events that are not JSON"):
        chunks = [chunk for event in events for chunk in state.feed(_loads(event, state))]
    result = generate_from_stream(iter([*chunks, *state.end()]))
    message = result.generations[0].message
    _parse_into(message, {"content": message.text}, str(state.reason), state.request)
    return result


def _loads(event: str, state: StreamState) -> Any:
    try:
        return json.loads(event)
    except ValueError:
        if state.reason is None:
            raise
        return {}


class StreamState:
    """One stream: what it has shown, its calls, usage and reasoning, and how it ended."""

    def __init__(self, request: Request, convert: Convert, fail: Fail, *, v1: bool = False) -> None:
        """Begin a stream.

        Args:
            request: The request it answers.
            convert: LangChain's conversion of one chunk's JSON.
            fail: Builds the error for an in-band `error`.
            v1: Whether tool calls are shown as content blocks.
        """
        self.request = request
        self.shown = Shown()
        self.reason: str | None = None
        """Why the answer ended; once it is said, nothing that breaks behind it costs anything."""
        self._calls = CallReader(tool["name"] for tool in tools_in(request.body))
        self._usage = UsageReader()
        self._details: list[Any] = []
        self._convert, self._fail, self._v1 = convert, fail, v1

    def feed(self, data: Any) -> list[ChatGenerationChunk]:
        """Take one chunk's JSON; return the chunks to show now, held ones first.

        Raises:
            NovastackResponseError: If the chunk is an error or has an unknown shape.
        """
        shown = self.shown
        if shown.chunks and shown.by_delta and not self._v1 and (chunk := self._going_on(data)):
            shown.chunks.append(chunk)
            return [chunk]
        data = reading.unwrapped(data)
        if not isinstance(data, dict):
            raise _unusable(self.request, "a chunk that is not a JSON object")
        if data.get("error"):
            raise self._fail(data["error"])
        self._usage.note(reading.usage_in(data))
        choices = data.get("choices")
        if not choices:
            if in_band(data):
                raise self._fail(data)
            return []
        if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
            raise _unusable(self.request, "a chunk with choices of an unknown shape")
        with usable(self.request, "a chunk of an unknown shape"):
            return self._take({**data, "usage": None}, choices)

    def _going_on(self, data: Any) -> ChatGenerationChunk | None:
        """Return the chunk of JSON that only goes on with a text, reasoning or a call, as nearly all does; or None."""
        try:
            data = data if data.get("choices") else reading.unwrapped(data)
            (choice,) = data["choices"]
            delta, usage = choice["delta"], data.get("usage")
            kinds = [name for name, value in delta.items() if value and name != "role"]
            if choice.get("finish_reason") not in _NO_REASON or data.get("error") or any(map(choice.get, _SELDOM)):
                return None
            if kinds == ["content"] and type(delta["content"]) is str:
                said: dict[str, Any] = {"content": delta["content"]}
            elif kinds == ["tool_calls"]:
                said = {"pieces": self._calls.goes_on(delta["tool_calls"], choice.get("index") or 0)}
            else:
                said = {"extra": _REASONING.issuperset(kinds) and reading.reasoning_in(delta)}
        except (AttributeError, LookupError, TypeError, ValueError):
            return None
        if not any(said.values()):
            return None
        if usage:
            self._usage.note(clean(usage))
        return unvalidated.chunk(PROVIDER, **said)

    def _take(self, data: dict[str, Any], choices: list[dict[str, Any]]) -> list[ChatGenerationChunk]:
        check_choice(choices[0], self.request, self._fail)
        part, shown = reading.read(choices), self.shown
        sent, again = part.sent, part.of_message and shown.by_delta
        shown.drop_repeated(sent, part.reason, again=again)
        if not (again and self._calls.calls):
            sent["tool_calls"] = [piece for number, calls in part.calls for piece in self._calls.feed(calls, number)]
        shown.by_delta = shown.by_delta or not part.of_message
        reading.add_details(self._details, reading.details_in(sent))
        first = None if self.reason else part.reason  # said twice it would add up to "stopstop"
        self.reason = self.reason or first
        if first:
            data["model"] = model_in(data, self.request)
        extra = reading.reasoning_in(sent) | ({"refusal": sent["refusal"]} if sent.get("refusal") else {})
        chunk = self._chunk({**data, "choices": [{**part.choice, "delta": sent, "finish_reason": first}]}, extra)
        return shown.add(chunk, says=bool(extra or sent.get("content") or sent.get("tool_calls") or meaning(first)))

    def _chunk(self, data: dict[str, Any], extra: dict[str, Any] | None = None, **metadata: Any) -> ChatGenerationChunk:
        with usable(self.request, "a chunk of an unknown shape"):
            chunk: Any = self._convert(data)
            chunk.message.additional_kwargs.update(extra or {})
        chunk.message.response_metadata.update(metadata, model_provider=PROVIDER)
        if self._v1:
            number_calls_apart(chunk.message)
        return chunk  # type: ignore[no-any-return] # a chunk, or it would have no message

    def end(self) -> list[ChatGenerationChunk]:
        """Take the end of the stream; return what is still to be shown: what settles tool calls, reasoning, usage.

        Raises:
            NovastackResponseError: If the stream stopped before it was finished.
        """
        if not self.reason:
            raise _unusable(self.request, "a stream that ended without a finish reason")
        if not self.shown.chunks:
            raise _unusable(self.request, "an empty answer with an unknown finish reason")
        settled: list[list[dict[str, Any]]] = []
        if self.request.body.get("tools") and not self._calls.calls:
            settled.append(self._calls.feed(_written_calls(self.shown.text, self.request), whole=True))
        settled.append(self._calls.end(cut=meaning(self.reason) in {"cut", "filtered"}))
        chunks = [self._chunk({"choices": [{"delta": {"tool_calls": pieces}}]}) for pieces in settled if pieces]
        if self._details:
            chunks.append(self._chunk({"choices": []}, {"reasoning_details": self._details}))
        usage, cost = self.charged()
        if usage or cost:
            chunks.append(self._chunk({"choices": [], "usage": usage}, **cost))
        return chunks

    def charged(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """Return the usage that has come so far, and the cost."""
        sent = self._usage.total()
        usage = normalize(sent)
        return usage, cost_in(usage or sent, self.request.price)
