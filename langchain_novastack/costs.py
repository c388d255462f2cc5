"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.tracers.context import register_configure_hook

from langchain_novastack.cards import CARDS, Price, find_card, gateway_id
from langchain_novastack.display.tables import Shown

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
            prices: Prices by alias, id or other spelling, for answers the gateway names no cost for; of a model that
                is none of the three, by exactly the id that its answers name. None: those of the cards.

        Raises:
            ValueError: If `prices` is no mapping, or holds something else than names and prices.
        """
        super().__init__()
        self.models: dict[str, ModelCosts] = {}
        self._prices = _checked(prices)
        self._outer: CostTracker | None = None
        self._runs: set[UUID] = set()
        self._lock = threading.Lock()

    def on_chat_model_start(self, serialized: Any, messages: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Note a run: one that reaches a tracker both by itself and through an inner block must count once."""
        with self._lock:
            self._runs.add(run_id)
        if self._outer is not None:
            self._outer.on_chat_model_start(serialized, messages, run_id=run_id, **kwargs)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Forget a run that failed."""
        self._is_running(run_id)
        if self._outer is not None:
            self._outer.on_llm_error(error, run_id=run_id, **kwargs)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Add an answer, here and in the blocks around."""
        if self._outer is not None:
            self._outer.on_llm_end(response, run_id=run_id, **kwargs)
        message = getattr(response.generations[0][0], "message", None) if response.generations else None
        if not self._is_running(run_id) or not isinstance(message, AIMessage):
            return
        if len(response.generations[0]) > 1:
            message = _whole(message, response.llm_output or {})
        name = gateway_id(str(message.response_metadata.get("model_name") or "unknown"))
        cost = cost_of(message, self._prices.get(name))
        with self._lock:
            self._add(self.models.setdefault(name, ModelCosts()), message, cost)

    def _is_running(self, run_id: UUID) -> bool:
        with self._lock:
            found = run_id in self._runs
            self._runs.discard(run_id)
            return found

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


def _checked(prices: object) -> dict[str, Price]:
    """Return prices by the id that answers name.

    Raises:
        ValueError: If they are no mapping from names to prices.
    """
    if not isinstance(prices, Mapping | None):
        msg = f"`prices` must map models to prices, got {type(prices).__name__}."
        raise ValueError(msg)  # noqa: TRY004 - bad arguments are ValueErrors in this package
    checked = {}
    for name, price in (prices or {}).items():
        if not isinstance(name, str) or not name.strip():
            msg = f"`prices` must name models by strings, got {name!r}."
            raise ValueError(msg)
        try:
            checked[gateway_id(name)] = Price.model_validate(price)
        except ValueError as error:
            msg = f"`prices` must hold a `Price` (dollars, finite and not negative) for {name!r}, got {price!r}."
            raise ValueError(msg) from error
    return checked


def _whole(message: AIMessage, output: Mapping[str, Any]) -> AIMessage:
    """Return one of several answers (`n` above 1) with what LangChain then keeps beside them: model and cost."""
    beside = {name: output[name] for name in ("model_name", "cost", "cost_estimate", "token_usage") if name in output}
    return message.model_copy(update={"response_metadata": {**beside, **message.response_metadata}})


_TRACKER: ContextVar[CostTracker | None] = ContextVar("novastack_costs", default=None)
register_configure_hook(_TRACKER, inheritable=True)


@contextmanager
def track_costs(prices: Mapping[str, Price] | None = None) -> Iterator[CostTracker]:
    """Track what every call inside the block costs, of routers and models alike.

    Args:
        prices: Prices by model, in US dollars per million tokens; see `CostTracker`. A warning says at the end if one
            was of no use: no answer named that id, and others have no known cost.

    Raises:
        ValueError: If `prices` is no mapping, or holds something else than names and prices.
    """
    tracker = CostTracker(prices)
    tracker._outer = _TRACKER.get()  # noqa: SLF001 - our own; what is asked in here is asked in the blocks around too
    token = _TRACKER.set(tracker)
    try:
        yield tracker
    finally:
        _TRACKER.reset(token)
        tracker._outer = None  # noqa: SLF001
    useless = [name for name in tracker._prices if find_card(name) is None and name not in tracker.models]  # noqa: SLF001
    priceless = [name for name, costs in tracker.models.items() if costs.unknown]
    if useless and priceless:
        said = f"`prices` names {useless[0]!r}, which is none of {', '.join(CARDS)} and gave no answer"
        warnings.warn(f"{said}; answers of {priceless[0]!r} have no known cost.", stacklevel=3)
