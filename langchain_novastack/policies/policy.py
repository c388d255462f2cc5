"""What a policy is, and how any policy is asked."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from abc import ABC, abstractmethod
from concurrent.futures import Future
from contextvars import copy_context
from copy import deepcopy
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, cast

from langchain_core.runnables import Runnable, RunnableConfig, RunnableSerializable
from langchain_core.runnables.config import ensure_config, run_in_executor, set_config_context
from langchain_core.runnables.utils import coro_with_context
from pydantic import AfterValidator, ConfigDict, Field, field_validator

from langchain_novastack._lazy import public
from langchain_novastack.cards import CARDS
from langchain_novastack.policies.coerce import AnyPolicy, Catalog, asked_of, check_policy, core_decisions, read, steers
from langchain_novastack.policies.conversation import PolicyInput, to_messages
from langchain_novastack.policies.decision import RouteDecision, unchecked
from langchain_novastack.tasks import DEFAULT_TASKS, Task, default_task, listed_tasks, tasks_of
from langchain_novastack.transport.both_ways import run, step
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from langchain_core.decisions import BaseDecisionModel
    from langchain_core.messages import BaseMessage
    from typing_extensions import Self

logger = logging.getLogger("langchain_novastack")
T = TypeVar("T")


class Policy(RunnableSerializable[PolicyInput, RouteDecision], ABC):
    """Chooses a model for a request. A subclass writes `decide`, and `adecide` if it need not use a thread.

    `invoke` and `ainvoke` add no run of their own to the trace, so a policy costs what its `decide` costs.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True, extra="forbid")

    @abstractmethod
    def decide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Choose the model for a conversation, oldest message first (it may be empty); `or_else` asks on if unsure."""

    async def adecide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Choose the model for a conversation without blocking the event loop: `decide` in a thread."""
        return await run_in_executor(None, self.decide, messages)

    async def answer(self, messages: list[BaseMessage], catalog: Catalog) -> RouteDecision:
        """Decide with the caller's tasks, models and config at hand, in a call of either kind."""
        return self.decide(messages) if catalog.sync else await self.adecide(messages)

    def __getstate__(self) -> dict[Any, Any]:
        """Keep the fields; what a policy has found out since it was built, a pickle or copy finds out again."""
        state = super().__getstate__()
        fields = {name: value for name, value in state["__dict__"].items() if name in type(self).model_fields}
        return {**state, "__dict__": fields}

    def __copy__(self) -> Self:
        """Copy the fields."""
        copied = super().__copy__()
        copied.__setstate__(copied.__getstate__())
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy the fields and what they hold."""
        copied = self.__copy__()
        copied.__dict__.update(deepcopy(copied.__dict__, memo))
        return copied

    def __call__(self, input: PolicyInput) -> RouteDecision:
        """Decide about a prompt or a conversation."""
        return self.invoke(input)

    def invoke(self, input: PolicyInput, config: RunnableConfig | None = None, **_: Any) -> RouteDecision:
        """Decide about what a chat model can be asked (else a `ValueError`); a model that is asked gets `config`."""
        return run(self.answer(to_messages(input), self._catalog(config, sync=True)))

    async def ainvoke(self, input: PolicyInput, config: RunnableConfig | None = None, **_: Any) -> RouteDecision:
        """Async twin of `invoke`."""
        return await self.answer(to_messages(input), self._catalog(config, sync=False))

    def _catalog(self, config: RunnableConfig | None, *, sync: bool) -> Catalog:
        """Return what the policy may name when it is asked on its own, without a router."""
        tasks = {task.name: task.model for task in tasks_of(self)}
        return Catalog.of(tasks, [*CARDS, *tasks.values()], config, sync=sync)

    unsure: ClassVar[float] = 0.5  # confidence under which `or_else` asks the second policy, unless it is told another

    def or_else(self, other: AnyPolicy, *, below: float | None = None) -> OrElse:
        """Return a policy that asks `other`, any policy, when this one's confidence is under `below` (None: `unsure`).

        The answer of `other` stands, unless it is unsure itself and less confident than this one's.
        """
        return OrElse(first=self, second=other, below=self.unsure if below is None else below)

    def as_decision_model(self) -> BaseDecisionModel:
        """Return this policy as a decision model of langchain-core 1.8, for LangChain's `ModelRouterMiddleware`.

        See `PolicyDecisionModel`. A `KeywordPolicy` needs no network for it.

        Raises:
            ValueError: With langchain-core 1.7, which has no decision models.
        """
        core_decisions("as_decision_model")
        kind: Any = resolve_name("langchain_novastack.policies.offline_classifier:PolicyDecisionModel")
        return cast("BaseDecisionModel", kind(model=self.get_name(), policy=self))


class TaskPolicy(Policy):
    """A policy that sorts requests into tasks."""

    tasks: tuple[Task, ...] = Field(default=DEFAULT_TASKS, min_length=1)
    """The tasks. The one named `general`, else the last, gets every request that no other claims."""

    def to_json(self) -> Any:
        """Describe the policy for `dumps`, without what is as it is by default."""
        described: Any = super().to_json()
        fields = type(self).model_fields
        described["kwargs"] = {k: v for k, v in described.get("kwargs", {}).items() if v != fields[k].default}
        return described

    @field_validator("tasks")
    @classmethod
    def _unique(cls, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        names = [task.name for task in tasks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise bad_argument("tasks", f"have names of their own, but {', '.join(twice)} is there twice")
        return tasks

    @cached_property
    def default(self) -> Task:
        """The task for requests that no other task claims."""
        return default_task(self.tasks)

    def decision(self, task: Task, confidence: float, reason: str, **found: Any) -> RouteDecision:
        """Spell out the decision for a task, signed by this policy; `found` are other fields of it."""
        fields: dict[str, Any] = {"model": task.model, "task": task.name, "confidence": confidence, "reason": reason}
        fields |= {"matched": (), "policy": self.name or type(self).__name__, "weighed": (), "settings": task.settings}
        return unchecked({**fields, "probabilities": {}, **found})

    def guess(self, reason: str, **found: Any) -> RouteDecision:
        """Spell out the decision for the default task where nothing was found out; see `decision`."""
        return self.decision(self.default, 0.3, reason, **found)


class AskingPolicy(Policy):
    """A policy that asks others: it writes `answer`, since they need the caller's config."""

    def decide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Decide without a caller."""
        return self.invoke(messages)

    async def adecide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Async twin of `decide`."""
        return await self.ainvoke(messages)


@public("langchain_novastack.policies")
class OrElse(AskingPolicy):
    """Asks a second policy when the first is unsure: when its confidence is under `below`. Made by `Policy.or_else`."""

    first: Policy
    second: Annotated[Any, AfterValidator(lambda policy: check_policy(policy, argument="other"))]
    below: float = Field(default=0.5, ge=0.0, le=1.0)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of both policies; where a name stands twice, the first policy's."""
        first, second = map(listed_tasks, (self.first, self.second))
        known = {task.name for task in first}
        return (*first, *(task for task in second if task.name not in known))

    async def answer(self, messages: list[BaseMessage], catalog: Catalog) -> RouteDecision:
        """Decide, handing the caller's tasks, models and config to both policies."""
        first = await self.first.answer(messages, catalog)
        if not first.is_unsure(self.below):
            return first
        try:
            catalog = catalog._replace(described={task.name: task for task in self.tasks})
            second = await _answered(self.second, messages, catalog)
        except Exception as error:  # whatever a foreign policy raises
            if steers(error):
                raise
            logger.warning("The second policy failed (%s); the first one's decision stands", type(error).__name__)
            reason = f"{first.reason} The second policy failed ({type(error).__name__})."
            return first.model_copy(update={"reason": reason})
        # Of two guesses the surer one stands: they count by other measures.
        return first if second.is_unsure() and second.confidence < first.confidence else second


def ask(
    policy: AnyPolicy,
    messages: list[BaseMessage],
    *,
    tasks: Mapping[str, str],
    models: Collection[str],
    config: RunnableConfig | None = None,
) -> RouteDecision:
    """Ask any policy about a conversation, oldest message first; the decision's `model` is one of `models`.

    `tasks` has the alias of the model for each task name (a name that is both a task and a model means the task),
    `models` known aliases, or the alias for each known name; `config` is handed to Runnables. What the policy raises is
    raised unchanged.

    Raises:
        ValueError: If the answer names neither a task nor a model, or has to be awaited.
    """
    return run(_answered(policy, messages, Catalog.of(tasks, models, config, sync=True)))


async def aask(policy: AnyPolicy, messages: list[BaseMessage], **known: Any) -> RouteDecision:
    """Async twin of `ask`, with the same arguments. Async callables are awaited; sync ones run in a thread."""
    return await _answered(policy, messages, Catalog.of(**known))


async def _answered(policy: AnyPolicy, messages: list[BaseMessage], catalog: Catalog) -> RouteDecision:
    if isinstance(policy, Policy):
        answer: object = await policy.answer(messages, catalog)
    elif isinstance(policy, Runnable):
        put = policy.invoke if catalog.sync else policy.ainvoke
        answer = await step(put(asked_of(policy, messages, catalog), catalog.config))
    else:
        answer = await _called(policy, [*messages], catalog)
    return read(answer, policy, catalog)


async def _called(policy: Any, messages: list[BaseMessage], catalog: Catalog) -> object:
    """Call a plain function, or await it; its models' runs are under the caller's."""
    with set_config_context(ensure_config(catalog.config)) as context:
        if catalog.sync:
            return context.run(policy, messages)
        if inspect.iscoroutinefunction(policy) or inspect.iscoroutinefunction(type(policy).__call__):
            answer = await coro_with_context(policy(messages), context)
        else:
            inside = context.copy()  # if the call is cut, the thread may still be in there
            answer = await asyncio.wrap_future(start(lambda: inside.run(policy, messages), "novastack-policy"))
        return await answer if inspect.isawaitable(answer) else answer


def start(call: Callable[[], T], name: str) -> Future[T]:
    """Call in a thread of its own with this name, in a copy of the context; return the future of the answer.

    The threads of an executor are joined when an event loop shuts down and when Python exits, so that one call that
    hangs would hold up both; this is a daemon.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # a thread cannot be cancelled, only left to itself

    async def called() -> T:
        return call()

    def work() -> None:
        try:
            future.set_result(run(called()))  # a coroutine, of which a StopIteration comes as one that a future takes
        except BaseException as error:  # noqa: BLE001 - raised where the result is waited for
            future.set_exception(error)

    threading.Thread(target=copy_context().run, args=(work,), name=name, daemon=True).start()
    return future
