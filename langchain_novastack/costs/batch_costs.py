"""A batch as a table: which model answered each request, for what task, how long it took and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage

from langchain_novastack.cards import gateway_id
from langchain_novastack.costs.cost import cost_of, prices_by_id
from langchain_novastack.display.tables import dollars, repr_pretty, table_html, table_text
from langchain_novastack.errors import describe
from langchain_novastack.tracing import ROUTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from langchain_novastack.cards import Price

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
        return [
            [place, one["model"], one["task"], one["seconds"], one["tokens"], _cost_cell(one), one["error"]]
            for place, one in enumerate(self._records, 1)
        ]


def _cost_cell(record: dict[str, Any]) -> str:
    return dollars(record["dollars"]) + (" (estimate)" if record["estimated"] else "")


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
