"""What differs between the versions that are supported."""

from __future__ import annotations

import importlib
from typing import Any

import openai

_HTTPX2_SINCE = 3
"""Major version of `openai` that is built on httpx2; 2.x is built on httpx: the same names, other classes."""

httpx: Any = importlib.import_module(
    "httpx2" if int(openai.__version__.partition(".")[0]) >= _HTTPX2_SINCE else "httpx"
)
