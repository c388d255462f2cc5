"""Words that labelled rows would teach the keyword policy: a proposal to read, accept in part, and commit."""

from __future__ import annotations

import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.evaluation.evaluate import cases_of, evaluate, placed
from langchain_novastack.policies.conversation import last_request
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.vocabulary import Signal, Table, blocks, parts
from langchain_novastack.tasks import PlainData
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_TEXT = (pkgutil.get_data("langchain_novastack", "evaluation/common_words.txt") or b"").decode()
_LINES = (line.partition(":") for line in _TEXT.splitlines() if not line.startswith("#"))
COMMON = {word: int(count) / 1000 for count, _, words in _LINES for word in words.split()}
"""Words of prompts on any subject, with the share of prompts that hold them: these are not telling of one."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_IDEOGRAPHS = "\u2e80"
_LEAST_ROWS = 2
_TELLING = 4.0  # how many times likelier a word must be in rows of a task than in others, and in prompts on any subject
_RARE = 0.003  # share of prompts on any subject that hold a word which is not common
_STEP, _MOST, _MOST_COMMON = 0.5, 3.0, 0.5
"""Points by which a word is raised, and the most that it may get: a common one only in company."""

_ROUNDS, _COMFORT = 20, 1.0
"""How often rows are gone through; points above the threshold from which a row needs nothing more, and below it from
which it is none of the task's."""


class Lesson(PlainData):
    """The words that rows would teach. Prints in the form of the package's own files of words.

    Delete the words that you do not want from the text, commit the rest, and read it with `taught`.

    Attributes:
        tables: The proposed tables, one for each task and number of points; empty if there is nothing to learn.
        seen: For each word, in which rows it was seen.
        rows: Rows in all; `right_before` were decided rightly without the words, `right_after` with them.
    """

    tables: tuple[Table, ...]
    seen: dict[str, str]
    rows: int
    right_before: int
    right_after: int

    def __str__(self) -> str:
        """Return the tables as a file of words, with what speaks for each word above it."""
        lines = [f"# Of {self.rows} rows {self.right_before} were right; with these words {self.right_after} are."]
        for table in self.tables:
            points = ", ".join(f"{task} {number:g}" for task, number in table.points.items())
            lines += ["", f"[{table.name}]", f"points: {points}", f"most: {table.most:g}", ""]
            lines += [line for word in table.entries for line in (f"# {self.seen[word]}", word)]
        return "\n".join(lines) + "\n"


class _Row(NamedTuple):
    words: frozenset[str]
    wanted: str
    margins: dict[str, float]  # points above its threshold for each task but the default one


def teach(
    rows: Iterable[Mapping[str, Any]],
    policy: KeywordPolicy | None = None,
    label: str = "model",
    names: Mapping[str, str] | None = None,
) -> Lesson:
    """Propose words for a keyword policy, from labelled rows; nothing is changed.

    A word is proposed if it is telling of a task in these rows, helps at least one of them, and is not a common word.
    Rows that are near the subject but not of it keep it from learning too much.

    `rows`, `label` and `names` are as for `evaluate`; a label that is a model stands for the first task of that model.
    `policy` is what to teach; None: `KeywordPolicy()`.

    Raises:
        ValueError: For bad rows, as in `evaluate`, or a policy that is not a `KeywordPolicy`.
    """
    pupil = KeywordPolicy() if policy is None else policy
    if not isinstance(pupil, KeywordPolicy):
        raise bad_argument("policy", "be a `KeywordPolicy`", type(policy).__name__)
    given: Any = placed(rows)
    seen = [_row(pupil, *case) for case in cases_of(pupil, given, label, names)]
    wanted, tables, why = {row.wanted for row in seen} - {pupil.default.name}, [], {}
    for task in (task.name for task in pupil.tasks if task.name in wanted):
        points, said = _words_for(task, seen)
        why.update(said)
        for number in sorted({*points.values()}, reverse=True):
            entries = tuple(word for word in points if points[word] == number)
            name = f"taught: {task} {number:g}"
            tables.append(Table(name=name, entries=entries, points={task: number}, most=2 * _MOST))
    wiser = pupil.model_copy(update={"vocabulary": pupil.vocabulary.extended(*tables)})
    before, after = (len(seen) - len(evaluate(each, given, label, names).misses) for each in (pupil, wiser))
    return Lesson(tables=tuple(tables), seen=why, rows=len(seen), right_before=before, right_after=after)


def taught(text: str) -> tuple[Table | Signal, ...]:
    """Read a file of words, for `DEFAULT_VOCABULARY.extended(*taught(text))`; a `ValueError` names a bad line."""
    return tuple(part for _, part in parts(blocks(text, "taught")))


def _row(policy: KeywordPolicy, messages: list[BaseMessage], wanted: str) -> _Row:
    _, text = last_request(messages)
    scores = {score.task: score.score for score in policy.decide(messages[-1:]).weighed}
    margins = {task: scores.get(task, 0.0) - needed for task, needed in policy.judge.needed.items()}
    wanted = next((task.name for task in policy.tasks if wanted in (task.name, task.model)), wanted)
    words: set[str] = set()
    for found in _WORD.findall(text.lower()):
        words |= {found} if found[0] < _IDEOGRAPHS else {found[at : at + 2] for at in range(len(found) - 1)}
    return _Row(frozenset(words), wanted, margins)


def _words_for(task: str, rows: list[_Row]) -> tuple[dict[str, float], dict[str, str]]:
    """Return the points of words for a task, raised and lowered until the rows are on the right side, and why."""
    mine = [row for row in rows if row.wanted == task]
    others = [row for row in rows if row.wanted != task]
    inside, outside = (Counter(word for row in part for word in row.words) for part in (mine, others))
    elsewhere = {word: max(outside[word] / max(1, len(others)), COMMON.get(word, _RARE)) for word in inside}
    often = [word for word, count in inside.items() if count >= _LEAST_ROWS]
    points = {word: 0.0 for word in often if inside[word] / len(mine) >= _TELLING * elsewhere[word]}
    against = {word: 0.0 for word, count in outside.items() if count >= _LEAST_ROWS and not inside[word]}
    for _ in range(_ROUNDS):
        for row in mine:
            if row.margins[task] < _COMFORT:
                _raise(points, row.words, _STEP, rows, task)
        for row in others:
            if row.margins[task] > -_COMFORT:
                _raise(against, row.words - COMMON.keys(), -_STEP, rows, task)
                _raise(points, frozenset(word for word in row.words if points.get(word)), -_STEP, rows, task)
    found = {word: number for word, number in {**points, **against}.items() if number}
    return found, {word: f"in {inside[word]} rows of {task}, in {outside[word]} others" for word in found}


def _raise(points: dict[str, float], words: frozenset[str], step: float, rows: list[_Row], task: str) -> None:
    """Change the points of the words that are among them, within their limits, and the margins of the rows."""
    for word in sorted(words & points.keys()):
        if abs(points[word] + step) <= (_MOST_COMMON if word in COMMON else _MOST):
            points[word] += step
            for row in rows:
                row.margins[task] += step if word in row.words else 0.0
