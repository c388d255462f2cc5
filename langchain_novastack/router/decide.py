"""Which model a request goes to, and which rule said so. No request is sent here, but a policy may send one.

The rules, strongest first: the model the caller names; what the models can take; the tool loop under way; the
policy.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, FunctionMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack.cards import CARDS, alias_in
from langchain_novastack.chat_models.token_counting import count_characters, count_tokens
from langchain_novastack.errors import (
    DeadlineExceededError,
    NovastackContextOverflowError,
    NovastackError,
    NovastackInvalidRequestError,
)
from langchain_novastack.fallbacks.record import KEY
from langchain_novastack.policies.background import start
from langchain_novastack.policies.coerce import NoDecisionError
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.policy import aask, ask
from langchain_novastack.router.build import tasks_for
from langchain_novastack.router.capabilities import media_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig


_EARLY = 0.01
"""Seconds by which an event loop's timer may be early."""


@dataclass(slots=True)
class Call:
    """One call of a router, before anything is decided."""

    messages: list[BaseMessage]
    config: RunnableConfig
    kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments for the models."""

    model: str | None = None
    """Alias of the model the caller names."""

    fallback: bool = True
    until: float | None = None
    """Moment (`time.monotonic`, seconds) at which the call must be over."""


class Choice(NamedTuple):
    """What was decided for a call."""

    decision: RouteDecision
    pinned: bool
    able: frozenset[str]
    """Aliases of the models that can take the request."""


class Decider:
    """Decides for the models of one router."""

    def __init__(self, models: Mapping[str, BaseChatModel], default: str, policy: Any, order: Sequence[str]) -> None:
        """Prepare to decide.

        Args:
            models: The models by alias.
            default: Alias of the model for everything no task claims.
            policy: Any policy.
            order: Aliases in the order in which they stand in when the model decided for cannot take a request.
        """
        self._models = models
        self._order = order
        self._policy = policy
        tasks = getattr(policy, "tasks", ()) or tasks_for(models, default)
        self.tasks = {task.name: alias_in(models, task.model) or task.model for task in tasks}
        self._names = {name: alias for name in (*CARDS, *models) if (alias := alias_in(models, name))}
        self.policy_name = str(getattr(policy, "name", None) or getattr(policy, "__name__", type(policy).__name__))
        self._windows = {alias: (model.profile or {}).get("max_input_tokens") for alias, model in models.items()}
        self._smallest = min((window for window in self._windows.values() if window), default=None)
        self._everyone = dict.fromkeys(models, "")
        self._all = frozenset(models)

    def resolve(self, name: Any) -> str:
        """Return the alias that an alias, id or other spelling names.

        Raises:
            ValueError: If it names none of the router's models.
        """
        if alias := alias_in(self._models, name):
            return alias
        known = ", ".join(self._models)
        msg = f"`model` must name one of this router's models ({known}), got {name!r}."
        raise ValueError(msg)

    def decide(self, call: Call, config: RunnableConfig) -> Choice:
        """Decide for a call. `config` is handed to a policy that calls a model."""
        able = self._able(call)
        return self._ruled(call, able) or self._moved(self._ask(call, config), able)

    async def adecide(self, call: Call, config: RunnableConfig) -> Choice:
        """Decide for a call. `config` is handed to a policy that calls a model."""
        able = self._able(call)
        return self._ruled(call, able) or self._moved(await self._aask(call, config), able)

    def _ruled(self, call: Call, able: dict[str, str]) -> Choice | None:
        """Decide by what needs no policy: the caller's word, or the tool loop under way."""
        fit = self._fit(able)
        if call.model is not None:
            if why := able[call.model]:
                msg = f"{call.model} {why}."
                raise _unable(msg, why)
            decision = RouteDecision(model=call.model, policy="caller", reason=f"The caller named {call.model}.")
            return Choice(decision, pinned=True, able=fit)
        if not fit:
            msg = f"No model can take this request: {'; '.join(f'{alias} {why}' for alias, why in able.items())}."
            raise _unable(msg, *able.values())
        loop = self._tool_loop(call.messages)
        if loop is None:
            return None
        return Choice(loop, pinned=True, able=fit) if loop.model in fit else self._moved(loop, able)

    def _moved(self, decision: RouteDecision, able: dict[str, str]) -> Choice:
        """Keep a decision, or move it to a model that can take the request."""
        fit = self._fit(able)
        if decision.model in fit:
            return Choice(decision, pinned=False, able=fit)
        model = next(alias for alias in self._order if alias in fit)
        reason = f"{decision.model} {able[decision.model]}, so {model} answers."
        return Choice(decision.model_copy(update={"model": model, "reason": reason}), pinned=False, able=fit)

    # ---- what the models can take

    def _able(self, call: Call) -> dict[str, str]:
        """Return, for each alias, why its model cannot take the request; "" if it can."""
        images, pdfs = media_in(call.messages)
        tokens = self._tokens(call, self._smallest) if self._smallest else 0
        if not (images or pdfs or tokens):
            return self._everyone
        return {alias: self._why_not(alias, tokens, images=images, pdfs=pdfs) for alias in self._models}

    def _fit(self, able: dict[str, str]) -> frozenset[str]:
        """Return the aliases of the models that can take the request."""
        return self._all if able is self._everyone else frozenset(alias for alias, why in able.items() if not why)

    def _why_not(self, alias: str, tokens: int, *, images: bool, pdfs: bool) -> str:
        profile: Mapping[str, Any] = self._models[alias].profile or {}
        window = self._windows[alias]
        if images and profile.get("image_inputs") is False:
            return "does not take images"
        if pdfs and profile.get("pdf_inputs") is False:
            return "does not take PDFs"
        if window and tokens > window:
            return f"takes {window:,} tokens, and this prompt has about {tokens:,}"
        return ""

    @staticmethod
    def _tokens(call: Call, smallest: int) -> int:
        """Count tokens, but only where characters alone do not show that the prompt fits everywhere."""
        if count_characters(call.messages) <= smallest:
            return 0
        return count_tokens(call.messages, call.kwargs.get("tools"))

    # ---- the tool loop

    def _tool_loop(self, messages: list[BaseMessage]) -> RouteDecision | None:
        """Return the decision to stay with the model that opened the tool loop, if one is under way."""
        opener = tool_loop_opener(messages)
        if opener is None:
            return None
        metadata = opener.response_metadata
        record = metadata[KEY] if isinstance(metadata.get(KEY), dict) else {}
        alias = alias_in(self._models, record.get("model")) or alias_in(self._models, metadata.get("model_name"))
        if alias is None:
            return None
        reason = f"{alias} opened this tool loop and keeps it."
        return RouteDecision(model=alias, task=record.get("task"), policy="tool loop", reason=reason)

    # ---- the policy

    def _ask(self, call: Call, config: RunnableConfig) -> RouteDecision:
        if type(self._policy) is KeywordPolicy:
            return self._policy.decide(call.messages)  # its tasks were checked, and it answers with nothing else

        def put() -> RouteDecision:
            return ask(self._policy, call.messages, tasks=self.tasks, models=self._names, config=config)

        try:
            return put() if call.until is None else _in_time(put, call.until)
        except Exception as error:  # noqa: BLE001 - whatever a foreign policy raises
            failure = _policy_failure(error)
        raise failure

    async def _aask(self, call: Call, config: RunnableConfig) -> RouteDecision:
        if type(self._policy) is KeywordPolicy:
            return self._ask(call, config)
        asking = aask(self._policy, call.messages, tasks=self.tasks, models=self._names, config=config)
        try:
            if call.until is None:
                return await asking
            return await asyncio.wait_for(asking, max(0.0, call.until - monotonic()))
        except asyncio.TimeoutError as error:
            late = call.until is not None and monotonic() > call.until - _EARLY
            failure = _late() if late else _policy_failure(error)
        except Exception as error:  # noqa: BLE001 - whatever a foreign policy raises
            failure = _policy_failure(error)
        raise failure


def _in_time(put: Callable[[], RouteDecision], until: float) -> RouteDecision:
    """Ask in a thread, so that a policy that hangs does not hold the call beyond its deadline."""
    asked = start(put, "novastack-policy")
    try:
        return asked.result(max(0.0, until - monotonic()))
    except FutureTimeoutError:
        if asked.done():
            raise  # the policy's own
    raise _late()


def _late() -> DeadlineExceededError:
    return DeadlineExceededError("The `policy` did not decide within the deadline of the call.")


def _policy_failure(error: Exception) -> Exception:
    """Return a `ValueError` that names the policy; errors that mean something to the caller stay as they are."""
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration):
        error = error.__cause__  # which cannot leave a thread or a coroutine as it is
    bubbles = type(error).__module__.startswith("langgraph")
    if isinstance(error, NovastackError | NoDecisionError) or bubbles:
        return error
    failure = ValueError(f"`policy` raised {type(error).__name__}.")
    failure.__cause__ = error
    return failure


def _unable(message: str, *reasons: str) -> NovastackError:
    if all("tokens" in why for why in reasons):
        return NovastackContextOverflowError(message)
    return NovastackInvalidRequestError(message)


def tool_loop_opener(messages: Sequence[BaseMessage]) -> AIMessage | None:
    """Return the assistant message that opened the tool loop under way; None if none is.

    A loop is under way when the last message, but for system messages, is a tool's result. It was
    opened by the first assistant message with tool calls after the last human message.
    """
    last = next((message for message in reversed(messages) if not isinstance(message, SystemMessage)), None)
    if not isinstance(last, ToolMessage | FunctionMessage):
        return None
    opener = None
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        if isinstance(message, AIMessage) and message.tool_calls:
            opener = message
    return opener
