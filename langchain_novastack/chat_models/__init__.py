"""One model behind the gateway, a `ChatOpenAI` with cards, typed errors and a fast path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy

if TYPE_CHECKING:
    from langchain_novastack.chat_models.base import ChatNovastack
    from langchain_novastack.chat_models.bindings import NovastackBinding
    from langchain_novastack.chat_models.structured_output import (
        AnswerParser,
        NovastackSequence,
        RawParser,
        SchemaParser,
    )

__all__ = ["AnswerParser", "ChatNovastack", "NovastackBinding", "NovastackSequence", "RawParser", "SchemaParser"]

_MODULES = {"ChatNovastack": "base", "NovastackBinding": "bindings"}

__getattr__ = lazy(__name__, dict.fromkeys(__all__, "structured_output") | _MODULES)
