"""Strings of a certain form: dates, addresses, paths, SQL. `forms.json` has their defaults, and who has which form.

A form's `pattern` is how it looks in a question (without one it is not looked for there), `names` are the words with
which the names of properties of this form end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.data_files import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMS: Mapping[str, Mapping[str, str]] = read_json(__package__, "forms.json")
_BY_LAST_WORD = {word: form for form in _FORMS.values() for word in form.get("names", "").split()}
_QUERIES = frozenset(["query", "statement"])
_DATABASES = frozenset(["sql", "database", "db", "table"])
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(text: str) -> list[str]:
    """Return the words of a text, or of a name in any style, in lower case."""
    return _WORD.findall(_CAMEL.sub(" ", text).lower())


def formed(schema: Mapping[str, Any], name: str, purpose: str, question: str) -> str | None:
    """Return the first string of the right form in a question, else the form's default; None: there is no form.

    Args:
        schema: Of the string; its `format` decides, else what it is called.
        name: Of the property it is for.
        purpose: Name and description of what takes it: in a tool for a database a query is SQL.
        question: Where to look.
    """
    words = words_of(name) or [""]
    form = _BY_LAST_WORD.get(words[-1])
    if "format" in schema:
        form = _FORMS.get(str(schema["format"]))
    elif words[-1] in _QUERIES and _DATABASES.intersection([*words, *words_of(purpose)]):
        form = _FORMS["sql"]
    if form is None:
        return None
    found = re.search(form["pattern"], question, re.IGNORECASE) if "pattern" in form else None
    return found.group() if found else form["default"]
