"""Strings of a certain form: dates, addresses, paths, SQL. `forms.json` has their defaults, and who has which form."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUERIES = frozenset(["query", "statement"])
_DATABASES = frozenset(["sql", "database", "db", "table"])
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Form(NamedTuple):
    """One form."""

    default: str

    pattern: str = ""
    """How it looks in a question; empty: it is not looked for there."""

    names: str = ""
    """Words, with spaces between them, with which the names of properties of this form end."""

    def value(self, question: str) -> str:
        """Return the first string of this form in a question, or the default."""
        found = re.search(self.pattern, question, re.IGNORECASE) if self.pattern else None
        return found.group() if found else self.default


_FORMS_TEXT = files(__package__).joinpath("forms.json").read_text(encoding="utf-8")
_FORMS = {name: Form(**row) for name, row in json.loads(_FORMS_TEXT).items()}
_BY_LAST_WORD = {word: form for form in _FORMS.values() for word in form.names.split()}


def words_of(text: str) -> list[str]:
    """Return the words of a text, or of a name in any style, in lower case."""
    return _WORD.findall(_CAMEL.sub(" ", text).lower())


def form_of(schema: Mapping[str, Any], name: str, purpose: str) -> Form | None:
    """Return the form of a string, by its format or by what it is called; None: it has none.

    Args:
        schema: Of the string.
        name: Of the property it is for.
        purpose: Name and description of what takes it: in a tool for a database a query is SQL.
    """
    words = words_of(name) or [""]
    if "format" in schema:
        return _FORMS.get(str(schema["format"]))
    if words[-1] in _QUERIES and _DATABASES.intersection([*words, *words_of(purpose)]):
        return _FORMS["sql"]
    return _BY_LAST_WORD.get(words[-1])
