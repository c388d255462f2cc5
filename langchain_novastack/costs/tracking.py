"""Sums of what answers cost, by model and by task."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.callbacks import BlockHandler
from langchain_novastack.cards import CACHE_NOTE, CARDS, find_card, gateway_id
from langchain_novastack.costs.cost import Cost, cost_of, counts_of, from_cache, prices_by_id
from langchain_novastack.display.tables import dollars, repr_pretty, table_html, table_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from langchain_core.outputs import LLMResult

    from langchain_novastack.cards import Price


@public("langchain_novastack.costs")
@dataclass
class ModelCosts:
    """What the answers of one model, or for one task, came to.

    Attributes:
        answers: All answers, those from a cache included.
        cached: How many came from LangChain's cache: they took no tokens and cost nothing.
        cache_read: How many of the input tokens were read from the gateway's cache.
        cache_write: How many of them were written to it.
        dollars: US dollars of the answers whose cost is known; None: no answer's is.
        estimated: How many of them were estimated from a price.
        cache_as_input: How many of those estimates charge cached tokens as other input, since their price has none for
            them.
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

    def add(self, cost: Cost, counts: Sequence[int] | None) -> None:
        """Add an answer by what it cost and its tokens; without these, it came from LangChain's cache."""
        self.answers += 1
        self.cached += counts is None
        for name, count in zip(_COUNTS, counts or (), strict=False):
            setattr(self, name, getattr(self, name) + count)
        if cost.dollars is not None:
            self.dollars = (self.dollars or 0.0) + cost.dollars
        self.estimated += cost.estimated
        self.cache_as_input += cost.cache_as_input
        self.unknown += cost.dollars is None

    def row(self, name: str) -> list[Any]:
        """Return the sums as a row of a table."""
        counts = {"estimated": self.estimated, "unknown": self.unknown, "cached": self.cached}
        counts = {"charged": self.answers - sum(counts.values()), **counts, "cache as input": self.cache_as_input}
        notes = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        share = f"{self.cache_share:.2f}" if self.cache_read else ""
        return [name, self.answers, self.input_tokens, share, self.output_tokens, dollars(self.dollars), notes]


_COUNTS = ("input_tokens", "output_tokens", "cache_read", "cache_write")
_TAG = "route:"
_HEAD = ("model or task", "answers", "in", "cached", "out", "USD", "of these answers")


@public("langchain_novastack.costs")
class CostTracker(BlockHandler):
    """Sums tokens and cost of every answer, by the id of the model that gave it and by task. Thread-safe.

    Also a callback handler: `config={"callbacks": [CostTracker()]}`, for threads that `track_costs` does not reach
    because they run without its context. Attempts that gave no answer are not in it: no gateway says what they cost.

    Example:
        ```python
        from langchain_novastack.costs import Price, track_costs

        with track_costs(prices={"deepseek": Price(input=0.44, output=0.87)}) as costs:
            router.batch(prompts)
        print(costs)
        ```
    """

    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        """Start at nothing.

        Args:
            prices: Prices by alias, id or other spelling, for answers the gateway names no cost for, and for
                `saved_against`; of a model that is not one of the three, by exactly the id that its answers name.
                None: those of the cards.

        Raises:
            ValueError: If `prices` is not a mapping from names to prices.
        """
        super().__init__()
        self.models: dict[str, ModelCosts] = {}
        """Sums by the id of the model."""
        self.tasks: dict[str, ModelCosts] = {}
        """Sums by the task that a router took a request for; models asked without a router are not in it."""
        self.prices = prices_by_id(prices)
        """Prices by the id of the model; empty for those of the cards."""
        self._begun: dict[UUID, str | None] = {}
        self._instead = dict.fromkeys(self.prices, 0.0)

    @override
    def on_chat_model_start(
        self, serialized: object, messages: object, *, run_id: UUID, tags: list[str] | None = None, **_: Any
    ) -> None:
        """Note a run and its task, here and in the blocks around."""
        self._begun[run_id] = next((tag[len(_TAG) :] for tag in tags or () if tag.startswith(_TAG)), None)
        for tracker in self.blocks():
            tracker.runs.add(run_id)

    @override
    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Forget a run that failed."""
        self._begun.pop(run_id, None)
        list(self.ended(run_id))

    @override
    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """Add an answer, here and in the blocks around."""
        message, task = _answer_in(response), self._begun.pop(run_id, None)
        for tracker in self.ended(run_id):
            if message is not None:
                tracker.add(message, task)

    def add(self, message: AIMessage, task: str | None = None) -> None:
        """Add one more answer, here alone."""
        name = gateway_id(str(message.response_metadata.get("model_name") or "unknown"))
        cost = cost_of(message, self.prices.get(name))
        counts = None if from_cache(message) else counts_of(message.usage_metadata or {})
        with self._lock:
            self.models.setdefault(name, ModelCosts()).add(cost, counts)
            if task is not None:
                self.tasks.setdefault(task, ModelCosts()).add(cost, counts)
            if cost.dollars is not None and counts:
                for other, price in self.prices.items():
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
        return [{by: name, **vars(costs), "cache_share": costs.cache_share} for name, costs in sums.items()]

    def __str__(self) -> str:
        """Return the sums as text, at most 80 columns wide."""
        return table_text(_HEAD, self._rows())

    _repr_pretty_ = repr_pretty

    def _repr_html_(self) -> str:
        return table_html(_HEAD, self._rows(), "Cost by model and by task")

    def _rows(self) -> list[list[Any]]:
        tasks = {f"task: {task}": costs for task, costs in self.tasks.items()}
        return [costs.row(name) for name, costs in {**self.models, **tasks}.items()]


def _answer_in(response: LLMResult) -> AIMessage | None:
    """Return the answer of a run; of several (`n` above 1) the first, with model and cost, which stand beside them."""
    answers = response.generations[0] if response.generations else []
    message = getattr(answers[0], "message", None) if answers else None
    if not isinstance(message, AIMessage) or len(answers) == 1:
        return message if isinstance(message, AIMessage) else None
    output: Mapping[str, Any] = response.llm_output or {}
    names = ("model_name", "cost", "cost_estimate", CACHE_NOTE, "token_usage")
    beside = {name: output[name] for name in names if name in output}
    return message.model_copy(update={"response_metadata": {**beside, **message.response_metadata}})


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
