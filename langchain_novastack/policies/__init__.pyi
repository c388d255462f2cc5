# Names of the package, and where each lives, for type checkers.

from langchain_novastack.policies.coerce import NoDecisionError
from langchain_novastack.policies.decision import RouteDecision, TaskScore
from langchain_novastack.policies.embedding import EmbeddingPolicy
from langchain_novastack.policies.keyword.keyword import DEFAULT_VOCABULARY, KeywordPolicy
from langchain_novastack.policies.llm import LLMPolicy
from langchain_novastack.policies.policy import OrElse, Policy, aask, ask
from langchain_novastack.policies.vocabulary import FOLLOW_UP, Signal, Table, Vocabulary

__all__ = ["DEFAULT_VOCABULARY", "FOLLOW_UP", "EmbeddingPolicy", "KeywordPolicy", "LLMPolicy", "NoDecisionError"]
__all__ += ["OrElse", "Policy", "RouteDecision", "Signal", "Table", "TaskScore", "Vocabulary", "aask", "ask"]
