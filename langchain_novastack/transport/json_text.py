"""JSON read from text: by orjson where it is installed (extra `fast`), with the standard library's results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment] # an optional package

if TYPE_CHECKING:
    from collections.abc import Callable


def _loads(text: str | bytes) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:  # it refuses what the standard library takes: NaN, half a surrogate pair, deep nesting
        return json.loads(text)


loads: Callable[[str | bytes], Any] = json.loads if orjson is None else _loads
"""Return the value that JSON spells; raises what `json.loads` raises."""
