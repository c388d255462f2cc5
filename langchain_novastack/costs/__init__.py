"""What answers cost: as the gateway says, else estimated from a price the user set, else unknown."""

from langchain_novastack.cards import Price
from langchain_novastack.costs.budget import Budget, Spent
from langchain_novastack.costs.cost import BatchCosts, Cost, CostTracker, ModelCosts, cost_of, from_cache, track_costs

__all__ = ["BatchCosts", "Budget", "Cost", "CostTracker", "ModelCosts", "Price", "Spent", "cost_of", "from_cache"]
__all__ += ["track_costs"]
