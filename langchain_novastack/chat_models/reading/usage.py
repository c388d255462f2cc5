"""Counts of tokens under any of their names: `dialects/usage.json`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from langchain_novastack.dialects import table

_PLAIN = {"prompt_tokens", "completion_tokens", "total_tokens"}
_COUNTS = ("tokens", "Tokens", "TokenCount")


def clean(usage: object) -> dict[str, Any]:
    """Return a usage with every count as a whole number, None for what is not a count; {} if it is not a usage."""
    return {name: _value(name, value) for name, value in usage.items()} if isinstance(usage, dict) else {}


def _value(name: str, value: Any) -> Any:
    if name.endswith("_details"):
        return clean(value)
    if type(value) is int and value >= 0:
        return value
    return _count(value) if name.endswith(_COUNTS) else value


def _count(value: Any) -> int | None:
    with suppress(OverflowError, TypeError, ValueError):  # of no number, or of none that counts
        number = int(float(value))
        return number if number >= 0 and number == float(value) and value is not True else None
    return None


def go_on(before: dict[str, Any], usage: dict[str, Any]) -> dict[str, Any]:
    """Return a cleaned usage with another of its stream: where all counts are told again, the other one."""
    counts = usage.values()
    if before.keys() == usage.keys() and {*map(type, counts)} == {int} and min(counts) > 0:
        return usage
    return merge(before, clean(usage))


def merge(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return two cleaned usages of one stream as one: the later count wins, unless it is 0 or unknown."""
    if not (before and after):
        return before or after
    merged = dict(before)
    for name, value in after.items():
        known = before.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[name] = merge(known, value)
        elif value or (value is not None and not known) or name not in before:
            merged[name] = value
    return merged


def normalize(usage: dict[str, Any]) -> dict[str, Any] | None:
    """Return a cleaned usage with its counts where LangChain looks for them too; None without a single count."""
    if not usage.keys() <= _PLAIN:
        usage = _renamed(usage)
    prompt, completion, total = (usage.get(name) for name in ("prompt_tokens", "completion_tokens", "total_tokens"))
    if prompt is None and completion is None and total is None:
        return None
    if total is not None and total < (sum_ := (prompt or 0) + (completion or 0)):
        usage = {**usage, "total_tokens": sum_}
    return usage


def _renamed(usage: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: dict(at) if isinstance(at, dict) else at for name, at in usage.items()}
    on_top = not usage.get("prompt_tokens")
    for row in table("usage")["counts"]:
        value = value_at(usage, row["from"])
        if not isinstance(value, int):
            continue
        if on_top and usage.get(row.get("adds")) is not None:
            found["prompt_tokens"] = (found.get("prompt_tokens") or 0) + value
        if not value_at(found, row["to"]):
            outer, _, inner = row["to"].partition(".")
            found[outer] = {**(found.get(outer) or {}), inner: value} if inner else value
    return found


def value_at(body: dict[str, Any], place: str) -> Any:
    """Return what stands in a body under a name, or under two as `outer.inner`."""
    outer, _, inner = place.partition(".")
    value = body.get(outer)
    return value if not inner else value.get(inner) if isinstance(value, dict) else None
