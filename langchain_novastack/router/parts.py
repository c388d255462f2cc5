"""What a router needs from its first construction on, imported together then: it needs `openai`, which takes long."""

from langchain_novastack.chat_models.payload import without_empty_tools
from langchain_novastack.chat_models.structured_output import structured_output
from langchain_novastack.fallbacks.runnable import with_fallbacks
from langchain_novastack.router.build import build_models
from langchain_novastack.router.check_up import CheckUp, check
from langchain_novastack.router.decide import Decider
from langchain_novastack.router.router_binding import RouterBinding
from langchain_novastack.transport.pools import check_travels

__all__ = ["CheckUp", "Decider", "RouterBinding", "build_models", "check", "check_travels", "structured_output"]
__all__ += ["with_fallbacks", "without_empty_tools"]
