"""What one answer cost; a batch as a table, one answer in each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.messages import AIMessage

from langchain_novastack._lazy import public
from langchain_novastack.cards import CACHE_NOTE, Price, dollars_in, gateway_id
from langchain_novastack.display.tables import dollars, repr_pretty, table_html, table_text
from langchain_novastack.errors import describe
from langchain_novastack.tracing import ROUTING
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    """Return prices, given by any spelling of a model's name, by the id that its answers name.

    Raises:
        ValueError: If it is not a mapping from names to prices.
    """
    if not isinstance(prices, Mapping | None):
        raise bad_argument("prices", "be a mapping from models to prices", type(prices).__name__)
    checked = {}
    for name, price in (prices or {}).items():
        if not isinstance(name, str) or not name.strip():
            raise bad_argument("prices", "name models by strings", repr(name))
        try:
            checked[gateway_id(name)] = Price.model_validate(price)
        except ValueError as error:
            must = f"hold a `Price` (dollars, finite and not negative) for {name!r}"
            raise bad_argument("prices", must, repr(price)) from error
    return checked


_HEAD = ("", "model", "task", "seconds", "tokens", "USD", "error")


class BatchCosts:
    """The results of a batch, one row each, in their order; no text of prompts or answers.

    Example:
        ```python
        from langchain_novastack.costs import BatchCosts

        results = router.batch(prompts, return_exceptions=True)
        print(BatchCosts(results))
        ```
    """

    def __init__(self, results: Iterable[AIMessage | BaseException], prices: Mapping[str, Price] | None = None) -> None:
        """Read the results of `batch` or `abatch`.

        Args:
            results: Answers, and errors where `return_exceptions=True` let them through.
            prices: As for `CostTracker`.

        Raises:
            ValueError: If `prices` is not a mapping from names to prices.
        """
        known = prices_by_id(prices)
        self._records = [_record(result, known) for result in results]

    def to_records(self) -> list[dict[str, Any]]:
        """Return one plain dict for each result: model, task, seconds, tokens, dollars, estimated, error.

        `model` is the one that answered, or failed; `seconds` are those of all attempts together; None is unknown.
        """
        return [dict(record) for record in self._records]

    def __str__(self) -> str:
        """Return the table as text, at most 80 columns wide."""
        return table_text(_HEAD, self._rows())

    _repr_pretty_ = repr_pretty

    def _repr_html_(self) -> str:
        return table_html(_HEAD, self._rows(), "The batch, request by request")

    def _rows(self) -> list[list[Any]]:
        costs = [dollars(one["dollars"]) + (" (estimate)" if one["estimated"] else "") for one in self._records]
        return [
            [place, one["model"], one["task"], one["seconds"], one["tokens"], cost, one["error"]]
            for place, (one, cost) in enumerate(zip(self._records, costs, strict=True), 1)
        ]


def _record(result: AIMessage | BaseException, prices: Mapping[str, Price]) -> dict[str, Any]:
    message = result if isinstance(result, AIMessage) else None
    metadata = message.response_metadata if message else {}
    routing = metadata.get(ROUTING) or getattr(result, ROUTING, None) or {}
    price = prices.get(gateway_id(str(metadata.get("model_name"))))
    usage, cost = message and message.usage_metadata, cost_of(message, price) if message else None
    attempts = routing.get("attempts")
    return {
        "model": routing.get("model") or metadata.get("model_name") or getattr(result, "model", None),
        "task": routing.get("task"),
        "seconds": round(sum(one["seconds"] for one in attempts), 4) if attempts else None,
        "tokens": usage and usage["total_tokens"],
        "dollars": cost and cost.dollars,
        "estimated": bool(cost and cost.estimated),
        "error": describe(result) if isinstance(result, BaseException) else None,
    }
