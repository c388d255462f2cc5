"""`ChatNovastack`: one Novastack model, a real `ChatOpenAI`."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing, closing
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from langchain_core.language_models import LanguageModelInput  # noqa: TC002 - core reads the hints of what binds
from langchain_core.language_models.base import LangSmithParams
from langchain_core.language_models.model_profile import ModelProfile
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult, LLMResult
from langchain_core.runnables import Runnable, RunnableConfig  # noqa: TC002 - as above
from langchain_openai.chat_models.base import ChatOpenAI
from pydantic import ConfigDict, Field, SecretStr, SkipValidation, ValidationError, field_validator, model_validator
from typing_extensions import Self, override

from langchain_novastack._lazy import pickled_from
from langchain_novastack.cards import DerivedProfile, ModelCard, find_card, gateway_id
from langchain_novastack.chat_models import bindings, token_counting
from langchain_novastack.chat_models.bindings import NovastackBinding
from langchain_novastack.chat_models.clients import build_clients, warn_of_host
from langchain_novastack.chat_models.exchange import Exchange
from langchain_novastack.chat_models.payload import as_json, build
from langchain_novastack.chat_models.straight import answer_of, last, new_id, settled, straight
from langchain_novastack.chat_models.structured_output import structured_output
from langchain_novastack.chat_models.unvalidated import prompt
from langchain_novastack.chat_models.wrapped_hooks import ASK, Ended, is_wrapped, make_ready
from langchain_novastack.fallbacks.runnable import with_fallbacks
from langchain_novastack.field_docs import documented
from langchain_novastack.redaction import raise_instead, without_input, without_secrets
from langchain_novastack.tracing import PROVIDER
from langchain_novastack.transport import retry_budget, send
from langchain_novastack.transport.attempt_context import current
from langchain_novastack.transport.chat_request import MAX_ANSWER_BYTES
from langchain_novastack.transport.client import NovastackClient
from langchain_novastack.transport.pools import check_travels
from langchain_novastack.transport.time_limits import TimeLimits
from langchain_novastack.validation import bad_argument, by_field, check_call, check_init, check_key, check_url, named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from langchain_core.prompt_values import PromptValue

    Messages = list[BaseMessage]

_CLIENT_FIELDS = ("client", "async_client", "root_client", "root_async_client")

BASE_URL = "https://api.novapai.ai/router/v1"
"""The base the vendor's start page and samples name (novapai.ai, "Get started with the API")."""


@documented
@pickled_from("langchain_novastack.chat_models")
class ChatNovastack(ChatOpenAI):
    """One model behind the Novastack gateway; takes the parameters of `ChatOpenAI`.

    Example:
        ```python
        from langchain_novastack import ChatNovastack

        model = ChatNovastack(model="deepseek")  # key from NOVASTACK_API_KEY
        model.invoke("Write a binary search in Rust.")
        ```

    Chat Completions only, never the Responses API. No `OPENAI_*` variable has any effect on what is sent.

    Raises:
        ValueError: At construction, for a bad argument or a missing key.
        NovastackError: From a call, for every failure of the wire.
    """

    _novastack_role: ClassVar[str] = "model"
    """Told to `fallbacks.candidate`."""

    _llm_type: ClassVar[str] = "novastack-chat"
    lc_secrets: ClassVar[dict[str, str]] = {"openai_api_key": "NOVASTACK_API_KEY"}
    model_config = ConfigDict(hide_input_in_errors=True)  # the input holds the key

    model_name: str = Field(default="qwen", alias="model", validate_default=True)
    """Alias, gateway id or another published spelling, all sent as the gateway id; any other id is sent as given."""

    openai_api_key: SecretStr | Any | None = Field(alias="api_key", default=None)
    """Key of the gateway; `NOVASTACK_API_KEY` if not given. A string or a callable, sync or async."""

    openai_api_base: str | None = Field(alias="base_url", default=None)
    """Base URL; `NOVASTACK_BASE_URL` if not given, else the public gateway."""

    openai_organization: str | None = Field(alias="organization", default=None)
    """Sent only if given here."""

    openai_proxy: str | None = None
    """Proxy for this model, only if given here; `HTTPS_PROXY` and its kin work as everywhere."""

    temperature: float | None = 0.7
    """Sampling temperature, 0 to 2; None leaves it to the gateway. Left out for models that refuse it."""

    max_tokens: int | None = Field(alias="max_completion_tokens", default=4096)
    """Most tokens to generate, sent as `max_tokens`; None leaves it to the gateway."""

    stream_usage: bool | None = True
    """Whether a stream ends with the usage."""

    use_responses_api: bool | None = False
    """Always False: the gateway is used through Chat Completions."""

    profile: SkipValidation[ModelProfile] | None = Field(default=None, exclude=True)
    """What the model can do: its card's profile, unless it is given."""

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

    _check_arguments = model_validator(mode="before")(check_init)
    _to_gateway_id = field_validator("model_name")(gateway_id)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Build the model. The text and the `errors()` of a `ValidationError` do not hold the input."""
        try:
            super().__init__(*args, **kwargs)
        except ValidationError as error:
            raise_instead(without_input(error))

    @field_validator("use_responses_api")
    @classmethod
    def _only_chat_completions(cls, value: bool | None) -> bool:  # noqa: FBT001 - pydantic's signature
        if value:
            raise bad_argument("use_responses_api", "be False: Novastack is used through Chat Completions")
        return False

    @model_validator(mode="after")
    def validate_environment(self) -> Self:
        """Resolve key and base URL and build the clients, in place of `ChatOpenAI`'s, which reads `OPENAI_*`."""
        usual = os.getenv("NOVASTACK_BASE_URL") or BASE_URL
        url = (self.openai_api_base or usual).strip().rstrip("/")
        self.openai_api_base = check_url(url.removesuffix("/chat/completions").rstrip("/"))
        warn_of_host(self.openai_api_base, usual)
        key = os.getenv("NOVASTACK_API_KEY") if self.openai_api_key is None else self.openai_api_key
        key = key.get_secret_value() if isinstance(key, SecretStr) else key
        self._settle_name()
        if not (callable(key) or (isinstance(key, str) and key.strip())):
            raise bad_argument("api_key", "be given, or the environment variable `NOVASTACK_API_KEY` be set")
        self.openai_api_key = key if callable(key) else SecretStr(check_key(key))
        # `configurable_fields` hands clients of ours on to a model with another key or base URL.
        if self.client is None or self.root_client is None or isinstance(self.root_client, NovastackClient):
            build_clients(self)
        return self

    def _settle_name(self) -> None:
        """Name the model by the id that is sent, a replaced card's or the known one; its profile is that card's."""
        replaced = isinstance(self.card, ModelCard) and self.card.is_of(self.model_name)
        self.model_name = self.card.id if replaced else gateway_id(self.model_name)  # type: ignore[union-attr] # a card, if replaced
        if isinstance(self.profile, DerivedProfile):
            self.profile = self._resolve_model_profile()

    def card_for(self, name: str) -> ModelCard | None:
        """Return the card that holds for a request to the model of that name."""
        if self.card == "auto" or (self.card is not None and name != self.model_name):
            return find_card(name)
        return self.card if isinstance(self.card, ModelCard) else None

    @override
    def _resolve_model_profile(self) -> ModelProfile | None:
        card = self.card_for(self.model_name)
        return cast("ModelProfile", DerivedProfile(card.profile)) if card else None

    @classmethod
    @override
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain_novastack", "chat_models"]

    @override
    def to_json(self) -> Any:
        """Serialize without secrets; the key by our name: `ChatOpenAI`'s is one that `loads` must not send here."""
        dumped: Any = without_secrets(super(ChatNovastack, copy(self)).to_json())  # another thread may add to this one
        for name in ("openai_api_key", "api_key"):
            if name in dumped.get("kwargs", {}):
                dumped["kwargs"][name] = {"lc": 1, "type": "secret", "id": ["NOVASTACK_API_KEY"]}
        return dumped

    @override
    def __repr_args__(self) -> Any:
        return without_secrets({str(name): value for name, value in super().__repr_args__()}).items()

    if TYPE_CHECKING:  # a list of strings is a list of inputs
        batch, abatch = Runnable[Any, AIMessage].batch, Runnable[Any, AIMessage].abatch

    get_token_ids = token_counting.get_token_ids  # type: ignore[pydantic-field] # a method
    get_num_tokens_from_messages = staticmethod(token_counting.count_tokens)  # type: ignore[pydantic-field] # a method

    # ---- with something bound to it

    with_config, with_listeners = bindings.with_config, bindings.with_listeners
    with_fallbacks = with_fallbacks  # type: ignore[pydantic-field] # a method

    @override
    def bind(self, **kwargs: Any) -> NovastackBinding[Any, AIMessage]:  # type: ignore[override] # theirs is a private class
        """Bind call arguments; the result's `with_fallbacks` is ours too."""
        return NovastackBinding(bound=self, kwargs=kwargs)

    @override
    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> NovastackBinding[Any, AIMessage]:
        """Bind tools; the result's `with_fallbacks` is ours too.

        `tool_choice` is a tool's name, "auto", "any" or "none"; None leaves it to the model, which `kwargs` go to.

        Raises:
            ValueError: If one of `tools` is not a tool.
        """
        with named("tools", "a list of tools, functions, classes or dicts"):
            bound: Any = super().bind_tools(tools, tool_choice=tool_choice, **kwargs)
        return self.bind(**bound.kwargs)

    @override
    def with_structured_output(
        self,
        schema: dict[str, Any] | type | None = None,
        *,
        method: Literal["function_calling", "json_mode", "json_schema"] = "json_schema",
        include_raw: bool = False,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable that answers in the shape of a schema, as `ChatOpenAI` does.

        An answer that does not parse is the parser's error, or `parsing_error` with `include_raw`.
        """
        chain = super().with_structured_output(schema, method=method, **kwargs)
        return structured_output(self, chain, schema, method=method, include_raw=include_raw)

    @override
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy; a model named otherwise is sent by its id and has the profile of its card."""
        changed = by_field(type(self), update or {})
        copied = super().model_copy(update=changed, deep=deep)
        if {"model_name", "card"} & changed.keys():
            copied._settle_name()  # noqa: SLF001 - our own
        return copied

    # ---- pickling and copying: the clients stay behind and are built again

    def __getstate__(self) -> dict[Any, Any]:
        """Leave out what cannot travel: clients and their connections. The key goes along."""
        check_travels(self)
        fields = dict.fromkeys(_CLIENT_FIELDS) | ({"profile": None} if isinstance(self.profile, DerivedProfile) else {})
        return {**super().__getstate__(), "__dict__": {**vars(self), **fields}}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Derive the profile and build the clients again."""
        super().__setstate__(state)
        if self.profile is None:
            self.profile = self._resolve_model_profile()
        build_clients(self)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy; the copy shares the clients."""
        return self.model_copy()

    # ---- a request and its answer: the hooks of `ChatOpenAI`, which has no public ones for either

    @override
    def _convert_input(self, model_input: LanguageModelInput) -> PromptValue:
        if type(model_input) is list and all(isinstance(message, BaseMessage) for message in model_input):
            return prompt(model_input)
        with named("input", "a string, a list of messages or a prompt value"):
            return super()._convert_input(model_input)

    @override
    def _get_request_payload(self, input_: LanguageModelInput, *, stop: Any = None, **kwargs: Any) -> dict[str, Any]:
        if ASK in kwargs:
            return {ASK: (getattr(self, kwargs.pop(ASK)), (input_, stop, kwargs))}
        messages = input_ if type(input_) is list else self._convert_input(input_).to_messages()
        known = [as_json(message) if self.model_name[:1] != "o" else None for message in messages]
        others = [message for message, sent in zip(messages, known, strict=True) if sent is None]
        payload = super()._get_request_payload(others, stop=stop, **kwargs)
        rest = iter(payload["messages"])
        return {**payload, "messages": [sent or next(rest) for sent in known]}

    @override
    def _create_chat_result(self, response: Any, generation_info: dict[str, Any] | None = None) -> ChatResult:
        return response.result() if type(response) is Ended else super()._create_chat_result(response, generation_info)

    def _exchange(self, messages: Messages, stop: Any, kwargs: dict[str, Any], *, stream: bool) -> Exchange:
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
        attempt, marks = current(), self.cache_prompts
        request = build(payload, messages, card, stream=stream, spelled=attempt.spells_effort, marks=marks)
        attempt.begins(stream=stream)
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
    def _generate(self, messages: Messages, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        if not is_wrapped("_generate"):
            return self._answer(messages, stop, kwargs)
        make_ready(self)
        return super()._generate(messages, stop=stop, run_manager=run_manager, **kwargs, **{ASK: "_answer"})

    def _answer(self, messages: Messages, stop: Any, kwargs: dict[str, Any]) -> ChatResult:
        self._ensure_sync_client_available()
        with self._exchange(messages, stop, kwargs, stream=False) as exchange:
            return exchange.result(send.send(self.root_client, exchange.request, exchange.clock, fast=self.fast))

    @override
    async def _agenerate(
        self, messages: Messages, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        if not is_wrapped("_agenerate"):
            return await self._aanswer(messages, stop, kwargs)
        make_ready(self)
        return await super()._agenerate(messages, stop=stop, run_manager=run_manager, **kwargs, **{ASK: "_aanswer"})

    async def _aanswer(self, messages: Messages, stop: Any, kwargs: dict[str, Any]) -> ChatResult:
        with self._exchange(messages, stop, kwargs, stream=False) as exchange:
            sent = send.asend(self.root_async_client, exchange.request, exchange.clock, fast=self.fast)
            return exchange.result(await sent)

    @override
    async def _agenerate_with_cache(
        self, messages: Messages, stop: Any = None, run_manager: Any = None, **kwargs: Any
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
        self, messages: Messages, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        self._ensure_sync_client_available()
        exchange = self._exchange(messages, stop, kwargs, stream=True)
        sent = send.stream(self.root_client, exchange.request, exchange.clock, exchange.feed, fast=self.fast)
        with exchange, closing(sent):
            for chunks in sent:
                for chunk in chunks:
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
        with exchange:
            yield from exchange.end()

    @override
    async def _astream(
        self, messages: Messages, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        exchange = self._exchange(messages, stop, kwargs, stream=True)
        client, feed = self.root_async_client, exchange.feed
        exchange.sent = send.astream(client, exchange.request, exchange.clock, feed, fast=self.fast)
        async with exchange:
            async for chunks in exchange.sent:
                for chunk in chunks:
                    if run_manager:
                        await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
        with exchange:
            for chunk in exchange.end():
                yield chunk


def _by_id(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call with the model that they name by its id, as it is sent."""
    return {**kwargs, "model": gateway_id(str(kwargs["model"]))} if "model" in kwargs else kwargs
