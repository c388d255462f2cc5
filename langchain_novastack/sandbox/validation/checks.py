"""What a request field or an argument may hold: small checks that answer with what is wrong, or with None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[Any], "str | None"]
"""Takes a value, never None; returns what it should have been, or None if it is fine."""


def number(low: float | None = None, high: float | None = None, *, whole: bool = False) -> Check:
    """Return a check for a number, `low` and `high` included; None leaves that end open."""
    kinds = int if whole else (int, float)
    wanted = f"{'an integer' if whole else 'a number'}{_span(low, high)}"

    def check(value: Any) -> str | None:
        if not isinstance(value, kinds) or isinstance(value, bool):
            return wanted
        fine = (low is None or low <= value) and (high is None or value <= high)  # so that NaN is not
        return None if fine and value == value else wanted  # noqa: PLR0124

    return check


def _span(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return "" if low is None else f" of at least {low}"


def integer(low: float | None = None, high: float | None = None) -> Check:
    """Return a check for a whole number."""
    return number(low, high, whole=True)


def kind(wanted: type, name: str) -> Check:
    """Return a check for a JSON type, called `name` in the message."""

    def check(value: Any) -> str | None:
        return None if isinstance(value, wanted) else name

    return check


boolean = kind(bool, "a boolean")
obj = kind(dict, "an object")
array = kind(list, "an array")


def string(longest: int | None = None, shortest: int = 0) -> Check:
    """Return a check for a string of so many characters."""
    wanted = "a string" + (f" of at most {longest} characters" if longest else " that is not empty" if shortest else "")

    def check(value: Any) -> str | None:
        fine = isinstance(value, str) and len(value) >= shortest and (longest is None or len(value) <= longest)
        return None if fine else wanted

    return check


def one_of(*values: str) -> Check:
    """Return a check for one of some strings."""
    wanted = f"one of {', '.join(map(repr, values))}"

    def check(value: Any) -> str | None:
        return None if isinstance(value, str) and value in values else wanted

    return check


def either(*checks: Check) -> Check:
    """Return a check that is fine when one of several is."""

    def check(value: Any) -> str | None:
        wrong = [each(value) for each in checks]
        return None if None in wrong else " or ".join(filter(None, wrong))

    return check


def items(each: Check, longest: int | None = None, shortest: int = 0) -> Check:
    """Return a check for an array whose items all pass another check."""
    least = f"at least {shortest} " if shortest else ""
    most = f"at most {longest} " if longest else ""

    def check(value: Any) -> str | None:
        if not isinstance(value, list) or len(value) < shortest or (longest is not None and len(value) > longest):
            return f"an array of {least}{most}items"
        return next((f"an array, each item {wrong}" for item in value if (wrong := each(item))), None)

    return check


def mapping(each: Check, longest: int | None = None, key_length: int | None = None) -> Check:
    """Return a check for an object whose values all pass another check."""

    def check(value: Any) -> str | None:
        if not isinstance(value, dict) or (longest is not None and len(value) > longest):
            return "an object" + (f" of at most {longest} entries" if longest else "")
        if key_length is not None and any(len(key) > key_length for key in value):
            return f"an object with keys of at most {key_length} characters"
        return next((f"an object, each value {wrong}" for item in value.values() if (wrong := each(item))), None)

    return check
