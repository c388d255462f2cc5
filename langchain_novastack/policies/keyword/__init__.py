"""The policy that goes by words and shapes of the text, without a model."""

from langchain_novastack.policies.keyword.keyword import KeywordPolicy

__all__ = ["KeywordPolicy"]
