"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.cards import ModelCard, find_card

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

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
    charged = message.response_metadata.get("cost")
    if isinstance(charged, int | float):
        return Cost(float(charged), estimated=False)
    card = getattr(model, "card", None)
    card = find_card(str(getattr(model, "model_name", ""))) if card == "auto" else card
    usage = message.usage_metadata
    if not isinstance(card, ModelCard) or card.price is None or usage is None:
        return Cost(None, estimated=False)
    dollars = (usage["input_tokens"] * card.price.input + usage["output_tokens"] * card.price.output) / _MILLION
    return Cost(dollars, estimated=True)
