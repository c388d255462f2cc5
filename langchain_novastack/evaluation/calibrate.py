"""`python -m langchain_novastack.evaluation.calibrate`: fits how sure `KeywordPolicy` is to labelled prompts.

For example: `python -m langchain_novastack.evaluation.calibrate rows.jsonl --label task --group source > mine.json`,
and then `KeywordPolicy(calibration=json.loads(Path("mine.json").read_text()))`.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.display.terminal import command
from langchain_novastack.evaluation.evaluate import cases_of, placed, read_lines
from langchain_novastack.policies.keyword.confidence import CLUES, Calibration, likelihood
from langchain_novastack.policies.keyword.keyword import KeywordPolicy

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from langchain_novastack.evaluation.evaluate import Case

ENOUGH, PRIOR, STEPS = 100, 1.0, 8
"""Claims of a task from which on it gets weights of its own; decisions that hold weights near 0; steps of the fit."""


class Choice(NamedTuple):
    """One decision: the names of the weights that it speaks for, its clues, and whether it was right."""

    weights: tuple[str, ...]
    clues: tuple[float, ...]
    right: bool


def calibrate(policy: KeywordPolicy, groups: Mapping[object, Sequence[Case]]) -> Calibration:
    """Fit the weights of a policy's clues to cases by group.

    If there are several groups, each is read once more without the words that only its own cases contain: as prompts of
    a kind that nobody has seen would be read.
    """
    chosen = [choice for cases in groups.values() for choice in _choices(policy, cases)]
    for cases, unseen in _unseen(policy, groups) if len(groups) > 1 else ():
        chosen += _choices(unseen, cases)
    fitted = {name: [c for c in chosen if name in c.weights] for name in ("default", "other", *policy.claimants)}
    return {name: _fit(of) for name, of in fitted.items() if len(of) >= ENOUGH or name in {"default", "other"}}


def _choices(policy: KeywordPolicy, cases: Sequence[Case]) -> Iterator[Choice]:
    for messages, wanted in cases:
        reading = policy.read(messages)
        task, _, values = policy.weigh(reading, policy.claim(reading))
        weights = ("other", task.name) if task.name in policy.claimants else ("default",)
        yield Choice(weights, values, wanted in {task.name, task.model})


def _unseen(
    policy: KeywordPolicy, groups: Mapping[object, Sequence[Case]]
) -> Iterator[tuple[Sequence[Case], KeywordPolicy]]:
    """Yield each group's cases with the policy that is without its words."""
    seen: dict[tuple[str, str], set[object]] = defaultdict(set)
    for group, cases in groups.items():
        for messages, _ in cases:
            for part, words in policy.read(messages).hits.values():
                for word in words:
                    seen[part.name, word].add(group)
    vocabulary = policy.vocabulary
    for group, cases in groups.items():
        tables = []
        for table in vocabulary.tables:
            kept = tuple(word for word in table.entries if seen.get((table.name, word)) != {group})
            tables.append(table.model_copy(update={"entries": kept}))
        yield cases, policy.model_copy(update={"vocabulary": vocabulary.model_copy(update={"tables": tuple(tables)})})


def _fit(choices: Sequence[Choice]) -> dict[str, float]:
    """Fit a logistic regression by Newton's method."""
    weights = [0.0] * len(CLUES)
    for _ in range(STEPS):
        slope = [-PRIOR * weight for weight in weights]
        bend = [[PRIOR * (row == column) for column in range(len(CLUES))] for row in range(len(CLUES))]
        for _, values, right in choices:
            likely = likelihood(weights, values)
            for at, value in enumerate(values):
                slope[at] += (right - likely) * value
                spread = likely * (1 - likely) * value
                bend[at] = [old + spread * other for old, other in zip(bend[at], values, strict=True)]
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


def _lines(options: argparse.Namespace) -> Iterator[str]:
    """Fit the default policy's calibration to files of JSON lines, and print it as JSON.

    Exits with 0; 2 for bad usage or rows, 1 if the output cannot be written.
    """
    policy = KeywordPolicy()
    rows: list[Any] = placed(read_lines(options.files), "files")
    groups: dict[object, list[Case]] = defaultdict(list)
    for (_, row), case in zip(rows, cases_of(policy, rows, options.label), strict=True):
        groups[str(row.get(options.group))].append(case)
    weights = calibrate(policy, groups)
    yield "{" + ",".join(f'\n  "{name}": {json.dumps(row)}' for name, row in weights.items()) + "\n}"


main = command("python -m langchain_novastack.evaluation.calibrate", _lines)


if __name__ == "__main__":
    sys.exit(main())
