"""The words and signals that `KeywordPolicy` goes by, as plain data, and how files of them are read."""

from __future__ import annotations

import pkgutil
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import Field, FiniteFloat, ValidationError, field_validator

from langchain_novastack.tasks import PlainData
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLLOW_UP = "follow-up"
"""What the follow-up tables speak for in place of a task: staying with the task of the message before."""

Points: TypeAlias = dict[Annotated[str, Field(min_length=1)], FiniteFloat]
"""Points by name of the task."""


class Table(PlainData):
    """Words and phrases that say the same thing about a request.

    An entry in Latin letters stands for whole words, in any case and with or without accents. One in Cyrillic
    stands for the start of a word; one in another script (Chinese, Arabic ...) for any place in the text. The word
    `quoted` stands for whatever the request has in quotation marks.
    """

    name: str = Field(min_length=1)
    """Unique name, for example `"poems and songs"`."""

    entries: tuple[str, ...]
    """Words or phrases. A string is split at commas."""

    points: Points = Field(default_factory=dict)
    """What one entry adds to a task's score; negative speaks against the task. Each entry counts once."""

    most: float = Field(default=4.0, gt=0)
    """What all entries together add to a score at most."""

    where: Literal["anywhere", "opening", "verb", "asked", "courtesy", "closer"] = "anywhere"
    """Where an entry counts.

    - `anywhere`: everywhere in the text.
    - `opening`: only as the first words of a sentence.
    - `courtesy`: never; but such words may stand before an opening.
    - `verb`: never; but it opens a window of a few words for what is asked.
    - `asked`: only in the window of a verb. The first such entry is what the request asks for, and closes it.
    - `closer`: never; but it closes all windows, since what follows is the subject of what is asked.
    """

    verbs: tuple[str, ...] = ()
    """For `asked`: the names of the tables of verbs it may follow."""

    @field_validator("entries", mode="before")
    @classmethod
    def _split(cls, entries: object) -> object:
        """Let a table be written as a paragraph."""
        if not isinstance(entries, str):
            return entries
        return tuple(" ".join(entry.split()) for entry in entries.split(",") if entry.strip())


class Signal(PlainData):
    """A shape of the text, such as a code fence, that says something about a request.

    Attributes:
        name: Unique name, shown in decisions.
        pattern: Regular expression. It is searched in the first 800 and last 300 characters; keep it linear. If it
            begins with `^`, all of it is looked for at the beginnings of lines only.
        needs: Characters of which every match has one, if they are rare: it is searched only where one of them stands.
        points: What one match adds to a task's score.
        most: What all matches together add to a score at most.
    """

    name: str = Field(min_length=1)
    pattern: str
    needs: str = ""
    points: Points
    most: float = Field(default=4.0, gt=0)


class Vocabulary(PlainData):
    """All tables and signals. Change it with `extended` and `without`.

    Example:
        ```python
        slang = Table(name="slang", entries="hackathon, vibe coding", points={"code": 2})
        KeywordPolicy(vocabulary=DEFAULT_VOCABULARY.without("small talk").extended(slang))
        ```
    """

    tables: tuple[Table, ...]
    """The tables. Where a word stands in several, they are read in this order."""

    signals: tuple[Signal, ...] = ()

    def extended(self, *parts: Table | Signal) -> Vocabulary:
        """Return a copy with more tables and signals; one that has a known name takes that one's place."""
        kept = self.without(*(part.name for part in parts if part.name in self.names))
        tables = (*kept.tables, *(part for part in parts if isinstance(part, Table)))
        return Vocabulary(tables=tables, signals=(*kept.signals, *(part for part in parts if isinstance(part, Signal))))

    def without(self, *names: str) -> Vocabulary:
        """Return a copy without the tables and signals of these names; a `ValueError` if there is no such name."""
        if unknown := [name for name in names if name not in self.names]:
            raise bad_argument("names", f"be among {', '.join(self.names)}; got {', '.join(unknown)}")
        tables = tuple(table for table in self.tables if table.name not in names)
        return Vocabulary(tables=tables, signals=tuple(each for each in self.signals if each.name not in names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables and signals, in order."""
        return (*(table.name for table in self.tables), *(signal.name for signal in self.signals))

    def __hash__(self) -> int:
        """Hash the names: the rest is large, and vocabularies that are equal have the same names."""
        return hash(self.names)


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
            must = f"a line below a name must be a setting ({', '.join(_SETTINGS)}), each once"
            raise self.fault(line, f"{must}, got {text!r}.")
        self.settings[name] = (there[0], there[1] + value) if there else (line, value)

    def part(self, fragments: Mapping[str, str]) -> Table | Signal:
        """Return the table or signal; a `ValueError` that names file and line if a value is not valid."""
        given: dict[str, Any] = {name: text for name, (_, text) in self.settings.items()}
        if "points" in given:
            pairs = [pair.strip().rpartition(" ") for pair in given["points"].split(",")]
            given["points"] = {task.strip(): number for task, _, number in pairs}
        if "verbs" in given:
            given["verbs"] = tuple(filter(None, map(str.strip, given["verbs"].split(";"))))
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
