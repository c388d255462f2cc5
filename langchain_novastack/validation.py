"""Bad arguments, refused by name: at construction where they can be known, else before anything is sent.

A message never shows a value that may be a secret: keys, headers and addresses.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping
from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

_NUMBERS: Mapping[str, int | None] = json.loads(pkgutil.get_data("langchain_novastack", "numbers.json") or "")
"""Arguments that are finite numbers (Python takes True for one), and the least they may be where not every version of
`ChatOpenAI` looks."""

_MAPPINGS = frozenset(["extra_body", "extra_headers", "extra_query", "stream_options"])
"""Arguments of a call that are mappings."""


def by_field(kind: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes for a copy by the names of fields, where they were given by the names of arguments."""
    fields = {field.alias: name for name, field in kind.model_fields.items() if field.alias}
    return {fields.get(name, name): value for name, value in given.items()}


def bad_argument(name: str, must: str, got: str = "") -> ValueError:
    """Return the error for a bad argument, in the one form that all of this package's have.

    `must` begins with a verb ("be a dict"); `got` is "" for what may be a secret, or is not worth telling.
    """
    return ValueError(f"`{name}` must {must}{got and f', got {got}'}.")


def check_settings(given: object) -> object:
    """Return the arguments of a model or a router as they are, unless one of them is bad.

    Raises:
        ValueError: If a number is not finite, a time is not above 0, or a header cannot be sent.
    """
    if not isinstance(given, Mapping):
        return given
    for name in _NUMBERS.keys() & given.keys():
        _check_number(name, given[name])
    for name in ("timeout", "request_timeout"):
        _check_timeout(name, given.get(name))
    for name in ("model", "model_name"):
        if name in given and not (isinstance(given[name], str) and given[name].strip()):
            raise bad_argument(name, "be the name of a model, a string")
    _check_headers("default_headers", given.get("default_headers"))
    return given


def check_call(given: Mapping[str, object]) -> None:
    """Look at the arguments of a call that are the SDK's or name the model; the gateway judges the rest.

    Raises:
        ValueError: If one has the wrong type.
    """
    for name, value in given.items():
        if name in _MAPPINGS and value is not None and not isinstance(value, Mapping):
            raise bad_argument(name, "be a dict", type(value).__name__)
        if name == "model" and not isinstance(value, str):
            raise bad_argument(name, "be the name of a model", type(value).__name__)
        if name == "timeout":
            _check_timeout(name, value)
        elif name == "extra_headers":
            _check_headers(name, value)


def _check_number(name: str, value: object) -> None:
    if isinstance(value, bool) or (isinstance(value, float) and not isfinite(value)):
        raise bad_argument(name, "be a finite number", repr(value))
    least = _NUMBERS[name]
    if least is not None and isinstance(value, int) and value < least:
        raise bad_argument(name, f"be at least {least}", repr(value))


def _check_timeout(name: str, value: object) -> None:
    """Look at seconds or a tuple of seconds; the HTTP library's own class checks itself."""
    if value is None or hasattr(value, "as_dict") or not isinstance(value, bool | str | int | float | tuple):
        return
    for seconds in value if isinstance(value, tuple) else (value,):
        if seconds is None:
            continue
        if isinstance(seconds, bool | str) or not isfinite(seconds) or seconds <= 0:
            raise bad_argument(name, "be a number of seconds above 0", repr(value))


def _check_headers(name: str, headers: object) -> None:
    """Look at headers; a bad one is named, and its value is not shown."""
    for key, value in headers.items() if isinstance(headers, Mapping) else ():
        for text in (key, value):
            if isinstance(text, str) and not (text.isascii() and text.isprintable()):
                raise bad_argument(name, f"hold printable ASCII, and the header {str(key)!a} does not")


def check_key(key: str) -> str:
    """Return a key without the white space around it.

    Raises:
        ValueError: If it cannot be sent; it is not shown.
    """
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise bad_argument("api_key", "be printable ASCII, and so must `NOVASTACK_API_KEY`")
    return key


def check_url(url: str) -> str:
    """Return a base URL as it is.

    Raises:
        ValueError: If nothing can be sent there.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise bad_argument("base_url", "begin with http(s):// and name a host, and so must `NOVASTACK_BASE_URL`")
    return url


@contextmanager
def named(name: str, what: str) -> Iterator[None]:
    """Raise what Python or LangChain raises for a wrong value as a `ValueError` that names the argument.

    Raises:
        ValueError: Then.
    """
    try:
        yield
    except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError) as error:
        if isinstance(error, ValueError) and "`" in str(error):
            raise  # it names what is wrong itself
        msg = f"`{name}` must be {what}: {error}"
        raise ValueError(msg) from error


def unsendable(error: Exception, body: Mapping[str, object]) -> ValueError | None:
    """Return the error that names the part of a body that is not JSON; None if the error is about something else."""
    if not isinstance(error, TypeError | ValueError | RecursionError):
        return None
    bad = (name for name, value in body.items() if not _is_sendable(value))
    return next((bad_argument(name, "be JSON, and something in it is not") for name in bad), None)


def _is_sendable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (RecursionError, TypeError, ValueError):
        return False
    return True
