"""`ChatNovastack`: one Novastack model, a real `ChatOpenAI`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, cast

from langchain_core.language_models import LanguageModelInput  # noqa: TC002 - core reads the hints of what binds
from langchain_core.language_models.model_profile import ModelProfile  # noqa: TC002 - pydantic reads the annotation
from langchain_core.messages import AIMessage  # noqa: TC002 - core reads the hints of what binds
from langchain_core.runnables import Runnable  # noqa: TC002 - as above
from pydantic import ConfigDict, Field, SecretStr, SkipValidation, field_validator, model_validator
from typing_extensions import Self, override

from langchain_novastack._lazy import pickled_from
from langchain_novastack.cards import ModelCard, gateway_id
from langchain_novastack.chat_models import bindings, token_counting
from langchain_novastack.chat_models.bindings import NovastackBinding
from langchain_novastack.chat_models.clients import build_clients
from langchain_novastack.chat_models.foreign_dumps import warn_of_host
from langchain_novastack.chat_models.generation import Generation
from langchain_novastack.chat_models.profiles import DerivedProfile
from langchain_novastack.chat_models.structured_output import structured_output
from langchain_novastack.fallbacks.runnable import with_fallbacks
from langchain_novastack.field_docs import documented
from langchain_novastack.redaction import without_secrets
from langchain_novastack.transport.client import NovastackClient
from langchain_novastack.transport.pools import check_travels
from langchain_novastack.validation import bad_argument, by_field, check_key, check_settings, check_url, named

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLIENT_FIELDS = ("client", "async_client", "root_client", "root_async_client")

BASE_URL = "https://api.novapai.ai/router/v1"
"""The base the vendor's start page and samples name (novapai.ai, "Get started with the API")."""


@documented
@pickled_from("langchain_novastack.chat_models")
class ChatNovastack(Generation):
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

    _check_arguments = model_validator(mode="before")(check_settings)
    _to_gateway_id = field_validator("model_name")(gateway_id)

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

    @override
    def _resolve_model_profile(self) -> ModelProfile | None:
        card = self.card_for(self.model_name)
        return cast("ModelProfile", DerivedProfile(card.profile)) if card else None

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
        """Serialize without secrets; the key by our name: `ChatOpenAI`'s is one that `loads` must not send here."""
        dumped: Any = without_secrets(super().to_json())
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
    get_num_tokens_from_messages = token_counting.get_num_tokens_from_messages  # type: ignore[pydantic-field] # a method

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
        state = super().__getstate__()
        kept = {name: value for name, value in state["__dict__"].items() if name not in _CLIENT_FIELDS}
        if isinstance(self.profile, DerivedProfile):
            kept["profile"] = None
        return {**state, "__dict__": kept}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Derive the profile and build the clients again."""
        super().__setstate__(state)
        if self.profile is None:
            self.profile = self._resolve_model_profile()
        build_clients(self)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy; the copy shares the clients."""
        return self.model_copy()
