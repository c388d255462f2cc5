"""One request and its answer: what counts as an answer, what is kept of it, what is raised in its place. No I/O."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk
from langchain_openai.chat_models.base import _create_usage_metadata

from langchain_novastack.cards import cost_in
from langchain_novastack.chat_models import unvalidated
from langchain_novastack.chat_models.reading import choices as reading
from langchain_novastack.chat_models.reading.calls import CallReader, tools_in
from langchain_novastack.chat_models.reading.choices import NO_REASON, REASONING, REASONS
from langchain_novastack.chat_models.reading.markup import calls_in, plain_json
from langchain_novastack.chat_models.reading.refusals import length_error
from langchain_novastack.chat_models.reading.usage import go_on, merge, normalize
from langchain_novastack.dialects import meaning
from langchain_novastack.errors import NovastackError, NovastackResponseError
from langchain_novastack.fallbacks.rules import after_content, is_callers
from langchain_novastack.redaction import raise_instead, secret_values
from langchain_novastack.tracing import PROVIDER
from langchain_novastack.transport.error_mapping import from_body, translate
from langchain_novastack.transport.error_words import in_band, read_error
from langchain_novastack.transport.events import Events
from langchain_novastack.transport.send import read_json
from langchain_novastack.validation import unsendable

if TYPE_CHECKING:
    from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
    from typing_extensions import Self

    from langchain_novastack.transport.chat_request import Request
    from langchain_novastack.transport.time_limits import TimeLimits

_NO_REASON = (None, *NO_REASON, "None")
_REASONING = frozenset(REASONING) - {"reasoning_details"}
_SELDOM = ("error", "usage", "logprobs", *REASONS[1:])
_KEPT = ("function_call", "audio", "reasoning_details")
_STRANGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a strange shape raises. It quotes the answer, and so is never raised further."""
_REPEATED = 24  # characters from which a last piece that equals all before it is that text once more


class Exchange:
    """One request and its answer, whole or chunk by chunk. What fails inside `with exchange:` is raised typed."""

    def __init__(self, model: Any, request: Request, clock: TimeLimits) -> None:
        """Begin with nothing read: of a `request` that a `model` sends within the limits of a `clock`."""
        self.request, self.clock = request, clock
        self.sent: Any = None  # what an async stream comes from
        self._model = model
        self._v1 = model.output_version == "v1"
        self._reason: str | None = None  # once it is said, nothing that breaks behind it costs anything
        self._shown: list[ChatGenerationChunk] = []
        self._by_delta = False  # whether it came in pieces, so that a whole message can only be all of them again
        self._grown: dict[str, str] = {}  # what came in messages, by its field
        self._calls = CallReader(request.body)
        self._details: list[Any] = []
        self._usage: dict[str, Any] = {}
        self._aside: Any = None  # the last words without an answer, which say why none came if none does

    def __enter__(self) -> Self:
        """Begin to send or to read."""
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool | None:
        """Raise what an error means; a stream that broke behind the end of its answer lacks a count at most."""
        cut = self._reason is None or "stream" not in self.request.body
        if isinstance(error, Exception) and (cut or isinstance(error, NovastackError) or is_callers(error)):
            failures = [self._failure(error)]
            del error  # reports that list the locals of frames would show what the gateway said
            raise_instead(failures.pop())
        return isinstance(error, Exception)

    async def __aenter__(self) -> Self:
        """Begin to read a stream, `sent`."""
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool | None:
        """End the stream, then do as `__exit__`: an `AsyncExitStack` of Python 3.11 would hold on to the error."""
        await self.sent.aclose()
        errors = [error]
        del error  # as in `__exit__`
        return self.__exit__(kind, errors.pop(), trace)

    def _failure(self, error: Exception) -> Exception:
        """Return the error to raise for one that came out of the request; unknown ones as they are."""
        if is_callers(error):
            return error
        request, clock, ours = self.request, self.clock, isinstance(error, NovastackError)
        if clock.expired or (clock.seconds() is not None and not ours and clock.over()):
            error = clock.error(request.model)
        elif not ours:
            error = translate(unsendable(error, request.body) or error, **self._named)
        error.__traceback__ = None  # frames that read an answer hold what the gateway said
        shown = [chunk.message for chunk in self._shown] if clock.terms.streamed else []  # else only gathered
        error = after_content(error, shown, request.model)
        if isinstance(error, NovastackError):
            usage, cost = self._charged()
            error.usage = {**(usage or {}), **cost}
        return error

    @property
    def _named(self) -> dict[str, Any]:
        """The model, and what must not appear in a message: keys, headers whose name says so, and the prompt."""
        model, request = self._model, self.request
        keys = [client.api_key for client in (model.root_client, model.root_async_client) if client is not None]
        headers = (*(model.default_headers or {}).items(), *(request.options.get("headers") or {}).items())
        secrets = tuple({key for key in (*keys, *secret_values(headers)) if key})
        return {"model": request.model, "secrets": secrets, "prompt": request.prompt}

    def _fail(self, said: object) -> NovastackError:
        return from_body(said, **self._named)

    # ---- what an answer and a chunk have in common

    def _choices(self, data: Any, *, whole: bool = False) -> list[dict[str, Any]]:
        """Return the choices of an answer or a chunk, or raise the error that it holds in their place."""
        known = isinstance(data, dict)
        self._usage = merge(self._usage, reading.usage_in(data)) if known else self._usage
        if known and data.get("error"):
            failure = self._fail(dict(data))
            data.clear()  # frames that hold it would show what the gateway said
            raise failure
        choices = (known and data.get("choices")) or []
        if not choices and (read_error(data).words if whole and not isinstance(data, str) else known and in_band(data)):
            raise self._fail(data)
        if known and not choices and read_error(data).words:
            self._aside = data
        if not known or not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
            raise _unusable(self.request, f"{'an answer' if whole else 'a chunk'} of an unknown shape")
        return choices

    def _part(self, choices: list[dict[str, Any]]) -> reading.Choices:
        part = reading.read_choices(choices)
        if part.choice.get("error"):
            raise self._fail(part.choice.pop("error"))
        if meaning(part.reason) == "failed":
            raise _unusable(self.request, f"an answer that ended with an error ({str(part.reason).lower()})")
        return part

    def _model_in(self, data: dict[str, Any]) -> str:
        name = data.get("model")
        return name if isinstance(name, str) and name else str(self.request.body["model"])

    def _charged(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """Return the usage that has come so far, and the cost."""
        usage = normalize(self._usage)
        return usage, cost_in(usage or self._usage, self.request.price)

    def _written_calls(self, text: object) -> list[tuple[int, Any]]:
        """Return the calls that a model wrote into its text, where it was offered tools, as those of choice 0."""
        if not isinstance(text, str) or "<" not in text or not self.request.body.get("tools"):
            return []
        return [(0, calls_in(text, {tool["name"]: tool for tool in tools_in(self.request.body)}))]

    def _check_end(self, reason: str | None, said: object) -> None:
        if not reason:
            if self._aside:
                raise self._fail(self._aside)
            raise _unusable(self.request, "an answer that ended without a finish reason")
        if not (said or meaning(reason)):
            raise _unusable(self.request, "an empty answer with an unknown finish reason")

    # ---- a whole answer

    def result(self, response: Any) -> ChatResult:
        """Return a 200 answer as LangChain's result; raise if it holds an error, no choices, or an empty answer."""
        body = read_json(response)
        try:
            if isinstance(body, Events):
                return self._of_events(body, response.headers)
            return self._whole(reading.unwrapped(body), response.headers)
        except _STRANGE:
            raise_instead(_unusable(self.request, "an answer of an unknown shape"))

    def _whole(self, body: Any, headers: Any) -> ChatResult:
        choices = self._choices(body, whole=True)
        if not choices:
            raise _unusable(self.request, "an answer without choices")
        usage, cost = self._charged()
        output = {"token_usage": usage, "model_provider": PROVIDER, "model_name": self._model_in(body), **cost}
        output["system_fingerprint"] = body.get("system_fingerprint")
        output |= {name: body[name] for name in ("id", "service_tier") if body.get(name)}
        info = {"headers": dict(headers)} if self._model.include_response_headers else {}
        parts = [choices] if self.request.body.get("n") in (None, 1) else [[choice] for choice in choices]
        return unvalidated.result([self._generation(part, output, info) for part in parts], output)

    def _generation(self, choices: list[Any], output: dict[str, Any], info: dict[str, Any]) -> ChatGeneration:
        """Return what the choices of one answer say, with its usage and how it ended."""
        part, calls = self._part(choices), CallReader({})
        sent, text, reason = part.sent, part.sent.get("content"), part.reason
        for number, pieces in part.calls or self._written_calls(text):
            calls.feed(pieces, number, of_message=True)
        self._check_end(reason, text or calls.calls)
        extra = {"refusal": sent.get("refusal"), **reading.reasoning_in(sent)}
        extra |= {name: value for name in _KEPT if (value := sent.get(name))}
        info = {**info, "finish_reason": reason}
        if "logprobs" in part.choice:
            info["logprobs"] = part.choice["logprobs"]
        good, bad = calls.parsed(cut=meaning(reason) in {"cut", "filtered"}) if calls.calls else ([], [])
        usage = output["token_usage"] and _create_usage_metadata(output["token_usage"], output.get("service_tier"))
        fields = {"content": text or "", "name": sent.get("name"), "id": sent.get("id"), "additional_kwargs": extra}
        fields |= {"tool_calls": good, "invalid_tool_calls": bad, "response_metadata": {}, "usage_metadata": usage}
        made = unvalidated.answer(info, fields)
        self._parse_into(made.message, text, reason)
        return made

    def _parse_into(self, message: Any, text: object, reason: str | None) -> None:
        """Set `parsed` as the SDK's `parse` does. Text that does not parse is the parser's business, no error here."""
        schema, extra = self.request.schema, message.additional_kwargs
        if not schema or extra.get("refusal") or not isinstance(text, str):
            return
        if meaning(reason) == "cut":
            raise length_error(message)
        with suppress(ValueError):
            extra["parsed"] = schema.model_validate_json(plain_json(text))

    def _of_events(self, events: Events, headers: Any) -> ChatResult:
        """Return the whole answer that came as events although no stream was asked for."""
        for event in events:
            with suppress(*(() if self._reason is None else (RecursionError, ValueError))):
                self.feed(json.loads(event), headers)
        result = generate_from_stream(iter([*self._shown, *self.end()]))
        message = result.generations[0].message
        self._parse_into(message, message.text, self._reason)
        return result

    # ---- a stream

    def feed(self, data: Any, headers: Any) -> list[ChatGenerationChunk]:
        """Return the chunks to show for one chunk's JSON, none until something is said; raise if it is an error."""
        ended = self._reason is not None  # nothing that is wrong behind the end costs anything
        chunk = self._going_on(data) if self._shown and self._by_delta and not (self._v1 or ended) else None
        if chunk is None:
            try:
                data = reading.unwrapped(data)
                choices = self._choices(data)
                chunk = self._take(data, choices) if choices else None
            except (NovastackError, *_STRANGE) as error:
                if not ended:
                    known = isinstance(error, NovastackError)
                    raise_instead(error if known else _unusable(self.request, "a chunk of an unknown shape"))
        chunks = [chunk] if chunk else []
        if chunk and not self._shown:
            self.clock.first()
            if self._model.include_response_headers:
                chunks = [self._chunk({"choices": []}), chunk]
                chunks[0].generation_info = {"headers": dict(headers)}
        self._shown += chunks
        return chunks

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
            self._usage = go_on(self._usage, usage)
        return unvalidated.chunk(PROVIDER, **said)

    def _take(self, data: dict[str, Any], choices: list[dict[str, Any]]) -> ChatGenerationChunk | None:
        part = self._part(choices)
        sent, again = part.sent, part.of_message and self._by_delta
        if part.of_message and not again:
            self._drop_grown(sent)
        else:
            self._drop_repeated(sent, part.reason or self._reason, again=again)
        if not (again and self._calls.calls):
            feed, of_message = self._calls.feed, part.of_message
            shown = [piece for number, calls in part.calls for piece in feed(calls, number, of_message=of_message)]
            sent["tool_calls"] = shown
        reading.add_details(self._details, sent.get("reasoning_details") or [])
        told = self._reason and self._shown  # said twice it would add up to "stopstop"
        self._reason = self._reason or part.reason
        choice = {**part.choice, "delta": sent, "finish_reason": None if told else self._reason}
        extra = reading.reasoning_in(sent) | ({"refusal": sent["refusal"]} if sent.get("refusal") else {})
        chunk = self._chunk({**data, "usage": None, "model": self._model_in(data), "choices": [choice]}, extra)
        said: Any = chunk.message
        says = said.content or said.tool_call_chunks or said.additional_kwargs or meaning(self._reason)
        self._by_delta = self._by_delta or bool(says and not part.of_message)
        return chunk if self._shown or says else None

    def _drop_repeated(self, sent: dict[str, Any], reason: str | None, *, again: bool) -> None:
        """Leave out of a delta, or of the whole message `again` at the end of its pieces, what has been shown of it."""
        text = sent.get("content")
        text = AIMessageChunk(content=text).text if isinstance(text, list) else text
        if isinstance(text, str) and text and (again or (reason and len(text) >= _REPEATED)):
            before = self._text()
            repeats = text.startswith(before) if again else text == before
            if again or repeats:
                sent["content"] = text[len(before) :] if repeats else None
            again = again or repeats
        if again and any(chunk.message.additional_kwargs.get("reasoning_content") for chunk in self._shown):
            for name in REASONING:
                sent.pop(name, None)

    def _drop_grown(self, sent: dict[str, Any]) -> None:
        """Leave out of a message that came before its end what came already: it may be all so far, or a piece."""
        for name in ("content", *REASONING):
            text, before = sent.get(name), self._grown.get(name, "")
            if isinstance(text, str):
                sent[name] = text.removeprefix(before)
                self._grown[name] = before + sent[name]

    def _text(self) -> str:
        return "".join(chunk.text for chunk in self._shown)

    def _chunk(self, data: dict[str, Any], extra: dict[str, Any] | None = None, **metadata: Any) -> ChatGenerationChunk:
        chunk: Any = self._model._convert_chunk_to_generation_chunk(data, AIMessageChunk, None)  # noqa: SLF001 - LangChain's hook
        chunk.message.additional_kwargs.update(extra or {})
        chunk.message.response_metadata.update(metadata, model_provider=PROVIDER)
        if self._v1:
            _number_calls_apart(chunk.message)
        return chunk  # type: ignore[no-any-return] # a chunk, or it would have no message

    def end(self) -> list[ChatGenerationChunk]:
        """Take the end of the stream; return what settles tool calls, reasoning, usage. Raise if it was cut off."""
        self._check_end(self._reason, meaning(self._reason) or self._calls.calls or self._text())
        written = [] if self._calls.calls else self._written_calls(self._text())
        settled = [self._calls.feed(pieces, of_message=True) for _, pieces in written]
        settled.append(self._calls.end(cut=meaning(self._reason) in {"cut", "filtered"}))
        chunks = [self._chunk({"choices": [{"delta": {"tool_calls": pieces}}]}) for pieces in settled if pieces]
        if self._details:
            chunks.append(self._chunk({"choices": []}, {"reasoning_details": self._details}))
        usage, cost = self._charged()
        if usage or cost:
            chunks.append(self._chunk({"choices": [], "usage": usage}, **cost))
        return chunks


def _unusable(request: Request, what: str) -> NovastackResponseError:
    return NovastackResponseError(f"{request.model} sent {what}.", model=request.model)


def _number_calls_apart(message: Any) -> None:
    """Put pieces of tool calls into the content of a chunk as LangChain's v1 blocks, with numbers of their own.

    Core numbers reasoning and text from 0, and so does the gateway its tool calls; summed, the two would be merged.
    """
    if message.tool_call_chunks:
        message.content = [dict(block) for block in message.content_blocks]
        for block in (each for each in message.content if each["type"] == "tool_call_chunk"):
            block["index"] = f"lc_tc_{block.get('index')}"
        message.response_metadata["output_version"] = "v1"
