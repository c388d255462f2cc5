"""Why an answer ended, where it says so; what that means: `dialects/finish_reasons.json`."""

from __future__ import annotations

from typing import Any

NOTHING = ("", "null")
"""Texts that some gateways write where they have nothing to say."""


def named(value: object) -> str | None:
    """Return a reason, a name or an id as it came; None for what only stands in the place of one."""
    return value if isinstance(value, str) and value.strip().lower() not in NOTHING else None


def reason_in(choice: dict[str, Any]) -> str | None:
    """Return why a choice ended; None if it did not say so in words."""
    return named(choice.get("finish_reason"))
