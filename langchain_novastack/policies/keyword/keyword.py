"""The default policy: tables of words and signals, no model, no network."""

from __future__ import annotations

import copyreg
import pkgutil
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import Field, ValidationInfo, field_validator

from langchain_novastack._lazy import public
from langchain_novastack.field_docs import documented
from langchain_novastack.policies.conversation import last_request, request_of, requests
from langchain_novastack.policies.decision import RouteDecision  # noqa: TC001 - Runnable reads the annotations
from langchain_novastack.policies.keyword.index import Index, index_of
from langchain_novastack.policies.keyword.judge import CLUES, DEFAULT_CALIBRATION, Calibration, Judge
from langchain_novastack.policies.keyword.reading import Reading
from langchain_novastack.policies.policy import TaskPolicy
from langchain_novastack.policies.vocabulary import FILES, FOLLOW_UP, Vocabulary, blocks, parts, shipped
from langchain_novastack.tasks import DEFAULT_TASKS, Task
from langchain_novastack.tracing import ROUTING
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_VOCABULARY = Vocabulary(tables=()).extended(
    *(part for name in FILES for _, part in parts(blocks(shipped(name), name)))
)
"""The tables and signals in `words/*.txt`, written by hand. Print them, extend them, leave some out."""


def _reduced(vocabulary: Vocabulary) -> str | tuple[Any, ...]:
    """Pickle the default vocabulary by name: it is large, and who loads a policy has it already."""
    if vocabulary is DEFAULT_VOCABULARY:
        return pkgutil.resolve_name, ("langchain_novastack.policies:DEFAULT_VOCABULARY",)
    return vocabulary.__reduce_ex__(2)


copyreg.pickle(Vocabulary, _reduced)  # here, since the class knows nothing of this one

THRESHOLD = 2.0  # points a task needs to claim a request, unless `thresholds` says otherwise
WEAK = 1.0  # points above the threshold under which a claim yields to the task of a conversation that is gone on with
MOST_WORDS = 50  # words that a request may have and still go on with what was said before
SHORT = ((6, 1.5), (12, 0.5))
"""Words up to which a request is short, and the points for that: the shorter, the likelier it goes on."""

LEAVE = 0.9  # confidence from which a request leaves the model of a sticky conversation
LOOK_BACK = 16  # earlier messages that are looked at, at most, to find out what a follow-up follows
GOES_ON = 0.8  # confidence where a request goes on with what was said before


@public("langchain_novastack.policies.keyword")
@documented
class KeywordPolicy(TaskPolicy):
    """Sorts requests by the words and shapes in them: offline, in microseconds, by tables you can edit.

    Each task collects points from the words found; the one furthest above its threshold gets the request, the
    default task if none is. A request that decides nothing and goes on with what was said before stays
    with the task before. Only the last message of the user counts, without blocks that programs put into it.

    Example:
        ```python
        policy = KeywordPolicy(thresholds={"creative": 3.0})  # fewer requests to the most expensive model
        policy("Write a haiku about rain").matched
        ```
    """

    unsure: ClassVar[float] = 0.85  # about the least sure seventh of all prompts

    vocabulary: Vocabulary = DEFAULT_VOCABULARY
    """Tables and signals. Points for tasks that are not in `tasks` are ignored."""

    thresholds: dict[str, float] = Field(default_factory=dict)
    """Points a task needs, by name of the task; 2.0 for those not named. Higher means fewer and surer."""

    sticky: bool = False
    """Whether a conversation stays with its model, and its prompt cache, unless a request is another's with confidence
    0.9 or more."""

    calibration: Calibration = DEFAULT_CALIBRATION
    """What each clue says about a choice being right. `python -m langchain_novastack.evaluation.calibrate` fits one to
    labelled prompts of yours."""

    def __init__(self, tasks: Sequence[Task] = DEFAULT_TASKS, **fields: Any) -> None:
        """Make a policy of its fields."""
        super().__init__(**{"tasks": tasks, **fields})

    @field_validator("thresholds", "calibration")
    @classmethod
    def _names_tasks(cls, given: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        tasks = [task.name for task in info.data.get("tasks", ())]
        if info.field_name == "thresholds":
            return _checked(given, "thresholds", "tasks of the policy", tasks)
        _checked(dict.fromkeys(given, 0.0), "calibration", "tasks of the policy", ["default", "other", *tasks])
        return {name: _checked(row, "calibration", "clues", CLUES) for name, row in given.items()}

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Its fields are plain data, so `dumps` keeps it."""
        return True

    @cached_property
    def judge(self) -> Judge:
        """What sorts single texts."""
        points = [None if task is self.default else self.thresholds.get(task.name, THRESHOLD) for task in self.tasks]
        return Judge(self.vocabulary, [*zip(self.tasks, points, strict=True)], self.calibration, self.decision)

    @cached_property
    def _follow_ups(self) -> Index:
        return index_of(self.vocabulary)

    def decide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Sort the last request of the user, in the light of the conversation, oldest message first.

        `matched` of the decision holds entries of the tables and names of signals, never other text.
        """
        at, text = last_request(messages)
        decision = self.judge.decide(text)
        if at == 0 or (at == 1 and isinstance(messages[0], SystemMessage)):
            return decision
        scores = {found.task: found.score for found in decision.weighed}
        needed = self.judge.needed.get(str(decision.task))
        if (needed is None or scores[str(decision.task)] - needed < WEAK) and self._goes_on(text):
            before = self._task_before(messages[:at])
            if needed is not None or before is not self.default:
                reason = f"It goes on with what was said before, which is {before.name}."
                return self.judge.spelled(before.name, GOES_ON, reason, scores)
        return self._stayed(decision, messages[:at]) if self.sticky else decision

    async def adecide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Sort without a thread: it takes microseconds."""
        return self.decide(messages)

    def _stayed(self, decision: RouteDecision, earlier: list[BaseMessage]) -> RouteDecision:
        """Return the decision to stay with the model of the conversation, unless the new one is sure or the same."""
        kept = next((task for m in reversed(earlier) if (task := self._recorded_on(m))), None)
        for _, text in reversed([*requests(earlier)][:LOOK_BACK] if kept is None else []):
            each = self.judge.decide(text)
            if kept is None or each.confidence >= LEAVE:
                kept = self._task(each)
        if kept is None or kept.model == decision.model or decision.confidence >= LEAVE:
            return decision
        reason = f"The conversation stays with {kept.model}; that this is {decision.task} is not sure."
        likely, found = decision.probabilities, {"matched": decision.matched, "weighed": decision.weighed}
        return self.decision(kept, max(0.5, 1 - decision.confidence), reason, **found, probabilities=likely)

    def _goes_on(self, text: str) -> bool:
        reading = Reading(text, self._follow_ups)
        short = next((points for most, points in SHORT if reading.length <= most), 0.0)
        return reading.length <= MOST_WORDS and reading.scores.get(FOLLOW_UP, 0.0) + short >= THRESHOLD

    def _task_before(self, messages: list[BaseMessage]) -> Task:
        """Return the task of a conversation so far: as recorded on an answer, else as its requests say."""
        for message in reversed(messages[-LOOK_BACK:]):
            if task := self._recorded_on(message):
                return task
            if isinstance(message, HumanMessage) and (text := request_of(message)):
                task = self._task(self.judge.decide(text))
                if task is not self.default or not self._goes_on(text):
                    return task
        return self.default

    def _task(self, decision: RouteDecision) -> Task:
        return next(task for task in self.tasks if task.name == decision.task)

    def _recorded_on(self, message: BaseMessage) -> Task | None:
        routing = message.response_metadata.get(ROUTING) if isinstance(message, AIMessage) else None
        record = routing if isinstance(routing, dict) else {}
        named = [task for task in self.tasks if task.name == record.get("task")]
        return next(iter(named + [task for task in self.tasks if task.model == record.get("model")]), None)


def _checked(numbers: dict[str, float], argument: str, kind: str, known: Sequence[str]) -> dict[str, float]:
    if unknown := [name for name in numbers if name not in known]:
        raise bad_argument(argument, f"name {kind} ({', '.join(known)})", ", ".join(unknown))
    if bad := [name for name, number in numbers.items() if not isfinite(number)]:
        raise bad_argument(argument, f"be finite numbers, but that of {', '.join(bad)} is not")
    return numbers
