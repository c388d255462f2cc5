"""What a reading amounts to: the task it speaks for, how sure that is, and what that leaves for other tasks."""

from __future__ import annotations

import json
import pkgutil
from functools import cache, lru_cache
from math import exp, inf, log1p
from operator import itemgetter, mul
from typing import TYPE_CHECKING, TypeAlias

from langchain_novastack.policies.decision import TaskScore, unchecked
from langchain_novastack.policies.keyword.index import index_of
from langchain_novastack.policies.keyword.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from langchain_novastack.policies.decision import RouteDecision
    from langchain_novastack.policies.vocabulary import Vocabulary
    from langchain_novastack.tasks import Task

GLANCE = 12  # letters under which a text in which nothing is found is nothing to go by
SHORT_TEXT, REMEMBERED = 2000, 256
"""Letters of a request up to which its decision is remembered, and decisions remembered at most: agents and graphs ask
about the same request at each of their steps."""

GUESS = 0.4  # confidence where there is nothing to go by

Calibration: TypeAlias = dict[str, dict[str, float]]
"""The weight of each clue, for each task that may claim a request, for `other` tasks that do, and for the `default`."""

DEFAULT_CALIBRATION: Calibration = json.loads(
    pkgutil.get_data("langchain_novastack", "policies/keyword/calibration.json") or ""
)

_new = tuple.__new__  # without the function of a named tuple
_points = itemgetter(2)
_log1p = cache(log1p)  # of small numbers; right after a call the C library's is not at hand for the processor

CLUES = ("always", "margin", "rival", "for the rival", "against", "cues", "words", "lines")
"""Names of what tells right choices from wrong ones; see `Judge.weigh`."""


class Judge:
    """Sorts single texts into the tasks of a policy."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        needed: Sequence[tuple[Task, float | None]],
        calibration: Calibration,
        decision: Callable[[Task, float, str], RouteDecision],
    ) -> None:
        """Take what a policy has: for each task the points it needs to claim a request (None: the default task)."""
        self.index = index_of(vocabulary, *((task.name, task.indicators) for task, _ in needed))
        self._rows = [(task.name, task.model, points) for task, points in needed]
        self.needed = {name: points for name, _, points in self._rows if points is not None}
        self._default = next(name for name, _, points in self._rows if points is None)
        self._same = {task.name: vars(decision(task, 1.0, "")) for task, _ in needed}  # fields of any decision for it
        self._unspoken = [TaskScore(name, model, 0.0, points) for name, model, points in self._rows]
        self._unclaimed = {name: 1.0 if points is None else exp(min(0.0, -points)) for name, _, points in self._rows}
        self._glance = GLANCE if vocabulary.tables else inf
        self._remembered = lru_cache(REMEMBERED)(self._read)
        rows = {name: DEFAULT_CALIBRATION[name] for name in ("default", "other")} | calibration
        self._weights = {name: tuple([row.get(clue, 0.0) for clue in CLUES]) for name, row in rows.items()}

    def decide(self, text: str) -> RouteDecision:
        """Decide what a text says, without what was said before it."""
        return self._remembered(text) if len(text) <= SHORT_TEXT else self._read(text)

    def _read(self, text: str) -> RouteDecision:
        if not text:
            return self.spelled(self._default, GUESS, "There is no text to go by.", {})
        reading = Reading(text, self.index)
        task, margin, matched, clues = self.weigh(reading)
        weights = self._weights.get(task) or self._weights["default" if margin is None else "other"]
        guess = not reading.hits and len(text) < self._glance
        if margin is not None:
            reason = f"It looks like {task}: {', '.join(matched[:3])}."
        elif matched or min(reading.scores.values(), default=0.0) <= -1:
            reason = f"It looks like {task}: nothing speaks for another task."
        else:
            reason = f"Nothing in it is telling, so it is taken for {task}."
        return self.spelled(task, GUESS if guess else likelihood(weights, clues), reason, reading.scores, matched)

    def weigh(self, reading: Reading) -> tuple[str, float | None, list[str], tuple[float, ...]]:
        """Return the task furthest above its threshold, by how many points, its words and signals, and the clues.

        It is the default task, and None, if no task is above its threshold. The clues are in the order of `CLUES`:
        points above the threshold, those of the strongest rival and what spoke for one, what spoke against the task
        (against all others, if it is the default task, for which nothing has to speak), and sizes.
        """
        scores, ups, task, ahead = reading.scores, reading.ups, self._default, None
        for name, needed in self.needed.items():
            if name in scores and (margin := scores[name] - needed) >= 0 and (ahead is None or margin > ahead):
                task, ahead = name, margin
        rival, for_rival, against = -inf, 0.0, 0.0
        for name in self.needed:
            score, up = scores.get(name, 0.0), ups.get(name, 0.0)
            if name != task:
                rival, for_rival = max(rival, score), max(for_rival, up)
            if name == task or ahead is None:
                against += up - score
        over, rival = min(ahead or 0.0, 6.0), 0.0 if rival == -inf else max(-4.0, min(rival, 6.0))
        matched, lines = reading.matched(task), 0.0 if reading.one_line else 1.0
        sizes = _log1p(len(matched)), _log1p(reading.length), lines
        return task, ahead, matched, (1.0, over, rival, min(for_rival, 6.0), min(against, 8.0), *sizes)

    def spelled(
        self, task: str, confidence: float, reason: str, scores: Mapping[str, float], matched: Sequence[str] = ()
    ) -> RouteDecision:
        """Spell out a decision: each task's points, and how likely it is; what the task chosen leaves, others share."""
        weighed, likely = [*self._unspoken], {**self._unclaimed}
        for at, (name, model, needed) in enumerate(self._rows) if scores else ():
            if score := scores.get(name, 0.0):
                weighed[at] = _new(TaskScore, (name, model, score, needed))
                likely[name] = 1.0 if needed is None or score >= needed else exp(score - needed)
        if scores:
            weighed.sort(key=_points, reverse=True)
        if others := sum(likely.values()) - likely[task]:
            share = (1 - confidence) / others
            likely = {name: each * share for name, each in likely.items()} | {task: confidence}
        found = {"matched": tuple(matched[:6]), "weighed": tuple(weighed), "probabilities": likely}
        return unchecked({**self._same[task], "confidence": confidence, "reason": reason, **found})


def likelihood(weights: Iterable[float], clues: Iterable[float]) -> float:
    """Return how likely a choice with these clues is right, 0 to 1."""
    return 1 / (1 + exp(-sum(map(mul, weights, clues))))
