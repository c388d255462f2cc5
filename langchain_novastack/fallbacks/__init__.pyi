# Names of the package, and where each lives, for type checkers.

from langchain_novastack.fallbacks.runnable import NovastackFallbacks

__all__ = ["NovastackFallbacks"]
