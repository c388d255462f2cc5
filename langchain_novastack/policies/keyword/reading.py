"""What one text says: which entries of an index stand in it where they count, added up for each task."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from langchain_novastack.policies.keyword.index import ENDS

if TYPE_CHECKING:
    from langchain_novastack.policies.keyword.index import Cue, Index, Part

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
        self.hits: dict[Part, dict[str, float]] = defaultdict(dict)
        """What tables and signals say, each with its entries that were found."""
        self.scores: dict[str, float] = {}
        """Points of each task that something spoke for or against."""
        self.ups: dict[str, float] = {}
        """Points of each task that something spoke for, without what spoke against it."""
        self._spoke: dict[str, list[tuple[float, dict[str, float]]]] = defaultdict(list)
        words = shape = text
        if len(text) > (HEAD + TAIL) // 2:
            share = 2 if not text.isascii() and any(DENSE[0] <= letter <= DENSE[1] for letter in text[:20]) else 1
            words, shape = _ends(text, HEAD // share, TAIL // share), _ends(text, SHAPE_HEAD, SHAPE_TAIL)
        if '"' in words or words.count("'") > 1 or "\u201c" in words:
            words = _QUOTED.sub(" quoted ", words)
        tokens = index.tokens(words)
        self.length = len(tokens)
        """Words, and ends of sentences."""
        self._read_words(tokens, index)
        self.one_line = "\n" not in shape
        self._look(shape, index)
        self._add_up()

    def _read_words(self, tokens: list[str], index: Index) -> None:
        find, opens, windows = index.words.get, True, {"making": BARE}
        tokens = [*tokens, " "]  # which no entry goes on with
        for at, token in enumerate(tokens):
            word = find(token)
            if word is None:
                opens = token[0] in ENDS
                continue
            first, later, longer = index.arrange(token, word) if isinstance(word, int) else word
            cues, ahead = first if opens else later, at + 1
            while tokens[ahead] in longer:
                first, later, longer = longer[tokens[ahead]]
                cues, ahead = (first if opens else later) + cues, ahead + 1
            opens = bool(cues) and self._take(cues, at, windows, opening=opens)

    def _take(self, cues: list[Cue], at: int, windows: dict[str, int], *, opening: bool) -> bool:
        """Note entries that count at their place; tell whether the words after them still open the sentence."""
        opens, weight = False, 1.0 if at < FOCUS or at > self.length - FOCUS // 2 else 0.5
        for entry, where, part in cues:
            if where == "verb":
                windows[part.name] = at + WINDOW
            elif where == "closer":
                windows.clear()
            elif where == "courtesy":
                opens = opening
            elif where == "anywhere" or (
                opening if where == "opening" else windows and [v for v in part.verbs if windows.get(v, -1) >= at]
            ):
                if where != "anywhere":
                    windows.clear()
                found = self.hits[part]
                if found.get(entry, 0.0) < weight:
                    found[entry] = weight
        return opens

    def _look(self, text: str, index: Index) -> None:
        lines = f"\n{text}"
        letters = frozenset(lines.encode(errors="ignore").translate(None, index.idle))
        for of_lines, find, part in index.searches(letters):
            if found := find(lines if of_lines else text):
                self.hits[part] = {part.name: len(found)}

    def _add_up(self) -> None:
        scores, ups = self.scores, self.ups
        for part, entries in self.hits.items():
            count, most = sum(entries.values()), part.most
            for task, points in part.points:
                score = points * count
                if score > 0:
                    score = min(score, most)
                    ups[task] = ups.get(task, 0.0) + score
                    self._spoke[task].append((points, entries))
                elif score < -most:
                    score = -most
                scores[task] = scores.get(task, 0.0) + score

    def matched(self, task: str) -> list[str]:
        """Return the entries and signals that spoke for a task, strongest first."""
        spoke = self._spoke.get(task)
        if not spoke:
            return []
        found = [(-points * weight, entry) for points, entries in spoke for entry, weight in entries.items()]
        return [*dict.fromkeys([entry for _, entry in sorted(found)])]


def _ends(text: str, head: int, tail: int) -> str:
    return text if len(text) <= head + tail else f"{text[:head]}\n{text[-tail:]}"
