"""A line of models: who is asked next when one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy

if TYPE_CHECKING:
    from langchain_novastack.fallbacks.runnable import NovastackFallbacks

__all__ = ["NovastackFallbacks"]

__getattr__ = lazy(__name__, {"NovastackFallbacks": "runnable"})
