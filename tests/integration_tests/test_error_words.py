"""What gateways say of a failure, wherever they put it: words, codes, overflow, quota and waits."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import openai
import pytest
from langchain_core.exceptions import ContextOverflowError
from langchain_openai import ChatOpenAI

from langchain_novastack import (
    NovastackError,
    NovastackQuotaExceededError,
    NovastackResponseError,
    NovastackServerError,
)
from langchain_novastack.dialects import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox

WORDS = "The lid is on the pot today"
PLACES: dict[str, Any] = {
    "message": {"error": {"message": WORDS}},
    "error": {"error": WORDS},
    "detail": {"detail": WORDS},
    "a list of details": {"detail": [{"loc": ["body"], "msg": WORDS}]},
    "errors": {"errors": [{"message": WORDS}]},
    "msg": {"code": 10012, "msg": WORDS},
    "a list": [{"error": {"message": WORDS}}],
    "a list of errors": {"error": [WORDS]},
    "problem+json": {"title": "Bad Request", "status": 400, "detail": WORDS},
    "beside its title": {"error": "Bad Request", "message": WORDS},
    "raw text": {"error": {"message": "Provider returned error", "metadata": {"raw": WORDS}}},
    "raw JSON": {
        "error": {"message": "Provider returned error", "metadata": {"raw": json.dumps({"error": {"message": WORDS}})}}
    },
    "JSON in a message": {"error": {"message": json.dumps({"error": {"message": WORDS}})}},
    "plain text": WORDS,
    "a fault": {"fault": {"faultstring": WORDS, "detail": {"errorcode": "steps.Lid"}}},
    "in capitals": {"Code": "Lid", "Message": WORDS},
    "errmsg": {"errcode": 5, "errmsg": WORDS},
    "error_message": {"error_message": WORDS, "status": "REQUEST_DENIED"},
    "errorMessage": {"errorMessage": WORDS, "errorType": "Lid", "stackTrace": []},
    "err_msg": {"err_no": 3301, "err_msg": WORDS},
    "a description": {"ok": False, "error_code": 400, "description": WORDS},
    "a reason": {"error": {"type": "lid_exception", "reason": WORDS}, "status": 400},
    "in a Response": {"Response": {"Error": {"Code": "Lid", "Message": WORDS}, "RequestId": "1"}},
}
UNMARKED: dict[str, Any] = {
    "success": {"success": False, "message": WORDS},
    "code": {"code": 1004, "msg": WORDS},
    "code in words": {"code": "Throttling", "message": WORDS},
    "base_resp": {"choices": None, "base_resp": {"status_code": 1008, "status_msg": WORDS}},
    "object": {"object": "error", "message": WORDS, "code": 500},
    "detail": {"detail": WORDS},
    "type": {"type": "error", "error": {"type": "overloaded_error", "message": WORDS}},
    "beside a title": {"error": "Bad Request", "message": WORDS},
    "beside a sign": {"error": True, "message": WORDS},
    "beside a number": {"error": 500, "msg": WORDS},
    "beside a type": {"error": {"type": "overloaded_error"}, "message": WORDS},
    "no sign": {"message": WORDS},
    "success as text": {"success": "false", "message": WORDS},
    "status": {"kind": "Status", "status": "Failure", "message": WORDS},
    "errorType": {"errorMessage": WORDS, "errorType": "Lid", "stackTrace": []},
    "in a Response": {"Response": {"Error": {"Code": "Lid", "Message": WORDS}, "RequestId": "1"}},
    "in an envelope": {"code": 0, "msg": "ok", "data": {"error": {"message": WORDS}}},
    "in an envelope, no sign": {"data": {"message": WORDS}},
}


@pytest.fixture(params=[True, False], ids=["fast", "slow"])
def chat(request: pytest.FixtureRequest, model: Callable[..., ChatNovastack]) -> ChatNovastack:
    return model(fast=request.param, max_retries=0)


@pytest.mark.parametrize("place", list(PLACES))
async def test_words_are_found_wherever_they_stand(chat: ChatNovastack, box: Sandbox, ask: Ask, place: str) -> None:
    body = PLACES[place]
    kind, sent = ("text/plain", body) if isinstance(body, str) else ("application/json", json.dumps(body))
    box.fail("qwen", kind="raw", status=400, body=sent, content_type=kind)
    with pytest.raises(NovastackError, match=WORDS) as caught:
        await ask(chat, "Hello")
    assert caught.value.status == 400


@pytest.mark.parametrize("place", list(UNMARKED))
@pytest.mark.parametrize("streamed", [True, False])
async def test_errors_with_status_200(chat: ChatNovastack, box: Sandbox, ask: Ask, place: str, streamed: bool) -> None:  # noqa: FBT001 - a parameter
    body = json.dumps(UNMARKED[place])
    box.fail("qwen", kind="raw", body=f"data: {body}\n\n" if streamed else body)
    with pytest.raises(NovastackResponseError, match=WORDS):
        await ask(chat, "Hello")


@pytest.mark.parametrize("first", [True, False])
async def test_words_behind_which_no_answer_came(chat: ChatNovastack, box: Sandbox, ask: Ask, first: bool) -> None:  # noqa: FBT001 - a parameter
    said, role = {"message": WORDS}, {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}
    events = "".join(f"data: {json.dumps(each)}\n\n" for each in ([said, role] if first else [role, said]))
    box.fail("qwen", kind="raw", body=events)
    with pytest.raises(NovastackResponseError, match=WORDS):
        await ask(chat, "Hello")


BROKEN_OFF = {
    "pages": json.dumps({"error": {"code": 429, "message": WORDS}}, indent=2),
    "a list": json.dumps([{"error": {"message": WORDS}}], indent=2),
    "one line": json.dumps({"error": {"message": WORDS}}) + "\n",
    "words": WORDS,
    "words as data": f"data: {WORDS}\n\n",
    "no blank line": "data: {}\nevent: error\ndata: " + json.dumps({"message": WORDS}),
}


@pytest.mark.parametrize("kind", list(BROKEN_OFF))
async def test_an_error_that_is_no_event(chat: ChatNovastack, box: Sandbox, ask: Ask, kind: str) -> None:
    said = json.dumps({"choices": [{"delta": {"content": "Tea"}}]})
    box.fail("qwen", kind="raw", body=f"data: {said}\n\n{BROKEN_OFF[kind]}")
    with pytest.raises(NovastackResponseError, match=WORDS):
        await ask(chat, "Hello")
    end = said.replace("}}]", '}, "finish_reason": "stop"}]')
    box.clear().fail("qwen", kind="raw", body=f"data: {end}\n\n{BROKEN_OFF[kind]}")
    assert (await ask(chat, "Hello")).text == "Tea"  # an answer is whole with its reason


@pytest.mark.parametrize("half", ["dat", "data: {", "ev", "id: 3"])
async def test_half_a_line_is_not_the_gateways_word(chat: ChatNovastack, box: Sandbox, ask: Ask, half: str) -> None:
    said = json.dumps({"choices": [{"delta": {"content": "Tea"}}]})
    box.fail("qwen", kind="raw", body=f"id: 1\ndata: {said}\n\n{half}")
    with pytest.raises(NovastackResponseError, match=r"without a finish reason|not JSON|unknown shape"):
        await ask(chat, "Hello")


async def test_a_status_beside_the_error(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    box.fail("qwen", kind="raw", body=json.dumps({"error": {"message": WORDS}, "code": 503}))
    with pytest.raises(NovastackResponseError, match=WORDS) as caught:
        await ask(chat, "Hello")
    assert caught.value.status == 503


async def test_signs_of_life_are_no_error(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    alive: list[dict[str, str]] = [
        {"status": "queued", "message": "In line"},
        {"status": "starting", "message": "Warming up"},
        {"type": "ping", "message": "Still here"},
    ]
    answer = {"choices": [{"index": 0, "delta": {"content": "Tea"}, "finish_reason": "stop"}]}
    box.fail("qwen", kind="raw", body="".join(f"data: {json.dumps(each)}\n\n" for each in (*alive, answer)))
    assert (await ask(chat, "Hello")).text == "Tea"


@pytest.mark.parametrize("data", [{"message": WORDS, "code": 500}, {"error": {"message": WORDS}}, WORDS])
async def test_an_event_named_error(chat: ChatNovastack, box: Sandbox, ask: Ask, data: Any) -> None:
    text = data if isinstance(data, str) else json.dumps(data)
    box.fail("qwen", kind="raw", body=f"event: error\ndata: {text}\n\n")
    with pytest.raises(NovastackResponseError, match=WORDS):
        await ask(chat, "Hello")


# ---- overflow

OVERFLOWS = (
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    "This endpoint's maximum context length is 262144 tokens. However, you requested about 284283 tokens.",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "prompt is too long: 213462 tokens > 200000 maximum",
    "Input length (265330) exceeds model's maximum context length (262144).",
    "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
    "Requested tokens (11280) exceed context window of 2048",
    "tokens to keep from the initial prompt is greater than the context length",
    "litellm.ContextWindowExceededError: it is too much",
    "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
    "invalid params, context window exceeds limit (2013)",
    "`inputs` must have less than 4096 tokens. Given: 5000",
    "You passed 32769 input tokens. However, the model's context length is only 32768 tokens.",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4095.",
    "The sum of prompt length (9000), query length (0) should not exceed max_num_tokens (8192)",
    "Total tokens of image and text exceed max message tokens.",
    "input (5000 tokens) is larger than the max context size (4096 tokens). skipping",
    "too many tokens: total number of tokens in the prompt exceeds the limit of 4081",
    "However, the model is loaded with context length of only 4096 tokens, which is not enough.",
    "The prompt (total length 25938) is too long to fit into the model (context length 4096).",
    "Input length exceeds pipeline capabilities: 9000 > 8192",
    "Request too long: 121692 input tokens over the limit of 46112",
    "Context limit is 49152 tokens; prompt=51402 leaves 0 output tokens, below the minimum 16",
    "Input too long: 217074 input tokens, limit is 202752 for this model",
    "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9279",
    "ValidationException: Input token count exceeds the maximum number of input tokens",
    "INVALID_ARGUMENT: input exceeds the maximum number of tokens",
    "total tokens exceeds the model's maximum limit of 4096",
    "input is too long for model tea-1",
    "Current length is 9000 while limit is 8192",
    "Your maximum input length is 8192 tokens",
    "上下文过长",
    "上下文长度超出模型最大限制",
    "请压缩上下文后重试",
    "The context window limit has been exceeded",
    json.dumps({"error": json.dumps({"message": json.dumps({"message": "prompt is too long: 9 tokens > 8"})})}),
)
OTHERS = (
    "The beta header for the 1M context window is not available for your subscription.",
    "This model (context window 128k) does not support tool_choice 'required'.",
    "Request too large on tokens per min (TPM): Limit 30000, Requested 40000.",
    "Too many tokens, please wait before trying again.",
    "max_tokens must be at least 16, whatever the context window.",
    "Daily token limit exceeded",
    "The token limit exceeded is that of your API key.",
    "Model context window too small (minimum is 128k tokens)",
    "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for tea-1",
    "max_tokens is too large: 100000. This model supports at most 4096 completion tokens, you provided 100000.",
    "Invalid 'messages[3].content': string too long. Expected a string with maximum length 1048576.",
    "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 150.",
    "messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes",
    "Too many tokens in the last minute, slow down",
    "failed to load the model: the maximum context length is not available",
    "Prompt tokens limit exceeded: 230799 > 91442. Create a key with a higher monthly limit",
    "The answer exceeded max tokens",
)


@pytest.mark.parametrize("status", [400, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("words", OVERFLOWS)
def test_overflow_is_known_under_any_status(model: Callable[..., Any], box: Sandbox, words: str, status: int) -> None:
    said = json.dumps({"error": {"message": words}}, ensure_ascii=False)
    box.fail("qwen", status=status, message=f"Upstream said: {said}")
    with pytest.raises(ContextOverflowError) as caught:
        model(max_retries=0).invoke("Hello")
    assert caught.value.status == status  # type: ignore[attr-defined] # ours


@pytest.mark.parametrize("words", OTHERS)
def test_a_window_in_another_sense_is_not_overflow(model: Callable[..., Any], box: Sandbox, words: str) -> None:
    box.fail("qwen", status=400, message=words)
    with pytest.raises(openai.BadRequestError) as caught:
        model(max_retries=0).invoke("Hello")
    assert not isinstance(caught.value, ContextOverflowError)


def test_every_row_says_where_it_was_seen() -> None:
    """And there are enough wordings."""
    assert len(table("overflow")["wordings"]) >= 35
    for name in ("overflow", "errors", "waits", "usage", "finish_reasons", "call_markup", "fields", "connections"):
        rows = [row for part in table(name).values() if isinstance(part, list) for row in part]
        assert rows
        assert all(row["seen"] for row in rows)


# ---- quota

SPENT = {
    "error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}
}


@pytest.mark.parametrize("code", ["insufficient_quota", "credit_balance_exhausted"])
async def test_an_exhausted_quota_stops_the_line(make: Any, box: Sandbox, ask: Ask, code: str) -> None:
    """As 402 does; it stays a 429, and no model's health is charged."""
    body = {"error": {**SPENT["error"], "code": code}}
    box.fail("deepseek", kind="raw", status=429, body=json.dumps(body), content_type="application/json", times=None)
    router = make()
    with pytest.raises(openai.RateLimitError) as caught:
        await ask(router, "Debug this function.")
    assert isinstance(caught.value, NovastackQuotaExceededError)
    assert (caught.value.status, caught.value.is_retryable) == (429, False)
    assert {request.model for request in box.requests} == {"deepseek"}
    assert router.health().get("deepseek", {"failures": 0})["failures"] == 0


@pytest.mark.parametrize(
    "words",
    [
        "Your account balance is insufficient",
        "余额不足",
        "用户额度不足",
        "Your team has either used all available credits or reached its monthly spending limit.",
        "You have depleted your monthly included credits.",
        "Your account balance is not sufficient to support this request.",
    ],
)
def test_an_exhausted_quota_is_known_by_its_words(model: Callable[..., Any], box: Sandbox, words: str) -> None:
    box.fail("qwen", status=429, message=words)
    with pytest.raises(NovastackQuotaExceededError):
        model(max_retries=0).invoke("Hello")


@pytest.mark.parametrize("code", ["context_length_exceeded", "token_limit_exceeded", "1261"])
@pytest.mark.parametrize("beside", [{}, {"message": "Bad Request"}])
def test_a_code_says_enough(model: Callable[..., Any], box: Sandbox, beside: dict[str, str], code: str) -> None:
    body = json.dumps({"error": {"code": code}, **beside})
    box.fail("qwen", kind="raw", status=400, body=body)
    with pytest.raises(ContextOverflowError):
        model(max_retries=0).invoke("Hello")


def test_words_say_which_limit_a_code_means(model: Callable[..., Any], box: Sandbox) -> None:
    """Some gateways give their own limit of tokens a minute the code that others give to a full window."""
    said = {"code": "token_limit_exceeded", "message": "Token rate limit exceeded. Please wait 20 seconds."}
    box.fail("qwen", kind="raw", status=429, body=json.dumps({"error": said}))
    with pytest.raises(openai.RateLimitError) as caught:
        model(max_retries=0).invoke("Hello")
    assert not isinstance(caught.value, ContextOverflowError)


async def test_an_exhausted_quota_stops_plain_models_too(make: Any, box: Sandbox, run: Ask) -> None:
    plain: Any = {"base_url": box.base_url, "api_key": box.api_key, "max_retries": 0}
    first, second = (ChatOpenAI(model=name, **plain) for name in ("Qwen3-235B-A22B", "DeepSeek-V4-Pro"))
    router = make(models={"one": first, "two": second}, default="one", fallbacks={"one": ["two"]})
    box.fail("qwen", kind="raw", status=429, body=json.dumps(SPENT), content_type="application/json")
    with pytest.raises(openai.RateLimitError):
        await run(router, "Hello")
    assert [request.model for request in box.requests] == ["qwen"]


def test_a_plain_limit_is_not_a_quota(make: Any, box: Sandbox) -> None:
    box.fail("deepseek", status=429, message="Quota exceeded for requests per minute, try again in 20s")
    assert make().invoke("Debug this function.").text


# ---- waits: seconds, or None for those until `SOON`

SOON = time.time() + 3_600
HEADERS: dict[str, tuple[dict[str, str], float | None]] = {
    "seconds": ({"Retry-After": "7"}, 7),
    "a duration": ({"Retry-After": "1m30s"}, 90),
    "a date": ({"Retry-After": formatdate(SOON, usegmt=True)}, None),
    "milliseconds": ({"retry-after-ms": "7000"}, 7),
    "milliseconds first": ({"retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
    "a reset": ({"x-ratelimit-reset-requests": "7s"}, 7),
    "the reset that is used up": (
        {
            "x-ratelimit-reset-requests": "8.5s",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-tokens": "6m0s",
            "x-ratelimit-remaining-tokens": "1000",
        },
        8.5,
    ),
    "a moment": ({"X-RateLimit-Reset": str(int(SOON))}, None),
    "a moment in milliseconds": ({"X-RateLimit-Reset": str(int(SOON * 1000))}, None),
    "an ISO date": (
        {"anthropic-ratelimit-requests-reset": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(SOON))},
        None,
    ),
}
BODIES: dict[str, tuple[Any, float | None]] = {
    "words": ({"error": {"message": "Rate limit reached. Please try again in 20s."}}, 20),
    "longer words": ({"error": {"message": "Please retry after 1 minute 30 seconds"}}, 90),
    "a field": ({"error": {"message": "Slow down", "retry_after": 3}}, 3),
    "a field in JSON in a text": (
        {"error": {"message": "x", "metadata": {"raw": json.dumps({"error": {"details": [{"retryDelay": "34s"}]}})}}},
        34,
    ),
    "another field": ({"message": "Slow down", "retryAfter": 3}, 3),
    "a limit of use": ({"error": {"type": "usage_limit", "message": "x", "resets_at": int(SOON)}}, None),
    "a delay of a quota": ({"error": {"details": [{"metadata": {"quotaResetDelay": "2h57m16s"}}]}}, 10636),
    "a time of a quota": (
        {
            "error": {
                "message": "x",
                "details": [
                    {"metadata": {"quotaResetTimeStamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(SOON))}}
                ],
            }
        },
        None,
    ),
    "a field deep inside": ({"error": {"details": [{"retryDelay": "34.5s"}], "message": "Slow down"}}, 34.5),
    "headers in the body": (
        {"error": {"message": "x", "metadata": {"headers": {"X-RateLimit-Reset": str(int(SOON * 1000))}}}},
        None,
    ),
}


@pytest.mark.parametrize("name", [*HEADERS, *BODIES])
def test_waits_are_read(model: Callable[..., Any], box: Sandbox, name: str) -> None:
    headers, wait = HEADERS.get(name, ({}, 0))
    body, wait = BODIES.get(name, ({"error": {"message": "Slow down"}}, wait))
    box.fail("qwen", kind="raw", status=429, body=json.dumps(body), headers=headers, content_type="application/json")
    with pytest.raises(NovastackError) as caught:
        model(max_retries=0).invoke("Hello")
    until = SOON - time.time() if wait is None else wait
    assert caught.value.retry_after == pytest.approx(until, abs=2 if wait is None else 0.01)


def test_resets_say_nothing_of_other_failures(model: Callable[..., Any], box: Sandbox) -> None:
    """OpenAI sends them with every answer."""
    box.fail("qwen", kind="raw", status=500, body="{}", headers={"x-ratelimit-reset-tokens": "6m0s"})
    with pytest.raises(NovastackError) as caught:
        model(max_retries=0).invoke("Hello")
    assert caught.value.retry_after is None


async def test_bytes_that_do_not_decode_are_the_models(make: Any, box: Sandbox, ask: Ask) -> None:
    box.fail("deepseek", kind="raw", body=b"not gzip", headers={"Content-Encoding": "gzip"})
    assert (await ask(make(), "Debug this function.")).text
    assert [request.model for request in box.requests] == ["deepseek", "qwen"]


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "hex", "zlib_codec", "rot13", "no-such-codec"])
async def test_a_charset_that_cannot_read_the_words(make: Any, box: Sandbox, ask: Ask, charset: str) -> None:
    """A gateway may name any codec; the status is what counts, and no error carries the request along."""
    how: Any = {"body": "Caf\u00e9: the lid".encode(), "content_type": f"text/plain; charset={charset}"}
    box.fail("deepseek", kind="raw", status=503, **how)
    router = make(max_retries=0)
    assert (await ask(router, "Debug this function.")).text
    with pytest.raises(NovastackServerError) as caught:
        await ask(router, "Debug this function.", fallback=False)
    assert caught.value.status == 503
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_white_space_around_a_body(model: Callable[..., Any], box: Sandbox) -> None:
    body = b'\n\xa0{"error": {"message": "caf\xe9"}, "retry_after": 9}\x0c'
    box.fail("qwen", kind="raw", status=429, body=body, content_type="application/json; charset=latin-1")
    with pytest.raises(NovastackError) as caught:
        await model(max_retries=0).ainvoke("Hello")
    assert caught.value.retry_after == 9
