"""From the gateway's JSON to LangChain's messages: what counts as an answer, and what is kept of it. No I/O."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from math import isfinite
from typing import TYPE_CHECKING, Any

from langchain_core.language_models.chat_models import generate_from_stream

from langchain_novastack.chat_models.reading import choices as reading
from langchain_novastack.chat_models.reading.calls import CallReader, tools_in
from langchain_novastack.chat_models.reading.endings import NOTHING, reason_in
from langchain_novastack.chat_models.reading.markup import calls_in, plain_json
from langchain_novastack.chat_models.reading.refusals import show_refusals
from langchain_novastack.chat_models.reading.structured import length_error
from langchain_novastack.chat_models.reading.tail import until_broken
from langchain_novastack.chat_models.reading.usage import clean, merge, normalize
from langchain_novastack.dialects import meaning
from langchain_novastack.errors import NovastackResponseError, raise_instead
from langchain_novastack.fallbacks.hold_back import HoldBack
from langchain_novastack.transport.error_mapping import from_body
from langchain_novastack.transport.error_words import in_band, read_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_core.outputs import ChatGenerationChunk, ChatResult

    from langchain_novastack.cards import Price
    from langchain_novastack.transport.chat_request import Request
    from langchain_novastack.transport.events import Events

    Fail = Callable[[object], Exception]
    Convert = Callable[[dict[str, Any]], ChatGenerationChunk]

PROVIDER = "novastack"
"""`model_provider` of every message and `ls_provider` of every run."""

show_refusals(PROVIDER)

_CALLS, _COST = "novastack_calls", "novastack_cost"
"""Where a choice keeps its tool calls and a body its cost, out of sight of LangChain's conversion."""

_NO_REASON = (None, *NOTHING)
_REASONING = frozenset(reading.REASONING) - {"reasoning_details"}
_MOST_USAGES = 50

_REPEATED = 24
"""Characters from which a last piece that equals all before it is that text once more."""


def check(body: Any, request: Request, secrets: Callable[[], tuple[str, ...]]) -> dict[str, Any]:
    """Return the body of a 200 answer in the standard shape, or raise what it really is.

    Raises:
        NovastackResponseError: If it holds an error, no choices, or an empty answer.
    """

    def fail(error: object) -> Exception:
        return from_body(error, model=request.model, secrets=secrets(), prompt=request.prompt)

    body = reading.unwrapped(body)
    choices = body.get("choices") if isinstance(body, dict) else None
    if isinstance(body, dict) and body.get("error"):
        raise fail(body["error"])
    if not isinstance(choices, list) or not choices:
        what = "an answer without choices" if isinstance(body, dict) else "something that is not a JSON object"
        raise fail(body) if not isinstance(body, str) and read_error(body).words else _unusable(request, what)
    if not all(isinstance(choice, dict) for choice in choices):
        raise _unusable(request, "choices of an unknown shape")
    usage = reading.usage_in(body)
    body["usage"] = normalize(usage)
    with usable(request, "an answer of an unknown shape"):
        parts = [choices] if request.body.get("n") in (None, 1) else [[choice] for choice in choices]
        body["choices"] = [_whole(part, request) for part in parts]
    for choice in body["choices"]:
        check_choice(choice, request, fail)
        _check_end(choice, request)
    cost = cost_in(body["usage"] or usage, request.price)
    return {"system_fingerprint": None, **body, "model": model_in(body, request), _COST: cost}


def _whole(choices: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    """Return one choice in the standard shape, with its calls read."""
    part, calls = reading.read(choices), CallReader()
    for number, pieces in part.calls:
        calls.feed(pieces, number, whole=True)
    text = part.sent.get("content")
    if not calls.calls and isinstance(text, str):
        calls.feed(_written_calls(text, request), whole=True)
    message = {**part.sent, "role": "assistant"} if part.of_message or part.sent or calls.calls else None
    return {**part.choice, "message": message, "finish_reason": part.reason, _CALLS: calls}


def _written_calls(text: str, request: Request) -> list[dict[str, Any]]:
    """Return the calls that a model wrote into its text, where it was offered tools."""
    if "<" not in text or not request.body.get("tools"):
        return []
    return calls_in(text, {tool["name"]: tool for tool in tools_in(request.body)})


def _check_end(choice: dict[str, Any], request: Request) -> None:
    if not isinstance(choice["message"], dict):
        raise _unusable(request, "a choice without a message")
    if not choice["finish_reason"]:
        raise _unusable(request, "an answer without a finish reason")
    if not (meaning(choice["finish_reason"]) or choice["message"].get("content") or choice[_CALLS].calls):
        raise _unusable(request, "an empty answer with an unknown finish reason")


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


def finish_result(result: ChatResult, body: dict[str, Any], request: Request) -> ChatResult:
    """Add to LangChain's result what the SDK's typed answer would have held, tool calls, reasoning and cost."""
    llm_output = result.llm_output or {}
    llm_output["model_provider"] = PROVIDER
    llm_output.update(body[_COST])
    result.llm_output = llm_output
    for generation, choice in zip(result.generations, body["choices"], strict=True):
        message, sent = generation.message, choice["message"]
        message.additional_kwargs["refusal"] = sent.get("refusal")
        message.additional_kwargs.update(_reasoning(sent, whole=True))
        cut = meaning(choice["finish_reason"]) in {"cut", "filtered"}
        message.tool_calls, message.invalid_tool_calls = choice[_CALLS].parsed(cut=cut)  # type: ignore[attr-defined] # it is an AI's
        _parse_into(message, sent, choice["finish_reason"], request)
    return result


def _reasoning(sent: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """Return the reasoning of a message or delta under LangChain's name for it; its structure, if it is all of it."""
    text, details = reading.reasoning_in(sent), reading.details_in(sent)
    found: dict[str, Any] = {"reasoning_content": text} if text else {}
    return {**found, "reasoning_details": details} if whole and details else found


def _parse_into(message: Any, sent: dict[str, Any], reason: str, request: Request) -> None:
    """Set `parsed` as the SDK's `parse` does. Text that does not parse is the parser's business, not an error here."""
    if not request.schema or sent.get("refusal") or not isinstance(sent.get("content"), str):
        return
    if meaning(reason) == "cut":
        raise length_error(message)
    with suppress(ValueError):
        message.additional_kwargs["parsed"] = request.schema.model_validate_json(plain_json(sent["content"]))


def cost_in(usage: Any, price: Price | None = None) -> dict[str, Any]:
    """Return `cost` as a gateway put it into its usage, else `cost_estimate` by a price; US dollars; empty if unknown.

    Args:
        usage: The usage as it came.
        price: The price of the model's card.
    """
    if not isinstance(usage, dict):
        return {}
    cost: Any = usage.get("cost")
    with suppress(OverflowError, TypeError, ValueError):
        number = float(cost)  # prices of such gateways are decimal strings, so a cost may be one
        if isfinite(number) and not isinstance(cost, bool):
            return {"cost": number if isinstance(cost, str) else cost}
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if price is None or not isinstance(prompt, int) or not isinstance(completion, int):
        return {}
    return {"cost_estimate": price.of(prompt, completion)}


@contextmanager
def usable(request: Request, what: str) -> Iterator[None]:
    """Raise whatever LangChain's conversion raises on a strange shape as an unusable answer."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise_instead(_unusable(request, what))  # what it stands for quotes the answer


def number_calls_apart(chunks: list[ChatGenerationChunk]) -> None:
    """Put pieces of tool calls into the content of chunks as LangChain's v1 blocks, with numbers of their own.

    Core numbers reasoning and text from 0, and so does the gateway its tool calls; summed, the two would be merged.
    """
    for message in (chunk.message for chunk in chunks):
        if not getattr(message, "tool_call_chunks", None):
            continue
        blocks: list[Any] = [dict(block) for block in message.content_blocks]
        for block in blocks:
            if block["type"] == "tool_call_chunk":
                block["index"] = f"lc_tc_{block.get('index')}"
        message.content = blocks
        message.response_metadata["output_version"] = "v1"


def from_events(events: Events, state: StreamState) -> ChatResult:
    """Return the whole answer that came as events although no stream was asked for."""
    with usable(state.request, "events that are not JSON"):
        chunks = [chunk for data in until_broken(map(json.loads, events), state) for chunk in state.feed(data)]
    result = generate_from_stream(iter([*chunks, *state.end()]))
    message = result.generations[0].message
    _parse_into(message, {"content": message.text}, str(state.reason), state.request)
    return result


class StreamState:
    """What has been seen of one stream: chunks held back, calls, usage, the end."""

    def __init__(self, request: Request, convert: Convert, fail: Fail, *, v1: bool = False) -> None:
        """Begin a stream.

        Args:
            request: The request it answers.
            convert: LangChain's conversion of one chunk's JSON.
            fail: Builds the error for an in-band `error`.
            v1: Whether tool calls are shown as content blocks.
        """
        self.request = request
        self.shown: list[ChatGenerationChunk] = []
        self.reason: str | None = None
        self._calls = CallReader(tool["name"] for tool in tools_in(request.body))
        self._convert = convert
        self._fail = fail
        self._v1 = v1
        self._hold: HoldBack[ChatGenerationChunk] = HoldBack()
        self._usages: list[dict[str, Any]] = []
        self._details: list[Any] = []
        self._by_delta = False

    @property
    def waiting(self) -> bool:
        """Whether nothing meaningful has come yet."""
        return not self.shown

    @property
    def finished(self) -> bool:
        """Whether the answer has said why it ended, so that nothing that breaks behind it costs anything."""
        return self.reason is not None

    def feed(self, data: Any) -> list[ChatGenerationChunk]:
        """Take one chunk's JSON; return the chunks to show now, held ones first.

        Raises:
            NovastackResponseError: If the chunk is an error or has an unknown shape.
        """
        if self.shown and self._by_delta and (chunk := self._going_on(data)):
            self.shown.append(chunk)
            return [chunk]
        data = reading.unwrapped(data)
        if not isinstance(data, dict):
            raise _unusable(self.request, "a chunk that is not a JSON object")
        if data.get("error"):
            raise self._fail(data["error"])
        self._note(reading.usage_in(data))
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
            (choice,) = data["choices"]
            delta, usage = choice["delta"], data.get("usage")
            if choice.get("finish_reason") not in _NO_REASON or data.get("error") or choice.get("error"):
                return None
            (kind,) = [name for name, value in delta.items() if value and name != "role"]
            if choice.get("usage") or not (kind == "content" or self._goes_on(choice, kind)):
                return None
        except (AttributeError, LookupError, TypeError, ValueError):
            return None
        delta.pop("role", None)
        choice["finish_reason"] = None
        if usage:
            self._note(clean(usage))
            data["usage"] = None
        chunk = self._chunk(data)
        if kind in _REASONING:
            chunk.message.additional_kwargs["reasoning_content"] = delta[kind]
        if self._v1:
            number_calls_apart([chunk])
        return chunk

    def _goes_on(self, choice: dict[str, Any], kind: str) -> bool:
        value = choice["delta"][kind]
        if kind == "tool_calls":
            return self._calls.goes_on(value, choice.get("index") or 0)
        return kind in _REASONING and isinstance(value, str)

    def _note(self, usage: dict[str, Any] | None) -> None:
        """Keep a usage. They are put together at the end, the last first, which is seldom more than one step."""
        if usage:
            self._usages.append(usage)
        if len(self._usages) > _MOST_USAGES:
            self._usages = [merge(self._usages)]

    def _take(self, data: dict[str, Any], choices: list[dict[str, Any]]) -> list[ChatGenerationChunk]:
        check_choice(choices[0], self.request, self._fail)
        part = reading.read(choices)
        sent, again = part.sent, part.of_message and self._by_delta
        self._drop_repeated(sent, part.reason, again=again)
        if not (again and self._calls.calls):
            sent["tool_calls"] = [shown for number, calls in part.calls for shown in self._calls.feed(calls, number)]
        self._by_delta = self._by_delta or not part.of_message
        reading.add_details(self._details, reading.details_in(sent))
        first = None if self.finished else part.reason  # said twice it would add up to "stopstop"
        self.reason = self.reason or first
        if first:
            data["model"] = model_in(data, self.request)
        return self._show({**data, "choices": [{**part.choice, "delta": sent, "finish_reason": first}]}, sent, first)

    def _drop_repeated(self, sent: dict[str, Any], reason: str | None, *, again: bool) -> None:
        """Leave out of a message what has been shown of it.

        Args:
            sent: The message or delta; changed in place.
            reason: Why the answer ended, if it says so.
            again: Whether it is the whole message at the end of the pieces that it was sent in.
        """
        text = sent.get("content")
        if isinstance(text, str) and text and (again or (reason and len(text) >= _REPEATED)):
            before = self._text()
            repeats = text.startswith(before) if again else text == before
            sent["content"] = text[len(before) :] if repeats else None if again else text
        if again and any(chunk.message.additional_kwargs.get("reasoning_content") for chunk in self.shown):
            for name in reading.REASONING:
                sent.pop(name, None)

    def _text(self) -> str:
        return "".join(chunk.text for chunk in self.shown)

    def _show(self, data: dict[str, Any], sent: dict[str, Any], reason: str | None) -> list[ChatGenerationChunk]:
        chunk = self._chunk(data)
        extra = _reasoning(sent, whole=False)
        if sent.get("refusal"):
            extra["refusal"] = sent["refusal"]
        if extra:
            chunk.message.additional_kwargs.update(extra)
        if self._v1:
            number_calls_apart([chunk])
        said = extra or sent.get("content") or sent.get("tool_calls") or meaning(reason)
        chunks = self._hold.add(chunk, meaningful=bool(said))
        self.shown += chunks
        return chunks

    def _chunk(self, data: dict[str, Any], **metadata: Any) -> ChatGenerationChunk:
        with usable(self.request, "a chunk of an unknown shape"):
            chunk = self._convert(data)
        chunk.message.response_metadata.update(metadata, model_provider=PROVIDER)
        return chunk

    def end(self) -> list[ChatGenerationChunk]:
        """Take the end of the stream; return what is still to be shown: what settles tool calls, reasoning, usage.

        Raises:
            NovastackResponseError: If the stream stopped before it was finished.
        """
        if not self.finished:
            raise _unusable(self.request, "a stream that ended without a finish reason")
        if self.waiting:
            raise _unusable(self.request, "an empty answer with an unknown finish reason")
        calls = [self._written(), self._calls.end(cut=meaning(self.reason) in {"cut", "filtered"})]
        chunks = [self._chunk({"choices": [{"delta": {"tool_calls": pieces}}]}) for pieces in calls if pieces]
        if self._v1:
            number_calls_apart(chunks)
        if self._details:
            chunks.append(self._chunk({"choices": []}))
            chunks[-1].message.additional_kwargs["reasoning_details"] = self._details
        sent = merge(self._usages)
        usage = normalize(sent)
        cost = cost_in(usage or sent, self.request.price)
        if usage or cost:
            chunks.append(self._chunk({"choices": [], "usage": usage}, **cost))
        return chunks

    def _written(self) -> list[dict[str, Any]]:
        """Return the calls that stand in the text, if there are no others."""
        if self._calls.calls or not self.request.body.get("tools"):
            return []
        return self._calls.feed(_written_calls(self._text(), self.request), whole=True)
