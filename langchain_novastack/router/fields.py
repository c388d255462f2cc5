"""The fields of a router: what it is given, and what it hands to the models it builds."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from langchain_core.language_models import BaseChatModel
from pydantic import AfterValidator, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, model_validator
from typing_extensions import override

from langchain_novastack.cards import ModelCard, Price
from langchain_novastack.costs.budget import Budget
from langchain_novastack.fallbacks.health_store import HealthStore
from langchain_novastack.field_docs import documented
from langchain_novastack.policies.coerce import check_policy
from langchain_novastack.redaction import raise_instead, without_input, without_secrets
from langchain_novastack.transport.chat_request import MAX_ANSWER_BYTES
from langchain_novastack.validation import bad_argument, by_field, check_init

_NAMES = json.loads(pkgutil.get_data("langchain_novastack", "router/argument_names.json") or "")
"""What arguments mean that models have too, the names that `ChatOpenAI` gives to those that have another
one here, and what to use instead of those that a router does not take."""

NOTHING_BUILT_FROM = frozenset(_NAMES["nothing built from"])  # can be set without building models and branches again
_OWN = NOTHING_BUILT_FROM.union(_NAMES["own"])  # the router's; all other fields are arguments of the models built here
_CONFIG = ConfigDict(populate_by_name=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)
"""By a name, since pydantic's plugin for mypy would else forget that the argument is called `models`; the input holds
the key."""
_LATER = ConfigDict(arbitrary_types_allowed=True)  # for a value after construction


def _policy(policy: Any) -> Any:
    return policy if policy is None else check_policy(policy)


def _fit(fit: Any) -> Any:
    if fit is None or fit == "trim" or callable(fit):
        return fit
    raise bad_argument("fit", 'be "trim", a function from messages to messages, or None', repr(fit))


@partial(documented, said=_NAMES["meanings"])
class RouterFields(BaseChatModel):
    """Fields of `NovastackRouter`; declared one by one, so that `configurable_fields` finds them."""

    _novastack_role: ClassVar[str] = "router"
    """Told to `fallbacks.candidate`."""

    model_config = _CONFIG

    given_models: dict[str, Any] | None = Field(default=None, alias="models")
    """Models by alias, each a `ChatOpenAI`; None: the three of Novastack."""
    default: str = "qwen"
    """Alias, or another spelling, of the model for everything no task claims."""
    policy: Annotated[Any, AfterValidator(_policy)] = None
    """What decides: any callable or Runnable from messages to a decision, task or alias. None: `KeywordPolicy()`."""
    fallbacks: dict[str, list[str]] | None = None
    """Aliases that answer, in order, when a model fails; the other models keep Qwen behind them. [] is none for one
    model, {} none for all."""

    deadline: float | None = Field(default=None, gt=0)
    """Seconds for a whole call, all attempts together; None: no limit."""
    skip_after: int | None = Field(default=3, ge=1)
    """Failures in a row before a model is skipped; None: never."""
    skip_for: float = Field(default=30.0, ge=0)
    """Seconds it is then skipped, unless the gateway said how long."""
    hedge_after: float | None = Field(default=None, gt=0)
    """Seconds without anything to show after which the next model in line is asked as well. None: never."""
    max_wait: float = Field(default=2.0, ge=0)
    """Seconds a request waits for its turn at a model with too many of them, while another could answer."""
    fit: Annotated[Any, AfterValidator(_fit)] = None
    """What makes a request fit a fallback with a smaller window: "trim", or a function from messages to messages."""
    given_health: HealthStore | None = Field(default=None, alias="health", exclude=True)
    """Where models' health is kept besides this process: a `FileHealth` or `RedisHealth`. None: nowhere."""

    prices: dict[str, Price] | None = None
    """What each model built here costs, by alias, to estimate by where the gateway names no cost. None: unknown."""
    budget: Budget | None = None
    """What calls may cost; near the limit the cheapest model answers, at the limit none. None: no limit."""
    cache_prompts: bool = False
    """Whether Claude's requests say what its server should keep in its cache: system message, tools, last turn."""

    profile: Any = Field(default=None, exclude=True)
    """What all of the models can do, derived from theirs unless it is given."""

    # The meaning of all that models have too, and what is refused with a word of advice, is in `argument_names.json`.
    api_key: SecretStr | Any | None = None
    base_url: str | None = None
    temperature: float | None = 0.7
    max_tokens: int | None = 4096
    timeout: Any = None
    first_token_timeout: float | None = Field(default=None, gt=0)
    max_retries: int | None = Field(default=None, ge=0)
    stop: list[str] | str | None = None
    max_answer_bytes: int = Field(default=MAX_ANSWER_BYTES, ge=1)
    card: ModelCard | Literal["auto"] | None = "auto"
    streaming: bool = False
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logit_bias: dict[int, int] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    seed: int | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    prompt_cache_options: dict[str, Any] | None = None
    disabled_params: dict[str, Any] | None = None
    stream_usage: bool | None = True
    stream_chunk_timeout: float | None = 120.0
    openai_proxy: str | None = None
    organization: str | None = None
    http_socket_options: Sequence[tuple[int, int, int]] | None = None
    http_client: Any = Field(default=None, exclude=True)
    http_async_client: Any = Field(default=None, exclude=True)
    default_headers: dict[str, str] | None = None
    default_query: dict[str, object] | None = None
    extra_body: dict[str, Any] | None = None
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    include_response_headers: bool = False
    tiktoken_model_name: str | None = None
    fast: bool = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Build the router. The text and the `errors()` of a `ValidationError` do not hold the input."""
        try:
            super().__init__(*args, **kwargs)
        except ValidationError as error:
            raise_instead(without_input(error))

    @model_validator(mode="before")
    @classmethod
    def _check_arguments(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        known = {name for key, field in cls.model_fields.items() for name in (key, field.alias or key)}
        named = {_NAMES["other names"].get(name, name): value for name, value in given.items()}
        for name in named.keys() - known:
            raise _unknown(name, known)
        own = {name: value for name, value in given.items() if name in named}  # which win, as in `ChatOpenAI`
        return check_init(named | own)

    def shared(self) -> dict[str, Any]:
        """Return the arguments of the models built here: temperature, tokens, and what differs from the defaults."""
        given: dict[str, Any] = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        for name, field in RouterFields.model_fields.items():
            value = getattr(self, name)
            if name not in _OWN and value != field.get_default(call_default_factory=True):
                given[name] = value
        return given

    @override
    def configurable_fields(self, **kwargs: Any) -> Any:
        for name in kwargs.keys() - type(self).model_fields.keys():
            raise bad_argument(name, f"be a field of a router ({', '.join(type(self).model_fields)})")
        return super().configurable_fields(**kwargs)

    @override
    def to_json(self) -> Any:
        """Serialize without the key, and without headers and queries, which may hold another."""
        return without_secrets(super().to_json())

    @override
    def __repr_args__(self) -> Any:
        return without_secrets({str(name): value for name, value in super().__repr_args__()}).items()

    def __dir__(self) -> list[str]:
        """Offer `models` and `health`, not the fields that hold what was given for them."""
        return [name for name in super().__dir__() if name not in {"given_health", "given_models"}]


def check_changes(kind: type[RouterFields], update: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes after construction by the names of fields, read as there; a `ValueError` names one that is bad."""
    fields = by_field(kind, update)
    check_init(fields)
    for name in fields.keys() & kind.model_fields.keys():
        field: Any = kind.model_fields[name]
        try:
            read: Any = Annotated[(field.annotation, None, *field.metadata)]  # the field itself has what makes it warn
            fields[name] = TypeAdapter(read, config=_LATER).validate_python(fields[name])
        except ValidationError as error:
            line = error.errors()[0]
            place = ".".join(map(str, (field.alias or name, *line["loc"])))
            got = repr(line["input"]) if field.metadata else type(line["input"]).__name__
            bad = bad_argument(place, line["msg"].removeprefix("Input should "), got)
            raise_instead(line.get("ctx", {}).get("error") or bad)
    return fields


def _unknown(name: str, known: Collection[str]) -> ValueError:
    if instead := _NAMES["instead"].get(name):
        return bad_argument(name, f"be left out: {instead}")
    near = get_close_matches(name, [*known, *_NAMES["other names"], *_NAMES["instead"]], 1)
    hint = f"did you mean `{near[0]}`?" if near else "`models={...}` takes models that may have it."
    return ValueError(f"`{name}` must be an argument of `NovastackRouter`: {hint}")
