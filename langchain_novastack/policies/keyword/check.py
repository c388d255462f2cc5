"""What can be wrong with files of words."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from langchain_novastack.policies.keyword.index import fold
from langchain_novastack.policies.keyword.word_files import Block, blocks, parts
from langchain_novastack.policies.vocabulary import FOLLOW_UP, Signal, Table
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_SCORED = (*(task.name for task in DEFAULT_TASKS), FOLLOW_UP)
_NEVER_COUNT = ("courtesy", "verb", "closer")


def problems(files: Mapping[str, str], verbs: Collection[str] = ()) -> Iterator[str]:
    """Yield what is wrong with files of words (texts by name): lines that begin with the name and the line's number.

    `verbs` are the names of tables of verbs in other files.
    """
    read: list[tuple[Block, Table | Signal]] = []
    for source, text in files.items():
        try:
            read.extend(parts(blocks(text, source)))
        except ValueError as error:  # noqa: PERF203 - of a dozen files
            yield str(error)
    verbs = {*verbs, *(part.name for _, part in read if isinstance(part, Table) and part.where == "verb")}
    places: dict[str, str] = {}
    for block, part in read:
        here = f"{block.source}:{block.line}"
        if (there := places.setdefault(part.name, here)) != here:
            yield f"{here}: a table must have a name of its own, but {part.name!r} is the name of the one at {there}."
        in_part = _in_table(block, part, verbs) if isinstance(part, Table) else _in_signal(block, part)
        for line, message in (*in_part, *_in_points(block, part)):
            yield str(block.fault(line, message))


def _in_table(block: Block, table: Table, verbs: Collection[str]) -> Iterator[tuple[int, str]]:
    if not table.entries:
        yield block.line, f"{table.name!r} must hold at least one word."
    if (table.where == "asked") != bool(table.verbs):
        yield block.line, "`verbs` must be given for `where: asked`, and only then."
    for verb in table.verbs:
        if verb not in verbs:
            known = "; ".join(sorted(verbs))
            yield block.settings["verbs"][0], f"`verbs` must name tables of verbs ({known}), got {verb!r}."
    if table.points and table.where in _NEVER_COUNT:
        yield block.settings["points"][0], f"`points` must be left out: words of `where: {table.where}` never count."
    lines: dict[str, int] = {}
    for number, text in block.words:
        for word in map(str.strip, text.removesuffix(",").split(",")):
            if not word:
                yield number, "a word must stand between two commas."
            elif (key := fold(word)) in lines:
                yield number, f"a word must stand once in a table, but {word!r} is in line {lines[key]} too."
            lines[fold(word)] = number


def _in_signal(block: Block, signal: Signal) -> Iterator[tuple[int, str]]:
    try:
        re.compile(signal.pattern)
    except re.error as error:
        yield block.settings["pattern"][0], f"`pattern` must be a regular expression: {error}."


def _in_points(block: Block, part: Table | Signal) -> Iterator[tuple[int, str]]:
    for task in part.points:
        if task not in _SCORED and (near := get_close_matches(task, _SCORED, 1)):
            yield block.settings["points"][0], f"`points` must be for tasks, got {task!r}; did you mean {near[0]!r}?"
