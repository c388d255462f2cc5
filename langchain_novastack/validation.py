"""Bad arguments, refused by name: at construction where they can be known, else before anything is sent.

A message never shows a value that may be a secret: keys, headers and addresses.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from functools import partial
from math import inf, isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import BaseModel

_NUMBERS: Mapping[str, int | None] = json.loads(pkgutil.get_data("langchain_novastack", "numbers.json") or "")
"""Arguments that are finite numbers (Python takes True for one), and the least they may be where not every version of
`ChatOpenAI` looks."""


def by_field(kind: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes for a copy by the names of fields, where they were given by the names of arguments."""
    fields = {field.alias: name for name, field in kind.model_fields.items() if field.alias}
    return {fields.get(name, name): value for name, value in given.items()}


def bad_argument(name: str, must: str, got: str = "") -> ValueError:
    """Return the error for a bad argument: `must` begins with a verb ("be a dict"); `got` is "" for what is secret."""
    return ValueError(f"`{name}` must {must}{got and f', got {got}'}.")


def _check_number(name: str, value: object) -> None:
    if isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
        raise bad_argument(name, "be a finite number", repr(value))
    if (least := _NUMBERS[name]) is not None and isinstance(value, int) and value < least:
        raise bad_argument(name, f"be at least {least}", repr(value))


def _check_timeout(name: str, value: object) -> None:
    """Look at seconds or a tuple of seconds; the HTTP library's own class checks itself."""
    if not isinstance(value, bool | str | int | float | tuple):
        return
    for seconds in value if isinstance(value, tuple) else (value,):
        if isinstance(seconds, bool | str) or (seconds is not None and not 0 < seconds < inf):
            raise bad_argument(name, "be a number of seconds above 0", repr(value))


def _check_model(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise bad_argument(name, "be the name of a model", type(value).__name__)


def _check_mapping(name: str, value: object) -> None:
    if not isinstance(value, Mapping | None):
        raise bad_argument(name, "be a dict", type(value).__name__)


def _check_headers(name: str, value: Any) -> None:
    _check_mapping(name, value)
    for key, text in (value or {}).items():
        for part in (key, text):
            if isinstance(part, str) and not (part.isascii() and part.isprintable()):
                raise bad_argument(name, f"hold printable ASCII, and the header {str(key)!a} does not")


def _check_proxy(name: str, value: Any) -> None:
    with named(name, "the address of a proxy"):
        if value and not urlsplit(value).hostname:
            raise bad_argument(name, "be the address of a proxy")


_BOTH = {"model": _check_model, "timeout": _check_timeout}
_SETTINGS = dict.fromkeys(_NUMBERS, _check_number) | _BOTH
_SETTINGS |= {"model_name": _check_model, "request_timeout": _check_timeout, "default_headers": _check_headers}
_SETTINGS["openai_proxy"] = _check_proxy
_CALL = dict.fromkeys(("extra_body", "extra_query", "stream_options"), _check_mapping) | _BOTH
_CALL["extra_headers"] = _check_headers


def _check(checks: Mapping[str, Callable[[str, Any], None]], given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if check := checks.get(name):
            check(name, value)


check_call = partial(_check, _CALL)
"""Looks at the arguments of a call that are the SDK's or name the model; the gateway judges the rest."""


def check_init(given: object) -> object:
    """Return the arguments of a model or a router as they are; a `ValueError` names one that is bad."""
    if isinstance(given, Mapping):
        _check(_SETTINGS, given)
    return given


def check_key(key: str) -> str:
    """Return a key without the white space around it; a `ValueError`, which does not show it, if it cannot be sent."""
    key = key.strip()
    if key.isascii() and key.isprintable():
        return key
    raise bad_argument("api_key", "be printable ASCII, and so must `NOVASTACK_API_KEY`")


def check_url(url: str) -> str:
    """Return a base URL as it is; a `ValueError` if nothing can be sent there."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) > 0:
            return url
    raise bad_argument("base_url", "begin with http(s):// and name a host, and so must `NOVASTACK_BASE_URL`")


@contextmanager
def named(name: str, what: str) -> Iterator[None]:
    """Raise what Python or LangChain raises for a wrong value as a `ValueError` that names the argument."""
    try:
        yield
    except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError) as error:
        if isinstance(error, ValueError) and "`" in str(error):
            raise  # it names what is wrong itself
        raise bad_argument(name, f"be {what}: {error}") from error


def unsendable(error: Exception, body: Mapping[str, object]) -> ValueError | None:
    """Return the error that names the part of a body that is not JSON; None if the error is about something else."""
    if isinstance(error, TypeError | ValueError | RecursionError):
        for name, value in body.items():
            try:
                json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
            except (RecursionError, TypeError, ValueError):  # noqa: PERF203 - once
                return bad_argument(name, "be JSON, and something in it is not")
    return None
