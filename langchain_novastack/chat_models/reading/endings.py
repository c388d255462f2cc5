"""Why an answer ended, and what that means: `dialects/finish_reasons.json`."""

from __future__ import annotations

from functools import cache
from typing import Any

from langchain_novastack.dialects import table

NOTHING = ("", "null")
"""Texts that some gateways write where they have nothing to say."""


@cache
def _meanings() -> dict[str, str]:
    return {row["reason"]: row["means"] for row in table("finish_reasons")["reasons"]}


def meaning(reason: object) -> str | None:
    """Return what a finish reason means: `done`, `cut`, `filtered` or `failed`; None for one that nobody knows."""
    return _meanings().get(reason.lower()) if isinstance(reason, str) else None


def named(value: object) -> str | None:
    """Return a reason, a name or an id as it came; None for what only stands in the place of one."""
    return value if isinstance(value, str) and value.strip().lower() not in NOTHING else None


def reason_in(choice: dict[str, Any]) -> str | None:
    """Return why a choice ended; None if it did not say so in words."""
    return named(choice.get("finish_reason"))
