"""The default policy: tables of words and signals, no model, no network."""

from __future__ import annotations

from functools import cached_property
from math import inf, isfinite
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import Field, ValidationInfo, field_validator

from langchain_novastack._lazy import public
from langchain_novastack.policies.conversation import request_of, requests
from langchain_novastack.policies.decision import RouteDecision, TaskScore
from langchain_novastack.policies.keyword.default import DEFAULT_VOCABULARY
from langchain_novastack.policies.keyword.index import Index, index_of
from langchain_novastack.policies.keyword.reading import Reading
from langchain_novastack.policies.policy import TaskPolicy
from langchain_novastack.policies.vocabulary import FOLLOW_UP, Table, Vocabulary
from langchain_novastack.tasks import DEFAULT_TASKS, Task
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

THRESHOLD = 2.0
"""Points a task needs to claim a request, unless `thresholds` says otherwise."""

INDICATOR = 2.5
"""Points of a task's own `indicators`: enough to claim a request in which nothing speaks against it."""

WEAK = 1.0
"""Points above the threshold under which a claim yields to the task of a conversation that is gone on with."""

MOST_WORDS = 50
"""Words that a request may have and still go on with what was said before."""

SHORT = ((6, 1.5), (12, 0.5))
"""Words up to which a request is short, and the points for that: the shorter, the likelier it goes on."""

LEAVE = 0.9
"""Confidence from which a request leaves the model of a sticky conversation."""

LOOK_BACK = 16
"""Earlier messages that are looked at, at most, to find out what a follow-up follows."""


@public("langchain_novastack.policies.keyword")
class KeywordPolicy(TaskPolicy):
    """Sorts requests by the words and shapes in them: offline, in microseconds, by tables you can edit.

    Each task collects points from the words found; the one furthest above its threshold gets the request, the
    default task if none is. A request that decides nothing and goes on with what was said before stays
    with the task before. Only the last message of the user counts, without blocks that programs put into it.

    Example:
        ```python
        policy = KeywordPolicy(thresholds={"creative": 3.0})  # fewer requests to the dearest model
        policy("Write a haiku about rain").matched
        ```
    """

    vocabulary: Vocabulary = DEFAULT_VOCABULARY
    """Tables and signals. Points for tasks that are not in `tasks` are ignored."""

    thresholds: dict[str, float] = Field(default_factory=dict)
    """Points a task needs, by name of the task; 2.0 for those not named. Higher means fewer and surer."""

    sticky: bool = False
    """Whether a conversation stays with its model, and its prompt cache, unless a request is another's with confidence
    0.9 or more."""

    def __init__(self, tasks: Sequence[Task] = DEFAULT_TASKS, **fields: Any) -> None:
        """Make a policy of its fields."""
        super().__init__(**{"tasks": tasks, **fields})

    @field_validator("thresholds")
    @classmethod
    def _of_tasks(cls, thresholds: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        names = [task.name for task in info.data.get("tasks", ())]
        if unknown := [name for name in thresholds if name not in names]:
            raise bad_argument("thresholds", f"name tasks of the policy ({', '.join(names)})", ", ".join(unknown))
        if bad := [name for name, points in thresholds.items() if not isfinite(points)]:
            raise bad_argument("thresholds", f"be finite numbers, but that of {', '.join(bad)} is not")
        return thresholds

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Its fields are plain data, so `dumps` keeps it."""
        return True

    @cached_property
    def _index(self) -> Index:
        """The vocabulary's index, with the tasks' own indicators."""
        own = (Table(name=f"task {t.name}", entries=t.indicators, points={t.name: INDICATOR}) for t in self.tasks)
        return index_of(self.vocabulary).extended(own)

    @cached_property
    def _follow_ups(self) -> Index:
        return index_of(self.vocabulary, follow_up=True)

    @cached_property
    def _default(self) -> Task:
        """The default task, looked for once."""
        return self.default

    def decide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Sort the last request of the user, in the light of the conversation, oldest message first.

        `matched` of the decision holds entries of the tables and names of signals, never other text.
        """
        at, text = next(requests(messages), (0, ""))
        if not text:
            return self.decision(self.default, 0.3, "There is no text to go by.")
        reading = Reading(text, self._index)
        scores = reading.scores()
        claim = self._claim(scores)
        if at and (claim is None or claim[1] < WEAK) and self._goes_on(text):
            before = self._task_before(messages[:at])
            if claim or before is not self.default:
                reason = f"It goes on with what was said before, which is {before.name}."
                return self.decision(before, 0.6, reason, weighed=self._weighed(scores))
        decision = self._claimed(*claim, scores, reading) if claim else self._unclaimed(scores, reading)
        return self._stayed(decision, messages[:at]) if self.sticky and at else decision

    async def adecide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Sort without a thread: it takes microseconds."""
        return self.decide(messages)

    def _claim(self, scores: dict[str, float]) -> tuple[Task, float] | None:
        """Return the task furthest above its threshold, and by how many points."""
        default, thresholds, claim = self._default, self.thresholds, None
        for task in self.tasks if scores else ():
            margin = scores.get(task.name, -inf) - thresholds.get(task.name, THRESHOLD)
            if margin >= 0 and task is not default and (claim is None or margin > claim[1]):
                claim = task, margin
        return claim

    def _weighed(self, scores: dict[str, float]) -> tuple[TaskScore, ...]:
        """Return each task's points and those it needs, most points first."""
        default, needed = self._default, self.thresholds
        found = [
            TaskScore(t.name, t.model, scores.get(t.name, 0.0), None if t is default else needed.get(t.name, THRESHOLD))
            for t in self.tasks
        ]
        return tuple(sorted(found, key=itemgetter(2), reverse=True))

    def _claimed(self, task: Task, margin: float, scores: dict[str, float], reading: Reading) -> RouteDecision:
        matched = reading.matched(task.name)
        reason = f"It looks like {task.name}: {', '.join(matched[:3])}."
        return self.decision(task, min(0.99, 0.6 + margin / 8), reason, matched, self._weighed(scores))

    def _unclaimed(self, scores: dict[str, float], reading: Reading) -> RouteDecision:
        """The default task: surely, if something spoke for it or against all others; else as a guess."""
        task, weighed = self._default, self._weighed(scores)
        matched = reading.matched(task.name)
        against = -min(scores.values(), default=0.0)
        nearest = max((scores[t.name] for t in self.tasks if t is not task and t.name in scores), default=0.0)
        if nearest < THRESHOLD / 2 and (matched or against >= 1):
            reason = f"It looks like {task.name}: nothing speaks for another task."
            return self.decision(task, 0.8, reason, matched, weighed)
        return self.decision(task, 0.4, f"Nothing in it is telling, so it is taken for {task.name}.", matched, weighed)

    def _stayed(self, decision: RouteDecision, earlier: list[BaseMessage]) -> RouteDecision:
        """Return the decision to stay with the model of the conversation, unless the new one is sure or the same."""
        kept = next((task for m in reversed(earlier) if (task := self._recorded_on(m))), None)
        for at, _ in reversed([*requests(earlier)][:LOOK_BACK] if kept is None else []):
            each = self.decide([earlier[at]])
            if kept is None or each.confidence >= LEAVE:
                kept = next(task for task in self.tasks if task.name == each.task)
        if kept is None or kept.model == decision.model or decision.confidence >= LEAVE:
            return decision
        reason = f"The conversation stays with {kept.model}; that this is {decision.task} is not sure."
        return self.decision(kept, max(0.5, 1 - decision.confidence), reason, decision.matched, decision.weighed)

    def _goes_on(self, text: str) -> bool:
        """Tell whether a request refers to what was said before and is not a new one."""
        reading = Reading(text, self._follow_ups)
        words = len(reading.tokens)
        short = next((points for most, points in SHORT if words <= most), 0.0)
        return words <= MOST_WORDS and reading.scores().get(FOLLOW_UP, 0.0) + short >= THRESHOLD

    def _task_before(self, messages: list[BaseMessage]) -> Task:
        """Return the task of a conversation so far: as recorded on an answer, else as its requests say."""
        for message in reversed(messages[-LOOK_BACK:]):
            if task := self._recorded_on(message):
                return task
            if isinstance(message, HumanMessage) and (text := request_of(message)):
                if claim := self._claim(Reading(text, self._index).scores()):
                    return claim[0]
                if not self._goes_on(text):
                    return self.default
        return self.default

    def _recorded_on(self, message: BaseMessage) -> Task | None:
        """Find the task that an answer's routing record names, by itself or by its model."""
        routing = message.response_metadata.get("routing") if isinstance(message, AIMessage) else None
        record = routing if isinstance(routing, dict) else {}
        named = [task for task in self.tasks if task.name == record.get("task")]
        return next(iter(named + [task for task in self.tasks if task.model == record.get("model")]), None)
