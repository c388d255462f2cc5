"""What an evaluation found: figures, confusion table and misses, as data, text and HTML."""

from __future__ import annotations

import statistics
from collections import Counter
from html import escape
from typing import Any, Literal

from langchain_novastack.display.tables import WIDTH, repr_pretty, table_html, table_text, wrapped
from langchain_novastack.policies.decision import RouteDecision  # noqa: TC001 - pydantic reads the annotations
from langchain_novastack.tasks import PlainData

_SHOWN = 80  # characters of a text that are shown for a miss
_LISTED = 100  # misses that are listed in a notebook
_FIGURES = ("precision", "recall", "F1")


class Score(PlainData):
    """How well one label was told.

    Attributes:
        precision: Share of the rows given this label that have it; 0 if it was never given.
        recall: Share of the rows with this label that were given it; 0 if no row has it.
        f1: Harmonic mean of the two.
        rows: Rows with this label.
    """

    precision: float
    recall: float
    f1: float
    rows: int

    def figures(self) -> list[str]:
        """Return precision, recall and F1 as a table shows them."""
        return [f"{figure:.3f}" for figure in (self.precision, self.recall, self.f1)]


class Miss(PlainData):
    """A row that was decided wrongly. Prints as one line."""

    row: int
    """Place among the rows, from 0."""

    text: str
    """The last message's text."""

    expected: str
    got: str
    decision: RouteDecision

    def __str__(self) -> str:
        """Return the labels and the beginning of the text."""
        return f"{self.expected} -> {self.got}: {' '.join(self.text.split())[:_SHOWN]!r}"


class Evaluation(PlainData):
    """What `evaluate` found. Prints as a table, and shows as one in a notebook.

    Attributes:
        by: Whether tasks or models were compared.
        rows: How many rows were decided.
        accuracy: Share of rows decided rightly, 0 to 1.
        macro_f1: Mean of the F1 of all labels that rows have, each counting the same.
        scores: Precision, recall and F1 by label.
        confusion: How many rows with the first label were given the second.
        misses: The rows decided wrongly, in order.
        microseconds: Median time of a decision, in microseconds.
    """

    by: Literal["task", "model"]
    rows: int
    accuracy: float
    macro_f1: float
    scores: dict[str, Score]
    confusion: dict[str, dict[str, int]]
    misses: tuple[Miss, ...]
    microseconds: float

    @classmethod
    def of(
        cls, pairs: list[tuple[str, str]], misses: list[Miss], by: Literal["task", "model"], microseconds: float
    ) -> Evaluation:
        """Count pairs of an expected and a given label; at least one."""
        labels, count = sorted({label for pair in pairs for label in pair}), Counter(pairs)
        scores = {}
        for label in labels:
            right, rows, given = count[label, label], *(sum(pair[at] == label for pair in pairs) for at in (0, 1))
            shares = {
                "precision": right / (given or 1),
                "recall": right / (rows or 1),
                "f1": 2 * right / (rows + given),
            }
            scores[label] = Score(**shares, rows=rows)
        return cls(
            by=by,
            rows=len(pairs),
            accuracy=1 - len(misses) / len(pairs),
            macro_f1=statistics.fmean(score.f1 for score in scores.values() if score.rows),
            scores=scores,
            confusion={expected: {got: count[expected, got] for got in labels} for expected in labels},
            misses=tuple(misses),
            microseconds=microseconds,
        )

    def __str__(self) -> str:
        """Return the figures as a table of plain text: a column for each label, if these fit into a line."""
        head, rows = self._table()
        table = table_text(head, rows, width=WIDTH * len(head))
        if len(table.partition("\n")[0]) > WIDTH:
            table = table_text(["", *_FIGURES], [[label, *score.figures()] for label, score in self.scores.items()])
        return f"{wrapped(self._headline())}\n\n{table}"

    _repr_pretty_ = repr_pretty

    def _repr_html_(self) -> str:
        table = table_html(*self._table(), self._headline())
        listed = "".join(f"<li>{escape(str(miss))}</li>" for miss in self.misses[:_LISTED])
        summary = f"<summary style='opacity:.8'>{len(self.misses)} misses</summary>"
        return f"{table}\n<details>{summary}<ol>{listed}</ol></details>" if listed else table

    def _headline(self) -> str:
        return (
            f"{self.rows} rows by {self.by}: accuracy {self.accuracy:.3f}, macro-F1 {self.macro_f1:.3f}, "
            f"{self.microseconds:.0f} microseconds per decision"
        )

    def _table(self) -> tuple[list[str], list[list[Any]]]:
        """Rows are what was expected; the first columns count what was given."""
        head = ["", *(f"-> {label}" for label in self.confusion), *_FIGURES]
        return head, [[label, *row.values(), *self.scores[label].figures()] for label, row in self.confusion.items()]
