"""Files of words as tables and signals: how `words/*.txt` are read. `words/README.md` describes the format."""

from __future__ import annotations

import pkgutil
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from langchain_novastack.policies.vocabulary import Signal, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SETTINGS = ("where", "verbs", "points", "most", "needs", "pattern")
_FRAGMENT = re.compile(r"\(\?&(.+?)\)")


class Block(NamedTuple):
    """One table, signal, or fragment of patterns (a pattern without points), as it stands in a file."""

    source: str  # name of the file, for messages
    line: int
    name: str

    settings: dict[str, tuple[int, str]]  # number of the line and text of each setting
    words: list[tuple[int, str]]  # number and text of each line of words below the empty line

    def fault(self, line: int, message: str) -> ValueError:
        """Return an error that names the file and a line of it."""
        return ValueError(f"{self.source}:{line}: {message}")

    def set(self, line: int, text: str) -> None:
        """Take a line of settings; a `ValueError` if it is not a setting, or one that is already there."""
        name, colon, value = map(str.strip, text.partition(":"))
        there = self.settings.get(name)
        if not colon or name not in _SETTINGS or (there and name != "pattern"):
            known = ", ".join(_SETTINGS)
            raise self.fault(line, f"a line below a name must be a setting ({known}), each once, got {text!r}.")
        self.settings[name] = (there[0], there[1] + value) if there else (line, value)

    def part(self, fragments: Mapping[str, str]) -> Table | Signal:
        """Return the table or signal; a `ValueError` that names file and line if a value is not valid."""
        given: dict[str, Any] = {name: _READ.get(name, str)(text) for name, (_, text) in self.settings.items()}
        try:
            if "pattern" in given:
                pattern = _FRAGMENT.sub(lambda match: fragments.get(match[1], match[0]), given.pop("pattern"))
                return Signal(name=self.name, pattern=pattern, **given)
            words = ",".join(text for _, text in self.words).split(",")
            return Table(name=self.name, entries=tuple(filter(None, map(str.strip, words))), **given)
        except ValidationError as error:
            problem = error.errors()[0]
            name, meaning = str(problem["loc"][0]), re.sub(r"^\w+ should", "must", problem["msg"])
            line, text = self.settings.get(name, (self.line, ""))
            raise self.fault(line, f"`{name}` {meaning}, got {text!r}.") from None


def _points(text: str) -> dict[str, str]:
    pairs = [pair.strip().rpartition(" ") for pair in text.split(",")]
    return {task.strip(): number for task, _, number in pairs}


_READ: Mapping[str, Callable[[str], object]] = {
    "verbs": lambda text: tuple(filter(None, map(str.strip, text.split(";")))),
    "points": _points,
}


def blocks(text: str, source: str) -> list[Block]:
    """Cut the text of a file at its names in brackets; a `ValueError` if a line is not what must stand there."""
    found: list[Block] = []
    in_settings = False
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if line.startswith("["):
            found.append(Block(source, number, line[1:-1].strip(), {}, []))
            in_settings = True
            if not line.endswith("]"):
                raise found[-1].fault(number, f"a name must stand in brackets, got {line!r}.")
        elif not line:
            in_settings = False
        elif line.startswith("#"):
            continue
        elif not found:
            msg = f"{source}:{number}: the name of a table in brackets must stand above its words."
            raise ValueError(msg)
        elif in_settings:
            found[-1].set(number, line)
        else:
            found[-1].words.append((number, line))
    return found


def parts(found: list[Block]) -> Iterator[tuple[Block, Table | Signal]]:
    """Yield the tables and signals of a file, each with what it was read from; see `Block.part`."""
    patterns = {block.name: block.settings["pattern"][1] for block in found if "pattern" in block.settings}
    for block in found:
        if "pattern" not in block.settings or "points" in block.settings:
            yield block, block.part(patterns)


def shipped(name: str) -> str:
    """Return the text of one of the package's files."""
    data = pkgutil.get_data("langchain_novastack", f"policies/keyword/words/{name}")
    return (data or b"").decode("utf-8-sig")


FILES = tuple(shipped("order").split())
"""Names of the package's files of words, in the order in which their tables are read."""
