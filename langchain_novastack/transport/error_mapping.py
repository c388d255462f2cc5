"""From what the SDK and the HTTP library raise to this package's errors.

Nothing of the original is kept but its status, the gateway's request id and code, and at most 300
characters of the gateway's own message with the key and the prompt masked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from math import isfinite
from time import time
from typing import TYPE_CHECKING, Any

import openai

from langchain_novastack import errors
from langchain_novastack._compat import httpx
from langchain_novastack.errors import was_connected
from langchain_novastack.redaction import mask

if TYPE_CHECKING:
    from langchain_novastack.errors import NovastackError

_STATUSES = frozenset(map(str, range(400, 600)))
"""Codes that are HTTP statuses; text, since a code may be any digits there are."""

OVERFLOW_WORDS: tuple[str, ...] = (
    "context_length_exceeded",
    "maximum context length",
    "exceeds the context window",
    "context window",
    "input tokens exceed",
    "prompt is too long",
    "token_limit_exceeded",
)
"""What gateways write when a prompt is longer than the window; compared in lower case."""


def translate(error: Exception, *, model: str, secrets: tuple[str, ...] = (), prompt: str = "") -> Exception:
    """Return this package's error for one that came out of a request.

    Args:
        error: What the SDK or the HTTP library raised. Any other error is returned as it is.
        model: Alias or id for `NovastackError.model`.
        secrets: Texts that must not appear in the message: the key.
        prompt: The text of the request, masked where the gateway quotes it.
    """
    if isinstance(error, openai.APIStatusError):
        return _from_status(error, model, lambda text: mask(text, secrets, prompt))
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return errors.NovastackTimeoutError(f"{model} did not answer in time.", model=model)
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return closed_loop(error) or _from_connection(error, model)
    if isinstance(error, openai.APIError):
        return from_body(error.body, model=model, secrets=secrets, prompt=prompt)
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | httpx.DecodingError):
        return errors.NovastackResponseError(f"{model} sent something that is not JSON.", model=model)
    return error


def _from_status(error: openai.APIStatusError, model: str, masked: Any) -> NovastackError:
    status = error.status_code
    words, code = _read_envelope(error.body if error.body is not None else error.message)
    kind = errors.class_for_status(status)
    if status in {400, 413, 422} and _overflows(words, code):
        kind = errors.NovastackContextOverflowError
    return kind(
        f"{model} answered HTTP {status}" + (f": {masked(words)}" if words else "."),
        model=model,
        status=status,
        request_id=masked(_request_id(error.response.headers) or "") or None,
        code=masked(code) if code else None,
        retry_after=retry_after(error.response.headers),
    )


def _from_connection(error: Exception, model: str) -> NovastackError:
    if was_connected(error):
        return errors.NovastackDisconnectedError(f"The connection to {model} broke.", model=model)
    return errors.NovastackConnectionError(f"Cannot connect to the gateway for {model}.", model=model)


def closed_loop(error: BaseException) -> RuntimeError | None:
    """Return the closed event loop at the bottom of an error, which the SDK reports as a connection error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RuntimeError) and "Event loop is closed" in str(cause):
            return cause
        cause = cause.__cause__
    return None


def from_body(
    body: object,
    *,
    model: str,
    secrets: tuple[str, ...] = (),
    prompt: str = "",
    request_id: str | None = None,
) -> NovastackError:
    """Return the error that an `error` inside a 200 body, a choice or a stream stands for."""
    words, code = _read_envelope(body)
    status = _status_in(body)
    kind: type[NovastackError] = errors.NovastackResponseError
    if _overflows(words, code):
        kind = errors.NovastackContextOverflowError
    said = mask(words or "no message", secrets, prompt)
    safe_code = mask(code, secrets, prompt) if code else None
    error = kind(f"{model} answered with an error: {said}", model=model, code=safe_code, request_id=request_id)
    error.status = status
    return error


def _read_envelope(body: object) -> tuple[str, str | None]:
    """Find message and code in any of the published envelopes, a plain string, or nothing at all."""
    body = _opened(body)
    if isinstance(body, Mapping):
        details = body.get("metadata")
        extra = details.get("error_type") if isinstance(details, Mapping) else None
        codes = (extra, body.get("error_type"), body.get("code"), body.get("http_status"), body.get("type"))
        code = next((str(code) for code in codes if isinstance(code, str | int) and str(code)), None)
        words = body.get("message") or body.get("error") or ""
        return (words if isinstance(words, str) else json.dumps(words, default=str)), code
    if isinstance(body, str) and not body.lstrip().startswith("<"):
        return body, None
    return "", None


def _opened(body: object) -> object:
    """Return what stands under `error` in an envelope; other bodies as they are."""
    inner = body.get("error") if isinstance(body, Mapping) else None
    return inner if isinstance(inner, Mapping) else body


def _status_in(body: object) -> int | None:
    """Return the HTTP status that an envelope names beside or in place of its code."""
    body = _opened(body)
    if not isinstance(body, Mapping):
        return None
    named = (str(body.get(name)) for name in ("code", "http_status", "status"))
    return next((int(status) for status in named if status in _STATUSES), None)


def _overflows(words: str, code: str | None) -> bool:
    said = f"{code} {words}".lower()
    return any(phrase in said for phrase in OVERFLOW_WORDS)


def _request_id(headers: Mapping[str, str]) -> str | None:
    return headers.get("x-request-id") or headers.get("x-generation-id")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a `Retry-After` header asks for, given as seconds or as a date; None without one."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if isfinite(seconds) else None
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (IndexError, OverflowError, TypeError, ValueError):
        return None
