"""Policies: what decides which model a request goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy
from langchain_novastack.policies.keyword.default import DEFAULT_VOCABULARY
from langchain_novastack.policies.keyword.index import FOLLOW_UP
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.policy import Policy, aask, ask
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

__getattr__ = lazy(__name__, {"EmbeddingPolicy": "embedding", "LLMPolicy": "llm"})  # most programs need neither
