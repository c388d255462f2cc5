"""What one text says: which entries of an index stand in it where they count, added up for each task."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from langchain_novastack.policies.keyword.index import ENDS

if TYPE_CHECKING:
    from langchain_novastack.policies.keyword.index import Index, Part

HEAD, TAIL = 500, 250  # characters read for words. What lies between is worked on, not asked for.
DENSE = "\u2e80", "\ud7ff"
"""First and last letter of the scripts that say in one what others say in three: Chinese, Japanese, Korean. Of a text
that begins in one of them half as many characters are read."""

SHAPE_HEAD, SHAPE_TAIL = 800, 300  # characters searched for signals
FOCUS = 40  # words at the beginning, and half as many at the end, count in full; those between by half
WINDOW = 8  # words after a verb in which the thing asked for stands
BARE = 2  # words at the beginning that may be the thing asked for without any verb, as in "a haiku about rain"
# What is in quotation marks is mentioned, not asked for. An apostrophe within a word does not quote.
_QUOTED = re.compile(r'"[^"\n]{3,400}"|\u201c[^\u201d\n]{3,400}\u201d|\'(?<!\w\')[^\'\n]{3,200}\'(?!\w)')


class Reading:
    """What one text says: found word by word, then added up."""

    def __init__(self, text: str, index: Index) -> None:
        """Read a text by an index."""
        self.hits: dict[str, tuple[Part, dict[str, float]]] = {}
        """What each table or signal says, by its name, and its entries that were found."""
        self.scores: dict[str, float] = {}
        """Points of each task that something spoke for or against."""
        self.ups: dict[str, float] = {}
        """Points of each task that something spoke for, without what spoke against it."""
        share = 2 if not text.isascii() and any(DENSE[0] <= letter <= DENSE[1] for letter in text[:20]) else 1
        words = _ends(text, HEAD // share, TAIL // share)
        if '"' in words or words.count("'") > 1 or "\u201c" in words:
            words = _QUOTED.sub(" quoted ", words)
        tokens = index.tokens(words)
        index.meet(tokens)
        self.length = len(tokens)
        """Words, and ends of sentences."""
        self._read_words(tokens, index)
        shape = _ends(text, SHAPE_HEAD, SHAPE_TAIL)
        self.one_line = "\n" not in shape
        lines, letters = f"\n{shape}", shape.encode(errors="ignore").translate(None, index.idle).decode()
        for signal in index.signals:
            if signal.needs and signal.needs.isdisjoint(letters):
                continue
            if count := len(signal.find(lines if signal.at_start else shape)):
                self.hits[signal.part[0]] = signal.part, {signal.part[0]: count}
        self._add_up()

    def _read_words(self, tokens: list[str], index: Index) -> None:
        find, count, opens, windows = index.words.get, len(tokens), True, {"making": BARE}
        for at, token in enumerate(tokens):
            word = find(token)
            if word is None:
                opens = token[0] in ENDS
                continue
            place: Literal[0, 1] = 0 if opens else 1
            cues, followed, ahead = word[place], word[2], at + 1
            while followed and ahead < count and (longer := followed.get(tokens[ahead])):
                cues, followed, ahead = longer[place] + cues, longer[2], ahead + 1
            opening, opens = opens, False
            for entry, where, part in cues:
                if where == "verb":
                    windows[part[0]] = at + WINDOW
                elif where == "closer":
                    windows = {}
                elif where == "courtesy":
                    opens = opening
                elif where == "anywhere":
                    self._note(part, entry, at)
                elif opening if where == "opening" else windows and [v for v in part[4] if windows.get(v, -1) >= at]:
                    windows = {}
                    self._note(part, entry, at)

    def _note(self, part: Part, entry: str, at: int) -> None:
        weight = 1.0 if at < FOCUS or at >= self.length + 1 - FOCUS // 2 else 0.5
        found = self.hits.get(part[0])
        if found is None:
            self.hits[part[0]] = part, {entry: weight}
        elif weight > found[1].get(entry, 0.0):
            found[1][entry] = weight

    def _add_up(self) -> None:
        scores, ups = self.scores, self.ups
        for part, entries in self.hits.values():
            count, most = sum(entries.values()), part[2]
            for task, points in part[1].items():
                score = points * count
                if score > 0:
                    score = min(score, most)
                    ups[task] = ups.get(task, 0.0) + score
                elif score < -most:
                    score = -most
                scores[task] = scores.get(task, 0.0) + score

    def matched(self, task: str) -> list[str]:
        """Return the entries and signals that spoke for a task, strongest first."""
        found: dict[str, float] = {}
        for part, entries in self.hits.values():
            if (points := part[1].get(task, 0.0)) > 0:
                for entry, weight in entries.items():
                    found[entry] = min(-points * weight, found.get(entry, 0.0))
        return [entry for _, entry in sorted([(points, entry) for entry, points in found.items()])]


def _ends(text: str, head: int, tail: int) -> str:
    return text if len(text) <= head + tail else f"{text[:head]}\n{text[-tail:]}"
