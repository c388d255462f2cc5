"""`python -m langchain_novastack.policies.keyword`: prints and checks the words that `KeywordPolicy` goes by."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_novastack.display.tables import table_text
from langchain_novastack.display.terminal import parser_of, print_lines
from langchain_novastack.policies.keyword.index import fold
from langchain_novastack.policies.vocabulary import FILES, FOLLOW_UP, Block, Signal, Table, blocks, parts, shipped
from langchain_novastack.tasks import DEFAULT_TASKS
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator, Mapping, Sequence

_SCORED = (*(task.name for task in DEFAULT_TASKS), FOLLOW_UP)


_SHIPPED = {name: shipped(name) for name in FILES}
_BLOCKS = {block.name: block for source, text in _SHIPPED.items() for block in blocks(text, source)}


def problems(files: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with files of words (texts by name): lines that begin with the name and the line's number."""
    read: list[tuple[Block, Table | Signal]] = []
    for source, text in files.items():
        try:
            read.extend(parts(blocks(text, source)))
        except ValueError as error:  # noqa: PERF203 - of a dozen files
            yield str(error)
    every = (*_BLOCKS.values(), *(block for block, _ in read))
    verbs = {block.name for block in every if block.settings.get("where", (0, ""))[1] == "verb"}
    places: dict[str, str] = {}
    for block, part in read:
        here = f"{block.source}:{block.line}"
        if (there := places.setdefault(part.name, here)) != here:
            yield f"{here}: a table must have a name of its own, but {part.name!r} is the name of the one at {there}."
        for line, message in _in_table(block, part, verbs) if isinstance(part, Table) else _in_signal(block, part):
            yield str(block.fault(line, message))
        for task in part.points:
            if task not in _SCORED and (near := get_close_matches(task, _SCORED, 1)):
                message = f"`points` must be for tasks, got {task!r}; did you mean {near[0]!r}?"
                yield str(block.fault(block.settings["points"][0], message))


def _in_table(block: Block, table: Table, verbs: Collection[str]) -> Iterator[tuple[int, str]]:
    if not table.entries:
        yield block.line, f"{table.name!r} must hold at least one word."
    if (table.where == "asked") != bool(table.verbs):
        yield block.line, "`verbs` must be given for `where: asked`, and only then."
    for verb in set(table.verbs).difference(verbs):
        known = "; ".join(sorted(verbs))
        yield block.settings["verbs"][0], f"`verbs` must name tables of verbs ({known}), got {verb!r}."
    if table.points and table.where in {"courtesy", "verb", "closer"}:
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


_PROGRAM = "python -m langchain_novastack.policies.keyword"


def print_words(arguments: Sequence[str] | None = None) -> int:
    """Print or check the words that the keyword policy goes by: the package's own, or those of files.

    Returns 0; 1 for mistakes in a file, or if nobody reads the output; 2 for bad usage or what cannot be read.
    """
    options = parser_of(_PROGRAM, print_words.__doc__).parse_args(arguments)
    return print_lines(_lines(options), _PROGRAM) or bool(options.mistakes)


def _lines(options: argparse.Namespace) -> Iterator[str]:
    options.mistakes = []
    if options.check:
        files = {name: Path(name).read_text("utf-8-sig") for name in options.names}
        options.mistakes = [*problems(files or _SHIPPED)]
        yield from options.mistakes or ["no mistakes"]
    else:
        yield "\n\n".join(map(_printed, options.names)) or _listing(_SHIPPED)


def _printed(name: str) -> str:
    if Path(name).is_file():
        return _listing({name: Path(name).read_text("utf-8-sig")})
    if name not in _BLOCKS:
        raise bad_argument("NAME", "be a file, or the name of a table or signal", repr(name))
    settings = [f"{setting}: {text}" for setting, (_, text) in _BLOCKS[name].settings.items()]
    return "\n".join([f"[{name}]", *settings, "", *(text for _, text in _BLOCKS[name].words)]).rstrip()


def _listing(files: Mapping[str, str]) -> str:
    rows = []
    for source, text in files.items():
        for block, part in parts(blocks(text, source)):
            where, words = (part.where, len(part.entries)) if isinstance(part, Table) else ("signal", None)
            points = ", ".join(f"{task} {number:g}" for task, number in part.points.items())
            rows.append((part.name, where, points, words, f"{source}:{block.line}"))
    return table_text(("name", "where", "points", "words", "file and line"), rows, width=160)  # names stay whole


if __name__ == "__main__":
    sys.exit(print_words())
