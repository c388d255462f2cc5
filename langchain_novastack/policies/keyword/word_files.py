"""Files of words as tables: how `words/*.txt` are read. `words/README.md` describes the format."""

from __future__ import annotations

import pkgutil
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from langchain_novastack.policies.vocabulary import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FILES = (
    "code",
    "code_requests",
    "code_concepts",
    "fiction_requests",
    "fiction",
    "ideas",
    "role_play",
    "everyday",
    "other_languages",
    "other_languages_fiction",
    "other_languages_role_play",
)
"""The shipped files, in the order in which their tables are read."""

_WHERE = get_args(Table.model_fields["where"].annotation)


class Line(NamedTuple):
    """A line of a file."""

    number: int
    text: str


class Block(NamedTuple):
    """One table as it stands in a file."""

    source: str
    """Name of the file, for messages."""

    head: Line
    """The table's name, without its brackets."""

    settings: dict[str, Line]
    """The text of each setting by its name."""

    words: list[Line]
    """The lines of words below the empty line."""

    def fault(self, line: int, message: str) -> ValueError:
        """Return an error that names the file and a line of it."""
        return ValueError(f"{self.source}:{line}: {message}")

    def set(self, line: Line) -> None:
        """Take a line of settings.

        Raises:
            ValueError: If it is not a setting, or one that there is already.
        """
        name, colon, value = map(str.strip, line.text.partition(":"))
        if not colon or name in self.settings:
            raise self.fault(line.number, "a line below the name of a table must be a setting, each only once.")
        self.settings[name] = Line(line.number, value)

    def table(self) -> Table:
        """Return the table.

        Raises:
            ValueError: If a setting is unknown or its value is not valid; the message names file and line.
        """
        given: dict[str, Any] = {}
        for name, (number, text) in self.settings.items():
            if name not in _SETTINGS:
                raise self.fault(number, f"a setting must be one of {', '.join(_SETTINGS)}, got {name!r}.")
            read, meaning = _SETTINGS[name]
            try:
                given[name] = read(text)
            except ValueError:
                raise self.fault(number, f"`{name}` must be {meaning}, got {text!r}.") from None
        entries = ",".join(line.text for line in self.words).split(",")
        return Table(name=self.head.text, entries=tuple(filter(None, map(str.strip, entries))), **given)


def blocks(text: str, source: str) -> Iterator[Block]:
    """Cut the text of a file into its tables.

    Raises:
        ValueError: If a line belongs to no table, or is not a setting where one is expected.
    """
    block, in_settings = None, False
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if line.startswith("["):
            block, in_settings = Block(source, Line(number, line[1:-1].strip()), {}, []), True
            if not block.head.text or not line.endswith("]"):
                raise block.fault(number, "the name of a table must stand in brackets.")
            yield block  # filled before the next one is asked for
        elif not line:
            in_settings = False
        elif line.startswith("#"):
            pass
        elif block is None:
            msg = f"{source}:{number}: words must stand below the name of a table in brackets."
            raise ValueError(msg)
        elif in_settings:
            block.set(Line(number, line))
        else:
            block.words.append(Line(number, line))


def shipped(name: str) -> str:
    """Return the text of one of `FILES`."""
    data = pkgutil.get_data("langchain_novastack", f"policies/keyword/words/{name}.txt")
    return (data or b"").decode("utf-8-sig")


def tables(text: str, source: str) -> list[Table]:
    """Return the tables of a file.

    Raises:
        ValueError: If the text is not a file of words; the message names file and line.
    """
    return [block.table() for block in list(blocks(text, source))]


def _where(text: str) -> str:
    if text not in _WHERE:
        raise ValueError
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(";"))))


def _points(text: str) -> dict[str, float]:
    pairs = [pair.strip().rpartition(" ") for pair in text.split(",")]
    points = {task.strip(): float(number) for task, _, number in pairs}
    if len(points) < len(pairs) or not all(points) or not all(map(isfinite, points.values())):
        raise ValueError
    return points


def _most(text: str) -> float:
    if not 0 < float(text) < float("inf"):
        raise ValueError
    return float(text)


_SETTINGS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "where": (_where, f"one of {', '.join(_WHERE)}"),
    "verbs": (_names, "names of tables, separated by semicolons"),
    "points": (_points, "tasks with finite numbers, such as `creative 2, code -1.5`"),
    "most": (_most, "a number above 0"),
}
"""For each setting how it is read, and what it must be."""
