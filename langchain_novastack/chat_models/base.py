"""`ChatNovastack`: one Novastack model, a real `ChatOpenAI`."""

from __future__ import annotations

import asyncio
import inspect
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, cast
from weakref import WeakKeyDictionary

from langchain_core.language_models.model_profile import ModelProfile  # noqa: TC002 - pydantic reads the annotation
from langchain_core.messages import AIMessage
from pydantic import ConfigDict, Field, PrivateAttr, SecretStr, SkipValidation, field_validator, model_validator
from typing_extensions import Self, override

from langchain_novastack.cards import ModelCard, gateway_id
from langchain_novastack.chat_models.bindings import NovastackBinding, OurBindings, structured_output
from langchain_novastack.chat_models.generation import Calling
from langchain_novastack.chat_models.profiles import WorkedOut
from langchain_novastack.chat_models.token_counting import Counting
from langchain_novastack.redaction import HidesInput, without_secrets
from langchain_novastack.transport import pools, send
from langchain_novastack.transport.client import AsyncNovastackClient, NovastackClient
from langchain_novastack.validation import by_field, check_key, check_settings, check_url, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from langchain_core.language_models import LanguageModelInput
    from langchain_core.runnables import Runnable

BASE_URL = "https://api.novapai.ai/router/v1"
"""The base the vendor's start page and samples name (novapai.ai, "Get started with the API")."""

_CLIENT_FIELDS = ("client", "async_client", "root_client", "root_async_client")


class ChatNovastack(HidesInput, OurBindings[Any, AIMessage], Counting, Calling):
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

    fast: bool = True
    """Whether to hand JSON to the SDK directly. False goes through `chat.completions.create` at more CPU time."""

    _loop_clients: Any = PrivateAttr(default_factory=WeakKeyDictionary)
    _process: int = PrivateAttr(default_factory=os.getpid)

    # ---- construction

    @model_validator(mode="before")
    @classmethod
    def _check_arguments(cls, given: Any) -> Any:
        return check_settings(given)

    @field_validator("model_name")
    @classmethod
    def _to_gateway_id(cls, name: str) -> str:
        return gateway_id(name)

    @field_validator("use_responses_api")
    @classmethod
    def _only_chat_completions(cls, value: bool | None) -> bool:  # noqa: FBT001 - pydantic's signature
        if value:
            msg = "`use_responses_api` must be False: Novastack is used through Chat Completions."
            raise ValueError(msg)
        return False

    @model_validator(mode="after")
    def validate_environment(self) -> Self:
        """Resolve key and base URL and build the SDK's clients.

        Replaces the validator of `ChatOpenAI` of the same name, which reads `OPENAI_*` variables.
        """
        self.openai_api_base = normalize_base_url(self.openai_api_base or os.getenv("NOVASTACK_BASE_URL") or BASE_URL)
        if self.openai_api_key is None and (key := os.getenv("NOVASTACK_API_KEY")):
            self.openai_api_key = SecretStr(key)
        self._settle_name()
        if not _has_key(self.openai_api_key):
            msg = "No Novastack key: set the environment variable `NOVASTACK_API_KEY` or pass `api_key`."
            raise ValueError(msg)
        if isinstance(self.openai_api_key, SecretStr):
            self.openai_api_key = SecretStr(check_key(self.openai_api_key.get_secret_value()))
        # `configurable_fields` hands clients of ours on to a model with another key or base URL.
        if self.client is None or self.root_client is None or isinstance(self.root_client, NovastackClient):
            self._build_clients()
        return self

    def _settle_name(self) -> None:
        """Name the model by the id that is sent, a replaced card's or the known one; its profile is that card's."""
        replaced = isinstance(self.card, ModelCard) and self.card.is_of(self.model_name)
        self.model_name = self.card.id if replaced else gateway_id(self.model_name)  # type: ignore[union-attr]
        if isinstance(self.profile, WorkedOut):
            self.profile = self._resolve_model_profile()

    def _build_clients(self) -> None:
        self._process = os.getpid()
        self.client = self.root_client = None
        sync_key, async_key = _callable_or_plain(self.openai_api_key)
        if sync_key is not None:
            http = self.http_client or pools.sync_pool(self.openai_proxy, self._socket_options)
            with named("http_client", "a client of the HTTP library that `openai` uses"):
                self.root_client = NovastackClient(**self._client_options(), api_key=sync_key, http_client=http)
            self.client = self.root_client.chat.completions
        # Each event loop gets a copy, which spares looking for its pool, unless instrumentation would miss that.
        http_async = self.http_async_client or pools.LoopPool(self.openai_proxy, self._socket_options)
        with named("http_async_client", "an async client of the HTTP library that `openai` uses"):
            self.root_async_client = AsyncNovastackClient(
                **self._client_options(), api_key=async_key, http_client=http_async
            )
        self.async_client = self.root_async_client.chat.completions

    def _client_options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "organization": self.openai_organization,
            "base_url": self.openai_api_base,
            "timeout": self.request_timeout,
            "default_headers": self.default_headers,
            "default_query": self.default_query,
        }
        if self.max_retries is not None:
            options["max_retries"] = self.max_retries
        return options

    @property
    def _socket_options(self) -> Sequence[tuple[int, int, int]] | None:
        return getattr(self, "http_socket_options", None)

    @property
    @override
    def process_client(self) -> NovastackClient:
        """The sync client; built again in a forked child, which must not share its parent's connections."""
        if self._process != os.getpid():
            self._build_clients()
        return self.root_client  # type: ignore[no-any-return]

    @property
    @override
    def loop_client(self) -> AsyncNovastackClient:
        """The async client of the running event loop; the one for all where that one was given or is instrumented."""
        if self.http_async_client is not None or send.is_patched_itself(self.root_async_client):
            return self.root_async_client  # type: ignore[no-any-return]
        loop = asyncio.get_running_loop()
        client = self._loop_clients.get(loop)
        if client is None or client.is_closed():
            http = pools.async_pool(self.openai_proxy, self._socket_options)
            client = self.root_async_client.with_options(http_client=http)
            pools.remember(self._loop_clients, loop, client)
        return client  # type: ignore[no-any-return]

    @property
    @override
    def clients(self) -> list[Any]:
        """The clients whose keys may have been sent from here."""
        clients = [self.root_client, self.root_async_client]
        with suppress(RuntimeError):  # no event loop is running
            clients.append(self._loop_clients.get(asyncio.get_running_loop()))
        return clients

    @override
    def _resolve_model_profile(self) -> ModelProfile | None:
        card = self.card_for(self.model_name)
        return cast("ModelProfile", WorkedOut(card.profile)) if card else None

    # ---- what LangChain asks

    @property
    @override
    def _llm_type(self) -> str:
        return "novastack-chat"

    @property
    @override
    def lc_secrets(self) -> dict[str, str]:
        return {"openai_api_key": "NOVASTACK_API_KEY"}

    @classmethod
    @override
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain_novastack", "chat_models"]

    @override
    def to_json(self) -> Any:
        """Serialize without the key, and without headers, queries and proxies, which may hold another.

        `ChatOpenAI` would name the key `OPENAI_API_KEY`, which `loads` must not send here.
        """
        dumped: Any = without_secrets(super().to_json())
        for name in ("openai_api_key", "api_key"):
            if name in dumped.get("kwargs", {}):
                dumped["kwargs"][name] = {"lc": 1, "type": "secret", "id": ["NOVASTACK_API_KEY"]}
        return dumped

    @override
    def __repr_args__(self) -> Any:
        return without_secrets({str(name): value for name, value in super().__repr_args__()}).items()

    @override
    def bind(self, **kwargs: Any) -> NovastackBinding[Any, AIMessage]:  # type: ignore[override] # theirs is a private class
        """Bind call arguments; the result's `with_fallbacks` is ours too."""
        return NovastackBinding(bound=self, kwargs=kwargs)

    @override
    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> NovastackBinding[Any, AIMessage]:
        """Bind tools; the result's `with_fallbacks` is ours too.

        Raises:
            ValueError: If one of `tools` is no tool.
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
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable that answers in the shape of a schema, as `ChatOpenAI` does.

        An answer that does not parse is the parser's error, or `parsing_error` with `include_raw`; it is
        never reported as a failure of the model.
        """
        chain = super().with_structured_output(schema, method=method, strict=strict, **kwargs)
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
        pools.check_travels(self)
        state = super().__getstate__()
        kept = {name: value for name, value in state["__dict__"].items() if name not in _CLIENT_FIELDS}
        return {**state, "__dict__": kept, "__pydantic_private__": None}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Build the clients again."""
        super().__setstate__(state)
        self.__dict__.update(dict.fromkeys(_CLIENT_FIELDS))
        object.__setattr__(
            self, "__pydantic_private__", {"_loop_clients": WeakKeyDictionary(), "_process": os.getpid()}
        )
        self._build_clients()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy; the copy shares the clients."""
        return self.model_copy()


def normalize_base_url(url: str) -> str:
    """Return a base URL without a trailing slash and without a pasted `/chat/completions`.

    Raises:
        ValueError: If it is no address of HTTP.
    """
    return check_url(url.strip().rstrip("/").removesuffix("/chat/completions").rstrip("/"))


def _has_key(key: Any) -> bool:
    return bool(key.get_secret_value().strip()) if isinstance(key, SecretStr) else callable(key)


def _callable_or_plain(key: Any) -> tuple[Any, Any]:
    """Return the key for the sync and for the async client; None for sync where only an async callable is given."""
    if isinstance(key, SecretStr):
        return key.get_secret_value(), key.get_secret_value()
    if inspect.iscoroutinefunction(key):
        return None, key

    async def ask() -> Any:
        return await asyncio.to_thread(key)

    return key, ask
