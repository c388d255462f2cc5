"""What a router is built from: its models, its lines of fallbacks, its policy. Bad arguments show here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI

from langchain_novastack.cards import CARDS
from langchain_novastack.chat_models import ChatNovastack
from langchain_novastack.tasks import DEFAULT_TASKS, Task

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from langchain_novastack.cards import Price
    from langchain_novastack.router import NovastackRouter

SHARED: tuple[str, ...] = (
    "api_key",
    "base_url",
    "timeout",
    "first_token_timeout",
    "max_retries",
    "stop",
    "streaming",
    "top_p",
    "seed",
    "reasoning_effort",
    "stream_usage",
    "stream_chunk_timeout",
    "http_client",
    "http_async_client",
    "default_headers",
    "default_query",
    "extra_body",
    "model_kwargs",
    "include_response_headers",
    "fast",
    "cache",
    "rate_limiter",
    "disable_streaming",
    "output_version",
    "verbose",
    "custom_get_token_ids",
)
"""Arguments of a router that go to the models it builds, where they differ from its own defaults."""


def build_models(router: NovastackRouter) -> dict[str, Any]:
    """Return the models a router was given, or the three of Novastack.

    Raises:
        ValueError: If `models` is empty, holds something else than `ChatOpenAI`, or lacks the default.
    """
    if router.given_models is None:
        fields = type(router).model_fields
        shared = {name: getattr(router, name) for name in SHARED}
        given = {
            name: value
            for name, value in shared.items()
            if value != fields[name].get_default(call_default_factory=True)
        }
        given.update(temperature=router.temperature, max_tokens=router.max_tokens)
        cards = _cards_with(router.prices or {})
        models: dict[str, Any] = {alias: ChatNovastack(model=alias, **cards.get(alias, {}), **given) for alias in CARDS}
    else:
        models = dict(router.given_models)
        if router.prices is not None:
            msg = "`prices` is for the models built here: give `models` passed in a `card` with a price."
            raise ValueError(msg)
    for alias, model in models.items():
        if not isinstance(model, ChatOpenAI):
            msg = f"`models` must hold ChatOpenAI instances, but {alias!r} is a {type(model).__name__}."
            raise ValueError(msg)  # noqa: TRY004 - bad arguments are ValueErrors in this package
    if router.default not in models:
        msg = f"`default` must be one of `models` ({', '.join(models) or 'empty'}), got {router.default!r}."
        raise ValueError(msg)
    return models


def _cards_with(prices: Mapping[str, Price]) -> dict[str, dict[str, Any]]:
    """Return, for each alias that has a price, the argument that gives its model a card with it.

    Raises:
        ValueError: If `prices` names an unknown model.
    """
    if unknown := [alias for alias in prices if alias not in CARDS]:
        msg = f"`prices` names {unknown[0]!r}, which is none of the models: {', '.join(CARDS)}."
        raise ValueError(msg)
    return {alias: {"card": CARDS[alias].model_copy(update={"price": price})} for alias, price in prices.items()}


def lines_for(
    models: Mapping[str, Any], default: str, fallbacks: Mapping[str, list[str]] | None
) -> dict[str, list[str]]:
    """Return, for each alias, the aliases that stand behind it.

    Raises:
        ValueError: If `fallbacks` names an unknown model, or one model twice in a line.
    """
    if fallbacks is None:
        return {alias: [] if alias == default else [default] for alias in models}
    for alias, line in fallbacks.items():
        if unknown := [name for name in (alias, *line) if name not in models]:
            msg = f"`fallbacks` names {unknown[0]!r}, which is none of the models: {', '.join(models)}."
            raise ValueError(msg)
        if len({alias, *line}) <= len(line):
            msg = f"`fallbacks` has a model twice in the line of {alias!r}: {[alias, *line]}."
            raise ValueError(msg)
    return {alias: list(fallbacks.get(alias, ())) for alias in models}


def tasks_for(models: Collection[str], default: str) -> tuple[Task, ...]:
    """Return the default tasks; those whose model is not there go to the default model."""
    return tuple(task if task.model in models else task.model_copy(update={"model": default}) for task in DEFAULT_TASKS)


def check_policy(policy: Any, models: Collection[str] | None = None) -> Any:
    """Return a policy that can be asked.

    Raises:
        ValueError: If it is neither callable nor a Runnable, or one of its tasks names an unknown model.
    """
    if policy is not None and not callable(policy) and not isinstance(policy, Runnable):
        msg = f"`policy` must be a callable or a Runnable, got {type(policy).__name__}."
        raise ValueError(msg)
    for task in getattr(policy, "tasks", ()) if models is not None else ():
        if task.model not in (models or ()):
            known = ", ".join(models or ())
            msg = f"`policy` sends the task {task.name!r} to {task.model!r}, which is none of the models: {known}."
            raise ValueError(msg)
    return policy
