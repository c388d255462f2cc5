"""What a question offers to fill a blank with: its numbers, its quotations, its names, its words."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w)")
_QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|`([^`\n]+)`|(?<!\w)'([^'\n]+)'(?!\w)")
_NAME = re.compile(r"\b[A-Z][\w'-]*(?:,?\s+[A-Z][\w'-]*)*")
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_STOP_TEXT = """
a about all also am an and answer any are as ask at be been but by call can could create did do does each else ever
fetch find for from function generate get give had has have hello help her him his how i if in into is it its just
kind let like list look make many may me more most much must my need new no not now of off on one only or our out
over please run set shall she should show so some tell than that the their them then there these they this those to
tool two up us use used user using value want was we were what when where which while who why will with would yes
you your
"""

STOP = frozenset(_STOP_TEXT.split())
"""Words that say nothing about a question's subject, or that any tool's name may hold."""


def words(text: str) -> set[str]:
    """Return the telling words of a text: lower case, without plural endings, stop words left out."""
    found = {_stem(word) for word in _WORD.findall(_CAMEL.sub(" ", text).replace("_", " ").lower())}
    return {word for word in found if word not in STOP and not word.isdigit()}


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004


class Words:
    """The material of one question, handed out in order and each piece once."""

    def __init__(self, text: str) -> None:
        """Collect what the text offers."""
        self.text = text.strip()
        self._numbers = [float(found.replace(",", "")) for found in _NUMBER.findall(text)]
        self._strings: list[str] = [next(filter(None, groups)).strip() for groups in _QUOTED.findall(text)]
        self._strings += [name for name in map(_without_stop, _NAME.findall(_QUOTED.sub(" ", text))) if name]
        self._salient: list[str] = [
            word for word in _WORD.findall(text) if word.lower() not in STOP and not word.isdigit()
        ]

    def number(self) -> float | None:
        """Return the next number, or None when there is none left."""
        return self._numbers.pop(0) if self._numbers else None

    def string(self) -> str | None:
        """Return the next quotation, else the next name, else the next telling word, or None."""
        if self._strings:
            return self._strings.pop(0)
        return self._salient.pop(0) if self._salient else None

    def count(self, *, numbers: bool) -> int:
        """Return how many numbers, or how many quotations and names, are left."""
        return len(self._numbers if numbers else self._strings)

    def says(self, phrase: str) -> bool:
        """Return whether the text holds a word or phrase, in any case; underscores count as spaces."""
        spoken = rf"(?<!\w){re.escape(phrase)}(?!\w)".replace("_", "[ _-]")
        return bool(phrase) and re.search(spoken, self.text, re.IGNORECASE) is not None

    def value_of(self, name: str) -> str | None:
        """Return what the text gives a name with `name=value`, `name: value` or `name is value`, or None."""
        spoken = re.escape(name).replace("_", "[ _-]")
        pattern = rf"(?<!\w){spoken}['\"`]?\s*(?:=|:|\bis\b)\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`|([^\s,;)]+))"
        found = re.search(pattern, self.text, re.IGNORECASE)
        values: list[str] = [group for group in found.groups() if group] if found else []
        return values[0].rstrip(".?!") if values else None


def _without_stop(name: str) -> str:
    """Return a capitalised phrase without the stop words in front, which begin sentences."""
    parts = name.split()
    while parts and parts[0].strip(",").lower() in STOP:
        parts.pop(0)
    return " ".join(parts)
