"""The policy that goes by words and shapes of the text, without a model."""

from langchain_novastack._lazy import lazy

__all__ = ["KeywordPolicy"]

__getattr__ = lazy(__name__, {"KeywordPolicy": "keyword"})  # the command that checks the words runs without them
