"""One LangChain chat model that routes each request to the right Novastack model, and falls back well.

Importing the package is cheap: what needs `openai` or langchain-openai is imported when its name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_novastack._lazy import lazy, unpickled  # noqa: F401 - pickles name it

if TYPE_CHECKING:
    from langchain_novastack.chat_models.base import ChatNovastack
    from langchain_novastack.costs.budget import Budget
    from langchain_novastack.errors import (
        AllModelsFailedError,
        BudgetExceededError,
        DeadlineExceededError,
        NovastackAuthenticationError,
        NovastackConflictError,
        NovastackConnectionError,
        NovastackConnectTimeoutError,
        NovastackContextOverflowError,
        NovastackDisconnectedError,
        NovastackError,
        NovastackInvalidRequestError,
        NovastackNotFoundError,
        NovastackPaymentRequiredError,
        NovastackPermissionDeniedError,
        NovastackQuotaExceededError,
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
    from langchain_novastack.fallbacks.file_health import FileHealth
    from langchain_novastack.fallbacks.redis_health import RedisHealth
    from langchain_novastack.policies.decision import RouteDecision
    from langchain_novastack.policies.embedding import EmbeddingPolicy
    from langchain_novastack.policies.keyword.keyword import KeywordPolicy
    from langchain_novastack.policies.llm import LLMPolicy
    from langchain_novastack.router.compare import Comparison
    from langchain_novastack.router.response import RoutedResponse
    from langchain_novastack.router.router import NovastackRouter
    from langchain_novastack.tasks import Task

__all__ = [
    "AllModelsFailedError",
    "Budget",
    "BudgetExceededError",
    "ChatNovastack",
    "Comparison",
    "DeadlineExceededError",
    "EmbeddingPolicy",
    "FileHealth",
    "KeywordPolicy",
    "LLMPolicy",
    "NovastackAuthenticationError",
    "NovastackConflictError",
    "NovastackConnectTimeoutError",
    "NovastackConnectionError",
    "NovastackContextOverflowError",
    "NovastackDisconnectedError",
    "NovastackError",
    "NovastackInvalidRequestError",
    "NovastackNotFoundError",
    "NovastackPaymentRequiredError",
    "NovastackPermissionDeniedError",
    "NovastackQuotaExceededError",
    "NovastackRateLimitError",
    "NovastackRefusedError",
    "NovastackRequestTooLargeError",
    "NovastackResponseError",
    "NovastackRouter",
    "NovastackServerError",
    "NovastackTimeoutError",
    "NovastackUnprocessableError",
    "RedisHealth",
    "RouteDecision",
    "RouteMisconfiguredWarning",
    "RoutedResponse",
    "StreamInterruptedError",
    "Task",
]

__version__ = "0.1.0"

_MODULES = dict.fromkeys(__all__, "errors") | {
    "Budget": "costs.budget",
    "ChatNovastack": "chat_models.base",
    "Comparison": "router.compare",
    "EmbeddingPolicy": "policies.embedding",
    "FileHealth": "fallbacks.file_health",
    "KeywordPolicy": "policies.keyword",
    "LLMPolicy": "policies.llm",
    "NovastackRouter": "router.router",
    "RedisHealth": "fallbacks.redis_health",
    "RouteDecision": "policies.decision",
    "RoutedResponse": "router.response",
    "Task": "tasks",
}
"""Where each name lives."""

_find = lazy(__name__, _MODULES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    globals()[name] = value = _find(name)
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
