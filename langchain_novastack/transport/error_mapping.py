"""From what the SDK and the HTTP library raise to this package's errors.

Nothing of the original is kept but its status, the gateway's request id and code, and at most 300
characters of the gateway's own message with the key and the prompt masked.
"""

from __future__ import annotations

import json
from typing import Any

import openai

from langchain_novastack import errors
from langchain_novastack.redaction import mask
from langchain_novastack.transport.connection_errors import from_connection, from_unreached, is_of_request
from langchain_novastack.transport.error_words import read_error
from langchain_novastack.transport.events import TooLargeError
from langchain_novastack.transport.waits import asked_wait, retry_after


def translate(error: Exception, *, model: str, secrets: tuple[str, ...] = (), prompt: str = "") -> Exception:
    """Return this package's error for one of the SDK or the HTTP library; any other error as it is.

    `secrets`, the key, must not appear in the message; `prompt` is masked where the gateway quotes it.
    """
    if isinstance(error, openai.APIStatusError):
        return _from_status(error, model, lambda text: text and mask(text, secrets, prompt))
    if is_of_request(error):
        return from_connection(error, model, lambda text: mask(text, secrets, prompt))
    if isinstance(error, openai.APIError):
        return from_body(error.body, model=model, secrets=secrets, prompt=prompt)
    if isinstance(error, TooLargeError):
        most = f"{error.args[0]:,} bytes (`max_answer_bytes`)"
        return errors.NovastackResponseError(f"{model} sent an answer or an event of more than {most}.", model=model)
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return errors.NovastackResponseError(f"{model} sent something that is not JSON.", model=model)
    return error


def _from_status(error: openai.APIStatusError, model: str, masked: Any) -> errors.NovastackError:
    if unreached := from_unreached(error, model):
        return unreached
    status, headers = error.status_code, error.response.headers
    body = _body_of(error)
    said = read_error(body)
    limited = status == 429  # noqa: PLR2004 - too many requests; others send the same headers about limits unasked
    kind = errors.NovastackQuotaExceededError if limited and said.quota else errors.class_for_status(status)
    kind = errors.NovastackContextOverflowError if said.overflow and status not in {401, 402} else kind
    return kind(
        f"{model} answered HTTP {status}" + (f": {masked(said.words)}" if said.words else "."),
        model=model,
        status=status,
        request_id=masked(headers.get("x-request-id") or headers.get("x-generation-id")) or None,
        code=masked(said.code),
        retry_after=asked_wait(headers, body, said.words) if limited else retry_after(headers),
    )


def _body_of(error: openai.APIStatusError) -> object:
    """Return the whole body of an error: the SDK keeps only what stands under `error`, if only the title."""
    try:
        return json.loads(error.response.content)
    except (RecursionError, ValueError):  # not JSON
        return error.response.text.strip()
    except RuntimeError:  # not read
        return error.message if error.body is None else error.body


def from_body(body: object, *, model: str, secrets: tuple[str, ...] = (), prompt: str = "") -> errors.NovastackError:
    """Return the error that an `error` inside a 200 body, a choice or a stream stands for."""
    said = read_error(body)
    kind = errors.NovastackContextOverflowError if said.overflow else errors.NovastackResponseError
    words = mask(said.words or "no message", secrets, prompt)
    code = mask(said.code, secrets, prompt) if said.code else None
    error = kind(f"{model} answered with an error: {words}", model=model, code=code)
    error.status = said.status
    return error
