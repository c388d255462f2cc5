"""A policy as a decision model of langchain-core 1.8: for `ModelRouterMiddleware`, and whatever else asks one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.decisions import (
    Answer,
    BaseDecisionModel,
    Choice,
    ChoiceAnswer,
    ClassifierRequest,
    ClassifierResponse,
    Question,
    State,
)
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig  # noqa: TC002 - Runnable reads the annotations
from pydantic import PrivateAttr
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.cards import alias_of, find_card
from langchain_novastack.policies.conversation import to_messages
from langchain_novastack.tasks import Task, default_task, tasks_of
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from langchain_novastack.policies.decision import RouteDecision


class Options(NamedTuple):
    """The options of a question."""

    meant: dict[str, frozenset[str]]  # names of the tasks that each label stands for
    by_task: dict[str, str]  # the label for each task
    rest: str | None  # the label of the default task, if it is among them


_REST = frozenset(["other", "others", "else", "rest", "default", "none_of_the_above"])
"""Words by which an option says that it is for what no other one claims."""

_ENOUGH = 2  # words that a criterion must share with a task's description, unless it names the task or its model
_STEM = 4  # letters by which such words are compared


@public("langchain_novastack.policies")
class PolicyDecisionModel(BaseDecisionModel):
    """Answers `Choice` questions whose options are a policy's tasks, or models; made by `Policy.as_decision_model`.

    An option is known by its label (a task, or a model in any spelling), else by its criterion. Anything else is a
    `ValueError`: another kind of question, or an option that is none of the policy's.
    """

    policy: Any
    """The policy that decides."""

    _known: dict[str, Options] = PrivateAttr(default_factory=dict)

    @property
    @override
    def _provider(self) -> str:
        return "novastack"

    @override
    def invoke(self, input: ClassifierRequest, config: RunnableConfig | None = None, **_: Any) -> ClassifierResponse:
        """Answer; as any policy, without a run of its own, which would take twice the time of the decision."""
        return self._classify(input["state"], dict(input["questions"]))

    @override
    async def ainvoke(
        self, input: ClassifierRequest, config: RunnableConfig | None = None, **_: Any
    ) -> ClassifierResponse:
        """Answer; see `invoke`."""
        return await self._aclassify(input["state"], dict(input["questions"]))

    @override
    def _classify(self, state: State, questions: dict[str, Question]) -> ClassifierResponse:
        options = {name: self._options(name, question) for name, question in questions.items()}
        return self._response(self.policy.decide(_messages(state)), options)

    @override
    async def _aclassify(self, state: State, questions: dict[str, Question]) -> ClassifierResponse:
        options = {name: self._options(name, question) for name, question in questions.items()}
        return self._response(await self.policy.adecide(_messages(state)), options)

    def _options(self, name: str, question: Question) -> Options:
        if not isinstance(question, Choice):
            raise bad_argument(name, "be a `Choice` question", type(question).__name__)
        known, key = self._known, repr(question.criteria)
        if key not in known:
            self._known = known = {key: _read(name, question.criteria, tasks_of(self))}  # one, since callers ask one
        return known[key]

    def _response(self, decision: RouteDecision, options: Mapping[str, Options]) -> ClassifierResponse:
        given = decision.probabilities or {str(decision.task): 1.0}
        task = decision.task or next((each.name for each in tasks_of(self) if each.model == decision.model), "")
        answers: dict[str, Answer] = {}
        for name, (meant, by_task, rest) in options.items():
            weights = {label: sum([given.get(each, 0.0) for each in names]) for label, names in meant.items()}
            total = sum(weights.values())
            shares = {label: weight / total if total else 1 / len(meant) for label, weight in weights.items()}
            choice = by_task.get(task) or rest or max(shares, key=shares.__getitem__)
            sure = decision.confidence if task in by_task else shares[choice]
            answers[name] = ChoiceAnswer(type="choice", choice=choice, probabilities=shares, confidence=sure)
        return ClassifierResponse(model=self.model, answers=answers)


def _messages(state: Any) -> list[BaseMessage]:
    if isinstance(state, Mapping) and "messages" in state:
        state = state["messages"]
    if isinstance(state, list | tuple):
        with suppress(ValueError):  # of something else than messages
            return to_messages(state)
    return [state] if isinstance(state, BaseMessage) else [HumanMessage("\n".join(_texts(state)))]


def _texts(state: Any) -> Iterator[str]:
    if isinstance(state, Mapping | list | tuple):
        for each in state.values() if isinstance(state, Mapping) else state:
            yield from _texts(each)
    elif state is not None:
        yield str(state.text if isinstance(state, BaseMessage) else state)


def _read(name: str, criteria: Mapping[str, Any], tasks: tuple[Task, ...]) -> Options:
    options = {label: _named(label, tasks) for label in criteria}
    for label, about in criteria.items():
        if options[label] is None:
            text = about if isinstance(about, str) else json.dumps(about, ensure_ascii=False, default=str)
            options[label] = _described(text, tasks)
        if options[label] is None:
            known = ", ".join(dict.fromkeys([*(task.name for task in tasks), *(task.model for task in tasks)]))
            must = f"have this policy's tasks or models as its options ({known}), by label or by criterion"
            raise bad_argument(name, must, repr(label))
    found = {label: tasks or frozenset() for label, tasks in options.items()}
    meant = [each for tasks in found.values() for each in tasks]
    if twice := sorted({each for each in meant if meant.count(each) > 1}):
        raise bad_argument(name, "have one option for each task", f"several for {', '.join(twice)}")
    by_task = {each: label for label, names in found.items() for each in names}
    return Options(found, by_task, by_task.get(default_task(tasks).name))


def _named(label: str, tasks: Sequence[Task]) -> frozenset[str] | None:
    """Return the tasks that a name stands for: a task's, or a model's in any spelling; None for another name."""
    low = label.strip().lower()
    if by_name := frozenset(task.name for task in tasks if task.name.lower() == low):
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
    said = [(f"{task.description} {' '.join(task.indicators)}", task.name) for task in tasks]
    shared = sorted(((len(_stems(text) & _stems(known)), name) for known, name in said), reverse=True)
    best, *others = shared
    return frozenset([best[1]]) if best[0] >= _ENOUGH and all(other[0] < best[0] for other in others) else None


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in re.findall(rf"\w{{{_STEM},}}", text.lower())}
