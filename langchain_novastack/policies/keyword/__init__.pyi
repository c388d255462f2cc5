# Names of the package, and where each lives, for type checkers.

from langchain_novastack.policies.keyword.keyword import KeywordPolicy

__all__ = ["KeywordPolicy"]
