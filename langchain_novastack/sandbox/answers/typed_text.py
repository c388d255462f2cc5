"""Strings of a certain form: dates, addresses, paths, SQL. Which form a string has, and one that has it."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(NamedTuple):
    """One form."""

    pattern: str
    """How it looks in a question."""

    default: str


_WEB = Form(r"https?://[^\s\"'<>]+", "https://example.org/simulated")

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "date": Form(r"\d{4}-\d\d-\d\d", "2026-01-31"),
        "date-time": Form(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)", "2026-01-31T12:00:00Z"),
        "time": Form(r"\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", "12:00:00Z"),
        "duration": Form(r"P[\dT][\dYMWDTHS]*", "PT1M"),
        "email": Form(r"[\w.+-]+@[\w-]+\.[\w.]+\w", "simulated@example.org"),
        "uri": _WEB,
        "url": _WEB,
        "hostname": Form(r"[a-z\d-]+(?:\.[a-z\d-]+)+", "simulated.example.org"),
        "uuid": Form(r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}", "00000000-0000-4000-8000-000000000000"),
        "ipv4": Form(r"\d{1,3}(?:\.\d{1,3}){3}", "192.0.2.1"),
        "ipv6": Form(r"[\da-f]*:[\da-f:]+", "2001:db8::1"),
        "path": Form(r"(?<![\w/])(?:[\w.~-]*/)*[\w-]+\.[a-z]\w{1,4}\b|(?<!\w)/[\w./-]*\w", "simulated.txt"),
        "sql": Form(r"\b(?:SELECT\b.+?\bFROM|INSERT\s+INTO|DELETE\s+FROM)\s[^;?\"`]+", "SELECT 1"),
    }
)
"""Forms by the name of a JSON schema's `format`, and two more that only names of properties tell."""

_BY_LAST_WORD = MappingProxyType(
    {"date": "date", "day": "date", "email": "email", "mail": "email", "url": "url", "uri": "uri", "link": "url"}
    | dict.fromkeys(["path", "file", "filename", "filepath", "directory", "folder", "dir"], "path")
    | {"sql": "sql"}
)
_QUERIES = frozenset(["query", "statement"])
_DATABASES = frozenset(["sql", "database", "db", "table"])
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(text: str) -> list[str]:
    """Return the words of a text or of a name in any case, in lower case."""
    return _WORD.findall(_CAMEL.sub(" ", text).lower())


def form_of(schema: Mapping[str, Any], name: str, purpose: str) -> Form | None:
    """Return the form of a string, by its format or by what it is called; None: it has none.

    Args:
        schema: Of the string.
        name: Of the property it is for.
        purpose: Name and description of what takes it: in a tool for a database a query is SQL.
    """
    words = words_of(name) or [""]
    by_name = _BY_LAST_WORD.get(words[-1])
    if words[-1] in _QUERIES and _DATABASES & {*words, *words_of(purpose)}:
        by_name = "sql"
    return FORMS.get(str(schema.get("format") or by_name))
