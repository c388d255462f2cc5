"""The table of faults that tests share: what a model does, and what a router makes of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import openai
from langchain_core import exceptions as core

import langchain_novastack.errors as ours

NEXT, STOP, ANSWER, CUT = "the next model answers", "raised at once", "an answer", "interrupted"


class Row(NamedTuple):
    """One line of the table: what the first model does, and what the router makes of it."""

    whole: str
    """What happens to a request that is not streamed."""

    streamed: str
    error: type[ours.NovastackError] | None = None
    kind: type[core.ModelError] | None = None
    openai: type[openai.OpenAIError] | None = None
    status: int | None = None
    how: dict[str, Any] = {}  # noqa: RUF012 - read only
    """Arguments of `Sandbox.fail`."""


def _http(status: int, error: type[ours.NovastackError], kind: Any, sdk: Any, then: str = NEXT) -> Row:
    return Row(then, then, error, kind, sdk, status, {"status": status})


def _unusable(kind: str, streamed: str = NEXT, **how: Any) -> Row:
    return Row(
        NEXT,
        streamed,
        ours.NovastackResponseError,
        core.ModelAPIError,
        openai.APIError,
        None,
        {"kind": kind, **how},
    )


def _broken(kind: str, streamed: str = NEXT, **how: Any) -> Row:
    error, sdk = ours.NovastackDisconnectedError, openai.APIConnectionError
    return Row(NEXT, streamed, error, core.ModelConnectionError, sdk, None, {"kind": kind, **how})


def _late(kind: str, streamed: str = NEXT, **how: Any) -> Row:
    error, sdk = ours.NovastackTimeoutError, openai.APITimeoutError
    return Row(NEXT, streamed, error, core.ModelTimeoutError, sdk, None, {"kind": kind, **how})


def _answer(kind: str, **how: Any) -> Row:
    return Row(ANSWER, ANSWER, how={"kind": kind, **how})


TABLE: dict[str, Row] = {
    "400": _http(400, ours.NovastackInvalidRequestError, core.ModelInvalidRequestError, openai.BadRequestError),
    "401": _http(
        401, ours.NovastackAuthenticationError, core.ModelAuthenticationError, openai.AuthenticationError, STOP
    ),
    "402": _http(402, ours.NovastackPaymentRequiredError, core.ModelError, openai.APIStatusError, STOP),
    "403": _http(
        403, ours.NovastackPermissionDeniedError, core.ModelPermissionDeniedError, openai.PermissionDeniedError
    ),
    "404": _http(404, ours.NovastackNotFoundError, core.ModelNotFoundError, openai.NotFoundError),
    "408": _http(408, ours.NovastackTimeoutError, core.ModelTimeoutError, openai.APITimeoutError),
    "409": _http(409, ours.NovastackConflictError, core.ModelAPIError, openai.ConflictError),
    "413": _http(413, ours.NovastackRequestTooLargeError, core.ModelInvalidRequestError, openai.APIStatusError),
    "418": _http(418, ours.NovastackRefusedError, core.ModelInvalidRequestError, openai.APIStatusError),
    "422": _http(422, ours.NovastackUnprocessableError, core.ModelInvalidRequestError, openai.UnprocessableEntityError),
    "429": _http(429, ours.NovastackRateLimitError, core.ModelRateLimitError, openai.RateLimitError),
    **{
        str(status): _http(status, ours.NovastackServerError, core.ModelAPIError, openai.InternalServerError)
        for status in (500, 502, 503, 504, 524, 529)
    },
    "error in a 200 body": _unusable("error_body"),
    "error in a choice": _unusable("choice_error"),
    "no choices": _unusable("no_choices"),
    "null for choices": _unusable("null_choices"),
    "HTML with a 200": _unusable("html"),
    "half of the JSON": _unusable("invalid_json"),
    "nothing in the body": _unusable("empty_body"),
    "role, then an error": _unusable("role_then_error"),
    "content, then an error": _unusable("error_after", CUT, after=2),
    "no finish reason": _unusable("end_early", CUT, after=2),
    "no finish reason, no content": _unusable("end_early", after=0),
    "only [DONE]": _unusable("empty_stream"),
    "bytes of another kind": _unusable("raw", body="220 mail.example.com ESMTP\r\n"),
    "half of a body": _broken("half_body", CUT),
    "content, then cut": _broken("cut_stream", CUT),
    "cut before content": _broken("cut_stream", after=0),
    "closed without an answer": _broken("disconnect"),
    "reset without an answer": _broken("reset"),
    "silence": _late("silent", seconds=20),
    "content, then a stall": _late("stall_after", CUT, seconds=20, delay=0.05),
    "late, but in time": _answer("slow", delay=0.02),
    "a refusal": _answer("refusal"),
    "filtered": _answer("content_filter"),
    "cut at the token limit": _answer("length"),
}
"""Whole, streamed, and as which error the failure of the first model shows."""

STALL = _late("stall", seconds=0.4, delay=0.05)._replace(error=None)
"""Unstreamed, spaces keep a read timeout from ringing until the connection is closed; streamed, the clock rings."""

WEB_PAGE = TABLE["502"]._replace(how={"kind": "html", "status": 502})
ROWS = {**TABLE, "keep-alive, no content": STALL, "a web page, 502": WEB_PAGE}
