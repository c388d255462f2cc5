"""How good a policy is: measure it on rows with labels, or assert single routes in your own tests.

From the command line: `python -m langchain_novastack.evaluation rows.jsonl --label route
--names code=deepseek,creative=claude,general=qwen`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable, Mapping
from html import escape
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import BaseModel, ConfigDict

from langchain_novastack.cards import CARDS, alias_of
from langchain_novastack.display.tables import WIDTH, Shown, table_html, table_text, wrapped
from langchain_novastack.display.terminal import discard
from langchain_novastack.evaluation.dataset import case, read_lines, tasks_of, teller
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.policy import ask
from langchain_novastack.progress import decisions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_novastack.policies.coerce import AnyPolicy
    from langchain_novastack.tasks import Task

SHOWN = 80
"""Characters of a text that are shown for a miss."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Score(_Record):
    """How well one label was told."""

    precision: float
    """Share of the rows given this label that have it; 0 if it was never given."""

    recall: float
    """Share of the rows with this label that were given it; 0 if no row has it."""

    f1: float
    """Harmonic mean of the two."""

    rows: int
    """Rows with this label."""


class Miss(_Record):
    """A row that was decided wrongly."""

    row: int
    """Place among the rows, from 0."""

    text: str
    """The last message's text."""

    expected: str
    got: str
    decision: RouteDecision


class Evaluation(Shown, _Record):
    """What `evaluate` found. Prints as a table, and shows as one in a notebook."""

    by: Literal["task", "model"]
    """Whether tasks or models were compared."""

    rows: int
    """How many rows were decided."""

    accuracy: float
    """Share of rows decided rightly, 0 to 1."""

    macro_f1: float
    """Mean of the F1 of all labels that rows have, each counting the same."""

    scores: dict[str, Score]
    """Precision, recall and F1 by label."""

    confusion: dict[str, dict[str, int]]
    """How many rows with the first label were given the second."""

    misses: tuple[Miss, ...]
    """The rows decided wrongly, in order."""

    microseconds: float
    """Median time of a decision, in microseconds."""

    def __str__(self) -> str:
        """Return the figures as a table of plain text."""
        lines = self._wide()
        if max(map(len, lines)) > WIDTH:
            lines = table_text(("", "rows", "precision", "recall", "F1", "given instead"), self._narrow()).splitlines()
        return "\n".join([wrapped(self._headline()), "", *lines])

    def _repr_html_(self) -> str:
        """Return the table for a notebook; it has no colours of its own, so it suits light and dark."""
        head, *body = self._table()
        lines = [table_html(head, body, self._headline())]
        if self.misses:
            lines.append(f"<details><summary style='opacity:.8'>{len(self.misses)} misses</summary><ol>")
            lines += [f"<li>{escape(_line(miss))}</li>" for miss in self.misses[:100]]
            lines.append("</ol></details>")
        return "\n".join(lines)

    def _headline(self) -> str:
        return (
            f"{self.rows} rows by {self.by}: accuracy {self.accuracy:.3f}, macro-F1 {self.macro_f1:.3f}, "
            f"{self.microseconds:.0f} microseconds per decision"
        )

    def _table(self) -> list[list[Any]]:
        """Rows are what was expected; the first columns count what was given."""
        labels = list(self.confusion)
        head: list[Any] = ["", *(f"-> {label}" for label in labels), "precision", "recall", "F1"]
        return [head, *([label, *self.confusion[label].values(), *self._figures(label)] for label in labels)]

    def _figures(self, label: str) -> list[str]:
        score = self.scores[label]
        return [f"{figure:.3f}" for figure in (score.precision, score.recall, score.f1)]

    def _wide(self) -> list[str]:
        table = [[str(cell) for cell in row] for row in self._table()]
        widths = [max(9, *map(len, column)) + 2 for column in zip(*table, strict=True)]
        return ["".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in table]

    def _narrow(self) -> list[list[Any]]:
        """Rows for many labels: what was given instead, most frequent first."""
        rows: list[list[Any]] = []
        for label, given in self.confusion.items():
            instead = sorted(((count, got) for got, count in given.items() if count and got != label), reverse=True)
            said = ", ".join(f"{got} {count}" for count, got in instead)
            rows.append([label, self.scores[label].rows, *self._figures(label), said])
        return rows


def evaluate(
    policy: AnyPolicy | Any,
    rows: Iterable[Mapping[str, Any]],
    label: str = "model",
    names: Mapping[str, str] | None = None,
) -> Evaluation:
    """Ask a policy about labelled rows and count.

    Args:
        policy: Any policy, or a router (anything with a `route` method).
        rows: Mappings with `text` (a string) or `messages` (what a chat model takes), and the label.
        label: The key of the label. If all labels are names of the policy's tasks, tasks are compared;
            else the labels are aliases or other names of models, and models are compared.
        names: What the rows' labels mean, as an alias or task, for labels that are neither: `{"coding": "deepseek"}`.
            What they mean may be any name, so that a model of your own can stand here.

    Returns:
        The figures, the confusion table and the misses.

    Raises:
        ValueError: If there are no rows, or one lacks text or label; if a label is neither a task nor a model of the
            policy (where the policy has tasks: a plain function may answer with any name); or for no policy.
    """
    given: object = rows  # callers are not all typed
    if not isinstance(given, Iterable):
        message = f"rows: they must be a list of mappings, got {type(given).__name__}"
        raise ValueError(message)  # noqa: TRY004 - bad arguments are ValueErrors in this package
    return _evaluate(policy, ((f"rows: row {at}", row) for at, row in enumerate(given)), label, names)


def _evaluate(policy: Any, rows: Iterable[tuple[str, Any]], label: str, names: Any) -> Evaluation:
    """Evaluate rows that each have a place to name in errors."""
    if not isinstance(names, Mapping | None):
        message = f"names: they must be a mapping, got {type(names).__name__}"
        raise ValueError(message)  # noqa: TRY004 - as above
    tell = teller(policy, names or {})
    cases = [case(row, where, label, tell) for where, row in rows]
    if not cases:
        message = "rows: there are none to evaluate"
        raise ValueError(message)
    tasks = tasks_of(policy)
    by: Literal["task", "model"] = "task" if {e for _, e in cases} <= {task.name for task in tasks} else "model"
    decide, times, pairs, misses = _decider(policy, tasks, [e for _, e in cases]), [], [], []
    with decisions() as count:
        for at, (messages, wanted) in enumerate(cases):
            start = perf_counter_ns()
            decision = decide(messages)
            times.append((perf_counter_ns() - start) / 1000)
            expected = wanted if by == "task" else alias_of(wanted)
            got = str(decision.task) if by == "task" else decision.model
            pairs.append((expected, got))
            if expected != got:
                text = str(messages[-1].text) if messages else ""
                misses.append(Miss(row=at, text=text, expected=expected, got=got, decision=decision))
            count(decision.model)
    return _count(pairs, tuple(misses), by, statistics.median(times))


def assert_routes(expected: Mapping[str, str], policy: AnyPolicy | Any | None = None) -> None:
    """Assert where prompts go, for users' own tests.

    Args:
        expected: For each prompt, the alias of the model or the name of the task it should go to.
        policy: Any policy, or a router; None: `KeywordPolicy()`.

    Raises:
        AssertionError: If any prompt goes elsewhere; the message lists them all, with the reasons.
        ValueError: If `expected` is no mapping of strings, or names neither a task nor a model of the policy.
    """
    if not isinstance(expected, Mapping) or not all(isinstance(prompt, str) for prompt in expected):
        message = f"expected: it must be a mapping of prompts to aliases or tasks, got {type(expected).__name__}"
        raise ValueError(message)
    policy = KeywordPolicy() if policy is None else policy
    tell = teller(policy, {})
    meant = {prompt: tell(wanted, f"expected: prompt {at}") for at, (prompt, wanted) in enumerate(expected.items())}
    decide = _decider(policy, tasks_of(policy), list(meant.values()))
    misses = []
    for at, (prompt, wanted) in enumerate(meant.items()):
        decision = decide([HumanMessage(prompt)])
        if wanted != decision.task and alias_of(wanted) != decision.model:
            got = f"{decision.task} ({decision.model})"
            misses.append(Miss(row=at, text=prompt, expected=wanted, got=got, decision=decision))
    if misses:
        lines = "\n".join(f"  {_line(miss)}: {miss.decision.reason}" for miss in misses)
        message = f"{len(misses)} of {len(expected)} prompts go elsewhere:\n{lines}"
        raise AssertionError(message)


def _decider(policy: Any, tasks: Sequence[Task], wanted: list[str]) -> Callable[[list[BaseMessage]], RouteDecision]:
    if hasattr(policy, "route"):
        route: Callable[[list[BaseMessage]], RouteDecision] = policy.route
        return route
    by_name = {task.name: task.model for task in tasks}
    models = [*CARDS, *by_name.values(), *(w for w in wanted if w not in by_name)]
    return lambda messages: ask(policy, messages, tasks=by_name, models=models)


def _count(
    pairs: list[tuple[str, str]], misses: tuple[Miss, ...], by: Literal["task", "model"], microseconds: float
) -> Evaluation:
    labels = sorted({label for pair in pairs for label in pair})
    confusion = {e: {g: pairs.count((e, g)) for g in labels} for e in labels}
    scores = {label: _score(confusion, label) for label in labels}
    return Evaluation(
        by=by,
        rows=len(pairs),
        accuracy=1 - len(misses) / len(pairs),
        macro_f1=statistics.fmean(score.f1 for score in scores.values() if score.rows),
        scores=scores,
        confusion=confusion,
        misses=misses,
        microseconds=microseconds,
    )


def _score(confusion: Mapping[str, Mapping[str, int]], label: str) -> Score:
    right = confusion[label][label]
    rows = sum(confusion[label].values())
    given = sum(row[label] for row in confusion.values())
    f1 = 2 * right / (rows + given) if rows + given else 0.0
    return Score(precision=right / given if given else 0.0, recall=right / rows if rows else 0.0, f1=f1, rows=rows)


def _line(miss: Miss) -> str:
    text = " ".join(miss.text.split())
    return f"{miss.expected} -> {miss.got}: {text[:SHOWN]!r}"


def _names(given: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given.split(",") if pair]
    if not all(label and meaning for label, _, meaning in pairs):
        message = f"--names must be pairs as in code=deepseek,general=qwen, got {given!r}"
        raise ValueError(message)
    return {label: meaning for label, _, meaning in pairs}


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate the default policy on files of JSON lines.

    Returns 0; 2 for bad usage or rows, 1 if nobody reads the output, 130 if interrupted.
    """
    parser = argparse.ArgumentParser("python -m langchain_novastack.evaluation", description=main.__doc__)
    add = parser.add_argument
    add("files", nargs="+", help="one JSON object per line, with text or messages and a label; -: standard input")
    add("--label", default="model", help="key of the label (default: model)")
    add("--names", default="", help="what the labels mean: code=deepseek,creative=claude,general=qwen")
    add("--errors", type=int, default=0, metavar="N", help="list the first N misses")
    options = parser.parse_args(arguments)
    try:
        result = _evaluate(KeywordPolicy(), read_lines(options.files), options.label, _names(options.names))
        sys.stdout.write(f"{result}\n")
        sys.stdout.writelines(f"{_line(miss)}\n" for miss in result.misses[: max(options.errors, 0)])
        sys.stdout.flush()
    except BrokenPipeError:
        discard(sys.stdout)
        return 1
    except KeyboardInterrupt:
        return 130
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    return 0
