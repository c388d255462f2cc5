"""The policy that goes by words and shapes of the text, without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy

if TYPE_CHECKING:
    from langchain_novastack.policies.keyword.keyword import KeywordPolicy

__all__ = ["KeywordPolicy"]

__getattr__ = lazy(__name__, {"KeywordPolicy": "keyword"})  # the command that checks the words runs without them
