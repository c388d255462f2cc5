"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy
from langchain_novastack.cards import Price

if TYPE_CHECKING:
    from langchain_novastack.costs.batch_costs import BatchCosts
    from langchain_novastack.costs.cost import Cost, cost_of, from_cache
    from langchain_novastack.costs.tracking import CostTracker, ModelCosts, track_costs

__all__ = ["BatchCosts", "Cost", "CostTracker", "ModelCosts", "Price", "cost_of", "from_cache", "track_costs"]

_MODULES = dict.fromkeys(__all__, "tracking") | {"BatchCosts": "batch_costs"}

__getattr__ = lazy(__name__, _MODULES | dict.fromkeys(("Cost", "cost_of", "from_cache"), "cost"))
