"""Policies: what decides which model a request goes to."""

from langchain_novastack._lazy import lazy

__all__ = ["DEFAULT_VOCABULARY", "FOLLOW_UP", "EmbeddingPolicy", "KeywordPolicy", "LLMPolicy", "NoDecisionError"]
__all__ += ["OrElse", "Policy", "RouteDecision", "Signal", "Table", "TaskScore", "Vocabulary", "aask", "ask"]

_NAMES = {
    "coerce": "NoDecisionError",
    "decision": "RouteDecision TaskScore",
    "embedding": "EmbeddingPolicy",
    "keyword.keyword": "DEFAULT_VOCABULARY KeywordPolicy",
    "llm": "LLMPolicy",
    "offline_classifier": "PolicyDecisionModel",
    "policy": "OrElse Policy aask ask",
    "vocabulary": "FOLLOW_UP Signal Table Vocabulary",
}
__getattr__ = lazy(__name__, {name: module for module, names in _NAMES.items() for name in names.split()})
