"""Policies: what decides which model a request goes to."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from langchain_novastack.policies.base import Policy, aask, ask
from langchain_novastack.policies.index import FOLLOW_UP
from langchain_novastack.policies.keyword import KeywordPolicy
from langchain_novastack.policies.tables import DEFAULT_VOCABULARY
from langchain_novastack.policies.vocabulary import Signal, Table, Vocabulary

if TYPE_CHECKING:
    from langchain_novastack.policies.embedding import EmbeddingPolicy
    from langchain_novastack.policies.llm import LLMPolicy

__all__ = [
    "DEFAULT_VOCABULARY",
    "FOLLOW_UP",
    "EmbeddingPolicy",
    "KeywordPolicy",
    "LLMPolicy",
    "Policy",
    "Signal",
    "Table",
    "Vocabulary",
    "aask",
    "ask",
]

_LATER = {"EmbeddingPolicy": "embedding", "LLMPolicy": "llm"}  # most programs need neither


def __getattr__(name: str) -> object:
    """Import the policies that ask other components when their names are first used."""
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
