"""Sums of what answers cost, by model and by task; a batch as a table, one answer in each row."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.callbacks import BlockHandler
from langchain_novastack.cards import CARDS, find_card, gateway_id
from langchain_novastack.costs.cost import cost_of, counts_of, from_cache, prices_by_id
from langchain_novastack.display.tables import Tabled, dollars
from langchain_novastack.errors import describe
from langchain_novastack.tracing import ROUTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from langchain_core.outputs import LLMResult

    from langchain_novastack.cards import Price


@public("langchain_novastack.costs")
class ModelCosts(NamedTuple):
    """What the answers of one model, or for one task, came to.

    Attributes:
        answers: All answers, those from a cache included.
        cached: How many came from LangChain's cache: they took no tokens and cost nothing.
        cache_read: How many of the input tokens were read from the gateway's cache.
        cache_write: How many of them were written to it.
        dollars: US dollars of the answers whose cost is known; None: no answer's is.
        estimated: How many of them were estimated from a price.
        cache_as_input: How many estimates charge cached tokens as other input, since their price has none for them.
        unknown: How many answers have no known cost.
    """

    answers: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read: int = 0
    cache_write: int = 0
    dollars: float | None = None
    estimated: int = 0
    cache_as_input: int = 0
    unknown: int = 0

    @property
    def cache_share(self) -> float:
        """Share of the input tokens that was read from the gateway's cache, 0 to 1."""
        return self.cache_read / self.input_tokens if self.input_tokens else 0.0

    def plus(self, more: ModelCosts) -> ModelCosts:
        """Return the sums of both."""
        pairs: Any = zip(self, more, strict=True)
        return ModelCosts(*(one if other is None else (one or 0) + other for one, other in pairs))

    def row(self, name: str) -> list[Any]:
        """Return the sums as a row of a table."""
        counts = {"estimated": self.estimated, "unknown": self.unknown, "cached": self.cached}
        counts = {"charged": self.answers - sum(counts.values()), **counts, "cache as input": self.cache_as_input}
        notes = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        share = f"{self.cache_share:.2f}" if self.cache_read else ""
        return [name, self.answers, self.input_tokens, share, self.output_tokens, dollars(self.dollars), notes]


_TAG = "route:"


@public("langchain_novastack.costs")
class CostTracker(Tabled, BlockHandler):
    """Sums tokens and cost of every answer, by the id of the model that gave it and by task. Thread-safe.

    Also a callback handler: `config={"callbacks": [CostTracker()]}`, for threads that `track_costs` does not reach
    because they run without its context. Attempts that gave no answer are not in it: no gateway says what they cost.
    """

    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        """Start at nothing; a `ValueError` if `prices` is not a mapping from names to prices.

        Args:
            prices: Prices by alias, id or other spelling, for answers the gateway names no cost for, and for
                `saved_against`; of a model that is not one of the three, by exactly the id that its answers name.
                None: those of the cards.
        """
        super().__init__()
        self.models: dict[str, ModelCosts] = {}
        """Sums by the id of the model."""
        self.tasks: dict[str, ModelCosts] = {}
        """Sums by the task that a router took a request for; models asked without a router are not in it."""
        self.prices = prices_by_id(prices)
        """Prices by the id of the model; empty for those of the cards."""
        self._instead = dict.fromkeys(self.prices, 0.0)

    @override
    def on_chat_model_start(self, serialized: object, messages: object, *, run_id: UUID, **_: Any) -> None:
        """Note a run, here and in the blocks around."""
        for tracker in self.blocks():
            tracker.runs.add(run_id)

    @override
    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Forget a run that failed."""
        list(self.ended(run_id))

    @override
    def on_llm_end(self, response: LLMResult, *, run_id: UUID, tags: list[str] | None = None, **_: Any) -> None:
        """Add an answer, here and in the blocks around; of several (`n` above 1) the first."""
        task = next((tag[len(_TAG) :] for tag in tags or () if tag.startswith(_TAG)), None)
        answers = response.generations[0] if response.generations else []
        message = getattr(answers[0], "message", None) if answers else None
        for tracker in self.ended(run_id):
            if isinstance(message, AIMessage):  # of several, model and cost stand beside them
                metadata = {**(response.llm_output or {}), **message.response_metadata}
                tracker.add(message.model_copy(update={"response_metadata": metadata}), task)

    def add(self, message: AIMessage, task: str | None = None) -> None:
        """Add one more answer, here alone."""
        name = gateway_id(str(message.response_metadata.get("model_name") or "unknown"))
        cost, cached = cost_of(message, self.prices.get(name)), from_cache(message)
        counts = (0, 0, 0, 0) if cached else counts_of(message.usage_metadata or {})
        more = ModelCosts(1, cached, *counts, *cost, unknown=cost.dollars is None)
        with self._lock:
            self.models[name] = self.models.get(name, ModelCosts()).plus(more)
            if task is not None:
                self.tasks[task] = self.tasks.get(task, ModelCosts()).plus(more)
            for other, price in () if more.unknown else self.prices.items():
                self._instead[other] += price.of(*counts)

    def saved_against(self, model: str) -> float | None:
        """Return the US dollars that one model would have cost more for the same tokens, cached ones included.

        Of answers whose cost is known. None if that is none of them, or `prices` has none for that model.
        """
        instead, spent = self._instead.get(gateway_id(model)), self.dollars
        return None if instead is None or spent is None else instead - spent

    @property
    def dollars(self) -> float | None:
        """US dollars of all answers whose cost is known; None: no answer's is."""
        known = [costs.dollars for costs in self.models.values() if costs.dollars is not None]
        return sum(known) if known or not self.models else None

    def to_records(self, by: Literal["model", "task"] = "model") -> list[dict[str, Any]]:
        """Return one plain dict for each model, or each task, ready for a DataFrame."""
        sums = self.tasks if by == "task" else self.models
        return [{by: name, **costs._asdict(), "cache_share": costs.cache_share} for name, costs in sums.items()]

    def _table(self) -> tuple[tuple[str, ...], list[list[Any]], str]:
        tasks = {f"task: {task}": costs for task, costs in self.tasks.items()}
        rows = [costs.row(name) for name, costs in {**self.models, **tasks}.items()]
        head = ("model or task", "answers", "in", "cached", "out", "USD", "of these answers")
        return head, rows, "Cost by model and by task"


_TRACKER: ContextVar[CostTracker | None] = ContextVar("novastack_costs", default=None)
register_configure_hook(_TRACKER, inheritable=True)


@contextmanager
def track_costs(prices: Mapping[str, Price] | None = None) -> Iterator[CostTracker]:
    """Track what every call inside the block costs, of routers and models alike; prices are as for `CostTracker`.

    A warning says at the end if a price was of no use: no answer named that id, and others have no known cost.
    """
    with CostTracker(prices).inside(_TRACKER) as tracker:
        yield tracker
    useless = [name for name in tracker.prices if find_card(name) is None and name not in tracker.models]
    priceless = [name for name, costs in tracker.models.items() if costs.unknown]
    if useless and priceless:
        said = f"`prices` names {useless[0]!r}, which is not one of {', '.join(CARDS)} and gave no answer"
        warnings.warn(f"{said}; answers of {priceless[0]!r} have no known cost.", stacklevel=3)


class BatchCosts(Tabled):
    """The results of `batch` or `abatch`, one row each, in their order; no text of prompts or answers."""

    def __init__(self, results: Iterable[AIMessage | BaseException], prices: Mapping[str, Price] | None = None) -> None:
        """Read answers, and errors where `return_exceptions=True` let them through; `prices` as for `CostTracker`."""
        known = prices_by_id(prices)
        self._records = [_record(result, known) for result in results]

    def to_records(self) -> list[dict[str, Any]]:
        """Return one plain dict for each result: model, task, seconds, tokens, dollars, estimated, error.

        `model` is the one that answered, or failed; `seconds` are those of all attempts together; None is unknown.
        """
        return [dict(record) for record in self._records]

    def _table(self) -> tuple[tuple[str, ...], list[list[Any]], str]:
        rows = []
        for place, one in enumerate(self._records, 1):
            cost = dollars(one["dollars"]) + " (estimate)" * one["estimated"]
            rows.append([place, one["model"], one["task"], one["seconds"], one["tokens"], cost, one["error"]])
        return ("", "model", "task", "seconds", "tokens", "USD", "error"), rows, "The batch, request by request"


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
