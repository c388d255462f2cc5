"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy
from langchain_novastack.cards import Price

if TYPE_CHECKING:
    from langchain_novastack.costs.budget import Budget, Spent
    from langchain_novastack.costs.cost import BatchCosts, Cost, cost_of, from_cache
    from langchain_novastack.costs.tracking import CostTracker, ModelCosts, track_costs

__all__ = ["BatchCosts", "Budget", "Cost", "CostTracker", "ModelCosts", "Price", "Spent", "cost_of", "from_cache"]
__all__ += ["track_costs"]

_MODULES = dict.fromkeys(__all__, "tracking") | dict.fromkeys(("Budget", "Spent"), "budget")

__getattr__ = lazy(__name__, _MODULES | dict.fromkeys(("BatchCosts", "Cost", "cost_of", "from_cache"), "cost"))
