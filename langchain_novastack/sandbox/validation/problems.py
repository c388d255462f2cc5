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


class Refused(Exception):  # noqa: N818 - reads as what happened to the request, and never leaves this package
    """What an error body tells, whatever its shape; raised where a request breaks a rule of `refusals.json`."""

    def __init__(self, rule: str, **details: Any) -> None:
        """Fill in the details that the rule's texts leave open; a simulated `fault` has the code of its status."""
        row = _REFUSALS[rule]
        self.status: int = details.get("status") or row.get("status", 400)
        usual = _STATUSES.get(str(self.status)) or _STATUSES[f"{self.status // 100}xx"]
        self.type = usual["type"]
        self.code = usual.get("code") if rule == "fault" else row.get("code")
        self.message = row["message"].format_map(details)
        self.param = row.get("param", "").format_map(details) or None
        super().__init__(self.message)

    @classmethod
    def by_schema(cls, error: ValidationError, body: Mapping[str, Any]) -> Refused:
        """Return what pydantic found wrong with a body."""
        path, problems = first_problem(error, body)
        kind, details = problems[0]["type"], problems[0].get("ctx", {})
        if kind.startswith("union_tag"):
            path = f"{path}.{details['discriminator']}".replace("'", "")
        wrong = " or ".join(problem["msg"][0].lower() + problem["msg"][1:] for problem in problems)
        return cls(kind if kind in _REFUSALS else "invalid_value", **{**details, "path": path, "wrong": wrong})

    def in_envelope(self, envelope: Envelope, request_id: str) -> dict[str, Any]:
        """Return the body of an error in one of the published shapes."""
        told = {f"${name}": value for name, value in vars(self).items()}
        told |= {"$code or type": self.code or self.type, "$request_id": request_id}
        return {name: _filled(value, told) for name, value in ENVELOPES[envelope].items()}


def refuse(broken: object, rule: str, **details: Any) -> None:
    """Raise `Refused` if a rule is broken."""
    if broken:
        raise Refused(rule, **details)


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
