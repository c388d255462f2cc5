"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy
from langchain_novastack.cards import Price

if TYPE_CHECKING:
    from langchain_novastack.costs.budget import Budget, Spent
    from langchain_novastack.costs.cost import Cost, cost_of, from_cache
    from langchain_novastack.costs.tracking import BatchCosts, CostTracker, ModelCosts, track_costs

__all__ = ["BatchCosts", "Budget", "Cost", "CostTracker", "ModelCosts", "Price", "Spent", "cost_of", "from_cache"]
__all__ += ["track_costs"]

_ELSEWHERE = {"Budget": "budget", "Spent": "budget", "Cost": "cost", "cost_of": "cost", "from_cache": "cost"}

__getattr__ = lazy(__name__, dict.fromkeys(__all__, "tracking") | _ELSEWHERE)
