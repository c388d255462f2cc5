"""How `ChatNovastack` makes a request: down to the wire and back up, in the four ways LangChain asks.

The only place that calls private hooks of `ChatOpenAI`, those that build a request and read an answer: LangChain
has no public ones, and its own partner packages specialise the class through the same.
`tests/unit_tests/test_upstream.py` breaks when one moves.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from langchain_core.language_models import LanguageModelInput  # noqa: TC002 - core reads the hints of what binds
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import LLMResult
from langchain_core.runnables import RunnableConfig  # noqa: TC002 - as above
from langchain_openai import ChatOpenAI
from pydantic import Field, ValidationError
from typing_extensions import override

from langchain_novastack.cards import ModelCard, find_card, gateway_id
from langchain_novastack.chat_models.exchange import PROVIDER, Exchange
from langchain_novastack.chat_models.payload import as_json, build
from langchain_novastack.chat_models.straight import answer_of, last, new_id, settled, straight
from langchain_novastack.chat_models.unvalidated import prompt
from langchain_novastack.errors import raise_instead
from langchain_novastack.redaction import without_input, without_secrets
from langchain_novastack.transport import retry_budget, send
from langchain_novastack.transport.attempt_context import current
from langchain_novastack.transport.size_limits import MAX_ANSWER_BYTES
from langchain_novastack.transport.time_limits import TimeLimits
from langchain_novastack.validation import check_call, named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.outputs import ChatGenerationChunk, ChatResult
    from langchain_core.prompt_values import PromptValue


class Generation(ChatOpenAI):
    """The requests of a model; `ChatNovastack` adds its fields and how it is built."""

    _novastack_role: ClassVar[str] = "model"
    """Told to `fallbacks.candidate`."""

    card: ModelCard | Literal["auto"] | None = "auto"
    """What is known of the model, and its request rules. "auto": the card of its name; None: no rules."""

    first_token_timeout: float | None = Field(default=None, gt=0)
    """Seconds to a stream's first text, reasoning or tool call; comments do not prolong it. None: no limit."""

    max_answer_bytes: int = Field(default=MAX_ANSWER_BYTES, ge=1)
    """Bytes that a whole answer, or one event of a stream, may have after decompression; more is a failure."""

    cache_prompts: bool = False
    """Whether Claude's requests say what its server should keep in its cache: system message, tools, last turn."""

    fast: bool = True
    """Whether to send JSON past the SDK. False goes through `chat.completions.create` at more CPU time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Build the model.

        Raises:
            ValidationError: For a bad argument; neither its text nor its `errors()` holds the input.
        """
        try:
            super().__init__(*args, **kwargs)
        except ValidationError as error:
            raise_instead(without_input(error))

    def card_for(self, name: str) -> ModelCard | None:
        """Return the card that holds for a request to the model of that name."""
        if self.card == "auto" or (self.card is not None and name != self.model_name):
            return find_card(name)
        return self.card if isinstance(self.card, ModelCard) else None

    @override
    def _convert_input(self, model_input: LanguageModelInput) -> PromptValue:
        if type(model_input) is list and all(isinstance(message, BaseMessage) for message in model_input):
            return prompt(model_input)
        with named("input", "a string, a list of messages or a prompt value"):
            return super()._convert_input(model_input)

    @override
    def _get_request_payload(self, input_: LanguageModelInput, *, stop: Any = None, **kwargs: Any) -> dict[str, Any]:
        messages = input_ if type(input_) is list else self._convert_input(input_).to_messages()
        known = [as_json(message) if self.model_name[:1] != "o" else None for message in messages]
        others = [message for message, sent in zip(messages, known, strict=True) if sent is None]
        payload = super()._get_request_payload(others, stop=stop, **kwargs)
        rest = iter(payload["messages"])
        return {**payload, "messages": [sent or next(rest) for sent in known]}

    def _exchange(
        self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any], *, stream: bool
    ) -> Exchange:
        """Build the request, within what the attempt under way allows, and start its clock."""
        check_call(kwargs)
        if stream:
            kwargs["stream"] = True
            if self._should_stream_usage(kwargs.pop("stream_usage", None), **kwargs):
                kwargs["stream_options"] = {"include_usage": True}
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        if not isinstance(self.card, ModelCard) or payload["model"] != self.card.id:  # which the user gave
            payload["model"] = gateway_id(payload["model"])
        card = self.card_for(payload["model"])
        attempt = current()
        how = {"spelled": attempt.spells_effort, "marks": self.cache_prompts}
        request = build(payload, messages, card, stream=stream, **how)
        attempt.sent, attempt.streamed = True, stream
        attempt.changed = request.changed
        if attempt.lone:
            retry_budget.called(self.openai_api_base)
        if not attempt.retry and self.max_retries is None:
            request.options["max_retries"] = 0
        limits = {"first_token": self.first_token_timeout, "between": self.stream_chunk_timeout} if stream else {}
        return Exchange(self, request, TimeLimits(attempt, **limits))

    # ---- what a trace says of a request

    @override
    def _get_invocation_params(self, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        params = super()._get_invocation_params(stop=stop, **_by_id(kwargs))
        card = self.card_for(params["model"])
        return without_secrets({name: params[name] for name in params if not card or name not in card.removes})

    @override
    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        """Say what is sent, in fewer steps than `ChatOpenAI`, which works out all that a trace says once more."""
        given = {**self._default_params, **_by_id(kwargs)}
        card = self.card_for(given["model"])
        removed = card.removes if card else ()
        limit = given.get("max_tokens", given.get("max_completion_tokens"))
        said = {"temperature": given.get("temperature"), "max_tokens": limit, "stop": stop or given.get("stop")}
        params: Any = LangSmithParams(ls_provider=PROVIDER, ls_model_name=given["model"], ls_model_type="chat")
        params.update({f"ls_{name}": said[name] for name in said if said[name] is not None and name not in removed})
        return cast("LangSmithParams", params)

    # ---- four ways, and their hooks

    @override
    def invoke(self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any) -> AIMessage:
        messages = straight(self, "invoke", input, config, kwargs)
        if messages is None:
            return super().invoke(input, config, **kwargs)
        return answer_of(self._generate(messages, **kwargs))

    @override
    async def ainvoke(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AIMessage:
        messages = straight(self, "ainvoke", input, config, kwargs)
        if messages is None:
            return await super().ainvoke(input, config, **kwargs)
        return answer_of(await self._agenerate(messages, **kwargs))

    @override
    def stream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[AIMessageChunk]:
        messages = straight(self, "stream", input, config, kwargs)
        if messages is None:
            yield from super().stream(input, config, **kwargs)
            return
        id = new_id()
        for chunk in self._stream(messages, **kwargs):
            yield settled(chunk.message, id, chunk.generation_info or {})
        yield last(chunk.message, id)

    @override
    async def astream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[AIMessageChunk]:
        messages = straight(self, "astream", input, config, kwargs)
        if messages is None:
            async with aclosing(super().astream(input, config, **kwargs)) as heard:  # type: ignore[type-var] # closes
                async for message in heard:
                    yield message
            return
        id = new_id()
        async with aclosing(self._astream(messages, **kwargs)) as chunks:  # type: ignore[type-var] # closes
            async for chunk in chunks:
                yield settled(chunk.message, id, chunk.generation_info or {})
        yield last(chunk.message, id)

    @override
    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self._ensure_sync_client_available()
        with self._exchange(messages, stop, kwargs, stream=False) as exchange:
            return exchange.result(send.send(self.root_client, exchange.request, exchange.clock, fast=self.fast))

    @override
    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        with self._exchange(messages, stop, kwargs, stream=False) as exchange:
            sent = send.asend(self.root_async_client, exchange.request, exchange.clock, fast=self.fast)
            return exchange.result(await sent)

    @override
    async def _agenerate_with_cache(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        """End the run of a cancelled call, which core leaves open: a trace would show it as pending for ever.

        A private name of core's, since only here both the run and the cancellation are at hand.
        `tests/integration_tests/test_trace.py` breaks when it moves, or when core ends the run itself.
        """
        try:
            return await super()._agenerate_with_cache(messages, stop=stop, run_manager=run_manager, **kwargs)
        except asyncio.CancelledError as error:
            if run_manager:
                await run_manager.on_llm_error(error, response=LLMResult(generations=[]))
            raise

    @override
    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        self._ensure_sync_client_available()
        exchange = self._exchange(messages, stop, kwargs, stream=True)
        with (
            exchange,
            closing(send.stream(self.root_client, exchange.request, exchange.clock, fast=self.fast)) as events,
        ):
            for data, headers in events:
                for chunk in exchange.feed(data, headers):
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
        with exchange:
            yield from exchange.end()

    @override
    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        exchange = self._exchange(messages, stop, kwargs, stream=True)
        sent = send.astream(self.root_async_client, exchange.request, exchange.clock, fast=self.fast)
        async with exchange, aclosing(sent) as events:
            async for data, headers in events:
                for chunk in exchange.feed(data, headers):
                    if run_manager:
                        await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
        with exchange:
            for chunk in exchange.end():
                yield chunk


def _by_id(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call with the model that they name by its id, as it is sent."""
    return {**kwargs, "model": gateway_id(str(kwargs["model"]))} if "model" in kwargs else kwargs
