# Names of the package, and where each lives, for type checkers.

from langchain_novastack.chat_models.base import ChatNovastack
from langchain_novastack.chat_models.bindings import NovastackBinding
from langchain_novastack.chat_models.structured_output import AnswerParser, NovastackSequence, RawParser, SchemaParser

__all__ = ["AnswerParser", "ChatNovastack", "NovastackBinding", "NovastackSequence", "RawParser", "SchemaParser"]
