"""A vocabulary arranged for looking up: its entries by their first word, spelled in plain letters."""

from __future__ import annotations

import json
import pkgutil
import re
import unicodedata
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from langchain_novastack.policies.vocabulary import FOLLOW_UP, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from langchain_novastack.policies.vocabulary import Signal, Vocabulary

INDICATOR = 2.5  # points of a task's own `indicators`: enough to claim a request in which nothing speaks against it

ENDS = ".!?:;\n\u3002\uff01\uff1f\uff1b\uff1a\uff0c\u061f"  # what ends a sentence, or a part of one
WORDS = re.compile(rf"[a-z0-9]+(?:[.&_][a-z0-9]+)*[+#]*|[{ENDS}]+")
"""Words in plain Latin letters, and ends of sentences."""

# Latin letters lose their accents, written after them or not; some Arabic and traditional Chinese letters become the
# variant in the tables.
_VARIANTS = json.loads(pkgutil.get_data("langchain_novastack", "policies/keyword/letters.json") or "")
_FOLDED = dict(zip(*_VARIANTS.values(), strict=True)) | dict.fromkeys(map(chr, range(0x300, 0x370)), "")
for _letter in map(chr, (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))):
    if (_base := unicodedata.normalize("NFD", _letter)[0]) != _letter and _base.isascii():
        _FOLDED[_letter] = _base
_TO_FOLD = re.compile(f"[{''.join(_FOLDED)}]")


def fold(text: str) -> str:
    """Return the text in lower case, without accents and typographic signs."""
    low = text.lower()
    return low if low.isascii() else _TO_FOLD.sub(lambda match: _FOLDED[match.group()], low)


class Part(NamedTuple):
    """What a table or a signal says. A copy: the fields of a model take several times as long to get at."""

    name: str
    points: Mapping[str, float]
    most: float
    where: str = ""
    verbs: tuple[str, ...] = ()


Cue: TypeAlias = tuple[list[str], str, str, Part]
"""The words of an entry after its first two, the entry, where its table lets it count, and what the table says."""

Word: TypeAlias = tuple[list[Cue], list[Cue], dict[str, list[Cue]]]
"""Entries of one word only, all and those that count elsewhere than in openings; longer ones by their second word."""


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
            cues.append((rest[1:], entry, part.where, part))
        for cues in followed.values():
            cues.sort(key=lambda cue: -len(cue[0]))  # the longest first
        self.words[first] = alone, [cue for cue in alone if cue[2] != "opening"], followed
        return self.words[first]

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
    def _pieces(self) -> tuple[re.Pattern[str], dict[str, list[str]]]:
        """The pattern of what stands in other scripts, and pieces by their first two letters, the longest first."""
        alike: dict[str, list[str]] = {}
        for piece in sorted((first for first in self.last if not first.isascii()), key=len, reverse=True):
            alike.setdefault(piece[:2], []).append(piece)
        cut = [key for key in alike if not "\u0400" <= key[0] <= "\u04ff"]  # Cyrillic words are cut whole
        alone = "".join(sorted({key for key in cut if len(key) == 1}))
        first, second = ("".join(sorted({key[at] for key in cut if len(key) > 1})) for at in (0, 1))
        begins = [f"[{alone}]"] if alone else []
        begins += [f"[{first}](?=[{re.escape(second)}])"] if first else []
        return re.compile("|".join([WORDS.pattern, "[\u0400-\u04ff]+", *begins])), alike


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
