"""Every error this package raises, and which `except` clauses match it: none holds a key, header, body or prompt."""

from __future__ import annotations

import json
import pkgutil
from functools import cache, lru_cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import openai
from langchain_core import exceptions as core

from langchain_novastack._compat import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from langchain_core.messages import AIMessageChunk


class NovastackError(core.ModelError):
    """A call to a Novastack model failed. Base of every error of this package; they all pickle and copy.

    `request` and `response` exist because `openai`'s classes promise them; they carry neither headers nor body.

    Attributes:
        model: Alias or id of the model that failed; None where no single model did.
        status: HTTP status, also of an error inside a stream; None without one.
        request_id: The gateway's id of the request, if it sent one.
        code: The gateway's error code, if it sent one.
        retry_after: Seconds the gateway asked to wait; None if it did not.
        is_retryable: Whether the same request may succeed later.
        usage: What the gateway counted and charged for the failed request; None if it did not say.
    """

    param: str | None = None
    type: str | None = None
    body: object | None = None
    usage: Mapping[str, Any] | None = None

    def __init__(
        self,
        message: str,
        *,
        model: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Build the error; `message` must already be free of keys and prompt text."""
        Exception.__init__(self, message)
        self.message, self.model, self.status = message, model, status
        self.request_id, self.code, self.retry_after = request_id, code, retry_after
        vars(self).update({} if status is None else {"status_code": status})

    def __getattr__(self, name: str) -> Any:
        """Return the empty `request` and `response`, one for all errors of a status: most failures are only counted."""
        status: int | None = vars(self).get("status_code")
        if name == "request" or (name == "response" and status is not None):
            response = _bare_response(status or 0)
            return response if name == "response" else response.request
        msg = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(msg)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle so that nothing unpicklable travels; lists (notes of `add_note`) are the copy's own."""
        state = {name: list(value) if isinstance(value, list) else value for name, value in vars(self).items()}
        return _remade, (type(self), self.message, self.__cause__ and _portable(self.__cause__, self.model)), state

    def __str__(self) -> str:
        """Return the message; some of the classes matched here would quote it."""
        return self.message


@cache
def _bare_response(status: int) -> Any:
    response = httpx.Response(status, request=httpx.Request("POST", "/chat/completions"))
    response.headers = response.request.headers = httpx.Headers()
    return response


def _portable(error: BaseException, model: str | None) -> BaseException:
    """Return an error that pickles: errors of the SDK do not, so this package's error of the same kind instead."""
    kind = None if isinstance(error, NovastackError) else class_for(error)
    return error if kind is None else kind(describe(error), model=model, **_details_of(error))


def _details_of(error: BaseException) -> dict[str, Any]:
    details = {name: getattr(error, name, None) for name in ("request_id", "code", "retry_after")}
    return {**details, "status": getattr(error, "status", None) or status_of(error)}  # one in a body is no HTTP status


def _remade(kind: type[NovastackError], message: str, cause: BaseException | None, **details: Any) -> Any:
    like: Any = type(cause)
    error = (_kind_like(like) if cause and kind is AllModelsFailedError else kind)(message, **details)
    error.__cause__ = cause
    return error


class NovastackAuthenticationError(NovastackError, openai.AuthenticationError, core.ModelAuthenticationError):
    """401: the key is missing, wrong or disabled. The same for every model, so no other is tried."""


class NovastackPaymentRequiredError(NovastackError, openai.APIStatusError):
    """402: the account is out of credit. The same for every model, so no other is tried."""


class NovastackPermissionDeniedError(NovastackError, openai.PermissionDeniedError, core.ModelPermissionDeniedError):
    """403: the key may not use this model, or a guardrail blocked the request."""


class NovastackNotFoundError(NovastackError, openai.NotFoundError, core.ModelNotFoundError):
    """404: the gateway does not know this model, or no endpoint for it is left."""


class NovastackInvalidRequestError(NovastackError, openai.BadRequestError, core.ModelInvalidRequestError):
    """400, or a request this model is known to refuse (prefill on Opus 4.7)."""


class NovastackRequestTooLargeError(NovastackError, openai.APIStatusError, core.ModelInvalidRequestError):
    """413: the request body is too large."""


class NovastackUnprocessableError(NovastackError, openai.UnprocessableEntityError, core.ModelInvalidRequestError):
    """422: the request is well formed and yet refused."""


class NovastackRefusedError(NovastackError, openai.APIStatusError, core.ModelInvalidRequestError):
    """Any other 4xx status."""


class NovastackContextOverflowError(NovastackError, openai.BadRequestError, core.ContextOverflowError):
    """The prompt is longer than the model's window."""


class NovastackConflictError(NovastackError, openai.ConflictError, core.ModelAPIError):
    """409."""


class NovastackRateLimitError(NovastackError, openai.RateLimitError, core.ModelRateLimitError):
    """429: too many requests, or no capacity left for this model."""


class NovastackQuotaExceededError(NovastackRateLimitError):
    """429 that says that the account has nothing left to spend. The same for every model, as 402 is."""

    is_retryable = False


class NovastackServerError(NovastackError, openai.InternalServerError, core.ModelAPIError):
    """5xx, among them 524 and 529."""


class NovastackTimeoutError(NovastackError, openai.APITimeoutError, core.ModelTimeoutError):
    """408, or no answer, or no first token, within the time given."""


class DeadlineExceededError(NovastackTimeoutError):
    """The `deadline` of the call, all attempts together, has passed."""


OVERTAKEN = "overtaken"
"""What is said of a model that another one was quicker than."""


class NovastackOvertakenError(NovastackError):
    """Another model was quicker (`hedge_after`), and this one was given up; ends its run, and reaches no caller."""


class NovastackConnectionError(NovastackError, openai.APIConnectionError, core.ModelConnectionError):
    """The gateway cannot be reached; the message says why: no such host, connection refused, certificate, proxy ..."""


class NovastackConnectTimeoutError(NovastackConnectionError, openai.APITimeoutError):
    """The connection to the gateway was not made in time."""


class NovastackDisconnectedError(NovastackConnectionError):
    """The connection broke before the answer was complete."""


class NovastackResponseError(NovastackError, openai.APIError, core.ModelAPIError):
    """The gateway's answer is of no use: no choices, an `error` in a 200, HTML, invalid JSON, empty, or cut."""


class NovastackMisfitError(NovastackResponseError):
    """The answer does not fit what was asked: a malformed call, an unbound tool, no JSON. Never raised."""


class StreamInterruptedError(NovastackResponseError):
    """A stream failed after content had been shown; no other model takes over then.

    Attributes:
        partial: What had been streamed until then, as one `AIMessageChunk`; None if it was not a message.
        routing: The routing record of the call; empty outside a router or fallback branch.
    """

    def __init__(self, message: str, *, partial: AIMessageChunk | None = None, **details: Any) -> None:
        """Build the error with what had been streamed."""
        super().__init__(message, **details)
        self.partial = partial  # here, not on the class: Dask reads what a class has there, not in the error it got
        self.routing: dict[str, Any] = {}


class BudgetExceededError(NovastackError):
    """The `budget` of the router is spent; no request was sent."""


class AllModelsFailedError(NovastackError):
    """Every model in line failed; the cause is the first retryable attempt's error, else the first.

    Raised as a subclass of its class too, so that `except openai.RateLimitError` matches where that is a rate limit.

    Attributes:
        attempts: One error per failed attempt, in the order tried; empty only if the error was made by hand.
        routing: The routing record of the call; empty if made by hand.
        is_retryable: True if any attempt's error is.
    """

    def __init__(self, message: str, **details: Any) -> None:
        """Build the error by hand, as tests do; `of` builds it from attempts."""
        super().__init__(message, **details)
        self.attempts: tuple[Exception, ...] = ()
        self.routing: dict[str, Any] = {}
        self._aliases: tuple[str, ...] = ()  # of the models whose attempts they are

    @classmethod
    def of(
        cls, failed: Sequence[tuple[str, Exception]], routing: dict[str, Any], retryable: Callable[[Exception], bool]
    ) -> AllModelsFailedError:
        """Build the error for a line of failed attempts, each the alias and the error, given which are retryable."""
        worth = next((error for _, error in failed if retryable(error)), None)
        cause = worth or failed[0][1]
        parts = "; ".join(f"{name}: {describe(error)}" for name, error in failed)
        error: AllModelsFailedError = _remade(cls, f"All models failed: {parts}", cause, **_details_of(cause))
        error._aliases, error.attempts = zip(*failed, strict=True)
        error.routing, error.is_retryable = routing, worth is not None
        return error

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with attempts that do so too, one of them still the cause."""
        attempts = tuple(map(_portable, self.attempts, chain(self._aliases, repeat(None))))
        rebuild, (_, message, cause), state = super().__reduce__()
        cause = next((new for new, old in zip(attempts, self.attempts, strict=True) if old is self.__cause__), cause)
        return rebuild, (AllModelsFailedError, message, cause), {**state, "attempts": attempts}


class RouteMisconfiguredWarning(UserWarning):
    """A route keeps failing with the same client error, and only the fallback hides it."""


def describe(error: BaseException) -> str:
    """Name an error in one line: its class and words; of foreign ones, which may quote the request, its status."""
    name, status = type(error).__name__, status_of(error)
    if isinstance(error, NovastackError):
        return f"{name}: {error.message}"
    return name if status is None else f"{name} (HTTP {status})"


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of an error of the SDK; None if it has none."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


_ROWS = json.loads(pkgutil.get_data("langchain_novastack", "errors.json") or "").items()
_INSTEAD: Mapping[str, type[NovastackError]] = {each: globals()[name] for name, failures in _ROWS for each in failures}
"""Which error a status is raised as, or an error of the SDK without one, or of the HTTP library, which the SDK's are
caused by: by name, since a client of the caller's may be of `httpx` where the SDK's own are of `httpx2`."""


def class_for_status(status: int) -> type[NovastackError]:
    """Return the error that an HTTP status of 400 or above is raised as."""
    return _INSTEAD.get(str(status), NovastackRefusedError if status // 100 == 4 else NovastackServerError)  # noqa: PLR2004 - 4xx


def class_for(error: BaseException) -> type[NovastackError] | None:
    """Return this package's class for an error of the SDK or its HTTP library; None for any other error."""
    if isinstance(error, openai.APIStatusError):
        overflows = isinstance(error, core.ContextOverflowError)  # langchain-openai's own class
        return NovastackContextOverflowError if overflows else class_for_status(error.status_code)
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    libraries = ("aiohttp", "httpx")  # the second calls it a timeout whatever goes wrong in the first
    raised = (each for library in libraries for each in chain if type(each).__module__.startswith(library))
    kinds = (kind for each in (*raised, error) for kind in type(each).__mro__)
    names = (f"{kind.__module__.partition('.')[0].rstrip('2')}.{kind.__name__}" for kind in kinds)
    return next((_INSTEAD[name] for name in names if name in _INSTEAD), None)


@lru_cache(maxsize=64)
def _kind_like(kind: type[BaseException]) -> type[AllModelsFailedError]:
    """Return `AllModelsFailedError` as a subclass of `kind` too, where Python allows such a class."""
    if issubclass(kind, AllModelsFailedError):  # of a router in line
        return kind
    try:
        return type("AllModelsFailedError", (AllModelsFailedError, kind), {"__module__": __name__})
    except TypeError:
        return AllModelsFailedError
