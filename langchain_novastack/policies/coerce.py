"""What may serve as a policy, and how its answer becomes a `RouteDecision`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, TypeVar

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig

from langchain_novastack._lazy import public
from langchain_novastack.cards import alias_in
from langchain_novastack.policies.conversation import SHOWN, requests
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.tasks import DEFAULT_TASKS, Task, listed_tasks
from langchain_novastack.validation import bad_argument

AnyPolicy: TypeAlias = Runnable[Any, Any] | Callable[[list[BaseMessage]], Any]
"""A `Policy`, or any `Runnable` or callable (sync or async) from messages to a `RouteDecision`, the name of a
task or the name of a model."""

T = TypeVar("T")

QUESTION_ID = "task"  # id of the one question that a decision model is asked
INSTRUCTIONS = "Which of these kinds of work does the user's last request ask for? Earlier requests are context."

_NAME = re.compile(r"[\w./:-]{1,40}")


@public("langchain_novastack.policies")
class NoDecisionError(ValueError):
    """A policy answered something that names neither a task nor a model."""


class Catalog(NamedTuple):
    """What an answer may name, and the call it is given in."""

    tasks: Mapping[str, str]  # alias of the model for each task name
    models: Mapping[str, str]  # alias for each name of a known model
    config: RunnableConfig | None  # callbacks and the like for policies that call a model
    sync: bool  # whether it is a sync call, in which no policy is awaited
    described: Mapping[str, Task] = MappingProxyType({})  # the tasks themselves, where a policy has them

    @classmethod
    def of(cls, tasks: Mapping[str, str], models: Iterable[str], config: Any = None, *, sync: bool = False) -> Catalog:
        """Return the catalog; `models` are known aliases, or the alias for each known name."""
        return cls(tasks, models if isinstance(models, Mapping) else {name: name for name in models}, config, sync)


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
    is_class = isinstance(policy, type) and issubclass(policy, Runnable)
    if is_class or not (callable(policy) or isinstance(policy, Runnable)):
        raise bad_argument(argument, "be a callable or a Runnable", f"{policy if is_class else type(policy).__name__}")
    if is_decision_model(policy):
        core_decisions(argument)
    for task in listed_tasks(policy) if models is not None else ():
        if alias_in(models or {}, task.model) is None:
            must = f"send its tasks to known models ({', '.join(models or ())})"
            raise bad_argument(argument, f"{must}, but sends {task.name!r} to {task.model!r}")
    return policy


def read(answer: object, policy: AnyPolicy, catalog: Catalog) -> RouteDecision:
    """Turn what a policy answered into a decision for a known model; a `NoDecisionError` if it names none."""
    found: dict[str, Any] = {}
    if is_decision_model(policy):
        answer, found = _chosen(answer, catalog)
    decision = answer
    if isinstance(answer, str):
        name = answer.strip()
        task = name if name in catalog.tasks else None
        known = catalog.described.get(task or "")
        found = {"reason": f"The policy answered {name}.", "settings": known.settings if known else {}, **found}
        decision = RouteDecision(model=catalog.tasks.get(name, name), task=task, **found)
    named = decision.model if isinstance(decision, RouteDecision) else ""
    alias = catalog.models.get(alias_in(catalog.models, named) or "")
    if not alias or not isinstance(decision, RouteDecision):
        raise NoDecisionError(_complaint(answer, policy, catalog))
    signed = decision.policy or policy_name(policy)
    same = (alias, signed) == (decision.model, decision.policy)
    return decision if same else decision.model_copy(update={"model": alias, "policy": signed})


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


def asked_of(policy: Any, messages: list[BaseMessage], catalog: Catalog) -> Any:
    """Return what a Runnable is asked: the messages, or for a decision model one `Choice` about the last requests."""
    if not is_decision_model(policy):
        return [*messages]  # a copy: what is sent is not a policy's to change
    tasks = {**{task.name: task for task in DEFAULT_TASKS}, **catalog.described}
    criteria = {name: (tasks[name].summary if name in tasks else "") or None for name in catalog.tasks}
    asked = [messages[at] for at, _ in islice(requests(messages), SHOWN)][::-1] or messages[-1:]
    choice = core_decisions("policy").Choice(instructions=INSTRUCTIONS, criteria=criteria)
    return {"state": asked, "questions": {QUESTION_ID: choice}}


def _chosen(response: Any, catalog: Catalog) -> tuple[object, dict[str, Any]]:
    """Return what a decision model chose (its response, if that is nothing), and what it says of it if it is a task."""
    answer: Any = getattr(response, "answers", {}).get(QUESTION_ID)
    chosen = getattr(answer, "choice", response)
    if not isinstance(chosen, str) or chosen not in catalog.tasks:
        return chosen, {}
    given = {name: max(0.0, answer.probabilities.get(name, 0.0)) for name in catalog.tasks}
    total = sum(given.values())
    likely = {name: value / total for name, value in given.items()} if total else {}
    reason = f"The decision model chose {chosen}."
    return chosen, {"confidence": answer.confidence, "reason": reason, "probabilities": likely}
