"""What one text says: which entries of an index stand in it where they count, added up for each task."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from langchain_novastack.policies.keyword.spelling import ENDS, fold

if TYPE_CHECKING:
    from langchain_novastack.policies.keyword.index import Cue, Index, Part

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


class Reading:
    """What one text says: found word by word, then added up."""

    def __init__(self, text: str, index: Index) -> None:
        """Read a text by an index."""
        self.hits: dict[str, tuple[Part, dict[str, float]]] = {}
        self._windows = {"making": BARE}
        dense = not text.isascii() and any(DENSE[0] <= letter <= DENSE[1] for letter in text[:20])
        share = 2 if dense else 1
        self.tokens = index.tokens(fold(_QUOTED.sub(" quoted ", _ends(text, HEAD // share, TAIL // share))))
        self._read_words(index)
        shape = _ends(text, SHAPE_HEAD, SHAPE_TAIL)
        one_line = "\n" not in shape
        for part, pattern, at_start, begins in index.signals:
            if begins and not any(map(shape.__contains__, begins)):
                continue
            # Most are not there, and on one line need not be looked for everywhere.
            count = bool(pattern.match(shape)) if one_line and at_start else len(pattern.findall(shape))
            if count:
                self.hits[part.name] = (part, {part.name: count})

    def _read_words(self, index: Index) -> None:
        tokens, find, count, opens = [*self.tokens, "", ""], index.words.get, self._count, True
        known = index.last
        for at, token in enumerate(self.tokens):
            word = find(token)
            if word is None:
                if token not in known:
                    opens = token[0] in ENDS
                    continue
                word = index.arranged(token)
            opening, opens = opens, False
            at_opening, later, followed = word
            if followed and (longer := followed.get(tokens[at + 1])):
                for cue in longer:
                    rest = cue[0]
                    if not rest or (tokens[at + 2] == rest[0] and tokens[at + 2 : at + 2 + len(rest)] == rest):
                        opens = count(cue, at, opening) or opens
            for cue in at_opening if opening else later:
                opens = count(cue, at, opening) or opens

    def _count(self, cue: Cue, at: int, opening: bool) -> bool:  # noqa: FBT001 - the innermost loop
        """Count a cue where its table lets it; return whether what follows it still opens the sentence."""
        _, entry, where, part = cue
        windows = self._windows
        if where == "verb":
            windows[part.name] = at + WINDOW
        elif where == "closer":
            windows.clear()
        elif where == "courtesy":
            return opening
        elif where == "anywhere":
            self._note(part, entry, at)
        elif opening if where == "opening" else windows and self._is_asked(part, at):
            windows.clear()
            self._note(part, entry, at)
        return False

    def _note(self, part: Part, entry: str, at: int) -> None:
        weight = 1.0 if at < FOCUS or at >= len(self.tokens) + 1 - FOCUS // 2 else 0.5
        found = self.hits.get(part.name)
        if found is None:
            self.hits[part.name] = part, {entry: weight}
        elif weight > found[1].get(entry, 0.0):
            found[1][entry] = weight

    def _is_asked(self, part: Part, at: int) -> bool:
        for verbs in part.verbs:  # noqa: SIM110 - `any` would make a generator, which takes longer
            if self._windows.get(verbs, -1) >= at:
                return True
        return False

    def scores(self) -> dict[str, float]:
        """Add up what was found, for each task that something spoke for or against."""
        totals: dict[str, float] = {}
        for part, entries in self.hits.values():
            count, most = sum(entries.values()), part.most
            for task, points in part.points.items():
                score = points * count
                if not -most <= score <= most:
                    score = most if score > 0 else -most
                totals[task] = totals.get(task, 0.0) + score
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


def _ends(text: str, head: int, tail: int) -> str:
    return text if len(text) <= head + tail else f"{text[:head]}\n{text[-tail:]}"


# What is in quotation marks is mentioned, not asked for. An apostrophe within a word does not quote.
_QUOTED = re.compile(r'"[^"\n]{3,400}"|\u201c[^\u201d\n]{3,400}\u201d|\'(?<!\w\')[^\'\n]{3,200}\'(?!\w)')
