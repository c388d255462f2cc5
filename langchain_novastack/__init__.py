"""One LangChain chat model that routes each request to the right Novastack model, and falls back well.

Importing the package is cheap: what needs `openai` or langchain-openai is imported when its name is first used. Type
checkers read the same names in `__init__.pyi`.
"""

from __future__ import annotations

from langchain_novastack._lazy import lazy, unpickled  # noqa: F401 - pickles name it

__version__ = "0.1.0"

_NAMES = {
    "chat_models.base": "ChatNovastack",
    "costs.budget": "Budget",
    "errors": (
        "AllModelsFailedError BudgetExceededError DeadlineExceededError NovastackAuthenticationError "
        "NovastackConflictError NovastackConnectTimeoutError NovastackConnectionError "
        "NovastackContextOverflowError NovastackDisconnectedError NovastackError "
        "NovastackInvalidRequestError NovastackNotFoundError NovastackPaymentRequiredError "
        "NovastackPermissionDeniedError NovastackQuotaExceededError NovastackRateLimitError "
        "NovastackRefusedError NovastackRequestTooLargeError NovastackResponseError NovastackServerError "
        "NovastackTimeoutError NovastackUnprocessableError RouteMisconfiguredWarning StreamInterruptedError"
    ),
    "fallbacks.health_store": "FileHealth RedisHealth",
    "policies.decision": "RouteDecision",
    "policies.embedding": "EmbeddingPolicy",
    "policies.keyword.keyword": "KeywordPolicy",
    "policies.llm": "LLMPolicy",
    "router.compare": "Comparison",
    "router.response": "RoutedResponse",
    "router.router": "NovastackRouter",
    "tasks": "Task",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_MODULES)  # noqa: PLE0605 - the stub has them as literals

__getattr__ = lazy(__name__, _MODULES)


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
