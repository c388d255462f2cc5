"""What the arguments of a sandbox may hold, as tables. Wrong ones are refused at the call, not in the server later."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from langchain_novastack.cards import ModelCard
from langchain_novastack.sandbox.validation.checks import Check, boolean, either, integer, kind, number, one_of, string

_LINE = re.compile(r"[^\r\n\0]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_BODILESS = frozenset([204, 304])
_LONGEST = 1_000_000_000


def _fits(fine: Callable[[Any], bool], wanted: str) -> Check:
    """Return a check for what a function says is fine."""

    def check(value: Any) -> str | None:
        return None if fine(value) else wanted

    return check


def _perhaps(check: Check) -> Check:
    """Return a check that None passes too."""
    return either(check, _fits(lambda value: value is None, "None"))


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and _LINE.fullmatch(value) is not None


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _is_status(value: Any) -> bool:
    return type(value) is int and 200 <= value <= 599 and value not in _BODILESS  # noqa: PLR2004 - HTTP's own


def _are_headers(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and _HEADER_NAME.fullmatch(name) and _is_line(held) for name, held in value.items()
    )


def _are_pieces(value: Any) -> bool:
    several = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    return several and all(isinstance(each, (str, bytes)) for each in value)


def _are_models(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(alias, str) and isinstance(card, ModelCard) for alias, card in value.items())
    )


def _are_several(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))  # each is looked up, and named, later


def _is_call(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("id"), (str, type(None)))
        and _is_json(value.get("args"))
    )


def _are_calls(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes)) and all(map(_is_call, value))


_SECONDS = number(0, _LONGEST)
_TIMES = _perhaps(integer(1))
_LINE_OF_TEXT = _fits(_is_line, "a string in one line")
_OBJECT = _fits(lambda value: isinstance(value, dict) and _is_json(value), "a dict that JSON can spell")

SETTINGS: Mapping[str, Check] = MappingProxyType(
    {
        "api_key": _fits(lambda value: _is_line(value) and bool(value), "a string in one line, not empty"),
        "models": _fits(_are_models, "a mapping of aliases to model cards, at least one"),
        "reasoning": _fits(_are_several, "several names of models, as a list or a set"),
        "reasoning_field": one_of("reasoning_content", "reasoning"),
        "cost": boolean,
        "delay": _SECONDS,
        "chunk_delay": _SECONDS,
        "qwen_thinking_trap": boolean,
    }
)
"""For `Sandbox`."""

FAULT: Mapping[str, Check] = MappingProxyType(
    {
        "times": _TIMES,
        "status": _perhaps(
            _fits(_is_status, "neither 204 nor 304, which have no body, but a whole number from 200 to 599")
        ),
        "retry_after": _perhaps(either(number(-_LONGEST, _LONGEST), _LINE_OF_TEXT)),
        "after": _perhaps(integer(0)),
        "delay": _perhaps(_SECONDS),
        "seconds": _perhaps(_SECONDS),
        "body": _perhaps(either(string(), kind(bytes, "bytes"), _OBJECT)),
        "headers": _fits(_are_headers, "a mapping of header names to strings in one line"),
        "message": _perhaps(string()),
        "content_type": _perhaps(_LINE_OF_TEXT),
        "pieces": _perhaps(_fits(_are_pieces, "a list of bytes or strings")),
        "cut": boolean,
    }
)
"""For `Sandbox.fail`, beside the model and the names that `faults` knows."""

ANSWER: Mapping[str, Check] = MappingProxyType(
    {
        "text": _perhaps(string()),
        "tool_calls": _fits(_are_calls, "a list of calls, each with a 'name', and 'args' that JSON can spell"),
        "reasoning": _perhaps(string()),
        "usage": _perhaps(_OBJECT),
        "finish_reason": _perhaps(string()),
        "times": _TIMES,
    }
)
"""For `Sandbox.answer`, beside the model."""


def check(given: Mapping[str, Any], table: Mapping[str, Check]) -> None:
    """Check arguments against a table.

    Raises:
        ValueError: For the first one that is something else; it names the argument, and shows no more than a number.
    """
    for name, value in given.items():
        wrong = table[name](value)
        if wrong:
            shown = f"{value!r}" if isinstance(value, (int, float, type(None))) else f"a {type(value).__name__}"
            msg = f"{name}={shown}: must be {wrong}"
            raise ValueError(msg)
