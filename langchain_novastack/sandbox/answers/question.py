"""The question of a request, and what it offers to fill a blank with: numbers, names, dates, addresses, SQL.

`words.json` has the `forms` of strings: their defaults, the `pattern` of one in a question (without it none is looked
for there), and `names`, the words with which names of properties of this form end. The names of strings that hold the
`whole` question stand there too, strings that are tried against a pattern which nothing in the question fits, words
that are `common` to names of tools and questions, and for JSON mode keys that hold `numbers`, and names of `types`.
"""

from __future__ import annotations

import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Mapping[str, Any] = json.loads(pkgutil.get_data(__package__, "words.json") or "")
_FORMS: Mapping[str, Mapping[str, str]] = WORDS["forms"]
_BY_LAST_WORD = {word: form for form in _FORMS.values() for word in form.get("names", "").split()}
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w)")
_QUOTATION = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|`([^`\n]+)`|(?<!\w)'([^'\n]+)'(?!\w)")
_CAPITALISED = re.compile(r"(?<=[\w,:;] )(?!I\b)[A-Z][\w'-]*(?:,?\s+[A-Z][\w'-]*)*")
"""Capitalised words that do not begin a sentence."""


def message_text(content: Any) -> str:
    """Return the text of a message's content, its parts joined by line breaks; other parts count for nothing."""
    if isinstance(content, list):
        return "\n".join(str(part["text"]) for part in content if part.get("type") == "text")
    return content if isinstance(content, str) else ""


def last_question(messages: list[dict[str, Any]]) -> tuple[int, str]:
    """Return the place and the text of the last user message; of the last message when there is none."""
    users = [place for place, message in enumerate(messages) if message["role"] == "user"]
    place = users[-1] if users else len(messages) - 1
    return place, message_text(messages[place].get("content"))


def words_of(text: str) -> list[str]:
    """Return the words of a text, or of a name in any style, in lower case."""
    return _WORD.findall(_CAMEL.sub(" ", text).lower())


class Material:
    """What one question offers. Numbers and names are handed out in order, each once."""

    def __init__(self, text: str, purpose: str = "") -> None:
        """Collect it from the text; `purpose` is the name and description of the tool that it is for."""
        self.text = text.strip()
        self.purpose = purpose
        self.numbers = [float(found.replace(",", "")) for found in _NUMBER.findall(text)]
        self.names = [next(filter(None, groups)).strip() for groups in _QUOTATION.findall(text)]
        self.names += _CAPITALISED.findall(_QUOTATION.sub(" ", text))

    def says(self, phrase: str) -> bool:
        """Return whether the text holds a word or phrase, in any case; underscores count as spaces."""
        spoken = rf"(?<!\w){re.escape(phrase)}(?!\w)".replace("_", "[ _-]")
        return bool(phrase) and re.search(spoken, self.text, re.IGNORECASE) is not None

    def value_of(self, name: str) -> str:
        """Return what the text gives a name with `name=value`, `name: value` or `name is value`, or ""."""
        spoken = re.escape(name).replace("_", "[ _-]")
        pattern = rf"(?<!\w){spoken}['\"`]?\s*(?:=|:|\bis\b)\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`|([^\s,;)]+))"
        found = re.search(pattern, self.text, re.IGNORECASE)
        return next((group for group in found.groups() if group), "").rstrip(".?!") if found else ""

    def formed(self, schema: Mapping[str, Any], name: str) -> str | None:
        """Return the first string of the right form in the text, else the form's default; None: there is no form.

        The schema's `format` decides, else the property's name; for a database a query is SQL.
        """
        words = words_of(name) or [""]
        form = _BY_LAST_WORD.get(words[-1])
        if "format" in schema:
            form = _FORMS.get(str(schema["format"]))
        elif words[-1] in {"query", "statement"}:
            database = {"sql", "database", "db", "table"}.intersection([*words, *words_of(self.purpose)])
            form = _FORMS["sql"] if database else None
        if form is None:
            return None
        found = re.search(form["pattern"], self.text, re.IGNORECASE) if "pattern" in form else None
        return found.group() if found else form["default"]
