"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook

from langchain_novastack.cards import Price, find_card
from langchain_novastack.tables import Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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

    Args:
        message: The answer.
        price: Price to estimate by where the gateway named no cost; None: that of the model's card, if it had one.
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


class CostTracker(Shown, BaseCallbackHandler):
    """Sums tokens and cost of every answer, by the id of the model that gave it. Thread-safe.

    Also a callback handler: `config={"callbacks": [CostTracker()]}`, for threads that `track_costs` does not reach
    because nobody handed them its context. Failed attempts are not in it: no gateway says what they cost.

    Example:
        ```python
        from langchain_novastack.costs import Price, track_costs

        with track_costs(prices={"deepseek": Price(input=0.44, output=0.87)}) as costs:
            router.batch(prompts)
        print(costs)
        ```
    """

    run_inline = True  # adding up needs no thread

    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        """Start at nothing.

        Args:
            prices: Prices by alias, id or other spelling, for answers the gateway names no cost for. None: those of the
                cards.
        """
        super().__init__()
        self.models: dict[str, ModelCosts] = {}
        self._prices = {_known(name): price for name, price in (prices or {}).items()}
        self._lock = threading.Lock()

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:  # noqa: ARG002 - core's signature
        """Add an answer."""
        message = getattr(response.generations[0][0], "message", None) if response.generations else None
        if not isinstance(message, AIMessage):
            return
        name = _known(str(message.response_metadata.get("model_name") or "unknown"))
        cost = cost_of(message, self._prices.get(name))
        with self._lock:
            self._add(self.models.setdefault(name, ModelCosts()), message, cost)

    @staticmethod
    def _add(costs: ModelCosts, message: AIMessage, cost: Cost) -> None:
        cached = from_cache(message)
        usage = None if cached else message.usage_metadata
        costs.answers += 1
        costs.cached += cached
        costs.input_tokens += usage["input_tokens"] if usage else 0
        costs.output_tokens += usage["output_tokens"] if usage else 0
        costs.dollars += cost.dollars or 0.0
        costs.estimated += cost.estimated
        costs.unknown += cost.dollars is None

    @property
    def dollars(self) -> float:
        """US dollars of all answers whose cost is known."""
        return sum(costs.dollars for costs in self.models.values())

    def to_records(self) -> list[dict[str, Any]]:
        """Return one plain dict for each model, ready for a DataFrame."""
        return [{"model": name, **vars(costs)} for name, costs in self.models.items()]

    def __str__(self) -> str:
        """Return the sums as text, at most 80 columns wide."""
        from langchain_novastack.views import costs_text  # noqa: PLC0415 - only when shown

        return costs_text(self)

    def _repr_html_(self) -> str:
        from langchain_novastack.views import costs_html  # noqa: PLC0415 - only when shown

        return costs_html(self)


def _known(name: str) -> str:
    card = find_card(name)
    return card.id if card else name


_TRACKER: ContextVar[CostTracker | None] = ContextVar("novastack_costs", default=None)
register_configure_hook(_TRACKER, inheritable=True)


@contextmanager
def track_costs(prices: Mapping[str, Price] | None = None) -> Iterator[CostTracker]:
    """Track what every call inside the block costs, of routers and models alike.

    Args:
        prices: Prices by model, in US dollars per million tokens; see `CostTracker`.
    """
    tracker = CostTracker(prices)
    token = _TRACKER.set(tracker)
    try:
        yield tracker
    finally:
        _TRACKER.reset(token)
