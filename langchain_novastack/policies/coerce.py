"""What may serve as a policy, and how its answer becomes a `RouteDecision`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig

from langchain_novastack._lazy import public
from langchain_novastack.cards import alias_in
from langchain_novastack.policies.decision import RouteDecision

AnyPolicy: TypeAlias = Runnable[Any, Any] | Callable[[list[BaseMessage]], Any]
"""A `Policy`, or any `Runnable` or callable (sync or async) from messages to a `RouteDecision`, the name of a
task or the name of a model."""

T = TypeVar("T")

_NAME = re.compile(r"[\w./:-]{1,40}")


@public("langchain_novastack.policies")
class NoDecisionError(ValueError):
    """A policy answered something that names neither a task nor a model."""


class Catalog(NamedTuple):
    """What an answer may name, and the config of the call it is given in."""

    tasks: Mapping[str, str]
    """Alias of the model for each task name."""

    models: Mapping[str, str]
    """Alias for each name of a known model."""

    config: RunnableConfig | None = None
    """Callbacks and the like for policies that call a model."""


def check_policy(policy: T, models: Mapping[str, Any] | None = None, argument: str = "policy") -> T:
    """Return a policy that can be asked.

    Args:
        policy: What is given as one.
        models: Known models by alias, which its tasks must name; None: any may be named.
        argument: What the caller calls it, for messages.

    Raises:
        ValueError: If it is neither callable nor a Runnable, or one of its tasks names an unknown model.
    """
    if not callable(policy) and not isinstance(policy, Runnable):
        msg = f"`{argument}` must be a callable or a Runnable, got {type(policy).__name__}."
        raise ValueError(msg)  # noqa: TRY004 - bad arguments are ValueErrors in this package
    for task in getattr(policy, "tasks", ()) if models is not None else ():
        if alias_in(models or {}, task.model) is None:
            sent, known = f"{task.name!r} to {task.model!r}", ", ".join(models or ())
            msg = f"`{argument}` must send its tasks to known models ({known}), but sends {sent}."
            raise ValueError(msg)
    return policy


def by_name(models: Collection[str]) -> Mapping[str, str]:
    """Return the alias for each name: as given, or of plain aliases each for itself."""
    return models if isinstance(models, Mapping) else {alias: alias for alias in models}


def read(answer: object, policy: AnyPolicy, catalog: Catalog) -> RouteDecision:
    """Turn what a policy answered into a decision for a known model.

    Raises:
        NoDecisionError: If it names neither a task nor a model.
    """
    if isinstance(answer, RouteDecision):
        if alias := _known(answer.model, catalog):
            signed = answer.policy or policy_name(policy)
            same = (alias, signed) == (answer.model, answer.policy)
            return answer if same else answer.model_copy(update={"model": alias, "policy": signed})
    elif isinstance(answer, str):
        name = answer.strip()
        task = name if name in catalog.tasks else None
        if alias := catalog.tasks[task] if task else _known(name, catalog):
            reason = f"The policy answered {name}."
            return RouteDecision(model=alias, task=task, reason=reason, policy=policy_name(policy))
    raise NoDecisionError(_complaint(answer, policy, catalog))


def _known(name: str, catalog: Catalog) -> str | None:
    found = alias_in(catalog.models, name)
    return None if found is None else catalog.models[found]


def policy_name(policy: AnyPolicy) -> str:
    """Return the name that decisions of this policy are signed with."""
    if isinstance(policy, Runnable):
        return policy.get_name()
    return getattr(policy, "__name__", None) or type(policy).__name__


def _complaint(answer: object, policy: AnyPolicy, catalog: Catalog) -> str:
    if inspect.isawaitable(answer):
        if inspect.iscoroutine(answer):
            answer.close()  # or Python warns that it was never awaited
        got = "an awaitable in a synchronous call (use ainvoke, astream or aroute)"
    elif isinstance(answer, RouteDecision):
        got = f"a decision for an unknown model, {_quoted(answer.model)}"
    else:
        got = _quoted(answer) if isinstance(answer, str) else f"a {type(answer).__name__}"
    tasks, models = ", ".join(catalog.tasks), ", ".join(dict.fromkeys(catalog.models.values()))
    known = f"tasks: {tasks or 'none'}; models: {models or 'none'}"
    return f"`policy` must name a task or a model ({known}), but {policy_name(policy)} answered {got}."


def _quoted(name: str) -> str:
    """Quote what looks like a name; any other text may be the prompt's."""
    return repr(name) if _NAME.fullmatch(name) else f"a text of {len(name)} characters"
