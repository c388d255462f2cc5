"""A line of models: who is asked next when one fails."""

from langchain_novastack._lazy import lazy

__all__ = ["NovastackFallbacks"]

__getattr__ = lazy(__name__, {"NovastackFallbacks": "runnable"})
