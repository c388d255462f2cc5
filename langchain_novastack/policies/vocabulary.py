"""The words and signals that `KeywordPolicy` goes by: plain data."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, FiniteFloat, field_validator

from langchain_novastack.tasks import PlainData
from langchain_novastack.validation import bad_argument

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
    """A shape of the text, such as a code fence, that says something about a request."""

    name: str = Field(min_length=1)
    """Unique name, shown in decisions."""

    pattern: str
    """Regular expression. It is searched in the first 800 and last 300 characters; keep it linear. If it begins with
    `^`, all of it is looked for at the beginnings of lines only."""

    needs: str = ""
    """Characters of which every match has one, if they are rare: it is searched only where one of them stands."""

    points: Points
    """What one match adds to a task's score."""

    most: float = Field(default=4.0, gt=0)
    """What all matches together add to a score at most."""


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
    """The signals."""

    def extended(self, *parts: Table | Signal) -> Vocabulary:
        """Return a copy with more tables and signals; one that has a known name takes that one's place."""
        kept = self.without(*(part.name for part in parts if part.name in self.names))
        tables = (*kept.tables, *(part for part in parts if isinstance(part, Table)))
        return Vocabulary(tables=tables, signals=(*kept.signals, *(part for part in parts if isinstance(part, Signal))))

    def without(self, *names: str) -> Vocabulary:
        """Return a copy without the tables and signals of these names.

        Raises:
            ValueError: If there is no such name.
        """
        if unknown := [name for name in names if name not in self.names]:
            raise bad_argument("names", f"be among {', '.join(self.names)}; got {', '.join(unknown)}")
        return Vocabulary(
            tables=tuple(table for table in self.tables if table.name not in names),
            signals=tuple(signal for signal in self.signals if signal.name not in names),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables and signals, in order."""
        return (*(table.name for table in self.tables), *(signal.name for signal in self.signals))

    def __hash__(self) -> int:
        """Hash the names: the rest is large, and vocabularies that are equal have the same names."""
        return hash(self.names)
