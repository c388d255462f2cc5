"""What may serve as a policy, and how its answer becomes a `RouteDecision`.

Decision models (langchain-core 1.8) are imported once there is one: older versions of core have none.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from itertools import islice
from typing import Any, NamedTuple, TypeAlias, TypeVar

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig

from langchain_novastack._lazy import public
from langchain_novastack.cards import alias_in
from langchain_novastack.policies.conversation import requests
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.tasks import DEFAULT_TASKS, Task
from langchain_novastack.validation import bad_argument

AnyPolicy: TypeAlias = Runnable[Any, Any] | Callable[[list[BaseMessage]], Any]
"""A `Policy`, or any `Runnable` or callable (sync or async) from messages to a `RouteDecision`, the name of a
task or the name of a model."""

T = TypeVar("T")

QUESTION = "task"  # id of the one question that a decision model is asked
INSTRUCTIONS = "Which of these kinds of work does the user's last request ask for? Earlier requests are context."

_SHOWN = 4  # requests of a conversation that it is shown: the last one, and up to three before it
_NAME = re.compile(r"[\w./:-]{1,40}")


@public("langchain_novastack.policies")
class NoDecisionError(ValueError):
    """A policy answered something that names neither a task nor a model."""


class Catalog(NamedTuple):
    """What an answer may name, and the config of the call it is given in."""

    tasks: Mapping[str, str]  # alias of the model for each task name
    models: Mapping[str, str]  # alias for each name of a known model
    config: RunnableConfig | None  # callbacks and the like for policies that call a model
    described: Mapping[str, Task]  # the tasks themselves by name, where a policy has them

    @classmethod
    def of(
        cls,
        tasks: Mapping[str, str],
        models: Collection[str],
        config: RunnableConfig | None = None,
        described: Mapping[str, Task] | None = None,
    ) -> Catalog:
        """Return the catalog; `models` are known aliases, or the alias for each known name."""
        by_name = models if isinstance(models, Mapping) else {alias: alias for alias in models}
        return cls(tasks, by_name, config, described or {})


def core_decisions(argument: str) -> Any:
    """Return core's module of decision models; a `ValueError` that names the argument where core has none."""
    try:
        return import_module("langchain_core.decisions")
    except ImportError as error:
        raise bad_argument(argument, "be used with langchain-core 1.8 or newer, which has decision models") from error


def is_decision_model(policy: object) -> bool:
    """Tell whether something is a decision model."""
    return any(kind.__name__ == "BaseDecisionModel" for kind in type(policy).__mro__)


def check_policy(policy: T, models: Mapping[str, Any] | None = None, argument: str = "policy") -> T:
    """Return a policy that can be asked; its tasks must name known `models` (by alias; None: any may be named)."""
    if isinstance(policy, type) and issubclass(policy, Runnable):
        raise bad_argument(argument, "be a callable or a Runnable", f"the class {policy.__name__}")
    if not callable(policy) and not isinstance(policy, Runnable):
        raise bad_argument(argument, "be a callable or a Runnable", type(policy).__name__)
    if is_decision_model(policy):
        core_decisions(argument)
    for task in getattr(policy, "tasks", ()) if models is not None else ():
        if alias_in(models or {}, task.model) is None:
            must = f"send its tasks to known models ({', '.join(models or ())})"
            raise bad_argument(argument, f"{must}, but sends {task.name!r} to {task.model!r}")
    return policy


def read(answer: object, policy: AnyPolicy, catalog: Catalog) -> RouteDecision:
    """Turn what a policy answered into a decision for a known model.

    Raises:
        NoDecisionError: If it names neither a task nor a model.
    """
    name = answer.model if isinstance(answer, RouteDecision) else answer.strip() if isinstance(answer, str) else ""
    task = name if isinstance(answer, str) and name in catalog.tasks else None
    alias = catalog.tasks[task] if task else catalog.models.get(alias_in(catalog.models, name) or "")
    if not alias:
        raise NoDecisionError(_complaint(answer, policy, catalog))
    if not isinstance(answer, RouteDecision):
        reason = f"The policy answered {name}."
        known = catalog.described.get(task or "")
        settings = known.settings if known else {}
        return RouteDecision(model=alias, task=task, reason=reason, policy=policy_name(policy), settings=settings)
    signed = answer.policy or policy_name(policy)
    same = (alias, signed) == (answer.model, answer.policy)
    return answer if same else answer.model_copy(update={"model": alias, "policy": signed})


def steers(error: BaseException) -> bool:
    """Tell whether an error is not a failure but how LangGraph leaves a node: an interrupt, a command to a parent."""
    return type(error).__module__.startswith("langgraph")


def policy_name(policy: AnyPolicy) -> str:
    """Return the name that decisions of this policy are signed with."""
    if isinstance(policy, Runnable):
        return policy.get_name()
    return getattr(policy, "__name__", None) or type(policy).__name__


def _complaint(answer: object, policy: AnyPolicy, catalog: Catalog) -> str:
    if inspect.iscoroutine(answer):
        answer.close()  # or Python warns that it was never awaited
    got = _quoted(answer) if isinstance(answer, str) else f"a {type(answer).__name__}"
    if inspect.isawaitable(answer):
        got = "an awaitable in a synchronous call (use ainvoke, astream or aroute)"
    elif isinstance(answer, RouteDecision):
        got = f"a decision for an unknown model, {_quoted(answer.model)}"
    tasks, models = ", ".join(catalog.tasks), ", ".join(dict.fromkeys(catalog.models.values()))
    known = f"tasks: {tasks or 'none'}; models: {models or 'none'}"
    return f"`policy` must name a task or a model ({known}), but {policy_name(policy)} answered {got}."


def _quoted(name: str) -> str:
    """Quote what looks like a name; any other text may be the prompt's."""
    return repr(name) if _NAME.fullmatch(name) else f"a text of {len(name)} characters"


def exchange(
    policy: Any, messages: list[BaseMessage], catalog: Catalog
) -> tuple[Any, Callable[[Any], RouteDecision | object]]:
    """Return what a Runnable is asked, and how its answer is read: messages, or for a decision model one `Choice`."""
    if not is_decision_model(policy):
        return [*messages], lambda answer: answer  # a copy: what is sent is not a policy's to change
    tasks = {**{task.name: task for task in DEFAULT_TASKS}, **catalog.described}
    criteria = {name: (tasks[name].summary if name in tasks else "") or None for name in catalog.tasks}
    asked = [messages[at] for at, _ in islice(requests(messages), _SHOWN)][::-1] or messages[-1:]
    choice = core_decisions("policy").Choice(instructions=INSTRUCTIONS, criteria=criteria)
    return {"state": asked, "questions": {QUESTION: choice}}, lambda answer: _chosen(answer, policy, catalog)


def _chosen(response: Any, policy: Any, catalog: Catalog) -> RouteDecision | object:
    """Return the decision for the task that was chosen; what names none of the tasks is returned as it is."""
    answer: Any = getattr(response, "answers", {}).get(QUESTION)
    task: Any = getattr(answer, "choice", None)
    if task not in catalog.tasks:
        unknown: object = response if answer is None else task
        return unknown
    given = {name: max(0.0, answer.probabilities.get(name, 0.0)) for name in catalog.tasks}
    total = sum(given.values())
    described = catalog.described.get(task)
    return RouteDecision(
        model=catalog.tasks[task],
        task=task,
        confidence=answer.confidence,
        reason=f"The decision model chose {task}.",
        policy=policy_name(policy),
        probabilities={name: value / total for name, value in given.items()} if total else {},
        settings=described.settings if described else {},
    )
