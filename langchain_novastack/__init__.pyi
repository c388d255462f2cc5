# Names of the package, and where each lives, for type checkers; a test compares them with those of `__init__.py`.

from langchain_novastack._lazy import unpickled as unpickled
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
from langchain_novastack.fallbacks.health_store import FileHealth, RedisHealth
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

__version__: str
