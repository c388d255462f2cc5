"""Decision models, LangChain's own form for such decisions (langchain-core 1.8): how one is asked as a policy.

Nothing here imports them until there is one: older versions of core have none.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from langchain_novastack.policies.coerce import Catalog, core_decisions, is_decision_model, policy_name
from langchain_novastack.policies.conversation import requests
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.messages import BaseMessage

QUESTION = "task"  # id of the one question that is asked
INSTRUCTIONS = "Which of these kinds of work does the user's last request ask for? Earlier requests are context."

_SHOWN = 4  # requests of a conversation that are shown: the last one, and up to three before it


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
    answer = getattr(response, "answers", {}).get(QUESTION)
    if answer is None or answer.choice not in catalog.tasks:
        unknown: object = response if answer is None else answer.choice
        return unknown
    task: str = answer.choice
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
