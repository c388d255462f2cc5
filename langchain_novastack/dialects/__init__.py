"""What gateways and model servers write, as tables: JSON files beside this one, a row for each thing that was seen.

Every row says in `seen` where: a public report as `project#number`, a project's file, or a maker's SDK or documents. A
reader that meets something new wants a row, not a branch.
"""

from __future__ import annotations

import json
import pkgutil
from functools import cache, lru_cache
from typing import Any


@cache
def table(name: str) -> Any:
    """Return a table by the name of its file, without the ending; read once a process."""
    return json.loads(pkgutil.get_data(__package__, f"{name}.json") or "")


_JOINED = str.maketrans("- ", "__")


@lru_cache
def _meaning(reason: str) -> str | None:
    means = {row["reason"]: row["means"] for row in table("finish_reasons")["reasons"]}
    failed = any(row["part"] in reason for row in table("finish_reasons")["failing"])
    return means.get(reason, "failed" if failed else None)


def meaning(reason: object) -> str | None:
    """Return what a finish reason means: `done`, `cut`, `filtered` or `failed`; None for one that nobody knows."""
    return _meaning(reason.lower().translate(_JOINED)) if isinstance(reason, str) else None


@cache
def column(name: str, part: str, key: str) -> tuple[str, ...]:
    """Return one column of a part of a table, top to bottom."""
    return tuple(row[key] for row in table(name)[part])
