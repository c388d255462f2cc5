"""How long a gateway asks to wait, wherever it says so: in headers, in fields of a body, in words.

All results are seconds from now, finite and not below 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import chain
from math import isfinite
from time import time
from typing import Any

from pydantic import TypeAdapter

from langchain_novastack.dialects import column, table

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART = r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])"
_DURATION = re.compile(rf"(?:{_PART}[\s,]*(?:and\s+)?)+", re.IGNORECASE)
_MOMENT, _MOMENT_MS = 1e9, 1e11
"""From so large on, a number may be a moment (in seconds, in milliseconds since 1970), not a time to wait."""
_NEAR = 366 * 86_400.0  # seconds from now within which a number is such a moment


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the wait that `Retry-After` or one of its kin asks for; None without one."""
    told = (seconds(headers.get(row["name"]), row["unit"]) for row in table("waits")["headers"])
    return next((wait for wait in told if wait is not None), None)


def asked_wait(headers: Mapping[str, str], body: object, words: str) -> float | None:
    """Return the wait that an answer with status 429 asks for, by its headers, its body or its words."""
    in_body = (seconds(value, unit) for value, unit in _fields(body))
    in_words = (seconds(found[1]) for found in _phrases().finditer(words))
    waits = chain([retry_after(headers), _reset(headers)], in_body, in_words)
    return next((wait for wait in waits if wait is not None), None)


def _reset(headers: Mapping[str, str]) -> float | None:
    """Return the time to the reset of the limit that is used up, else to the last one; None if all have passed."""
    resets = [(seconds(headers.get(row["name"])), headers.get(row["remaining"])) for row in table("waits")["resets"]]
    waits = [(wait, left) for wait, left in resets if wait]
    used_up = [wait for wait, left in waits if left == "0"]
    return max(used_up or [wait for wait, _ in waits], default=None)


def _fields(body: object, depth: int = 0) -> Iterator[tuple[Any, str]]:
    """Yield the waits named in a body, with their units, also in JSON that stands in it as text."""
    with suppress(RecursionError, ValueError):
        body = json.loads(body) if isinstance(body, str) and body[:1] == "{" else body
    if isinstance(body, Mapping):
        yield from ((body[row["name"]], row["unit"]) for row in table("waits")["fields"] if row["name"] in body)
    inside = body.values() if isinstance(body, Mapping) else body if isinstance(body, list) else ()
    for each in inside:
        if depth < 8:  # noqa: PLR2004 - deeper than any gateway nests, and no stack for a hostile one
            yield from _fields(each, depth + 1)


@cache
def _phrases() -> re.Pattern[str]:
    phrases = "|".join(column("waits", "words", "words"))
    return re.compile(rf"(?:{phrases})\s+(?:about\s+|~\s*)?({_DURATION.pattern}|\d+(?:\.\d+)?)", re.IGNORECASE)


def seconds(value: object, unit: str = "s") -> float | None:
    """Read a wait: a number (of `s` or `ms`), a duration such as `1m30s`, a moment, or a date of HTTP or ISO 8601."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    wait: float | None
    try:
        number = float(text)
    except ValueError:
        wait = _duration(text) if _DURATION.fullmatch(text) else _until(text) if text else None
    else:
        moment = (number / 1_000 if number >= _MOMENT_MS else number) - time()
        wait = moment if number >= _MOMENT and abs(moment) < _NEAR else number * _UNITS[unit]
    return max(0.0, wait) if wait is not None and isfinite(wait) else None


def _duration(text: str) -> float:
    parts = re.findall(_PART, text, re.IGNORECASE)
    return sum(float(number) * _UNITS["ms" if unit.lower().startswith(("ms", "mil")) else unit[0].lower()]
               for number, unit in parts)  # fmt: skip


@cache
def _dates() -> TypeAdapter[datetime]:
    return TypeAdapter(datetime)


def _until(text: str) -> float | None:
    """Return the seconds until a date, of ISO 8601 or of HTTP."""
    for read in (_dates().validate_python, parsedate_to_datetime):  # Python 3.10 reads less of ISO 8601
        with suppress(IndexError, OverflowError, OSError, TypeError, ValueError):
            return read(text).timestamp() - time()
    return None
