"""What one answer cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack._lazy import public
from langchain_novastack.cards import CACHE_NOTE, Price, dollars_in, gateway_id
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


@public("langchain_novastack.costs")
class Cost(NamedTuple):
    """What one answer cost.

    Attributes:
        dollars: US dollars; None: unknown.
        estimated: Whether it was computed from a price rather than charged by the gateway.
        cache_as_input: Whether the price had none for cached tokens, so that they were estimated as other input, which
            is too much.
    """

    dollars: float | None
    estimated: bool
    cache_as_input: bool = False


def cost_of(message: AIMessage, price: Price | None = None) -> Cost:
    """Return what an answer cost: nothing from a cache, else as charged, else by a price, else unknown.

    `price` is the one to estimate by where the gateway named no cost; None: that of the model's card, if it had one.
    """
    if from_cache(message):
        return Cost(0.0, estimated=False)
    metadata = message.response_metadata
    sent = metadata.get("token_usage")  # where a bare `ChatOpenAI` keeps what the gateway sent
    charged = dollars_in(metadata.get("cost", sent.get("cost") if isinstance(sent, dict) else None))
    if charged is not None:
        return Cost(charged, estimated=False)
    if price is not None and message.usage_metadata is not None:
        metadata = price.estimate(*counts_of(message.usage_metadata))
    estimate = metadata.get("cost_estimate")
    return Cost(estimate, estimate is not None, CACHE_NOTE in metadata)


def counts_of(usage: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return the tokens of a message's usage: input, output, and of the input those read from and written to a cache.

    LangChain puts the name of a service tier before those of the two.
    """
    details: Mapping[str, Any] = usage.get("input_token_details") or {}
    cached = (
        sum(n or 0 for key, n in details.items() if key.endswith(end)) for end in ("cache_read", "cache_creation")
    )
    return usage.get("input_tokens", 0), usage.get("output_tokens", 0), *cached


def from_cache(message: AIMessage) -> bool:
    """Return whether an answer came out of LangChain's cache, which marks it as free."""
    usage: Mapping[str, Any] = message.usage_metadata or {}
    return usage.get("total_cost") == 0


def prices_by_id(prices: object) -> dict[str, Price]:
    """Return prices, given by any spelling of a model, by the id that its answers name; a `ValueError` for bad ones."""
    given = {} if prices is None else prices
    if not isinstance(given, Mapping) or not all(isinstance(name, str) and name.strip() for name in given):
        raise bad_argument("prices", "be a mapping from names of models to prices", repr(prices))
    checked = {}
    for name, price in given.items():
        try:
            checked[gateway_id(name)] = Price.model_validate(price)
        except ValueError as error:  # noqa: PERF203 - of a few prices
            must = f"hold a `Price` (dollars, finite and not negative) for {name!r}"
            raise bad_argument("prices", must, repr(price)) from error
    return checked
