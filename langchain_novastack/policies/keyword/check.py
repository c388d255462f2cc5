"""What can be wrong with files of words."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from langchain_novastack.policies.keyword.spelling import fold
from langchain_novastack.policies.keyword.word_files import Block, blocks
from langchain_novastack.policies.vocabulary import FOLLOW_UP, Table
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SCORED = (*(task.name for task in DEFAULT_TASKS), FOLLOW_UP)
_NEVER_COUNT = ("courtesy", "verb", "closer")


def problems(files: Mapping[str, str], known: Iterable[Table] = ()) -> Iterator[str]:
    """Yield what is wrong with files of words: a line for each problem, which begins with file and line.

    Args:
        files: The text of each file by its name.
        known: Tables of other files, whose verbs may be named.
    """
    read: list[tuple[Block, Table]] = []
    for source, text in files.items():
        yield from _read(text, source, read)
    verbs = {table.name for table in (*known, *(table for _, table in read)) if table.where == "verb"}
    places: dict[str, str] = {}
    for block, table in read:
        here = f"{block.source}:{block.head.number}"
        if (there := places.setdefault(table.name, here)) != here:
            yield f"{here}: a table must have a name of its own, but {table.name!r} is the name of the one at {there}."
        for line, message in (*_in_settings(block, table, verbs), *_in_words(block)):
            yield str(block.fault(line, message))


def _read(text: str, source: str, read: list[tuple[Block, Table]]) -> Iterator[str]:
    """Read the tables of a file up to one that cannot be read, and yield why that is."""
    try:
        read.extend((block, block.table()) for block in list(blocks(text, source)))
    except ValueError as error:
        yield str(error)


def _in_settings(block: Block, table: Table, verbs: set[str]) -> Iterator[tuple[int, str]]:
    line = {name: setting.number for name, setting in block.settings.items()}
    if not table.entries:
        yield block.head.number, f"{table.name!r} must hold at least one word."
    if (table.where == "asked") != bool(table.verbs):
        yield block.head.number, "`verbs` must be given for `where: asked`, and only then."
    for verb in table.verbs:
        if verb not in verbs:
            yield line["verbs"], f"`verbs` must name tables of verbs ({'; '.join(sorted(verbs))}), got {verb!r}."
    if table.points and table.where in _NEVER_COUNT:
        yield line["points"], f"`points` must be left out: the words of `where: {table.where}` never count."
    for task in table.points:
        if task not in _SCORED and (near := get_close_matches(task, _SCORED, 1)):
            yield line["points"], f"`points` must be for tasks, got {task!r}; did you mean {near[0]!r}?"


def _in_words(block: Block) -> Iterator[tuple[int, str]]:
    lines: dict[str, int] = {}
    for number, text in block.words:
        for word in map(str.strip, text.removesuffix(",").split(",")):
            if not word:
                yield number, "a word must stand between two commas."
            elif (key := fold(word)) in lines:
                yield number, f"a word must stand once in a table, but {word!r} is in line {lines[key]} too."
            lines[fold(word)] = number
