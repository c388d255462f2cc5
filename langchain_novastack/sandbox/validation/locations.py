"""Where a value that does not validate stands in what was given, and all that pydantic says about it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


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
