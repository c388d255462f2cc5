"""Looking words up: a vocabulary arranged by first word, and what one text says by it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from langchain_novastack.policies.spelling import ENDS, WORDS, fold, token_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Self

    from langchain_novastack.policies.vocabulary import Signal, Table

FOLLOW_UP = "follow-up"
"""What the follow-up tables speak for in place of a task: staying with the task of the message before."""

HEAD, TAIL = 500, 250
"""Characters read for words. What lies between is worked on, not asked for."""

DENSE = "\u2e80", "\ud7ff"
"""First and last letter of the scripts that say in one what others say in three: Chinese, Japanese, Korean. Of a text
that begins in one of them half as many characters are read."""

SHAPE_HEAD, SHAPE_TAIL = 800, 300
"""Characters searched for signals."""

FOCUS = 40
"""Words at the beginning, and half as many at the end, count in full; those between by half."""

WINDOW = 8
"""Words after a verb in which the thing asked for stands."""

BARE = 2
"""Words at the beginning that may be the thing asked for without any verb, as in "a haiku about rain"."""


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
        self.signals: tuple[tuple[Part, re.Pattern[str], bool], ...] = base.signals if base else _compiled(signals)
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


class Reading:
    """What one text says: found word by word, then added up."""

    def __init__(self, text: str, index: Index) -> None:
        """Read a text by an index."""
        self.hits: dict[str, tuple[Part, dict[str, float]]] = {}
        self._opening = True
        self._windows = {"making": BARE}
        dense = not text.isascii() and any(DENSE[0] <= letter <= DENSE[1] for letter in text[:20])
        share = 2 if dense else 1
        self.tokens = index.tokens(fold(_QUOTED.sub(" quoted ", _ends(text, HEAD // share, TAIL // share))))
        self._read_words(index)
        shape = _ends(text, SHAPE_HEAD, SHAPE_TAIL)
        one_line = "\n" not in shape
        for part, pattern, at_start in index.signals:
            # Most are not there, and on one line need not be looked for everywhere.
            count = bool(pattern.match(shape)) if one_line and at_start else len(pattern.findall(shape))
            if count:
                self.hits[part.name] = (part, {part.name: count})

    def _read_words(self, index: Index) -> None:
        tokens, find = [*self.tokens, ""], index.words.get
        late = len(tokens) - FOCUS // 2
        for at, token in enumerate(self.tokens):
            word = find(token)
            if word is None:
                self._opening = token[0] in ENDS
                continue
            opening, self._opening = self._opening, False
            weight = 1.0 if at < FOCUS or at >= late else 0.5
            at_opening, later, followed = word
            if followed:
                for cue in followed.get(tokens[at + 1], ()):
                    if not cue.rest or tokens[at + 2 : at + 2 + len(cue.rest)] == cue.rest:
                        self._see(cue, at, weight, opening)
            for cue in at_opening if opening else later:
                self._see(cue, at, weight, opening)

    def _see(self, cue: Cue, at: int, weight: float, opening: bool) -> None:  # noqa: FBT001 - the innermost loop
        """Note a cue where its table lets it count."""
        _, entry, where, part = cue
        if where == "verb":
            self._windows[part.name] = at + WINDOW
        elif where == "closer":
            self._windows.clear()
        elif where == "courtesy":
            self._opening = opening
        elif where == "anywhere" or (opening if where == "opening" else self._is_asked(part, at)):
            if where != "anywhere":
                self._windows.clear()
            entries = self.hits.setdefault(part.name, (part, {}))[1]
            if weight > entries.get(entry, 0.0):
                entries[entry] = weight

    def _is_asked(self, part: Part, at: int) -> bool:
        windows = self._windows
        for verbs in part.verbs if windows else ():  # noqa: SIM110 - `any` would make a generator, which takes longer
            if windows.get(verbs, -1) >= at:
                return True
        return False

    def scores(self) -> dict[str, float]:
        """Add up what was found, for each task that something spoke for or against."""
        totals: dict[str, float] = {}
        for part, entries in self.hits.values():
            count, most = sum(entries.values()), part.most
            for task, points in part.points.items():
                totals[task] = totals.get(task, 0.0) + max(-most, min(most, points * count))
        return totals

    def matched(self, task: str, most: int = 6) -> tuple[str, ...]:
        """Return the entries and signals that spoke for a task, strongest first."""
        found = [
            (-part.points[task] * weight, entry)
            for part, entries in self.hits.values()
            if part.points.get(task, 0) > 0
            for entry, weight in entries.items()
        ]
        return tuple(dict.fromkeys(entry for _, entry in sorted(found)))[:most]


def _compiled(signals: Iterable[Signal]) -> tuple[tuple[Part, re.Pattern[str], bool], ...]:
    """Return what each signal says, its pattern, and whether that can match at the beginning of a line only."""
    return tuple(
        (Part(signal.name, signal.points, signal.most), _pattern(signal.pattern), signal.pattern.startswith("^"))
        for signal in signals
    )


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^(?:{pattern[1:]})" if pattern.startswith("^") else pattern, re.MULTILINE)


def _ends(text: str, head: int, tail: int) -> str:
    return text if len(text) <= head + tail else f"{text[:head]}\n{text[-tail:]}"


# What stands in quotation marks is mentioned, not asked for. An apostrophe within a word is none.
_QUOTED = re.compile(r'"[^"\n]{3,400}"|\u201c[^\u201d\n]{3,400}\u201d|\'(?<!\w\')[^\'\n]{3,200}\'(?!\w)')
