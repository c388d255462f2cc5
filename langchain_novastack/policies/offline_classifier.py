"""A policy as a decision model of langchain-core 1.8: for `ModelRouterMiddleware`, and whatever else asks one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import langchain_core.decisions as core
from langchain_core.messages import BaseMessage, HumanMessage

from langchain_novastack._lazy import public
from langchain_novastack.cards import alias_of, find_card
from langchain_novastack.policies.conversation import to_messages
from langchain_novastack.tasks import Task, default_task, tasks_of
from langchain_novastack.transport.both_ways import run, step
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from langchain_novastack.policies.decision import RouteDecision

Meant: TypeAlias = dict[str, frozenset[str]]
"""For each option of a question, by its label, the names of the tasks that it stands for."""

_REST = frozenset(["other", "others", "else", "rest", "default", "none_of_the_above"])
"""Words by which an option says that it is for what no other one claims."""

_ALSO = {"coding": "code", "programming": "code", "fiction": "creative", "poetry": "creative"}  # of the default tasks
_ENOUGH = 2  # words that a criterion must share with a task's description, unless it names the task or its model
_STEM = 4  # letters by which such words are compared


@public("langchain_novastack.policies")
class PolicyDecisionModel(core.BaseDecisionModel):
    """Answers `Choice` questions whose options are a policy's tasks, or models; made by `Policy.as_decision_model`.

    An option is known by its label (a task, or a model in any spelling), else by its criterion. Anything else is a
    `ValueError`: another kind of question, or an option that is none of the policy's.
    """

    policy: Any
    """The policy that decides."""

    @property
    def _provider(self) -> str:
        return "novastack"

    def invoke(self, input: core.ClassifierRequest, *_: Any, **__: Any) -> core.ClassifierResponse:
        """Answer; as any policy, without a run of its own, which would take twice the time of the decision."""
        return run(self._answer(input, self.policy.decide))

    async def ainvoke(self, input: core.ClassifierRequest, *_: Any, **__: Any) -> core.ClassifierResponse:
        """Answer; see `invoke`."""
        return await self._answer(input, self.policy.adecide)

    def _classify(self, state: core.State, questions: dict[str, core.Question]) -> core.ClassifierResponse:
        return self.invoke({"state": state, "questions": questions})

    async def _answer(self, input: core.ClassifierRequest, decide: Callable[..., Any]) -> core.ClassifierResponse:
        tasks = tasks_of(self)
        meant = {name: _read(name, question, tasks) for name, question in input["questions"].items()}
        decision: RouteDecision = await step(decide(_messages(input["state"])))
        task = decision.task or next((each.name for each in tasks if each.model == decision.model), "")
        given = decision.probabilities or {task: 1.0}
        answers: dict[str, core.Answer] = {}
        for name, options in meant.items():
            weights = {label: sum([given.get(each, 0.0) for each in names]) for label, names in options.items()}
            total = sum(weights.values())
            shares = {label: weight / total if total else 1 / len(options) for label, weight in weights.items()}
            by_task = {each: label for label, names in options.items() for each in names}
            rest = by_task.get(default_task(tasks).name) or max(shares, key=shares.__getitem__)
            choice = by_task.get(task, rest)
            sure = decision.confidence if task in by_task else shares[choice]
            answers[name] = core.ChoiceAnswer(type="choice", choice=choice, probabilities=shares, confidence=sure)
        return core.ClassifierResponse(model=self.model, answers=answers)


def _messages(state: Any) -> list[BaseMessage]:
    if isinstance(state, Mapping):
        state = state.get("messages", state)
    with suppress(ValueError):  # of something else than messages
        return to_messages([state] if isinstance(state, BaseMessage) else state)
    return [HumanMessage("\n".join(_texts(state)))]


def _texts(state: Any) -> Iterator[str]:
    if isinstance(state, Mapping | list | tuple):
        for each in state.values() if isinstance(state, Mapping) else state:
            yield from _texts(each)
    elif state is not None:
        yield str(state.text if isinstance(state, BaseMessage) else state)


def _read(name: str, question: core.Question, tasks: tuple[Task, ...]) -> Meant:
    if not isinstance(question, core.Choice):
        raise bad_argument(name, "be a `Choice` question", type(question).__name__)
    options: Meant = {}
    for label, about in question.criteria.items():
        text = about if isinstance(about, str) else json.dumps(about, ensure_ascii=False, default=str)
        found = _named(label, tasks)
        if found is None and (found := _described(text, tasks)) is None:
            known = ", ".join(dict.fromkeys([*(task.name for task in tasks), *(task.model for task in tasks)]))
            must = f"have this policy's tasks or models as its options ({known}), by label or by criterion"
            raise bad_argument(name, must, repr(label))
        options[label] = found
    meant = [each for names in options.values() for each in names]
    if twice := sorted({each for each in meant if meant.count(each) > 1}):
        raise bad_argument(name, "have one option for each task", f"several for {', '.join(twice)}")
    return options


def _named(label: str, tasks: Sequence[Task]) -> frozenset[str] | None:
    """Return the tasks that a name stands for: a task's, or a model's in any spelling; None for another name."""
    low = label.strip().lower()
    for name in (low, _ALSO.get(low)):
        if by_name := frozenset(task.name for task in tasks if task.name.lower() == name):
            return by_name
    of_model = frozenset(task.name for task in tasks if alias_of(task.model).lower() == alias_of(label).lower())
    if of_model or find_card(label):
        return of_model
    return frozenset([default_task(tuple(tasks)).name]) if low in _REST else None


def _described(text: str, tasks: Sequence[Task]) -> frozenset[str] | None:
    """Return the tasks that a description is of: those it names, else the one it shares most words with."""
    words = [word.strip(".-") for word in re.findall(r"[\w.-]+", text.lower())]
    if named := {found for word in words if (found := _named(word, tasks))}:
        return named.pop() if len(named) == 1 else None
    said = {task.name: _stems(f"{task.description} {' '.join(task.indicators)}") for task in tasks}
    best, *others = sorted(((len(_stems(text) & known), name) for name, known in said.items()), reverse=True)
    return frozenset([best[1]]) if best[0] >= _ENOUGH and all(other[0] < best[0] for other in others) else None


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in re.findall(rf"\w{{{_STEM},}}", text.lower())}
