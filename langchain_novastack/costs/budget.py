"""A limit on what calls cost, counted for each thread, each user or the whole process."""

from __future__ import annotations

from collections import OrderedDict
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.messages import AIMessage
from pydantic import Field, PrivateAttr, model_validator
from typing_extensions import Self  # noqa: TC002 - pydantic reads the hint of the validator

from langchain_novastack._lazy import public
from langchain_novastack.callbacks import LOCK
from langchain_novastack.cards import cost_in
from langchain_novastack.chat_models.token_counting import count_text, count_tokens
from langchain_novastack.costs.cost import cost_of, from_cache
from langchain_novastack.field_docs import documented
from langchain_novastack.tasks import PlainData

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.cards import Price

_MOST_KEYS = 100_000


@public("langchain_novastack.costs")
class Spent(NamedTuple):
    """What the calls of one key have come to.

    Attributes:
        dollars: US dollars, as charged or by a price; calls whose cost is unknown are not in it.
        tokens: Tokens, input and output together.
        estimated: How many calls are estimates from their texts: their stream was closed early, or no usage came.
    """

    dollars: float = 0.0
    tokens: int = 0
    estimated: int = 0


_NOTHING = Spent()


class _Ledger(OrderedDict[str | None, Spent]):  # noqa: PLW1641 - a dict has no hash
    """What has been spent, by key. It stays in its process: pickles come out empty."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _Ledger, ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ledger)  # budgets are equal by their limits

    def add(self, key: str | None, more: Spent) -> None:
        with LOCK:
            self[key] = Spent(*map(add, self.pop(key, _NOTHING), more))
            if len(self) > _MOST_KEYS:
                self.popitem(last=False)


@public("langchain_novastack.costs")
@documented
class Budget(PlainData):
    """A limit for the calls of a router, in US dollars, in tokens, or in both.

    Calls are counted when they end, so those under way at once may go over it. Near the limit the cheapest model
    answers; at the limit `BudgetExceededError` is raised before any request. A call that names its model is neither
    moved nor stopped, but counted. Counts live in this process; of more than 100,000 keys the one used longest ago is
    forgotten. Copies share them, pickles begin at nothing.

    Raises:
        ValueError: If neither `dollars` nor `tokens` is given, or one is not above 0.
    """

    dollars: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """US dollars that the calls of one key may cost; needs a price for every model. None: any."""

    tokens: int | None = Field(default=None, gt=0)
    """Tokens that they may take, input and output together. None: any."""

    per: str | None = Field(default="thread_id", min_length=1)
    """Key in the config's `configurable`, or `metadata`, each value of which has a count; calls without one share a
    count. None: all calls do."""

    degrade_at: float = Field(default=0.8, gt=0, le=1)
    """Share of the limit from which the cheapest able model answers, without prices the default; 1: never."""

    _ledger: _Ledger = PrivateAttr(default_factory=_Ledger)

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.dollars is None and self.tokens is None:
            msg = "`dollars` or `tokens` must be given."
            raise ValueError(msg)
        return self

    def spent(self, key: object = None) -> Spent:
        """Return what the calls of a key have come to; None: those without one."""
        return self._ledger.get(_as_key(key), _NOTHING)

    def reset(self, key: object = None) -> None:
        """Forget what the calls of a key have come to; None: those without one."""
        self._ledger.pop(_as_key(key), None)

    def share(self, config: RunnableConfig) -> float:
        """Return the share of the limit that the calls of a config's key have spent; an error if that is all of it."""
        spent = self._ledger.get(key := self._key_in(config), _NOTHING)
        limits = ((spent.dollars, self.dollars, "dollars"), (spent.tokens, self.tokens, "tokens"))
        share, got, limit, unit = max((got / limit, got, limit, unit) for got, limit, unit in limits if limit)
        if share < 1:
            return share
        whose = f"{'this' if key is not None else 'calls without'} {self.per}" if self.per else "all calls"
        msg = f"The budget of {whose} is spent: {got:,.10g} of {limit:,.10g} {unit}."
        from langchain_novastack.errors import BudgetExceededError  # noqa: PLC0415 - it needs the SDK

        raise BudgetExceededError(msg)

    def meter(
        self, config: RunnableConfig, asked: Sequence[BaseMessage], tools: Any, prices: Mapping[str, Price]
    ) -> Callable[..., None]:
        """Return what counts the attempts of one call, given the alias, all that came, and the error if any.

        Where no usage comes, it estimates by what was `asked` with which `tools`; `prices` are by alias.
        """
        key = self._key_in(config)

        def count(alias: str, outputs: Sequence[Any], error: BaseException | None) -> None:
            price, messages = prices.get(alias), [each for each in outputs if isinstance(each, AIMessage)]
            more = (error and _charged(error, price)) or _counted(messages, price)
            if more is None and messages:
                prompt, completion = count_tokens(asked, tools), count_text("".join(map(_said, messages)))
                more = Spent(price.of(prompt, completion) if price else 0.0, prompt + completion, 1)
            if more is not None:
                self._ledger.add(key, more)

        return count

    def _key_in(self, config: RunnableConfig) -> str | None:
        places: Any = {**(config.get("metadata") or {}), **(config.get("configurable") or {})}
        return _as_key(places.get(self.per))


def _as_key(key: object) -> str | None:
    return None if key is None else str(key)


def _charged(error: BaseException, price: Price | None) -> Spent | None:
    usage = getattr(error, "usage", None) or {}
    tokens = usage.get("total_tokens") or (usage.get("prompt_tokens") or 0) + (usage.get("completion_tokens") or 0)
    costs = *cost_in(usage, price).values(), usage.get("cost_estimate")
    return Spent(next(filter(None, costs), 0.0), tokens) if usage else None


def _counted(messages: Sequence[AIMessage], price: Price | None) -> Spent | None:
    telling: list[Any] = [each for each in messages if each.usage_metadata or "cost" in each.response_metadata]
    if not telling:
        return None
    whole = reduce(add, telling)
    tokens = 0 if from_cache(whole) else (whole.usage_metadata or {}).get("total_tokens", 0)
    estimated = "cost_estimate" in whole.response_metadata  # by the price of the model that was asked
    return Spent(cost_of(whole, None if estimated else price).dollars or 0.0, tokens)


def _said(message: AIMessage) -> str:
    called = (call["args"] or "" for call in getattr(message, "tool_call_chunks", ()))
    return "".join([str(message.additional_kwargs.get("reasoning_content") or ""), message.text, *called])
