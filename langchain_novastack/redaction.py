"""What is left out wherever a model or a router is shown, dumped or traced: settings that may hold a secret.

The key itself is a `SecretStr`. Headers, queries and the addresses of proxies often hold another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

_HIDDEN = frozenset(["default_headers", "default_query", "extra_headers", "extra_query", "openai_proxy"])
_ADDRESSES = frozenset(["base_url", "openai_api_base"])
_NESTED = frozenset(["kwargs", "model_kwargs"])


_LOOKED_AT = frozenset({*_ADDRESSES, *_NESTED, *_HIDDEN})


def without_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without those that may hold a secret; an address stays, without user and password."""
    if _LOOKED_AT.isdisjoint(settings):
        return dict(settings)
    kept: dict[str, Any] = {}
    for name, value in settings.items():
        if name in _ADDRESSES and isinstance(value, str):
            kept[name] = without_user(value)
        elif name in _NESTED and isinstance(value, Mapping):
            kept[name] = without_secrets(value)
        elif name not in _HIDDEN:
            kept[name] = value
    return kept


def without_user(url: str) -> str:
    """Return an address without the user and the password in it."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url


class HidesInput(BaseModel):
    """Mixin: a construction that fails does not show what was given, for that holds the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Build the object.

        Raises:
            ValidationError: For a bad argument; neither its text nor its `errors()` holds the input.
        """
        try:
            super().__init__(*args, **kwargs)
        except ValidationError as error:
            failure = _without_input(error)
        else:
            return
        raise failure


def _without_input(error: ValidationError) -> ValidationError:
    """Return the same error without the input, which pydantic keeps for `errors()` even where it hides it."""
    lines = [
        InitErrorDetails(type=PydanticCustomError(line["type"], line["msg"]), loc=line["loc"], input=None)
        for line in error.errors(include_context=False, include_input=False, include_url=False)
    ]
    return ValidationError.from_exception_data(error.title, lines, hide_input=True)
