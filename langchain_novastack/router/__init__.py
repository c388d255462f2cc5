"""The chat model that picks, for each request, the model that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy

if TYPE_CHECKING:
    from langchain_novastack.router.router import NovastackRouter

__all__ = ["NovastackRouter"]

__getattr__ = lazy(__name__, {"NovastackRouter": "router"})
