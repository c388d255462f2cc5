"""What differs between the versions that are supported."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import openai

_HTTPX2_SINCE = 3
"""Major version of `openai` that is built on httpx2; 2.x is built on httpx: the same names, other classes."""

if TYPE_CHECKING:
    import httpx2 as httpx
else:
    httpx = importlib.import_module("httpx2" if int(openai.__version__.partition(".")[0]) >= _HTTPX2_SINCE else "httpx")

__all__ = ["httpx"]
