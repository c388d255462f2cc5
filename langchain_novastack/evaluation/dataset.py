"""Rows with labels, as an evaluation reads them: what each asks, and which task or model it should go to."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from langchain_core.messages import BaseMessage, HumanMessage

from langchain_novastack.cards import CARDS, find_card
from langchain_novastack.policies.input import to_messages
from langchain_novastack.tasks import tasks_of
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Meaning: TypeAlias = Callable[[object, str], str]
"""From a label and its place to the task or model that it means; a `ValueError` that names the place for any other."""


Case: TypeAlias = tuple[list[BaseMessage], str]  # a conversation, and the task or model it should go to


class Placed(NamedTuple):
    """A row, and where it stands."""

    where: str
    row: object


def read_lines(files: Sequence[str]) -> Iterator[Placed]:
    """Yield each line's place and what it holds; the file "-" is standard input.

    Raises:
        ValueError: If a line is not JSON in UTF-8; it names file and line.
    """
    for file in files:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        for at, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
            if line.strip():  # it ends at a line feed alone, whatever else a text may have in it
                where = f"{file}, line {at}"
                try:
                    yield Placed(where, json.loads(line.decode()))
                except (ValueError, RecursionError) as error:
                    raise bad_argument(where, f"be JSON: {error}") from error


def case(row: object, where: str, label: str, meaning: Meaning) -> Case:
    """Return the conversation of a row, and the task or model it should go to.

    Raises:
        ValueError: If it is not a mapping with text or messages and a label; it names `where`, the row's place.
    """
    return conversation(row, where, label), meaning(row[label], where)  # type: ignore[index] # it is a mapping


def conversation(row: object, where: str, label: str | None = None) -> list[BaseMessage]:
    """Return the conversation of a row; a `ValueError` names `where` if it has none, or no label where one must be."""
    if not isinstance(row, Mapping):
        raise bad_argument(where, "be a mapping", type(row).__name__)
    if (label is not None and label not in row) or not ({"text", "messages"} & row.keys()):
        must = "have 'text' or 'messages'" + (f", and {label!r}" if label is not None else "")
        raise bad_argument(where, must, ", ".join(map(repr, row)))
    try:
        return [HumanMessage(row["text"])] if "text" in row else to_messages(row["messages"])
    except ValueError as error:
        must = "have a string as 'text', or what a chat model takes as 'messages'"
        raise bad_argument(where, must) from error


def meaning_of_labels(policy: Any, names: Mapping[Any, str]) -> Meaning:
    """Return what tells the task or model that a label means; `names` has the labels that are neither.

    Raises:
        ValueError: If `policy` is neither a policy nor a router.
    """
    if isinstance(policy, type) or not (callable(policy) or hasattr(policy, "invoke")):
        raise bad_argument("policy", "be a policy or a router", type(policy).__name__)
    tasks = {task.name: task.model for task in tasks_of(policy)}
    known = dict.fromkeys([*tasks, *CARDS, *tasks.values(), *getattr(policy, "models", ())])
    closed = hasattr(getattr(policy, "policy", policy), "tasks")  # a plain function may answer with any name

    def meaning(label: object, where: str) -> str:
        meant = names.get(label, label) if isinstance(label, str | int) else label
        if isinstance(meant, str | int):
            wanted = str(meant)
            if not closed or label in names or wanted in known or find_card(wanted):
                return wanted
        raise bad_argument(where, f"have a task or a model as its label (one of {', '.join(known)})", repr(meant))

    return meaning
