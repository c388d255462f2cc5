"""What differs between the versions that are supported."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import openai

if TYPE_CHECKING:
    import httpcore2 as httpcore
    import httpx2 as httpx
else:  # `openai` 3 is built on httpx2, 2 on httpx: the same names, other classes
    _NUMBER = "" if openai.__version__.startswith("2.") else "2"
    httpx = importlib.import_module(f"httpx{_NUMBER}")

    def __getattr__(name: str) -> Any:
        """Import `httpcore` when it is first used, by the first client: it takes 45 ms."""
        if name != "httpcore":
            raise AttributeError(name)
        globals()[name] = module = importlib.import_module(f"httpcore{_NUMBER}")
        return module


__all__ = ["httpcore", "httpx"]
