"""One LangChain chat model that routes each request to the right Novastack model, and falls back well.

Importing the package is cheap: what needs `openai` or langchain-openai is imported when its name is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_novastack.chat_models import ChatNovastack
    from langchain_novastack.compare import Comparison
    from langchain_novastack.decision import RouteDecision
    from langchain_novastack.errors import (
        AllModelsFailedError,
        DeadlineExceededError,
        NovastackAuthenticationError,
        NovastackConflictError,
        NovastackConnectionError,
        NovastackContextOverflowError,
        NovastackDisconnectedError,
        NovastackError,
        NovastackInvalidRequestError,
        NovastackNotFoundError,
        NovastackPaymentRequiredError,
        NovastackPermissionDeniedError,
        NovastackRateLimitError,
        NovastackRefusedError,
        NovastackRequestTooLargeError,
        NovastackResponseError,
        NovastackServerError,
        NovastackTimeoutError,
        NovastackUnprocessableError,
        RouteMisconfiguredWarning,
        StreamInterruptedError,
    )
    from langchain_novastack.policies.embedding import EmbeddingPolicy
    from langchain_novastack.policies.keyword import KeywordPolicy
    from langchain_novastack.policies.llm import LLMPolicy
    from langchain_novastack.record import RoutedResponse
    from langchain_novastack.router import NovastackRouter
    from langchain_novastack.tasks import Task

__all__ = [
    "AllModelsFailedError",
    "ChatNovastack",
    "Comparison",
    "DeadlineExceededError",
    "EmbeddingPolicy",
    "KeywordPolicy",
    "LLMPolicy",
    "NovastackAuthenticationError",
    "NovastackConflictError",
    "NovastackConnectionError",
    "NovastackContextOverflowError",
    "NovastackDisconnectedError",
    "NovastackError",
    "NovastackInvalidRequestError",
    "NovastackNotFoundError",
    "NovastackPaymentRequiredError",
    "NovastackPermissionDeniedError",
    "NovastackRateLimitError",
    "NovastackRefusedError",
    "NovastackRequestTooLargeError",
    "NovastackResponseError",
    "NovastackRouter",
    "NovastackServerError",
    "NovastackTimeoutError",
    "NovastackUnprocessableError",
    "RouteDecision",
    "RouteMisconfiguredWarning",
    "RoutedResponse",
    "StreamInterruptedError",
    "Task",
]

_MODULES = {
    "ChatNovastack": "chat_models",
    "Comparison": "compare",
    "EmbeddingPolicy": "policies.embedding",
    "KeywordPolicy": "policies.keyword",
    "LLMPolicy": "policies.llm",
    "NovastackRouter": "router",
    "RouteDecision": "decision",
    "RoutedResponse": "record",
    "Task": "tasks",
}
"""Where each name lives; all others are errors."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
