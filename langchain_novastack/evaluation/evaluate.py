"""How good a policy is: measure it on rows with labels, or assert single routes in your own tests."""

from __future__ import annotations

import codecs
import json
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast

from langchain_core.messages import BaseMessage, HumanMessage

from langchain_novastack.cards import CARDS, alias_of, find_card
from langchain_novastack.display.tables import WIDTH, Tabled, table_text, wrapped
from langchain_novastack.policies.conversation import to_messages
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.policy import ask
from langchain_novastack.progress import decisions
from langchain_novastack.tasks import PlainData, listed_tasks, tasks_of
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from langchain_novastack.policies.coerce import AnyPolicy

_SHOWN, _LISTED = 80, 100  # characters of a text that are shown for a miss; misses that are listed in a notebook
_FIGURES = ("precision", "recall", "F1")

Case: TypeAlias = tuple[list[BaseMessage], str]  # a conversation, and the task or model it should go to
Decide: TypeAlias = Callable[[list[BaseMessage]], RouteDecision]


class Placed(NamedTuple):
    """A row, and where it stands."""

    where: str
    row: Any


def read_lines(files: Sequence[str]) -> Iterator[Placed]:
    """Yield what each line holds; a `ValueError` names one that is not JSON in UTF-8. "-" is standard input."""
    for file in files:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        for at, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
            if line.strip():  # it ends at a line feed alone, whatever else a text may have in it
                where = f"{file}, line {at}"
                try:
                    yield Placed(where, json.loads(line.decode()))
                except (ValueError, RecursionError) as error:
                    raise bad_argument(where, f"be JSON: {error}") from error


def placed(rows: object, name: str = "rows") -> list[Placed]:
    """Return rows with their places, which errors name; a `ValueError` if they are not a list of at least one row."""
    if not isinstance(rows, Iterable):
        raise bad_argument(name, "be a list of mappings", type(rows).__name__)
    if found := [row if isinstance(row, Placed) else Placed(f"{name}[{at}]", row) for at, row in enumerate(rows)]:
        return found
    raise bad_argument(name, "hold at least one row")


def conversation(where: str, row: Any, must: str, *keys: str) -> list[BaseMessage]:
    """Return the conversation of a row; a `ValueError` says what it `must` have beside it, or lacks of the keys."""
    if not isinstance(row, Mapping):
        raise bad_argument(where, "be a mapping", type(row).__name__)
    if {"text", "messages"}.isdisjoint(row) or not row.keys() >= {*keys}:
        raise bad_argument(where, f"have 'text' or 'messages'{must}", ", ".join(map(repr, row)))
    try:
        return [HumanMessage(row["text"])] if "text" in row else to_messages(row["messages"])
    except ValueError as error:
        must = "have a string as 'text', or what a chat model takes as 'messages'"
        raise bad_argument(where, must) from error


def cases_of(policy: AnyPolicy, rows: object, label: str = "model", names: object = None) -> list[Case]:
    """Return the conversation of each row, and the task or model it should go to; see `evaluate`."""
    if not isinstance(names, Mapping | None):
        raise bad_argument("names", "be a mapping", type(names).__name__)
    tasks = {task.name: task.model for task in tasks_of(policy)}
    known = dict.fromkeys([*tasks, *CARDS, *tasks.values(), *getattr(policy, "models", ())])
    closed = listed_tasks(getattr(policy, "policy", policy))  # a plain function may answer with any name

    def meaning(label: object, where: str) -> str:
        named = isinstance(label, str | int) and label in (names or {})
        meant = names[label] if names and named else label
        wanted = str(meant)
        if isinstance(meant, str | int) and (not closed or named or wanted in known or find_card(wanted)):
            return wanted
        raise bad_argument(where, f"have a task or a model as its label (one of {', '.join(known)})", repr(meant))

    must = f", and {label!r}"
    return [(conversation(*each, must, label), meaning(each.row[label], each.where)) for each in placed(rows)]


class Score(PlainData):
    """How well one label was told.

    `precision` is the share of the rows given it that have it, `recall` of those with it that were given it, 0 if there
    are none; `f1` is their harmonic mean, `rows` how many have it.
    """

    precision: float
    recall: float
    f1: float
    rows: int


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


class Evaluation(Tabled, PlainData):
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
    def of(cls, pairs: list[tuple[str, str]], **others: Any) -> Evaluation:
        """Count pairs of an expected and a given label, at least one; the other fields are as given."""
        labels, count, scores = sorted({label for pair in pairs for label in pair}), Counter(pairs), {}
        for label in labels:
            right, rows, given = count[label, label], *(sum(pair[at] == label for pair in pairs) for at in (0, 1))
            f1 = 2 * right / (rows + given)
            scores[label] = Score(precision=right / (given or 1), recall=right / (rows or 1), f1=f1, rows=rows)
        confusion = {expected: {got: count[expected, got] for got in labels} for expected in labels}
        accuracy = 1 - sum(expected != got for expected, got in pairs) / len(pairs)
        macro_f1 = statistics.fmean(score.f1 for score in scores.values() if score.rows)
        figures = {"accuracy": accuracy, "macro_f1": macro_f1, "scores": scores, "confusion": confusion}
        return cls(rows=len(pairs), **figures, **others)

    def __str__(self) -> str:
        """Return the figures as a table of plain text: a column for each label, or what was given if too wide."""
        head, rows, said = self._table()
        table = table_text(head, rows, width=WIDTH * len(head))
        if len(table.partition("\n")[0]) > WIDTH:
            for row, given in zip(rows, self.confusion.values(), strict=True):  # of the counts, those of misses
                misses = [f"{got} {count}" for got, count in Counter(given).most_common() if count and got != row[0]]
                row[1:-3] = [", ".join(misses)]
            table = table_text(["", "given instead", *_FIGURES], rows)
        return f"{wrapped(said)}\n\n{table}"

    def _repr_html_(self) -> str:
        listed = "".join(f"<li>{escape(str(miss))}</li>" for miss in self.misses[:_LISTED])
        summary = f"<summary style='opacity:.8'>{len(self.misses)} misses</summary>"
        return super()._repr_html_() + (f"\n<details>{summary}<ol>{listed}</ol></details>" if listed else "")

    def _table(self) -> tuple[list[str], list[list[Any]], str]:
        """Rows are what was expected; the first columns count what was given."""
        head = ["", *(f"-> {label}" for label in self.confusion), *_FIGURES]
        told = {name: (f"{of.precision:.3f}", f"{of.recall:.3f}", f"{of.f1:.3f}") for name, of in self.scores.items()}
        rows: list[list[Any]] = [[name, *given.values(), *told[name]] for name, given in self.confusion.items()]
        said = f"{self.rows} rows by {self.by}: accuracy {self.accuracy:.3f}, macro-F1 {self.macro_f1:.3f}, "
        return head, rows, f"{said}{self.microseconds:.0f} microseconds per decision"


def evaluate(
    policy: AnyPolicy, rows: Iterable[Mapping[str, Any]], label: str = "model", names: Mapping[str, str] | None = None
) -> Evaluation:
    """Ask a policy about labelled rows and count.

    Args:
        policy: Any policy, or a router (anything with a `route` method).
        rows: Mappings with `text` (a string) or `messages` (what a chat model takes), and the label.
        label: The key of the label. If all labels are names of the policy's tasks, tasks are compared; else models,
            by aliases, other names, or the tasks that they do.
        names: What labels mean that are neither: `{"coding": "deepseek"}`; any name, so also a model of your own.

    Raises:
        ValueError: If there are no rows, or one lacks text or label, or for a bad policy; if a label is neither a task
            nor a model of a policy that has tasks.
    """
    cases = cases_of(policy, rows, label, names)
    wanted, tasks = [name for _, name in cases], {task.name: task.model for task in tasks_of(policy)}
    by = "task" if tasks.keys() >= {*wanted} else "model"
    decide, times, pairs, misses = decider(policy, wanted), [], [], []
    with decisions() as count:
        for at, (messages, name) in enumerate(cases):
            begun = perf_counter_ns()
            decision = decide(messages)
            times.append((perf_counter_ns() - begun) / 1000)
            expected = name if by == "task" else alias_of(name if find_card(name) else tasks.get(name, name))
            got = str(decision.task) if by == "task" else decision.model
            pairs.append((expected, got))
            if expected != got:
                text = str(messages[-1].text) if messages else ""
                misses.append(Miss(row=at, text=text, expected=expected, got=got, decision=decision))
            count(decision.model)
    median = statistics.median(times[1:] or times)  # the first builds what all use
    return Evaluation.of(pairs, misses=tuple(misses), by=by, microseconds=median)


def assert_routes(expected: Mapping[str, str], policy: AnyPolicy | None = None) -> None:
    """Assert where prompts go, for users' own tests; `policy` may be a router, and is `KeywordPolicy()` if None.

    `expected` has for each prompt the alias of the model or the name of the task it should go to.

    Raises:
        AssertionError: If any prompt goes elsewhere; the message lists them all, with the reasons.
        ValueError: If `expected` is not a mapping of strings, or names neither a task nor a model of the policy.
    """
    if not isinstance(expected, Mapping) or not all(isinstance(prompt, str) for prompt in expected):
        raise bad_argument("expected", "be a mapping from prompts to aliases or tasks", type(expected).__name__)
    given = ({"text": text, "model": name} for text, name in expected.items())
    rows: list[Any] = [Placed(f"expected, prompt {at}", row) for at, row in enumerate(given)]
    misses = evaluate(KeywordPolicy() if policy is None else policy, rows).misses if rows else ()
    if misses:
        went = (miss.model_copy(update={"got": f"{miss.decision.task} ({miss.decision.model})"}) for miss in misses)
        lines = (f"  {miss}: {miss.decision.reason}" for miss in went)
        raise AssertionError("\n".join([f"{len(misses)} of {len(rows)} prompts go elsewhere:", *lines]))


def decider(policy: Any, wanted: Sequence[str] = (), argument: str = "policy") -> Decide:
    """Return what decides about a conversation: a router's `route`, or a policy asked as a router would."""
    if isinstance(policy, type) or not (callable(policy) or hasattr(policy, "invoke")):
        raise bad_argument(argument, "be a policy or a router", type(policy).__name__)
    tasks = {task.name: task.model for task in tasks_of(policy)}
    models = [*CARDS, *tasks.values(), *(name for name in wanted if name not in tasks)]
    return cast("Decide", getattr(policy, "route", partial(ask, policy, tasks=tasks, models=models)))
