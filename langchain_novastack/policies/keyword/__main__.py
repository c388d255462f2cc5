"""`python -m langchain_novastack.policies.keyword`: prints and checks the words that `KeywordPolicy` goes by."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_novastack.display.tables import table_text
from langchain_novastack.display.terminal import discard
from langchain_novastack.policies.keyword.check import problems
from langchain_novastack.policies.keyword.signals import SIGNALS
from langchain_novastack.policies.keyword.word_files import FILES, blocks, shipped, tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHIPPED = {f"{name}.txt": shipped(name) for name in FILES}
_HEAD = ("table", "where", "points", "words", "file and line")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or check the words that the keyword policy goes by: the package's own, or those of files.

    Returns 0; 1 for mistakes in a file, or if nobody reads the output; 2 for bad usage or what cannot be read.
    """
    parser = argparse.ArgumentParser("python -m langchain_novastack.policies.keyword", description=main.__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="FILE|NAME", help="a file of words, or the name of one of the package's tables")
    add("--check", action="store_true", help="look for mistakes in the files, in place of printing tables")
    options = parser.parse_args(arguments)
    try:
        mistakes, shown = _checked(options.names) if options.check else ([], _shown(options.names))
        sys.stdout.write("\n".join(mistakes or [shown]) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        discard(sys.stdout)
        return 1
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    return 1 if mistakes else 0


def _checked(names: Sequence[str]) -> tuple[list[str], str]:
    """Return what is wrong with the files, and what to say if nothing is."""
    files = {name: Path(name).read_text("utf-8-sig") for name in names} or _SHIPPED
    known = [table for source, text in _SHIPPED.items() for table in tables(text, source)] if names else []
    mistakes = [*problems(files, known)]
    read = [table for source, text in files.items() for table in tables(text, source)] if not mistakes else []
    return mistakes, f"{len(read)} tables with {sum(len(table.entries) for table in read):,} words: no mistakes"


def _shown(names: Sequence[str]) -> str:
    """Return a list of all tables, or what is named: the list of a file's tables, or one table or signal in full."""
    return "\n\n".join(map(_one, names)) if names else _listing(_SHIPPED)


def _one(name: str) -> str:
    if Path(name).is_file():
        return _listing({name: Path(name).read_text("utf-8-sig")})
    for source, text in _SHIPPED.items():
        for block in list(blocks(text, source)):
            if block.head.text == name:
                settings = [f"{key}: {line.text}" for key, line in block.settings.items()]
                return "\n".join([f"[{name}]", *settings, "", *(line.text for line in block.words)])
    for signal in SIGNALS:
        if signal.name == name:
            return f"[{name}]\npoints: {_points(signal.points)}\nmost: {signal.most:g}\npattern: {signal.pattern}"
    msg = f"`NAME` must be a file, a table or a signal, got {name!r}."
    raise ValueError(msg)


def _listing(files: Mapping[str, str]) -> str:
    rows = [
        (table.name, table.where, _points(table.points), len(table.entries), f"{source}:{block.head.number}")
        for source, text in files.items()
        for block in list(blocks(text, source))
        for table in [block.table()]
    ]
    return table_text(_HEAD, rows, width=160)  # names have to be read in full


def _points(points: Mapping[str, float]) -> str:
    return ", ".join(f"{task} {number:g}" for task, number in points.items())


if __name__ == "__main__":
    sys.exit(main())
