"""Which model a request goes to, and which rule said so. No request is sent here, but a policy may send one.

The rules, strongest first: the model the caller names; a budget that is spent; what the models can take; the tool loop
under way; a budget that is nearly spent; the policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack.cards import alias_in
from langchain_novastack.errors import NovastackContextOverflowError, NovastackError, NovastackInvalidRequestError
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.router.ask_policy import PolicyCaller
from langchain_novastack.router.build import prices_for, tasks_for
from langchain_novastack.router.call import Call, Choice
from langchain_novastack.router.capabilities import Capabilities
from langchain_novastack.router.tool_loop import tool_loop_decision
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.costs.budget import Budget
    from langchain_novastack.policies.coerce import AnyPolicy

_IN, _OUT = 3, 1
"""Tokens in and out of the request by which models are compared for their price."""


class Decider:
    """Decides for the models of one router."""

    def __init__(
        self, models: Mapping[str, BaseChatModel], default: str, policy: AnyPolicy, budget: Budget | None = None
    ) -> None:
        """Prepare to decide; `default` is also the first choice when the model decided for cannot take a request.

        Raises:
            ValueError: If the budget is in dollars, and a model has no price.
        """
        self._budget, self.prices = budget, prices_for(budget, models)
        self._models = models
        self._order = [default, *models]
        self._cheapest = sorted(self.prices, key=lambda alias: self.prices[alias].of(_IN, _OUT)) + self._order
        tasks = getattr(policy, "tasks", ()) or tasks_for(models, default)
        self.tasks = {task.name: alias_in(models, task.model) or task.model for task in tasks}
        self._settings = {task.name: task.settings for task in tasks if task.settings}
        self._capabilities = Capabilities(models)
        self._policy = PolicyCaller(policy, self.tasks, models)
        self.policy_name = self._policy.name

    def resolve(self, name: object) -> str:
        """Return the alias that an alias, id or other spelling names.

        Raises:
            ValueError: If it names none of the router's models.
        """
        if alias := alias_in(self._models, name):
            return alias
        raise bad_argument("model", f"name one of this router's models ({', '.join(self._models)})", repr(name))

    def decide(self, call: Call, config: RunnableConfig) -> Choice:
        """Decide for a call. `config` is handed to a policy that calls a model."""
        obstacles = self._capabilities.obstacles(call)
        return self._ruled(call, obstacles) or self._moved(self._policy.ask(call, config), obstacles)

    async def adecide(self, call: Call, config: RunnableConfig) -> Choice:
        """Decide for a call. `config` is handed to a policy that calls a model."""
        obstacles = self._capabilities.obstacles(call)
        return self._ruled(call, obstacles) or self._moved(await self._policy.aask(call, config), obstacles)

    def short(self, call: Call) -> frozenset[str]:
        """Return the aliases of the models that only their window keeps from taking a request."""
        return self._capabilities.short(self._capabilities.obstacles(call))

    def _ruled(self, call: Call, obstacles: dict[str, str]) -> Choice | None:
        """Decide by what needs no policy: the caller's word, or the tool loop under way."""
        capable = self._capabilities.capable(obstacles)
        if call.model is not None:
            if why := obstacles[call.model]:
                msg = f"{call.model} {why}."
                raise _unable(msg, why)
            decision = RouteDecision(model=call.model, policy="caller", reason=f"The caller named {call.model}.")
            return Choice(decision, pinned=True, capable=capable)
        share = 0.0 if self._budget is None else self._budget.share(call.config)
        if not capable:
            msg = f"No model can take this request: {'; '.join(f'{alias} {why}' for alias, why in obstacles.items())}."
            raise _unable(msg, *obstacles.values())
        loop = tool_loop_decision(call.messages, self._models)
        if loop is None:
            return self._thrifty(share, capable)
        if loop.task in self._settings:
            loop = loop.model_copy(update={"settings": self._settings[loop.task]})
        return Choice(loop, pinned=True, capable=capable) if loop.model in capable else self._moved(loop, obstacles)

    def _thrifty(self, share: float, capable: frozenset[str]) -> Choice | None:
        """Decide for the cheapest model that can take the request, where not much of a budget is left."""
        if self._budget is None or share < self._budget.degrade_at:
            return None
        model = next(alias for alias in self._cheapest if alias in capable)
        reason = f"{share:.0%} of the budget is spent, so {model} answers."
        return Choice(RouteDecision(model=model, policy="budget", reason=reason), pinned=False, capable=capable)

    def _moved(self, decision: RouteDecision, obstacles: dict[str, str]) -> Choice:
        """Keep a decision, or move it to a model that can take the request."""
        capable = self._capabilities.capable(obstacles)
        if decision.model in capable:
            return Choice(decision, pinned=False, capable=capable)
        model = next(alias for alias in self._order if alias in capable)
        reason = f"{decision.model} {obstacles[decision.model]}, so {model} answers."
        return Choice(decision.model_copy(update={"model": model, "reason": reason}), pinned=False, capable=capable)


def _unable(message: str, *reasons: str) -> NovastackError:
    if all("tokens" in why for why in reasons):
        return NovastackContextOverflowError(message)
    return NovastackInvalidRequestError(message)
