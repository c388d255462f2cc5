"""From the gateway's JSON to LangChain's messages: what counts as an answer, and what is kept of it. No I/O."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from math import isfinite
from typing import TYPE_CHECKING, Any

from langchain_novastack.errors import NovastackResponseError
from langchain_novastack.transport.error_mapping import from_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_core.outputs import ChatGenerationChunk, ChatResult

    from langchain_novastack.cards import Price
    from langchain_novastack.transport.chat_request import Request

    Fail = Callable[[object], Exception]

PROVIDER = "novastack"
"""`model_provider` of every message and `ls_provider` of every run."""

_REASONING = ("reasoning_content", "reasoning")


def check(body: Any, request: Request, secrets: Callable[[], tuple[str, ...]]) -> dict[str, Any]:
    """Return the body of a 200 answer, or raise what it really is.

    Raises:
        NovastackResponseError: If it holds an `error`, no choices, or an empty answer.
    """

    def fail(error: object) -> Exception:
        return from_body(error, model=request.model, secrets=secrets(), prompt=request.prompt)

    if not isinstance(body, dict):
        raise _unusable(request, "something that is not a JSON object")
    if body.get("error"):
        raise fail(body["error"])
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise _unusable(request, "an answer without choices")
    for choice in choices:
        if not isinstance(choice, dict):
            raise _unusable(request, "choices of an unknown shape")
        check_choice(choice, request, fail)
        if not isinstance(choice.get("message"), dict):
            raise _unusable(request, "a choice without a message")
        choice["message"]["role"] = "assistant"  # whatever a gateway writes, or does not
        if not reason_in(choice):
            raise _unusable(request, "an answer without a finish reason")
    body["model"] = model_in(body, request)
    body.setdefault("system_fingerprint", None)
    body["usage"] = usage_in(body)
    return body


def usage_in(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the usage of an answer or a chunk, without counts that are no counts; None if it has none."""
    usage = data.get("usage")
    return _counted(usage) if isinstance(usage, dict) else None


def _counted(usage: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in usage.items():
        if name.endswith("_details"):
            kept[name] = _counted(value) if isinstance(value, dict) else None
        elif name.endswith("_tokens"):
            kept[name] = value if type(value) is int and value >= 0 else None
        else:
            kept[name] = value
    return kept


def reason_in(choice: dict[str, Any]) -> str | None:
    """Return why a choice ended; None if it did not say so in words."""
    reason = choice.get("finish_reason")
    return reason if isinstance(reason, str) and reason else None


def model_in(data: dict[str, Any], request: Request) -> str:
    """Return the model that an answer or chunk names, or the one asked if it names none."""
    name = data.get("model")
    return name if isinstance(name, str) and name else str(request.body["model"])


def check_choice(choice: dict[str, Any], request: Request, fail: Fail) -> None:
    """Raise the error that a choice of an answer or a chunk carries, if any."""
    if choice.get("error"):
        raise fail(choice["error"])
    if choice.get("finish_reason") == "error":
        raise _unusable(request, "an answer that ended with an error")


def _unusable(request: Request, what: str) -> NovastackResponseError:
    return NovastackResponseError(f"{request.model} sent {what}.", model=request.model)


def finish_result(result: ChatResult, body: dict[str, Any], request: Request) -> ChatResult:
    """Add to LangChain's result what the SDK's typed answer would have held, reasoning and cost."""
    llm_output = result.llm_output or {}
    llm_output["model_provider"] = PROVIDER
    llm_output.update(cost_in(body.get("usage"), request.price))
    result.llm_output = llm_output
    for generation, choice in zip(result.generations, body["choices"], strict=True):
        message, sent = generation.message, choice["message"]
        message.additional_kwargs["refusal"] = sent.get("refusal")
        message.additional_kwargs.update(reasoning_in(sent))
        if request.schema and sent.get("content") and not sent.get("refusal"):
            _parse_into(message.additional_kwargs, sent["content"], request)
    return result


def _parse_into(kwargs: dict[str, Any], content: str, request: Request) -> None:
    """Set `parsed` as the SDK's `parse` does. Text that does not parse is the parser's business, not an error here."""
    try:
        kwargs["parsed"] = request.schema.model_validate_json(content) if request.schema else None
    except ValueError:
        return


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
        broken = True
    else:
        broken = False
    if broken:
        raise _unusable(request, what)


def reasoning_in(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the reasoning of a message or delta under LangChain's name for it; empty without any."""
    found: dict[str, Any] = {}
    for name in _REASONING:
        if isinstance(sent.get(name), str) and sent[name]:
            found["reasoning_content"] = sent[name]
            break
    if sent.get("reasoning_details"):
        found["reasoning_details"] = sent["reasoning_details"]
    return found


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


class StreamState:
    """What has been seen of one stream: chunks held back, usage, the end."""

    def __init__(self, request: Request, convert: Callable[[dict[str, Any]], ChatGenerationChunk], fail: Fail) -> None:
        """Begin a stream.

        Args:
            request: The request it answers.
            convert: LangChain's conversion of one chunk's JSON.
            fail: Builds the error for an in-band `error`.
        """
        self.request = request
        self.shown: list[ChatGenerationChunk] = []
        self.finished = False
        self._calls = -1
        self._convert = convert
        self._fail = fail
        self._held: list[ChatGenerationChunk] = []
        self._usage: dict[str, Any] | None = None

    @property
    def waiting(self) -> bool:
        """Whether nothing meaningful has come yet."""
        return not self.shown

    def feed(self, data: Any) -> list[ChatGenerationChunk]:
        """Take one chunk's JSON; return the chunks to show now, held ones first.

        Raises:
            NovastackResponseError: If the chunk is an error or has an unknown shape.
        """
        if not isinstance(data, dict):
            raise _unusable(self.request, "a chunk that is not a JSON object")
        if data.get("error"):
            raise self._fail(data["error"])
        self._usage = usage_in(data) or self._usage
        data.pop("usage", None)
        choices = data.get("choices")
        if not choices:
            return []
        if not isinstance(choices, list) or not isinstance(choices[0], dict):
            raise _unusable(self.request, "a chunk with choices of an unknown shape")
        choice = choices[0]
        check_choice(choice, self.request, self._fail)
        return self._show(data, choice)

    def _show(self, data: dict[str, Any], choice: dict[str, Any]) -> list[ChatGenerationChunk]:
        with usable(self.request, "a chunk of an unknown shape"):
            delta = self._delta(choice)
        choice["finish_reason"] = reason_in(choice)
        if choice["finish_reason"]:
            data["model"] = model_in(data, self.request)
        chunk = self._chunk(data)
        extra = reasoning_in(delta)
        if delta.get("refusal"):
            extra["refusal"] = delta["refusal"]
        if extra:
            chunk.message.additional_kwargs.update(extra)
        if choice["finish_reason"]:
            self.finished = True
        elif self.waiting and not (extra or delta.get("content") or delta.get("tool_calls")):
            self._held.append(chunk)
            return []
        if self._held:
            chunks, self._held = [*self._held, chunk], []
            self.shown += chunks
            return chunks
        self.shown.append(chunk)
        return [chunk]

    def _delta(self, choice: dict[str, Any]) -> dict[str, Any]:
        """Return what a choice adds, in the shape that LangChain's conversion reads without loss."""
        sent = choice.get("delta") or choice.get("message")  # a whole message ends some gateways' streams
        delta: dict[str, Any] = sent if isinstance(sent, dict) else {}
        choice["delta"] = delta
        delta.pop("role", None)  # always the assistant's, whatever a gateway writes
        if self.finished:
            choice["finish_reason"] = None  # said already; twice would add up to "stopstop"
        for call in delta.get("tool_calls") or ():
            if isinstance(call, dict) and not isinstance(call.get("index"), int):
                self._calls += bool(call.get("id"))  # a new id begins a new call
                call["index"] = max(0, self._calls)
        return delta

    def _chunk(self, data: dict[str, Any]) -> ChatGenerationChunk:
        with usable(self.request, "a chunk of an unknown shape"):
            chunk = self._convert(data)
        chunk.message.response_metadata["model_provider"] = PROVIDER
        return chunk

    def end(self) -> list[ChatGenerationChunk]:
        """Take the end of the stream; return the chunk that carries the usage, if the gateway sent any.

        The last usage wins: some gateways repeat a running total in every chunk.

        Raises:
            NovastackResponseError: If the stream stopped before it was finished.
        """
        if not self.finished:
            raise _unusable(self.request, "a stream that ended without a finish reason")
        if not self._usage:
            return []
        chunk = self._chunk({"choices": [], "usage": self._usage})
        chunk.message.response_metadata.update(cost_in(self._usage, self.request.price))
        return [chunk]
