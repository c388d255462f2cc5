"""The sandbox's data: JSON files beside the modules that read them."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def read_json(package: str | None, name: str) -> Any:
    """Return what a JSON file of a package holds."""
    return json.loads(files(package or "").joinpath(name).read_text(encoding="utf-8"))
