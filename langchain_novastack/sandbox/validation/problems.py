"""What can be wrong with a request, where, and how an error body tells it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Envelope = Literal["openai", "openrouter", "string_code", "anthropic"]
"""The names of the published shapes of an error body."""


class Problem(NamedTuple):
    """What an error body tells, whatever its shape."""

    status: int
    """HTTP status."""

    message: str
    """For a reader."""

    type: str
    """Kind of error, for example `rate_limit_error`."""

    code: str | None = None
    """Machine-readable code."""

    param: str | None = None
    """The request field at fault."""


class Rejected(Exception):  # noqa: N818 - reads as what happened to the request, and never leaves this package
    """A request that breaks a rule of the gateway."""

    def __init__(
        self,
        message: str,
        param: str | None = None,
        *,
        status: int = 400,
        code: str | None = None,
    ) -> None:
        """Say what is wrong, where, and with which status it is answered."""
        super().__init__(message)
        self.problem = Problem(status, message, kind_of(status), code, param)


_TYPES = MappingProxyType(
    {
        400: "invalid_request_error",
        401: "authentication_error",
        402: "payment_required",
        403: "permission_error",
        404: "not_found_error",
        408: "timeout_error",
        409: "conflict_error",
        413: "request_too_large",
        422: "invalid_request_error",
        429: "rate_limit_error",
        504: "timeout_error",
        529: "overloaded_error",
    }
)
_FIRST_SERVER_ERROR = 500


def kind_of(status: int) -> str:
    """Return the error type that goes with an HTTP status."""
    return _TYPES.get(status, "invalid_request_error" if status < _FIRST_SERVER_ERROR else "server_error")


def _openai(problem: Problem, _request_id: str) -> dict[str, Any]:
    return {"error": {"message": problem.message, "type": problem.type, "param": problem.param, "code": problem.code}}


def _openrouter(problem: Problem, _request_id: str) -> dict[str, Any]:
    metadata = {"error_type": problem.code or problem.type, "provider_name": "Sandbox", "raw": problem.message}
    return {"error": {"code": problem.status, "message": problem.message, "metadata": metadata}}


def _string_code(problem: Problem, _request_id: str) -> dict[str, Any]:
    return {"error": {"code": problem.code or problem.type, "message": problem.message}, "metadata": None}


def _anthropic(problem: Problem, request_id: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": problem.type, "message": problem.message}, "request_id": request_id}


ENVELOPES: Mapping[Envelope, Callable[[Problem, str], dict[str, Any]]] = MappingProxyType(
    {"openai": _openai, "openrouter": _openrouter, "string_code": _string_code, "anthropic": _anthropic}
)
"""How each shape is made of a problem and a request's id."""


def first_problem(error: ValidationError, given: Any) -> tuple[str, list[ErrorDetails]]:
    """Return the path of the first thing that is wrong, and what is said about it.

    Args:
        error: What pydantic raised.
        given: What was validated.

    Returns:
        The path, for example `messages[0].content`; and more than one complaint where a value is none of several
        kinds. Where one of the kinds would have fitted but for something inside, that is the first thing.
    """
    found = [(_steps(each, given), each) for each in error.errors(include_url=False, include_input=False)]
    first = found[0][0]
    deepest = max((steps for steps, _ in found if steps[: len(first)] == first), key=len)
    return _spelled(deepest), [each for steps, each in found if steps == deepest]


def _steps(problem: ErrorDetails, given: Any) -> list[int | str]:
    """Return pydantic's location without the names of union members in it: what leads through the value itself."""
    steps: list[int | str] = []
    for step in problem["loc"]:
        inside = isinstance(step, int) if isinstance(given, (list, tuple)) else isinstance(given, Mapping)
        if inside and (isinstance(step, int) or step in given):
            given = given[step]
            steps.append(step)
        elif problem["type"] == "missing" and step == problem["loc"][-1]:
            steps.append(step)
    return steps


def _spelled(steps: list[int | str]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
