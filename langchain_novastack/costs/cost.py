"""What answers cost: one, sums by model and by task, and a batch as a table, one answer in each row."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.callbacks import LOCK, BlockHandler
from langchain_novastack.cards import CACHE_NOTE, CARDS, Price, dollars_in, find_card, gateway_id
from langchain_novastack.display.tables import Tabled, dollars
from langchain_novastack.tracing import ROUTING
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from uuid import UUID

    from langchain_core.outputs import LLMResult


@public("langchain_novastack.costs")
class Cost(NamedTuple):
    """What one answer cost.

    Attributes:
        dollars: US dollars; None: unknown.
        estimated: Whether it was computed from a price rather than charged by the gateway.
        cache_as_input: Whether cached tokens were estimated as other input, which is too much: the price had no other.
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
    """Return the tokens of a message's usage: input, output, and of that those read from and written to a cache."""
    details: Any = (usage.get("input_token_details") or {}).items()
    names = "cache_read", "cache_creation"  # before which LangChain puts the name of a service tier
    cached = (sum(n or 0 for key, n in details if key.endswith(name)) for name in names)
    return usage.get("input_tokens", 0), usage.get("output_tokens", 0), *cached


def from_cache(message: AIMessage) -> bool:
    """Return whether an answer came out of LangChain's cache, which marks it as free."""
    usage: Mapping[str, Any] = message.usage_metadata or {}
    return usage.get("total_cost") == 0


def prices_by_id(prices: object) -> dict[str, Price]:
    """Return prices, given by any spelling of a model, by the id that its answers name; a `ValueError` for bad ones."""
    if not isinstance(prices, Mapping | None) or not all(isinstance(n, str) and n.strip() for n in prices or ()):
        raise bad_argument("prices", "be a mapping from names of models to prices", repr(prices))
    checked = {}
    for name, price in (prices or {}).items():
        try:
            checked[gateway_id(name)] = Price.model_validate(price)
        except ValueError as error:  # noqa: PERF203 - of a few prices
            must = f"hold a `Price` (dollars, finite and not negative) for {name!r}"
            raise bad_argument("prices", must, repr(price)) from error
    return checked


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


@public("langchain_novastack.costs")
class CostTracker(Tabled, BlockHandler):
    """Sums tokens and cost of every answer, but not of attempts that gave none, by model and by task. Thread-safe.

    Also a callback handler: `config={"callbacks": [CostTracker()]}`, for threads without the context of `track_costs`.
    """

    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        """Start at nothing; a `ValueError` if `prices` is not a mapping from names to prices.

        They are for answers the gateway names no cost for, and for `saved_against`: by alias, id or other spelling;
        of a model that is not one of the three, by exactly the id that its answers name. None: those of the cards.
        """
        super().__init__()
        self.models: dict[str, ModelCosts] = {}  # by the id of the model
        self.tasks: dict[str, ModelCosts] = {}  # by the task that a router took a request for
        self.prices = prices_by_id(prices)  # by the id of the model; empty for those of the cards
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
        task = next((tag.removeprefix("route:") for tag in tags or () if tag.startswith("route:")), None)
        message = next((getattr(one, "message", None) for answers in response.generations[:1] for one in answers), None)
        for tracker in self.ended(run_id):
            if isinstance(message, AIMessage):  # of several, model and cost stand beside them
                metadata = {**(response.llm_output or {}), **message.response_metadata}
                tracker.add(message.model_copy(update={"response_metadata": metadata}), task)

    def add(self, message: AIMessage, task: str | None = None) -> None:
        """Add one more answer, here alone."""
        name = gateway_id(str(message.response_metadata.get("model_name") or "unknown"))
        cost, cached = cost_of(message, self.prices.get(name)), from_cache(message)
        counts = counts_of({} if cached else message.usage_metadata or {})
        more = ModelCosts(1, cached, *counts, *cost, unknown=cost.dollars is None)
        with LOCK:
            for sums, key in ((self.models, name), (self.tasks, task)):
                if key is not None:
                    sums[key] = sums.get(key, ModelCosts()).plus(more)
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
        rows = [_cost_row(name, costs) for name, costs in {**self.models, **tasks}.items()]
        head = ("model or task", "answers", "in", "cached", "out", "USD", "of these answers")
        return head, rows, "Cost by model and by task"


def _cost_row(name: str, of: ModelCosts) -> list[Any]:
    counts = {"estimated": of.estimated, "unknown": of.unknown, "cached": of.cached}
    counts = {"charged": of.answers - sum(counts.values()), **counts, "cache as input": of.cache_as_input}
    notes = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    share = f"{of.cache_share:.2f}" if of.cache_read else ""
    return [name, of.answers, of.input_tokens, share, of.output_tokens, dollars(of.dollars), notes]


_TRACKER: ContextVar[CostTracker | None] = ContextVar("novastack_costs", default=None)
register_configure_hook(_TRACKER, inheritable=True)


@contextmanager
def track_costs(prices: Mapping[str, Price] | None = None) -> Iterator[CostTracker]:
    """Track what every call inside the block costs, of routers and models alike; prices are as for `CostTracker`.

    A warning says at the end if a price was of no use: no answer named that id, and others have no known cost.
    """
    with CostTracker(prices).inside(_TRACKER) as tracker:
        yield tracker
    useless = next((name for name in tracker.prices if find_card(name) is None and name not in tracker.models), None)
    priceless = next((name for name, costs in tracker.models.items() if costs.unknown), None)
    if useless and priceless:
        said = f"`prices` names {useless!r}, which is not one of {', '.join(CARDS)} and gave no answer"
        warnings.warn(f"{said}; answers of {priceless!r} have no known cost.", stacklevel=3)


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
    from langchain_novastack.errors import describe  # noqa: PLC0415 - it needs the SDK

    metadata: dict[str, Any] = getattr(result, "response_metadata", {})
    found = metadata.get(ROUTING) or getattr(result, ROUTING, None)
    routing = found if isinstance(found, dict) else {}  # another's may be a word
    price, usage = prices.get(gateway_id(str(metadata.get("model_name")))), getattr(result, "usage_metadata", None)
    cost = cost_of(result, price) if isinstance(result, AIMessage) else Cost(None, estimated=False)
    attempts = routing.get("attempts")
    return {
        "model": routing.get("model") or metadata.get("model_name") or getattr(result, "model", None),
        "task": routing.get("task"),
        "seconds": round(sum(one["seconds"] for one in attempts), 4) if attempts else None,
        "tokens": usage and usage["total_tokens"],
        "dollars": cost.dollars,
        "estimated": cost.estimated,
        "error": describe(result) if isinstance(result, BaseException) else None,
    }
