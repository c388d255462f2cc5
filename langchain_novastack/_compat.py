"""What differs between the versions that are supported."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import openai

_HTTPX2_SINCE = 3
"""Major version of `openai` that is built on httpx2; 2.x is built on httpx: the same names, other classes."""

if TYPE_CHECKING:
    import httpcore2 as httpcore
    import httpx2 as httpx
else:
    _NUMBER = "2" if int(openai.__version__.partition(".")[0]) >= _HTTPX2_SINCE else ""
    httpcore, httpx = (importlib.import_module(f"http{name}{_NUMBER}") for name in ("core", "x"))

__all__ = ["httpcore", "httpx"]
