"""Policies: what decides which model a request goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_novastack._lazy import lazy

if TYPE_CHECKING:
    from langchain_novastack.policies.coerce import NoDecisionError
    from langchain_novastack.policies.decision import RouteDecision, TaskScore
    from langchain_novastack.policies.embedding import EmbeddingPolicy
    from langchain_novastack.policies.keyword.keyword import DEFAULT_VOCABULARY, KeywordPolicy
    from langchain_novastack.policies.llm import LLMPolicy
    from langchain_novastack.policies.policy import OrElse, Policy, aask, ask
    from langchain_novastack.policies.vocabulary import FOLLOW_UP, Signal, Table, Vocabulary

__all__ = ["DEFAULT_VOCABULARY", "FOLLOW_UP", "EmbeddingPolicy", "KeywordPolicy", "LLMPolicy", "NoDecisionError"]
__all__ += ["OrElse", "Policy", "RouteDecision", "Signal", "Table", "TaskScore", "Vocabulary", "aask", "ask"]

_HOMES = {
    "coerce": ("NoDecisionError",),
    "decision": ("RouteDecision", "TaskScore"),
    "embedding": ("EmbeddingPolicy",),
    "keyword.keyword": ("DEFAULT_VOCABULARY", "KeywordPolicy"),
    "llm": ("LLMPolicy",),
    "offline_classifier": ("PolicyDecisionModel",),
    "policy": ("OrElse", "Policy", "aask", "ask"),
    "vocabulary": ("FOLLOW_UP", "Signal", "Table", "Vocabulary"),
}
__getattr__ = lazy(__name__, {name: home for home, names in _HOMES.items() for name in names})  # few are needed at once
