"""One model behind the gateway, a `ChatOpenAI` with cards, typed errors and a fast path."""

from langchain_novastack._lazy import lazy

__all__ = ["AnswerParser", "ChatNovastack", "NovastackBinding", "NovastackSequence", "RawParser", "SchemaParser"]

_MODULES = {"ChatNovastack": "base", "NovastackBinding": "bindings"}

__getattr__ = lazy(__name__, dict.fromkeys(__all__, "structured_output") | _MODULES)
