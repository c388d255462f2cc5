"""What can be wrong with a request or an argument of the sandbox, where, and how an error body tells it."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Envelope = Literal["openai", "openrouter", "string_code", "anthropic"]
"""The names of the published shapes of an error body."""

ENVELOPES: Mapping[Envelope, Mapping[str, Any]] = json.loads(pkgutil.get_data(__package__, "envelopes.json") or "")
"""The shapes; a string that begins with `$` stands for a part of the problem."""

_STATUSES: Mapping[str, Mapping[str, str]] = json.loads(pkgutil.get_data(__package__, "statuses.json") or "")
_REFUSALS: Mapping[str, Mapping[str, Any]] = json.loads(pkgutil.get_data(__package__, "refusals.json") or "")
_FIRST_SERVER_ERROR = 500


class Refused(Exception):  # noqa: N818 - reads as what happened to the request, and never leaves this package
    """What an error body tells, whatever its shape; raised where a request breaks a rule of the gateway."""

    def __init__(self, status: int, message: str, code: str | None = None, param: str | None = None) -> None:
        """Take the parts of an error body, in words that a client may read."""
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param

    @classmethod
    def by(cls, rule: str, **details: Any) -> Refused:
        """Return what `refuse` raises."""
        row = _REFUSALS[rule]
        message, param = (row.get(name, "").format_map(details) for name in ("message", "param"))
        return cls(row.get("status", 400), message, row.get("code"), param or None)

    @classmethod
    def by_schema(cls, error: ValidationError, body: Mapping[str, Any]) -> Refused:
        """Return what pydantic found wrong with a body."""
        path, problems = first_problem(error, body)
        kind, details = problems[0]["type"], problems[0].get("ctx", {})
        if kind.startswith("union_tag"):
            path = f"{path}.{details['discriminator']}".replace("'", "")
        wrong = " or ".join(problem["msg"][0].lower() + problem["msg"][1:] for problem in problems)
        return cls.by(kind if kind in _REFUSALS else "invalid_value", **{**details, "path": path, "wrong": wrong})

    @classmethod
    def with_status(cls, status: int, message: str) -> Refused:
        """Return a simulated failure with the code that usually comes with a status."""
        return cls(status, message, _STATUSES.get(str(status), {}).get("code"))

    def in_envelope(self, envelope: Envelope, request_id: str) -> dict[str, Any]:
        """Return the body of an error in one of the published shapes."""
        usual = "invalid_request_error" if self.status < _FIRST_SERVER_ERROR else "server_error"
        kind = _STATUSES.get(str(self.status), {}).get("type", usual)
        told = {f"${name}": value for name, value in vars(self).items()}
        told |= {"$type": kind, "$code or type": self.code or kind, "$request_id": request_id}
        filled: dict[str, Any] = _filled(ENVELOPES[envelope], told)
        return filled


def refuse(broken: object, rule: str, **details: Any) -> None:
    """Raise `Refused` if a rule of `refusals.json` is broken; its texts leave the details open."""
    if broken:
        raise Refused.by(rule, **details)


def _filled(shape: Any, told: Mapping[str, Any]) -> Any:
    if isinstance(shape, dict):
        return {name: _filled(value, told) for name, value in shape.items()}
    return told.get(shape, shape)


def first_problem(error: ValidationError, given: Any) -> tuple[str, list[ErrorDetails]]:
    """Return the path of the first thing that pydantic found wrong, and what it says about it.

    There is more than one complaint where a value is none of several kinds; where one of them would have fitted but
    for something inside, that is the first thing.
    """
    found = [(_steps(each, given), each) for each in error.errors(include_url=False, include_input=False)]
    first = found[0][0]
    deepest = max((steps for steps, _ in found if steps[: len(first)] == first), key=len)
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in deepest)
    return path.removeprefix("."), [each for steps, each in found if steps == deepest]


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
