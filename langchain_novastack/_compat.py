"""What differs between the versions that are supported."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import openai

if TYPE_CHECKING:
    import httpcore2 as httpcore
    import httpx2 as httpx
else:  # `openai` 3 is built on httpx2, 2 on httpx: the same names, other classes
    _NUMBER = "" if openai.__version__.startswith("2.") else "2"
    httpcore, httpx = (importlib.import_module(f"http{name}{_NUMBER}") for name in ("core", "x"))

__all__ = ["httpcore", "httpx"]
