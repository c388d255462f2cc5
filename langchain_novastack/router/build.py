"""What a router is built from: its models, its lines of fallbacks, its policy. Bad arguments show here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from langchain_openai.chat_models.base import ChatOpenAI

from langchain_novastack.cards import CARDS, QWEN, ModelCard, alias_in, find_card
from langchain_novastack.chat_models.base import ChatNovastack
from langchain_novastack.fallbacks.candidate import hedges_at
from langchain_novastack.fallbacks.runnable import with_fallbacks
from langchain_novastack.policies.coerce import check_policy
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.tasks import DEFAULT_TASKS, Task, default_task
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import Price
    from langchain_novastack.costs.budget import Budget
    from langchain_novastack.fallbacks.runnable import NovastackFallbacks
    from langchain_novastack.policies.coerce import AnyPolicy
    from langchain_novastack.router.fields import RouterFields


def build_models(router: RouterFields) -> dict[str, ChatOpenAI]:
    """Return the models a router was given, or the three of Novastack; `models` must be of `ChatOpenAI`."""
    if router.given_models is None:
        given, cards = router.shared(), _cards(router.card, router.prices or {})
        models: dict[str, Any] = {
            alias: ChatNovastack(model=alias, card=card, **given) for alias, card in cards.items()
        }
    else:
        models = dict(router.given_models)
        if router.prices is not None:
            raise bad_argument("prices", "be left out where `models` are given: give each a `card` with a price")
    for alias, model in models.items():
        if not isinstance(model, ChatOpenAI):
            raise bad_argument("models", "hold ChatOpenAI instances", f"{alias!r}: a {type(model).__name__}")
    if alias_in(models, router.default) is None:
        raise bad_argument("default", f"be one of `models` ({', '.join(models) or 'empty'})", repr(router.default))
    return models


def _cards(own: ModelCard | Literal["auto"] | None, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return what each model gets as its `card`: the user's own for the model that it is of, and a price on it."""
    cards: dict[str, Any] = dict.fromkeys(CARDS, own)
    if isinstance(own, ModelCard):
        cards = {alias: own if own.is_of(alias) else "auto" for alias in CARDS}
        if own not in cards.values():
            raise bad_argument("card", f"be of a known model ({', '.join(CARDS)})", repr(own.alias))
    for name, price in prices.items():
        known = find_card(name)
        if known is None:
            raise bad_argument("prices", f"name known models ({', '.join(CARDS)})", repr(name))
        card = cards[known.alias]
        if card is None:
            raise bad_argument("prices", "be left out where `card` is None")
        cards[known.alias] = (known if card == "auto" else card).model_copy(update={"price": price})
    return cards


def prices_for(budget: Budget | None, models: Mapping[str, Any]) -> dict[str, Price]:
    """Return what models cost, by alias, as far as their cards say; a budget in dollars needs the prices of all."""
    prices = {}
    for alias, model in models.items():
        card = model.card_for(model.model_name) if isinstance(model, ChatNovastack) else None
        if card and card.price:
            prices[alias] = card.price
        elif budget and budget.dollars is not None:
            must = "be in tokens, unless all models have prices (`prices`, or a `card` with one)"
            raise bad_argument("budget", must, f"dollars, and no price of {alias}")
    return prices


def branches_for(
    router: RouterFields, models: Mapping[str, ChatOpenAI], default: str
) -> dict[str, NovastackFallbacks[Any, Any]]:
    """Return, for each alias, its model with those that stand behind it; unless `fallbacks` says, Qwen or default."""
    last = alias_in(models, QWEN.alias) or default
    lines = {alias: [alias] if alias == last or router.fallbacks == {} else [alias, last] for alias in models}
    for name, names in (router.fallbacks or {}).items():
        line = [alias_in(models, each) or each for each in (name, *names)]
        if unknown := [alias for alias in line if alias not in models]:
            raise bad_argument("fallbacks", f"name models of this router ({', '.join(models)})", repr(unknown[0]))
        if len(set(line)) < len(line):
            raise bad_argument("fallbacks", "not have a model twice in a line", f"{name!r}: {line[1:]}")
        lines[line[0]] = line
    settings = {name: getattr(router, name) for name in ("skip_after", "skip_for", "max_wait")}
    hedges = router.hedge_after and hedges_at(str(models[default].openai_api_base), router.hedge_after)
    settings |= {"health": router.given_health, "hedges": hedges}
    branches = {}
    for alias, line in lines.items():
        branch = with_fallbacks(models[alias], [models[other] for other in line[1:]])
        branches[alias] = branch.model_copy(update={**settings, "aliases": tuple(line)})
    return branches


def tasks_for(models: Mapping[str, Any], default: str) -> tuple[Task, ...]:
    """Return the default tasks for these models; those no other task claims, or whose model is not there: default."""
    unclaimed = default_task(DEFAULT_TASKS)
    served = ((task, task is not unclaimed and alias_in(models, task.model)) for task in DEFAULT_TASKS)
    return tuple(task.model_copy(update={"model": model or default}) for task, model in served)


def policy_for(policy: AnyPolicy | None, models: Mapping[str, ChatOpenAI], default: str) -> AnyPolicy:
    """Return the policy of a router: the one given, or `KeywordPolicy`; with the default tasks it serves `default`."""
    policy = KeywordPolicy() if policy is None else policy
    if not isinstance(policy, KeywordPolicy):
        return check_policy(policy, models)
    if policy.tasks == DEFAULT_TASKS:
        return policy.model_copy(update={"tasks": tasks_for(models, default)})
    check_policy(policy, models)
    tasks = tuple(task.model_copy(update={"model": alias_in(models, task.model)}) for task in policy.tasks)
    return policy if tasks == policy.tasks else policy.model_copy(update={"tasks": tasks})
