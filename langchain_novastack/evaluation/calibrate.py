"""`python -m langchain_novastack.evaluation.calibrate`: fits how sure `KeywordPolicy` is to labelled prompts.

For example: `python -m langchain_novastack.evaluation.calibrate rows.jsonl --label task --group source > mine.json`,
and then `KeywordPolicy(calibration=json.loads(Path("mine.json").read_text()))`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from langchain_novastack.display.terminal import print_lines
from langchain_novastack.evaluation.evaluate import case, meaning_of_labels, read_lines
from langchain_novastack.policies.keyword.confidence import CLUES, Calibration, likelihood
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from langchain_core.messages import BaseMessage

Cases: TypeAlias = "Sequence[tuple[list[BaseMessage], str]]"
"""Conversations, each with the name of the task or model it should go to."""

ENOUGH, PRIOR, STEPS = 100, 1.0, 8
"""Claims of a task from which on it gets weights of its own; decisions that hold weights near 0; steps of the fit."""


class Choice(NamedTuple):
    """One decision: the names of the weights that it speaks for, its clues, and whether it was right."""

    weights: tuple[str, ...]
    clues: tuple[float, ...]
    right: bool


def calibrate(policy: KeywordPolicy, groups: Mapping[object, Cases]) -> Calibration:
    """Fit the weights of a policy's clues to cases by group.

    If there are several groups, each is read once more without the words that only its own cases contain: as prompts of
    a kind that nobody has seen would be read.
    """
    chosen = [choice for cases in groups.values() for choice in _choices(policy, cases)]
    for cases, unseen in _unseen(policy, groups) if len(groups) > 1 else ():
        chosen += _choices(unseen, cases)
    fitted = {name: [c for c in chosen if name in c.weights] for name in ("default", "other", *policy.claimants)}
    return {name: _fit(of) for name, of in fitted.items() if len(of) >= ENOUGH or name in {"default", "other"}}


def _choices(policy: KeywordPolicy, cases: Cases) -> Iterator[Choice]:
    for messages, wanted in cases:
        reading = policy.read(messages)
        task, _, values = policy.weigh(reading, policy.claim(reading))
        weights = ("other", task.name) if task.name in policy.claimants else ("default",)
        yield Choice(weights, values, wanted in {task.name, task.model})


def _unseen(policy: KeywordPolicy, groups: Mapping[object, Cases]) -> Iterator[tuple[Cases, KeywordPolicy]]:
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the default policy's calibration to files of JSON lines, and print it as JSON.

    Returns 0; 2 for bad usage or rows, 1 if the output cannot be written.
    """
    parser = argparse.ArgumentParser("python -m langchain_novastack.evaluation.calibrate", description=main.__doc__)
    add = parser.add_argument
    add("files", nargs="+", help="one JSON object per line, with text or messages and a label; -: standard input")
    add("--label", default="task", help="key of the label, which names a task or a model (default: task)")
    add("--group", help="key of what sort of prompt a row is; fits to prompts of sorts that are not among the rows")
    options = parser.parse_args(arguments)
    return print_lines(_lines(options), parser.prog)


def _lines(options: argparse.Namespace) -> Iterator[str]:
    policy = KeywordPolicy()
    meaning = meaning_of_labels(policy, {})
    groups: dict[object, list[tuple[list[BaseMessage], str]]] = defaultdict(list)
    rows: Iterable[tuple[str, object]] = read_lines(options.files)
    for where, row in rows:
        found = case(row, where, options.label, meaning)
        groups[str(row.get(options.group)) if isinstance(row, dict) else ""].append(found)
    if not groups:
        raise bad_argument("files", "hold at least one row")
    weights = calibrate(policy, groups)
    yield "{" + ",".join(f'\n  "{name}": {json.dumps(row)}' for name, row in weights.items()) + "\n}"


if __name__ == "__main__":
    sys.exit(main())
