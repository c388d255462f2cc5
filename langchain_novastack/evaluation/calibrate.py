"""`python -m langchain_novastack.evaluation.calibrate`: fits how sure `KeywordPolicy` is to labelled prompts.

For example: `python -m langchain_novastack.evaluation.calibrate rows.jsonl --label task --group source > mine.json`,
and then `KeywordPolicy(calibration=json.loads(Path("mine.json").read_text()))`.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from langchain_novastack.display.terminal import command
from langchain_novastack.evaluation.evaluate import Case, cases_of, placed, read_lines
from langchain_novastack.policies.conversation import last_request
from langchain_novastack.policies.keyword.judge import CLUES, Calibration, likelihood
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.keyword.reading import Reading

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from langchain_core.messages import BaseMessage

ENOUGH, PRIOR, STEPS = 100, 1.0, 8
"""Claims of a task from which on it gets weights of its own; decisions that hold weights near 0; steps of the fit."""

Choice: TypeAlias = tuple[tuple[str, ...], tuple[float, ...], bool]
"""One decision: the names of the weights that it speaks for, its clues, and whether it was right."""


def calibrate(policy: KeywordPolicy, groups: Mapping[object, Sequence[Case]]) -> Calibration:
    """Fit the weights of a policy's clues to cases by group.

    Of several, each is read once more without the words that only its own cases contain: as unseen prompts would be.
    """
    chosen = [choice for cases in groups.values() for choice in _choices(policy, cases)]
    words = {group: {*chain.from_iterable(_hits(policy, *case) for case in cases)} for group, cases in groups.items()}
    for group, cases in groups.items() if len(groups) > 1 else ():
        others = set().union(*(words[other] for other in groups if other != group))
        chosen += _choices(_without(policy, words[group] - others), cases)
    names = ("default", "other", *policy.judge.needed)
    fitted = {name: [choice for choice in chosen if name in choice[0]] for name in names}
    return {name: _fitted(of) for name, of in fitted.items() if len(of) >= ENOUGH or name in names[:2]}


def _choices(policy: KeywordPolicy, cases: Sequence[Case]) -> Iterator[Choice]:
    models = {task.name: task.model for task in policy.tasks}
    for messages, wanted in cases:
        task, margin, _, values = policy.judge.weigh(_reading(policy, messages))
        weights = ("default",) if margin is None else ("other", task)
        yield weights, values, wanted in {task, models[task]}


def _reading(policy: KeywordPolicy, messages: list[BaseMessage]) -> Reading:
    return Reading(last_request(messages)[1], policy.judge.index)


def _hits(policy: KeywordPolicy, messages: list[BaseMessage], _: str) -> Iterator[tuple[str, str]]:
    return ((part.name, word) for part, found in _reading(policy, messages).hits.items() for word in found)


def _without(policy: KeywordPolicy, words: set[tuple[str, str]]) -> KeywordPolicy:
    kept = [(t, tuple(word for word in t.entries if (t.name, word) not in words)) for t in policy.vocabulary.tables]
    tables = tuple(table.model_copy(update={"entries": entries}) for table, entries in kept)
    vocabulary = policy.vocabulary.model_copy(update={"tables": tables})
    return policy.model_copy(update={"vocabulary": vocabulary})


def _fitted(choices: Sequence[Choice]) -> dict[str, float]:
    """Fit a logistic regression by Newton's method."""
    weights, places = [0.0] * len(CLUES), range(len(CLUES))
    for _ in range(STEPS):
        seen = [(values, likelihood(weights, values), right) for _, values, right in choices]
        slope = [sum((right - p) * values[at] for values, p, right in seen) - PRIOR * weights[at] for at in places]
        pairs = ([sum(p * (1 - p) * v[at] * v[by] for v, p, _ in seen) for by in places] for at in places)
        bend = [[number + PRIOR * (at == by) for by, number in enumerate(row)] for at, row in enumerate(pairs)]
        weights = [weight + step for weight, step in zip(weights, _solved(bend, slope), strict=True)]
    return {name: round(weight, 2) for name, weight in zip(CLUES, weights, strict=True)}


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve linear equations; the matrix is symmetric and positive, so any pivot serves."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for at, pivot in enumerate(rows):
        pivot[:] = [value / pivot[at] for value in pivot]
        for row in rows:
            if row is not pivot:
                row[:] = [value - row[at] * other for value, other in zip(row, pivot, strict=True)]
    return [row[-1] for row in rows]


def _calibrated(options: argparse.Namespace) -> Iterator[str]:
    """Fit the default policy's calibration to files of JSON lines, and print it as JSON.

    Exits with 0; 2 for bad usage or rows, 1 if the output cannot be written.
    """
    policy, rows = KeywordPolicy(), placed(read_lines(options.files), "files")
    groups: dict[object, list[Case]] = defaultdict(list)
    for (_, row), case in zip(rows, cases_of(policy, rows, options.label), strict=True):
        groups[str(row.get(options.group))].append(case)
    weights = calibrate(policy, groups)
    yield "{" + ",".join(f'\n  "{name}": {json.dumps(row)}' for name, row in weights.items()) + "\n}"


main = command("python -m langchain_novastack.evaluation.calibrate", _calibrated)


if __name__ == "__main__":
    sys.exit(main())
