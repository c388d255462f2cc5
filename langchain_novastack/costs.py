"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook
from typing_extensions import override

from langchain_novastack.callbacks import BlockHandler
from langchain_novastack.cards import CARDS, Price, find_card, gateway_id
from langchain_novastack.display.tables import dollars, repr_pretty, table_html, table_text
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from langchain_core.outputs import LLMResult


class Cost(NamedTuple):
    """What one answer cost."""

    dollars: float | None
    """US dollars; None: unknown."""

    estimated: bool
    """Whether it was computed from a price rather than charged by the gateway."""


def cost_of(message: AIMessage, price: Price | None = None) -> Cost:
    """Return what an answer cost: nothing from a cache, else as charged, else by a price, else unknown.

    `price` is the one to estimate by where the gateway named no cost; None: that of the model's card, if it had one.
    """
    if from_cache(message):
        return Cost(0.0, estimated=False)
    metadata, usage = message.response_metadata, message.usage_metadata
    sent = metadata.get("token_usage")  # where a bare `ChatOpenAI` keeps what the gateway sent
    charged = metadata.get("cost", sent.get("cost") if isinstance(sent, dict) else None)
    if isinstance(charged, int | float):
        return Cost(float(charged), estimated=False)
    if price is not None and usage is not None:
        return Cost(price.of(usage["input_tokens"], usage["output_tokens"]), estimated=True)
    estimate = metadata.get("cost_estimate")
    return Cost(estimate, estimated=estimate is not None)


def from_cache(message: AIMessage) -> bool:
    """Return whether an answer came out of LangChain's cache, which marks it as free."""
    usage: Mapping[str, Any] = message.usage_metadata or {}
    return usage.get("total_cost") == 0


@dataclass
class ModelCosts:
    """What one model's answers came to."""

    answers: int = 0
    """All answers, those from a cache included."""

    cached: int = 0
    """How many came from a cache: they took no tokens and cost nothing."""

    input_tokens: int = 0
    output_tokens: int = 0

    dollars: float = 0.0
    """US dollars of the answers whose cost is known."""

    estimated: int = 0
    """How many of them were estimated from a price."""

    unknown: int = 0
    """How many answers have no known cost."""

    def add(self, message: AIMessage, cost: Cost) -> None:
        """Add an answer and what it cost."""
        cached = from_cache(message)
        usage: Mapping[str, Any] = {} if cached else message.usage_metadata or {}
        self.answers += 1
        self.cached += cached
        self.input_tokens += usage.get("input_tokens", 0)
        self.output_tokens += usage.get("output_tokens", 0)
        self.dollars += cost.dollars or 0.0
        self.estimated += cost.estimated
        self.unknown += cost.dollars is None

    def row(self, model: str) -> list[Any]:
        """Return the sums as a row of the table of all models."""
        counts = {"estimated": self.estimated, "unknown": self.unknown, "cached": self.cached}
        counts = {"charged": self.answers - sum(counts.values()), **counts}
        notes = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        known = None if self.unknown == self.answers else self.dollars
        return [model, self.answers, self.input_tokens, self.output_tokens, dollars(known), notes]


_HEAD = ("model", "answers", "tokens in", "tokens out", "USD", "of these answers")


class CostTracker(BlockHandler):
    """Sums tokens and cost of every answer, by the id of the model that gave it. Thread-safe.

    Also a callback handler: `config={"callbacks": [CostTracker()]}`, for threads that `track_costs` does not reach
    because they run without its context. Failed attempts are not in it: no gateway says what they cost.

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
            prices: Prices by alias, id or other spelling, for answers the gateway names no cost for; of a model that
                is not one of the three, by exactly the id that its answers name. None: those of the cards.

        Raises:
            ValueError: If `prices` is not a mapping from names to prices.
        """
        super().__init__()
        self.models: dict[str, ModelCosts] = {}
        """Sums by the id of the model."""
        self.prices = _checked(prices)
        """Prices by the id of the model; empty for those of the cards."""

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
    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """Add an answer, here and in the blocks around."""
        message = _answer_in(response)
        for tracker in self.ended(run_id):
            if message is not None:
                tracker.add(message)

    def add(self, message: AIMessage) -> None:
        """Add one more answer, here alone."""
        name = gateway_id(str(message.response_metadata.get("model_name") or "unknown"))
        cost = cost_of(message, self.prices.get(name))
        with self._lock:
            self.models.setdefault(name, ModelCosts()).add(message, cost)

    @property
    def dollars(self) -> float:
        """US dollars of all answers whose cost is known."""
        return sum(costs.dollars for costs in self.models.values())

    def to_records(self) -> list[dict[str, Any]]:
        """Return one plain dict for each model, ready for a DataFrame."""
        return [{"model": name, **vars(costs)} for name, costs in self.models.items()]

    def __str__(self) -> str:
        """Return the sums as text, at most 80 columns wide."""
        return table_text(_HEAD, self._rows())

    _repr_pretty_ = repr_pretty

    def _repr_html_(self) -> str:
        return table_html(_HEAD, self._rows(), "Cost by model")

    def _rows(self) -> list[list[Any]]:
        return [costs.row(name) for name, costs in self.models.items()]


def _checked(prices: object) -> dict[str, Price]:
    """Return prices by the id that answers name."""
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


def _answer_in(response: LLMResult) -> AIMessage | None:
    """Return the answer of a run; of several (`n` above 1) the first, with model and cost, which stand beside them."""
    answers = response.generations[0] if response.generations else []
    message = getattr(answers[0], "message", None) if answers else None
    if not isinstance(message, AIMessage) or len(answers) == 1:
        return message if isinstance(message, AIMessage) else None
    output: Mapping[str, Any] = response.llm_output or {}
    beside = {name: output[name] for name in ("model_name", "cost", "cost_estimate", "token_usage") if name in output}
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
