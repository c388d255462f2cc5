"""Which model a request goes to, and which rule said so. No request is sent here, but a policy may send one.

The rules, strongest first: the model the caller names; a budget that is spent; what the models can take; the tool loop
under way; a budget that is nearly spent; the policy.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from langchain_core.messages import AIMessage, FunctionMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack.cards import alias_in
from langchain_novastack.errors import NovastackContextOverflowError, NovastackError, NovastackInvalidRequestError
from langchain_novastack.fallbacks.record import Decided, Record
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.router.ask_policy import PolicyCaller
from langchain_novastack.router.build import branches_for, policy_for, prices_for, tasks_for
from langchain_novastack.router.capabilities import fitting, obstacles
from langchain_novastack.tasks import listed_tasks
from langchain_novastack.tracing import ROUTING
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import RunnableConfig
    from langchain_openai import ChatOpenAI

    from langchain_novastack.fallbacks.candidate import Plan
    from langchain_novastack.router.call import Call
    from langchain_novastack.router.fields import RouterFields

_IN, _OUT = 3, 1  # tokens of the request by which models are compared for their price


class Decider:
    """What follows from the fields of a router: its models, the branches, and what decides among them."""

    def __init__(self, router: RouterFields, models: dict[str, ChatOpenAI]) -> None:
        """Prepare to decide; the default is also the first choice when the model decided for cannot take a request."""
        self.models, self.default = models, alias_in(models, router.default) or router.default
        self.branches = branches_for(router, models, self.default)
        self.lines = {alias: branch.line() for alias, branch in self.branches.items()}
        policy = policy_for(router.policy, models, self.default)
        self._budget, self._fit, self._prices = router.budget, router.fit, prices_for(router.budget, models)
        self._order = [self.default, *models]
        self._cheapest = sorted(self._prices, key=lambda alias: self._prices[alias].of(_IN, _OUT)) + self._order
        tasks = listed_tasks(policy) or tasks_for(models, self.default)
        self.tasks = {task.name: alias_in(models, task.model) or task.model for task in tasks}
        self._settings = {task.name: task.settings for task in tasks if task.settings}
        self._profiles: dict[str, Mapping[str, Any]] = {alias: model.profile or {} for alias, model in models.items()}
        windows = (profile.get("max_input_tokens") for profile in self._profiles.values())
        self._smallest = min(filter(None, windows), default=0)
        self._policy = PolicyCaller(policy, self.tasks, models)
        self.policy_name = self._policy.name

    def resolve(self, name: object) -> str:
        """Return the alias that an alias, id or other spelling names; a `ValueError` for none of these models."""
        if alias := alias_in(self.models, name):
            return alias
        raise bad_argument("model", f"name one of this router's models ({', '.join(self.models)})", repr(name))

    def decide(self, call: Call, config: RunnableConfig) -> RouteDecision:
        """Decide for a call. `config` is handed to a policy that calls a model."""
        return self._ruled(call) or self._moved(call, self._policy.ask(call, config))

    async def adecide(self, call: Call, config: RunnableConfig) -> RouteDecision:
        """Decide for a call. `config` is handed to a policy that calls a model."""
        return self._ruled(call) or self._moved(call, await self._policy.aask(call, config))

    def planned(self, call: Call, decision: RouteDecision, *, listened: bool) -> tuple[Any, Plan]:
        """Return the branch and the plan for a decision."""
        branch, line = self.branches[decision.model], self.lines[decision.model]
        short = frozenset(alias for alias, why in call.obstacles.items() if self._fit and why.startswith("takes"))
        unable = call.obstacles.keys() - short if call.fallback else self.models
        able = [line[0], *(one for one in line[1:] if one.alias not in unable)] if unable else line
        plan = branch.plan(call.messages, able)
        plan.record, plan.until, plan.parser = Record(Decided.of(decision), pinned=call.pinned), call.until, call.parser
        plan.tags, plan.listened = (f"route:{decision.task}",) if decision.task else (), listened
        if decision.settings:
            plan.spells_effort = "reasoning_effort" not in call.kwargs
            call.kwargs = {**decision.settings, **call.kwargs}
        if self._budget is not None:
            plan.meter = self._budget.meter(call.config, call.messages, call.kwargs.get("tools"), self._prices)
        if short:
            plan.short, plan.fit = short, fitting(self._fit, call.kwargs.get("tools"))
        return branch, plan

    def _ruled(self, call: Call) -> RouteDecision | None:
        """Decide by what needs no policy: the caller's word, or the tool loop under way."""
        call.obstacles = obstacles(call, self._profiles, self._smallest)
        call.pinned = call.model is not None
        if call.model is not None:
            if why := call.obstacles.get(call.model):
                msg = f"{call.model} {why}."
                raise _unable(msg, why)
            return RouteDecision(model=call.model, policy="caller", reason=f"The caller named {call.model}.")
        share = 0.0 if self._budget is None else self._budget.share(call.config)
        if len(call.obstacles) == len(self.models):
            reasons = "; ".join(f"{alias} {why}" for alias, why in call.obstacles.items())
            msg = f"No model can take this request: {reasons}."
            raise _unable(msg, *call.obstacles.values())
        loop = tool_loop_decision(call.messages, self.models, self._settings)
        if loop is None:
            return self._thrifty(share, call)
        call.pinned = loop.model not in call.obstacles
        return self._moved(call, loop)

    def _thrifty(self, share: float, call: Call) -> RouteDecision | None:
        """Decide for the cheapest model that can take the request, where not much of a budget is left."""
        if self._budget is None or share < self._budget.degrade_at:
            return None
        model = next(alias for alias in self._cheapest if alias not in call.obstacles)
        reason = f"{share:.0%} of the budget is spent, so {model} answers."
        return RouteDecision(model=model, policy="budget", reason=reason)

    def _moved(self, call: Call, decision: RouteDecision) -> RouteDecision:
        """Keep a decision, or move it to a model that can take the request."""
        if decision.model not in call.obstacles:
            return decision
        model = next(alias for alias in self._order if alias not in call.obstacles)
        reason = f"{decision.model} {call.obstacles[decision.model]}, so {model} answers."
        return decision.model_copy(update={"model": model, "reason": reason})


def _unable(message: str, *reasons: str) -> NovastackError:
    overflow = all("tokens" in why for why in reasons)
    return (NovastackContextOverflowError if overflow else NovastackInvalidRequestError)(message)


def tool_loop_decision(messages: list[BaseMessage], models: Any, settings: dict[Any, Any]) -> RouteDecision | None:
    """Return the decision to stay with the model that opened the tool loop; None if no loop is under way.

    That is read from the messages, without session ids or a store. A loop is under way when the last message, but for
    system messages, is a tool's result; the first assistant message with tool calls after the last request opened it.
    """
    last = next((message for message in reversed(messages) if not isinstance(message, SystemMessage)), None)
    if not isinstance(last, ToolMessage | FunctionMessage):
        return None
    since = takewhile(lambda message: not isinstance(message, HumanMessage), reversed(messages))
    callers = [message for message in since if isinstance(message, AIMessage) and message.tool_calls]
    metadata = callers[-1].response_metadata if callers else {}
    record = metadata[ROUTING] if isinstance(metadata.get(ROUTING), dict) else {}
    alias = alias_in(models, record.get("model")) or alias_in(models, metadata.get("model_name"))
    if alias is None:
        return None
    task, reason = record.get("task"), f"{alias} opened this tool loop and keeps it."
    return RouteDecision(model=alias, task=task, policy="tool loop", reason=reason, settings=settings.get(task, {}))
