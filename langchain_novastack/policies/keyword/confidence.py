"""How likely it is that a request belongs to the task chosen: clues for and against it, weighed by a fitted table."""

from __future__ import annotations

import json
import pkgutil
from math import exp, inf, log1p
from operator import mul
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from langchain_novastack.policies.keyword.reading import Reading

Calibration: TypeAlias = dict[str, dict[str, float]]
"""The weight of each clue, for each task that may claim a request, for `other` tasks that do, and for the `default`."""

DEFAULT_CALIBRATION: Calibration = json.loads(
    pkgutil.get_data("langchain_novastack", "policies/keyword/calibration.json") or ""
)

CLUES = ("always", "margin", "rival", "for the rival", "against", "cues", "words", "lines")
"""Names of what `clues` returns."""


def clues(reading: Reading, task: str, rivals: Iterable[str], margin: float | None, cues: int) -> tuple[float, ...]:
    """Return what tells right choices from wrong ones, in the order of `CLUES`.

    `rivals` are the tasks that may claim requests, `margin` is points above the threshold (None for the default task,
    for which nothing has to speak), and `cues` is how many words and signals spoke for the task.
    """
    scores, ups = reading.scores, reading.ups
    rival, for_rival, against = -inf, 0.0, 0.0
    for name in rivals:
        score, up = scores.get(name, 0.0), ups.get(name, 0.0)
        if name != task:
            rival, for_rival = max(rival, score), max(for_rival, up)
        if name == task or margin is None:
            against += up - score
    rival = 0.0 if rival == -inf else max(-4.0, min(rival, 6.0))
    over, lines = min(margin or 0.0, 6.0), 0.0 if reading.one_line else 1.0
    return 1.0, over, rival, min(for_rival, 6.0), min(against, 8.0), log1p(cues), log1p(reading.length), lines


def likelihood(weights: Iterable[float], values: Iterable[float]) -> float:
    """Return how likely a choice with these clues is right, 0 to 1."""
    return 1 / (1 + exp(-sum(map(mul, weights, values))))
