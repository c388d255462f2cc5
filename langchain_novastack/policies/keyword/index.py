"""A vocabulary arranged for looking up: its entries by their first words, spelled in plain letters."""

from __future__ import annotations

import json
import pkgutil
import re
import unicodedata
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_novastack.policies.vocabulary import FOLLOW_UP, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from langchain_novastack.policies.vocabulary import Signal, Vocabulary

INDICATOR = 2.5  # points of a task's own `indicators`: enough to claim a request in which nothing speaks against it

ENDS = ".!?:;\n\u3002\uff01\uff1f\uff1b\uff1a\uff0c\u061f"
"""What ends a sentence, or a part of one."""

_TOKENS = re.compile(rf"[a-z0-9]+(?:[.&_][a-z0-9]+)*[+#]*|[{ENDS}]+")
"""Words in plain Latin letters, and ends of sentences."""

_SPACED = bytes(ord(c.lower() if c.isalnum() or c in f"{ENDS}&_+#" else " ") for c in map(chr, range(128)))
_SPACED = _SPACED.replace(b"\n", b";") + bytes(128)
"""Small letters for large ones, an end of a sentence for one of a line, and spaces for what `_TOKENS` passes over."""

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


class Part:
    """What a table or a signal says. A copy: the fields of a model take several times as long to get at."""

    def __init__(self, of: Table | Signal) -> None:
        """Take a table or a signal."""
        self.name, self.points, self.most = of.name, tuple(of.points.items()), of.most
        self.where, self.verbs = (of.where, of.verbs) if isinstance(of, Table) else ("anywhere", ())


Cue: TypeAlias = tuple[str, str, Part]
"""An entry, where its table lets it count, and what the table says."""

Word: TypeAlias = tuple[list[Cue], list[Cue], dict[str, Any]]
"""Entries that end with a word, all and those that count within a sentence, and the words that go on with others."""


class Index:
    """Tables and signals arranged for looking up: what begins with a word is arranged when the word is first met."""

    def __init__(self, tables: Iterable[Table], signals: Iterable[Signal] = ()) -> None:
        """Chain the entries that begin with the same word, by numbers, which the garbage collector need not look at."""
        self.words: dict[str, Word | int] = {}
        """Words that entries begin with. Until one is met, the last entry that does; see `arrange`."""
        self._before: list[int] = []  # for each entry the one before it that begins with the same word, or -1
        self._entries: list[str] = []
        self._parts: list[Part] = []
        self._signals = [({c.encode()[0] for c in of.needs or "\n"}, of.pattern, Part(of)) for of in signals]
        self.idle = bytes({*range(256)}.difference(*(needs for needs, _, _ in self._signals)))
        """Bytes that no signal needs; of a letter beyond ASCII the first one counts, which others do not end with. Some
        signals need only the end of a line, which is put before every text."""
        self.searches = lru_cache(maxsize=512)(self._searches)
        last: dict[str, Any] = self.words
        add = self._before.append
        for table in tables:
            words = fold("\0".join(table.entries)).split("\0") if table.entries else ()
            for number, folded in enumerate(words, len(self._entries)):
                first = folded.partition(" ")[0] if folded.isascii() else folded
                if not first.isalnum() and (match := folded.isascii() and _TOKENS.search(folded)):
                    first = match[0]
                add(last.get(first, -1))
                last[first] = number
            self._entries += table.entries
            self._parts += [Part(table)] * len(table.entries)

    def arrange(self, first: str, number: int) -> Word:
        """Arrange what begins with a word that was not met before; `number` is the last entry that does."""
        word: Word = [], [], {}
        while number >= 0:
            entry, part, last = self._entries[number], self._parts[number], word
            number = self._before[number]
            for token in _cut(fold(entry))[1:]:
                last = last[2].setdefault(token, ([], [], {}))
            last[0].insert(0, (entry, part.where, part))
            if part.where not in {"opening", "courtesy"}:
                last[1].insert(0, (entry, part.where, part))
        self.words[first] = word
        return word

    def _searches(self, found: frozenset[int]) -> list[tuple[bool, Callable[[str], list[Any]], Part]]:
        """Return the signals to look for in a text with these of the bytes that are needed; see `_search`."""
        return [(*_search(pattern), part) for needs, pattern, part in self._signals if not needs.isdisjoint(found)]

    def tokens(self, text: str) -> list[str]:
        """Cut a text into folded words, ends of sentences and pieces of other scripts."""
        if text.isascii():
            return _latin(text)
        folded = fold(text)
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
        others = [word for word in [*self.words] if not word.isascii()]
        for piece in sorted(others, key=len, reverse=True):
            alike.setdefault(piece[:2], []).append(piece)
        return re.compile(rf"{_TOKENS.pattern}|[\u0400-\u04ff]+|[^\x00-\x7f]"), alike  # Cyrillic words are cut whole


@lru_cache(maxsize=8)
def index_of(vocabulary: Vocabulary, *indicators: tuple[str, tuple[str, ...]]) -> Index:
    """Return the index of what speaks for or against tasks, given their own indicators; else for a follow-up."""
    if not indicators:
        return Index(table for table in vocabulary.tables if FOLLOW_UP in table.points or table.where == "courtesy")
    own = (Table(name=f"task {name}", entries=words, points={name: INDICATOR}) for name, words in indicators)
    return Index([*(table for table in vocabulary.tables if FOLLOW_UP not in table.points), *own], vocabulary.signals)


@lru_cache(maxsize=256)  # compiled when it is first looked for: of most texts a few are
def _search(pattern: str) -> tuple[bool, Callable[[str], list[Any]]]:
    """Return whether it is for lines, each with the end of the one before it, and what finds all matches."""
    lines = pattern.startswith("^")
    return lines, re.compile(rf"\n(?:{pattern[1:]})" if lines else pattern, re.MULTILINE).findall


def _latin(text: str) -> list[str]:
    """Cut a text in plain letters: most pieces between white space are words, and need no search."""
    found: list[str] = []
    for piece in text.encode().translate(_SPACED).decode().split():
        if piece.isalnum():
            found.append(piece)
        elif piece[:-1].isalnum() and piece[-1] in ENDS:
            found += piece[:-1], piece[-1]
        else:
            found += _TOKENS.findall(piece)
    return found


def _cut(folded: str) -> list[str]:
    """Return the words of an entry; one in another script is not cut."""
    return (_latin(folded) if folded.isascii() else []) or [folded]
