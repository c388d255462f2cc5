"""One model behind the gateway, a `ChatOpenAI` with cards, typed errors and a fast path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy

if TYPE_CHECKING:
    from langchain_novastack.chat_models.base import ChatNovastack

__all__ = ["ChatNovastack"]

__getattr__ = lazy(__name__, {"ChatNovastack": "base"})
