"""A vocabulary arranged for looking up: its entries by their first word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from langchain_novastack.policies.keyword.spelling import ENDS, WORDS, fold, token_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Self

    from langchain_novastack.policies.vocabulary import Signal, Table

FOLLOW_UP = "follow-up"
"""What the follow-up tables speak for in place of a task: staying with the task of the message before."""


class Part(NamedTuple):
    """What a table or a signal says. A copy: the fields of a model take several times as long to get at."""

    name: str
    points: Mapping[str, float]
    most: float
    verbs: tuple[str, ...] = ()


class Cue(NamedTuple):
    """One entry of a table, found by its first two words."""

    rest: list[str]
    """The words that must follow those."""

    entry: str
    where: str
    """Where the table lets it count."""

    part: Part


class Word(NamedTuple):
    """What may begin with one word."""

    opening: tuple[Cue, ...] = ()
    """Entries of this word only, for where a sentence opens: all of them."""

    later: tuple[Cue, ...] = ()
    """The same, for elsewhere."""

    followed: Mapping[str, tuple[Cue, ...]] | None = None
    """Longer entries by their second word, the longest first."""


class Index:
    """Tables and signals arranged for looking up. Not changed after it is made."""

    def __init__(self, tables: Iterable[Table], signals: Iterable[Signal] = (), base: Index | None = None) -> None:
        """Arrange the tables and signals, together with those of `base`."""
        self.words: dict[str, Word] = dict(base.words) if base else {}
        self.pieces: dict[str, tuple[str, ...]] = dict(base.pieces) if base else {}
        self.signals: tuple[tuple[Part, re.Pattern[str], bool, str], ...] = base.signals if base else _compiled(signals)
        for table in tables:
            part = Part(table.name, table.points, table.most, table.verbs)
            for entry in table.entries:
                self._add(fold(entry), entry, table.where, part)
        self._tokens = token_pattern([piece for alike in self.pieces.values() for piece in alike])

    def _add(self, folded: str, entry: str, where: str, part: Part) -> None:
        first, *rest = (WORDS.findall(folded) if folded.isascii() else None) or [folded]
        if not first.isascii():
            alike = {*self.pieces.get(first[:2], ()), first}
            self.pieces[first[:2]] = tuple(sorted(alike, key=len, reverse=True))
        word, cue = self.words.get(first, Word()), Cue(rest[1:], entry, where, part)
        if rest:
            followed = dict(word.followed or {})
            cues = (*followed.get(rest[0], ()), cue)
            followed[rest[0]] = tuple(sorted(cues, key=lambda cue: -len(cue.rest)))
            self.words[first] = Word(word.opening, word.later, followed)
        else:
            later = word.later if where == "opening" else (*word.later, cue)
            self.words[first] = Word((*word.opening, cue), later, word.followed)

    def __deepcopy__(self, _: object) -> Self:
        """Nothing in it changes."""
        return self

    def tokens(self, folded: str) -> list[str]:
        """Cut a folded text into words, ends of sentences and pieces of other scripts."""
        if folded.isascii():
            return WORDS.findall(folded)
        found, pieces = [], self.pieces.get
        for match in self._tokens.finditer(folded):
            token, at = match.group(), match.start()
            if token.isascii() or token[0] in ENDS:
                found.append(token)
            else:
                found += [piece for piece in pieces(folded[at : at + 2], ()) if folded.startswith(piece, at)]
                found += pieces(token, ()) if len(token) == 1 else ()
        return found


def _compiled(signals: Iterable[Signal]) -> tuple[tuple[Part, re.Pattern[str], bool, str], ...]:
    """Return what each signal says, its pattern, whether that matches at beginnings of lines only, and its letters."""
    return tuple(
        (Part(each.name, each.points, each.most), _pattern(each.pattern), each.pattern.startswith("^"), each.begins)
        for each in signals
    )


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^(?:{pattern[1:]})" if pattern.startswith("^") else pattern, re.MULTILINE)
