"""How likely it is that a request belongs to the task chosen: clues for and against it, weighed by a fitted table."""

from __future__ import annotations

import json
import pkgutil
from math import exp, log1p
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from langchain_novastack.policies.keyword.reading import Reading

Calibration: TypeAlias = dict[str, dict[str, float]]
"""The weight of each clue, for each task that may claim a request, for `other` tasks that do, and for the `default`."""

DEFAULT_CALIBRATION: Calibration = json.loads(
    pkgutil.get_data("langchain_novastack", "policies/keyword/calibration.json") or ""
)

CLUES = ("always", "margin", "rival", "for the rival", "against", "cues", "words", "lines")
"""Names of what `clues` returns."""


def clues(reading: Reading, task: str, rivals: Collection[str], margin: float | None, cues: int) -> tuple[float, ...]:
    """Return what tells right choices from wrong ones, in the order of `CLUES`.

    Args:
        reading: What was found in the request.
        task: The task chosen.
        rivals: The tasks that claim requests, without this one.
        margin: Points above its threshold; None for the default task, for which nothing has to speak.
        cues: How many words and signals spoke for it.
    """
    scores, ups = reading.scores, reading.ups
    rival = max([scores.get(name, 0.0) for name in rivals], default=0.0)
    for_rival = max([ups.get(name, 0.0) for name in rivals], default=0.0)
    against = sum([ups.get(name, 0.0) - scores.get(name, 0.0) for name in (rivals if margin is None else (task,))])
    return (
        1.0,
        min(margin or 0.0, 6.0),
        max(-4.0, min(rival, 6.0)),
        min(for_rival, 6.0),
        min(against, 8.0),
        log1p(cues),
        log1p(len(reading.tokens)),
        float(not reading.one_line),
    )


def likelihood(weights: dict[str, float], values: Iterable[float]) -> float:
    """Return how likely a choice with these clues is right, 0 to 1."""
    return 1 / (1 + exp(-sum([weights.get(name, 0.0) * value for name, value in zip(CLUES, values, strict=True)])))
