"""A vocabulary arranged for looking up: its entries by their first word."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from langchain_novastack.policies.keyword.spelling import ENDS, WORDS, fold, token_pattern
from langchain_novastack.policies.vocabulary import FOLLOW_UP, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from langchain_novastack.policies.vocabulary import Signal, Vocabulary

INDICATOR = 2.5  # points of a task's own `indicators`: enough to claim a request in which nothing speaks against it


class Part(NamedTuple):
    """What a table or a signal says. A copy: the fields of a model take several times as long to get at."""

    name: str
    points: Mapping[str, float]
    most: float
    where: str = ""
    verbs: tuple[str, ...] = ()


class Cue(NamedTuple):
    """One entry of a table, found by its first two words."""

    rest: list[str]  # the words that must follow those
    entry: str
    where: str  # where the table lets it count
    part: Part


class Word(NamedTuple):
    """What may begin with one word."""

    opening: list[Cue]  # entries of this word only, for where a sentence opens: all of them
    later: list[Cue]  # the same, for elsewhere
    followed: Mapping[str, list[Cue]]  # longer entries by their second word, the longest first


class Index:
    """Tables and signals arranged for looking up: what begins with a word is arranged when the word is first met."""

    def __init__(self, tables: Iterable[Table], signals: Iterable[Signal] = ()) -> None:
        """Take in tables and signals.

        Of the 14,000 entries only numbers are kept: for each first word that of its last entry (`last`), and for each
        entry that of the one before it with the same first word (`before`). This takes a few milliseconds, and leaves
        nothing that the garbage collector would have to look through.
        """
        self.words: dict[str, Word] = {}
        self.last: dict[str, int] = {}
        self.before: list[int] = []
        self.entries: list[str] = []
        self.parts: list[Part] = []
        self.signals = [*map(_shape, signals)]
        last, before = self.last, self.before
        for table in tables:
            entries = table.entries
            folded = fold("\0".join(entries)).split("\0") if entries else []
            for number, first in enumerate(map(_first, folded), len(before)):
                before.append(last.get(first, -1))
                last[first] = number
            self.entries += entries
            self.parts += [Part(table.name, table.points, table.most, table.where, table.verbs)] * len(entries)

    def arranged(self, first: str) -> Word:
        """Arrange what begins with a word of `last`, and keep it in `words`."""
        alone: list[Cue] = []
        followed: dict[str, list[Cue]] = {}
        numbers = [self.last[first]]
        while (number := self.before[numbers[-1]]) >= 0:
            numbers.append(number)
        for number in reversed(numbers):
            entry, part = self.entries[number], self.parts[number]
            folded = fold(entry)  # an entry in another script is not cut into words
            rest = WORDS.findall(folded)[1:] if folded.isascii() else []
            cues = followed.setdefault(rest[0], []) if rest else alone
            cues.append(Cue(rest[1:], entry, part.where, part))
        for cues in followed.values():
            cues.sort(key=lambda cue: -len(cue.rest))
        later = [cue for cue in alone if cue.where != "opening"]
        word = self.words[first] = Word(alone, later, followed)
        return word

    def tokens(self, folded: str) -> list[str]:
        """Cut a folded text into words, ends of sentences and pieces of other scripts."""
        if folded.isascii():
            return WORDS.findall(folded)
        pattern, alike = self._pieces
        found, pieces = [], alike.get
        for match in pattern.finditer(folded):
            token, at = match.group(), match.start()
            if token.isascii() or token[0] in ENDS:
                found.append(token)
            else:
                found += [piece for piece in pieces(folded[at : at + 2], ()) if folded.startswith(piece, at)]
                found += pieces(token, ()) if len(token) == 1 else ()
        return found

    @cached_property
    def _pieces(self) -> tuple[re.Pattern[str], Mapping[str, list[str]]]:
        """What stands in other scripts: its pattern, and the pieces by their first two letters, the longest first."""
        pieces = sorted((first for first in self.last if not first.isascii()), key=len, reverse=True)
        alike: dict[str, list[str]] = {}
        for piece in pieces:
            alike.setdefault(piece[:2], []).append(piece)
        return token_pattern(pieces), alike


@lru_cache(maxsize=4)
def index_of(vocabulary: Vocabulary, indicators: tuple[tuple[str, tuple[str, ...]], ...]) -> Index:
    """Return the index of everything that speaks for or against tasks, with tasks' own indicators by their names."""
    own = (Table(name=f"task {name}", entries=words, points={name: INDICATOR}) for name, words in indicators)
    return Index([*(table for table in vocabulary.tables if FOLLOW_UP not in table.points), *own], vocabulary.signals)


@lru_cache(maxsize=4)
def follow_ups_of(vocabulary: Vocabulary) -> Index:
    """Return the index of what speaks for a follow-up."""
    return Index(table for table in vocabulary.tables if FOLLOW_UP in table.points or table.where == "courtesy")


def _first(folded: str) -> str:
    """Return the first word of an entry; one in another script is not cut."""
    if not folded.isascii():
        return folded
    word = folded.partition(" ")[0]
    return word if word.isalnum() else next(iter(WORDS.findall(folded)), folded)


def _shape(signal: Signal) -> tuple[Part, re.Pattern[str], bool, frozenset[str] | None]:
    """Return what a signal says, its pattern, whether that matches at beginnings of lines only, and what it needs."""
    at_start = signal.pattern.startswith("^")
    pattern = re.compile(f"^(?:{signal.pattern[1:]})" if at_start else signal.pattern, re.MULTILINE)
    return Part(signal.name, signal.points, signal.most), pattern, at_start, frozenset(signal.needs) or None
