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

from langchain_novastack.cards import ModelCard, Price, find_card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from langchain_core.outputs import LLMResult

_MILLION = 1_000_000


class Cost(NamedTuple):
    """What one answer cost."""

    dollars: float | None
    """US dollars; None: unknown."""

    estimated: bool
    """Whether it was computed from a price rather than charged by the gateway."""


def cost_of(message: AIMessage, model: Any) -> Cost:
    """Return what an answer cost.

    Args:
        message: The answer.
        model: The model that gave it; the price of its card is used where the gateway names no cost.
    """
    card = getattr(model, "card", None)
    card = find_card(str(getattr(model, "model_name", ""))) if card == "auto" else card
    return priced(message, card.price if isinstance(card, ModelCard) else None)


def priced(message: AIMessage, price: Price | None) -> Cost:
    """Return what an answer cost: as charged, else by a price, else unknown."""
    charged = message.response_metadata.get("cost")
    if isinstance(charged, int | float):
        return Cost(float(charged), estimated=False)
    usage = message.usage_metadata
    if price is None or usage is None:
        return Cost(None, estimated=False)
    dollars = (usage["input_tokens"] * price.input + usage["output_tokens"] * price.output) / _MILLION
    return Cost(dollars, estimated=True)


@dataclass
class ModelCosts:
    """What one model's answers came to."""

    answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    dollars: float = 0.0
    """US dollars of the answers whose cost is known."""

    estimated: int = 0
    """How many of them were estimated from a price."""

    unknown: int = 0
    """How many answers have no known cost."""


class CostTracker(BaseCallbackHandler):
    """Sums tokens and cost of every answer, by the id of the model that gave it. Thread-safe.

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
        name = str(message.response_metadata.get("model_name") or "unknown")
        card = find_card(name)
        price = self._prices.get(_known(name), card.price if card else None)
        with self._lock:
            self._add(self.models.setdefault(name, ModelCosts()), message, priced(message, price))

    @staticmethod
    def _add(costs: ModelCosts, message: AIMessage, cost: Cost) -> None:
        usage = message.usage_metadata
        costs.answers += 1
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
