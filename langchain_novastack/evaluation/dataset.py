"""Rows with labels, as an evaluation reads them: what each asks, and which task or model it should go to."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage

from langchain_novastack.cards import CARDS, find_card
from langchain_novastack.policies.policy import to_messages
from langchain_novastack.tasks import DEFAULT_TASKS, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from langchain_core.messages import BaseMessage


def read_lines(files: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield each line's place and what it holds; a line ends at a line feed alone, whatever else a text may have in it.

    Args:
        files: Paths; "-" is standard input.

    Raises:
        ValueError: If a line is no JSON in UTF-8; it names file and line.
    """
    for file in files:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        for at, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
            if line.strip():
                where = f"{file}, line {at}"
                try:
                    yield where, json.loads(line.decode())
                except (ValueError, RecursionError) as error:
                    message = f"{where} is no JSON: {error}"
                    raise ValueError(message) from error


def case(row: Any, where: str, label: str, tell: Callable[[Any, str], str]) -> tuple[list[BaseMessage], str]:
    """Return the conversation of a row, and the task or model it should go to.

    Args:
        row: What should be a mapping with text or messages, and a label.
        where: Its place, for errors.
        label: The key of the label.
        tell: What `teller` returned.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(row, Mapping):
        message = f"{where} must be a mapping, got {type(row).__name__}"
        raise ValueError(message)  # noqa: TRY004 - bad arguments are ValueErrors in this package
    if label not in row or not ({"text", "messages"} & row.keys()):
        message = f"{where} needs 'text' or 'messages', and {label!r}; it has {', '.join(map(repr, row))}"
        raise ValueError(message)
    try:
        messages: list[BaseMessage] = [HumanMessage(row["text"])] if "text" in row else to_messages(row["messages"])
    except ValueError as error:
        message = f"{where}: 'text' must be a string, 'messages' what a chat model takes"
        raise ValueError(message) from error
    return messages, tell(row[label], where)


def teller(policy: Any, names: Mapping[Any, str]) -> Callable[[Any, str], str]:
    """Return what tells the task or model that a label means, and raises for one that means none.

    Args:
        policy: A policy or a router.
        names: What labels mean that are neither.

    Returns:
        A function of a label and of its place, for errors.

    Raises:
        ValueError: If `policy` is neither; what is returned raises it too, for a label.
    """
    holder = getattr(policy, "policy", policy)
    if isinstance(policy, type) or not (callable(policy) or hasattr(policy, "invoke")):
        message = f"policy: it must be a policy or a router, got {type(policy).__name__}"
        raise ValueError(message)
    tasks = {task.name: task.model for task in tasks_of(policy)}
    known = dict.fromkeys([*tasks, *CARDS, *tasks.values(), *getattr(policy, "models", ())])

    def tell(label: Any, where: str) -> str:
        meant = names.get(label, label) if isinstance(label, str | int) else label
        if isinstance(label, str | int) and isinstance(meant, str | int):
            wanted = str(meant)
            if label in names or wanted in known or find_card(wanted) or not hasattr(holder, "tasks"):
                return wanted
        message = f"{where}: the label {meant!r} is neither a task nor a model of the policy: {', '.join(known)}"
        raise ValueError(message)

    return tell


def tasks_of(policy: object) -> Sequence[Task]:
    """Return the tasks of a policy, or of a router's; the default ones for a policy that lists none."""
    holder = getattr(policy, "policy", policy)  # a router's policy, or the policy itself
    tasks: Sequence[Task] = getattr(holder, "tasks", DEFAULT_TASKS)
    return tasks
