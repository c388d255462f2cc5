"""`python -m langchain_novastack.policies.keyword`: prints and checks the words that `KeywordPolicy` goes by."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_novastack.display.tables import table_text
from langchain_novastack.display.terminal import print_lines
from langchain_novastack.policies.keyword.check import problems
from langchain_novastack.policies.keyword.word_files import FILES, Block, blocks, parts, shipped
from langchain_novastack.policies.vocabulary import Table
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SHIPPED = {name: shipped(name) for name in FILES}
_HEAD = ("name", "where", "points", "words", "file and line")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or check the words that the keyword policy goes by: the package's own, or those of files.

    Returns 0; 1 for mistakes in a file, or if nobody reads the output; 2 for bad usage or what cannot be read.
    """
    parser = argparse.ArgumentParser("python -m langchain_novastack.policies.keyword", description=main.__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="FILE|NAME", help="a file of words, or a table or signal of the package")
    add("--check", action="store_true", help="look for mistakes in files, in place of printing them")
    options = parser.parse_args(arguments)
    mistakes: list[str] = []

    def lines() -> Iterator[str]:
        if options.check:
            mistakes.extend(_mistakes(options.names))
            yield from mistakes or ["no mistakes"]
        else:
            yield "\n\n".join(map(_shown, options.names)) or _listing(_SHIPPED)

    return print_lines(lines(), parser.prog) or bool(mistakes)


def _mistakes(names: Sequence[str]) -> list[str]:
    files = {name: Path(name).read_text("utf-8-sig") for name in names}
    verbs = [block.name for block in _blocks() if block.settings.get("where", (0, ""))[1] == "verb"]
    return [*problems(files or _SHIPPED, verbs)]


def _shown(name: str) -> str:
    if Path(name).is_file():
        return _listing({name: Path(name).read_text("utf-8-sig")})
    for block in _blocks():
        if block.name == name:
            settings = [f"{setting}: {text}" for setting, (_, text) in block.settings.items()]
            return "\n".join([f"[{name}]", *settings, "", *(text for _, text in block.words)]).rstrip()
    raise bad_argument("NAME", "be a file, or the name of a table or signal", repr(name))


def _blocks() -> list[Block]:
    return [block for source, text in _SHIPPED.items() for block in blocks(text, source)]


def _listing(files: Mapping[str, str]) -> str:
    rows = []
    for source, text in files.items():
        for block, part in parts(blocks(text, source)):
            where, words = (part.where, len(part.entries)) if isinstance(part, Table) else ("signal", None)
            points = ", ".join(f"{task} {number:g}" for task, number in part.points.items())
            rows.append((part.name, where, points, words, f"{source}:{block.line}"))
    return table_text(_HEAD, rows, width=160)  # names have to be read in full


if __name__ == "__main__":
    sys.exit(main())
