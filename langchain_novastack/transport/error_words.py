"""What a gateway says went wrong: words, codes and status, wherever in a body it puts them.

Tables: `dialects/errors.json` (places) and `dialects/overflow.json` (wordings).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from langchain_novastack.dialects import column, table

_DEPTH = 8
_MARKUP = re.compile("<[a-zA-Z!?/]")  # how a page begins; `<400> InternalError` (Qwen's own host) are words
_PAGE = re.compile(r"<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
"""How a page begins that stands where words are expected, which may begin with a tag of their own."""
_STATUSES = frozenset(map(str, range(400, 600)))  # text, since a code may be any digits there are


class Said(NamedTuple):
    """What a body says of a failure: the gateway's own message, and its codes and types, the most telling first."""

    words: str = ""
    codes: tuple[str, ...] = ()

    @property
    def code(self) -> str | None:
        """The most telling code; None without any."""
        return self.codes[0] if self.codes else None

    @property
    def status(self) -> int | None:
        """The HTTP status that stands among the codes; None without one."""
        return next((int(code) for code in self.codes if code in _STATUSES), None)

    @property
    def overflow(self) -> bool:
        """Whether the prompt was longer than the window."""
        told = Said(" ".join((self.words, *self.codes)))
        said = told._has("overflow", "wordings") and not self._has("overflow", "other_meanings")
        return said or self._has_code("overflow", "codes")

    @property
    def quota(self) -> bool:
        """Whether the account has nothing left to spend."""
        return self._has_code("errors", "quota") or self._has("errors", "quota_words")

    def _has_code(self, name: str, part: str) -> bool:
        return not {code.lower() for code in self.codes}.isdisjoint(column(name, part, "code"))

    def _has(self, name: str, part: str) -> bool:
        return bool(_any(name, part).search(self.words.lower()))


@cache
def _any(name: str, part: str) -> re.Pattern[str]:
    """Compile the wordings of a table into one expression."""
    return re.compile("|".join(f"(?:{words})" for words in column(name, part, "words")))


def read_error(body: object, depth: int = 0) -> Said:
    """Return what a body says: JSON of any published shape, a text, or neither."""
    if depth > _DEPTH:
        return Said()
    if isinstance(body, str):
        return _text(body.strip(), depth)
    if isinstance(body, list):
        return next((said for each in body if (said := read_error(each, depth + 1)).words), Said())
    return _mapping(body, depth) if isinstance(body, Mapping) else Said()


def _text(text: str, depth: int) -> Said:
    with suppress(RecursionError, ValueError):
        if text.startswith(("{", "[")):
            return read_error(json.loads(text), depth + 1)
    return Said() if (_PAGE if depth else _MARKUP).match(text) else Said(text)


def _mapping(body: Mapping[Any, Any], depth: int) -> Said:
    """Look into an envelope first, then at the body's own words, then wherever else words may stand."""
    places = column("errors", "inside", "key")
    first = places[:3]
    keys = [key for key in (*column("errors", "words", "key"), *places) if body.get(key)]
    keys.sort(key=lambda key: key not in first or isinstance(body[key], str))  # beside words, a text is only a title
    found = {key: read_error(body[key], depth + 1) for key in keys}
    inner = next((said for said in found.values() if said.words), Said())
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    raw = read_error(metadata.get("raw"), depth + 1)
    words = ": ".join(part for part in (inner.words, raw.words if raw.words not in inner.words else "") if part)
    beside = (found[key].codes for key in first if key in found)
    codes = [*_codes(metadata)[:1], *inner.codes, *chain(*beside), *_codes(body), *raw.codes]
    return Said(words, tuple(dict.fromkeys(codes)))


def _codes(body: Mapping[Any, Any]) -> tuple[str, ...]:
    values = [body[key] for key in (*column("errors", "codes", "key"), "status") if key in body]
    codes = [str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool)]
    return tuple([code for code in codes if code and code != "error"])


def in_band(body: Mapping[Any, Any]) -> Said | None:
    """Return what an error in a 200 says that has no `error`; None if the body shows no sign of one."""
    said = read_error(body)
    if not said.words:
        return None
    signs = any(body.get(row["key"]) is value or (body.get(row["key"]) == value and isinstance(value, str))
                for row in table("errors")["signs"] for value in row["fails"])  # fmt: skip
    coded = any(code.lower() not in column("errors", "fine", "code") for code in said.codes)
    return said if signs or coded or any(body.get(key) for key in ("detail", "errors")) else None
