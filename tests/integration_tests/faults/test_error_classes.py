"""Errors: existing `except` clauses match, nothing is lost when all models fail, and errors travel."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.fault_rows import STOP, TABLE
from helpers.ways import Ask, routing
from langchain_core import exceptions as core

import langchain_novastack.errors as ours
from langchain_novastack import AllModelsFailedError, ChatNovastack, NovastackError, NovastackRouter
from langchain_novastack.sandbox.validation.problems import ENVELOPES

if TYPE_CHECKING:
    from langchain_novastack.sandbox import Sandbox

QUESTION = "Debug this function."
Make = Callable[..., NovastackRouter]
Model = Callable[..., ChatNovastack]
WHOLE = {name: row for name, row in TABLE.items() if row.error and row.whole != STOP and "seconds" not in row.how}
"""Failures after which the next model is asked, without those that take their time."""


def attempts_of(error: AllModelsFailedError) -> list[Any]:
    return list(error.attempts)


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
@pytest.mark.parametrize("name", list(WHOLE))
def test_all_failed_matches_what_its_cause_matches(box: Sandbox, make: Make, name: str, way: str) -> None:
    """`except openai.RateLimitError` catches a line of rate limits as it catches one."""
    row = WHOLE[name]
    box.fail("*", **row.how)
    router = make(max_retries=0)
    with pytest.raises(row.openai or Exception) as caught:
        asyncio.run(router.ainvoke(QUESTION)) if way == "ainvoke" else router.invoke(QUESTION)
    error: Any = caught.value
    assert isinstance(error, AllModelsFailedError)
    assert isinstance(error, row.kind or Exception)
    assert isinstance(error, row.error or Exception)
    assert str(error).startswith("All models failed: deepseek: ")
    assert "; qwen: " in str(error)
    assert [(type(each), each.model) for each in attempts_of(error)] == [(row.error, "deepseek"), (row.error, "qwen")]
    assert error.__cause__ is error.attempts[0]
    assert error.status == row.status
    assert error.is_retryable is bool(row.kind and row.kind.is_retryable)
    assert (error.routing["model"], error.routing["fallback"]) == (None, False)
    assert [attempt["model"] for attempt in error.routing["attempts"]] == ["deepseek", "qwen"]


async def test_the_cause_is_the_first_retryable_attempt(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("deepseek", status=400).fail("claude", status=429, retry_after=9).fail("qwen", status=503)
    with pytest.raises(core.ModelRateLimitError) as caught:
        await ask(make(fallbacks={"deepseek": ["claude", "qwen"]}, max_retries=0), QUESTION)
    error: Any = caught.value
    assert [each.status for each in error.attempts] == [400, 429, 503]
    assert error.__cause__ is error.attempts[1]
    assert (error.status, error.is_retryable, error.retry_after) == (429, True, 9.0)
    assert error.request_id == error.attempts[1].request_id
    assert not isinstance(error, openai.BadRequestError)


async def test_the_cause_is_the_first_attempt_if_none_is_retryable(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("deepseek", status=404).fail("qwen", status=400)
    with pytest.raises(openai.NotFoundError) as caught:
        await ask(make(), QUESTION)
    error: Any = caught.value
    assert error.__cause__ is error.attempts[0]
    assert (error.status, error.is_retryable) == (404, False)


async def test_a_router_in_line_hands_on_what_its_cause_matches(
    box: Sandbox, make: Make, model: Model, ask: Ask
) -> None:
    for name in ("deepseek", "qwen", "claude"):
        box.fail(name, status=429)
    line = make(max_retries=0).with_fallbacks([model("claude", max_retries=0)])
    with pytest.raises(openai.RateLimitError) as caught:
        await ask(line, QUESTION)
    error: Any = caught.value
    assert isinstance(error, AllModelsFailedError)
    assert isinstance(error, core.ModelRateLimitError)
    assert isinstance(error.attempts[0], AllModelsFailedError)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert isinstance(again, openai.RateLimitError)
    assert str(again) == str(error)


async def test_one_in_line_raises_its_own_error(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("*", status=503)
    for router, settings in ((make(max_retries=0), {"fallback": False}), (make(max_retries=0, fallbacks={}), {})):
        with pytest.raises(openai.InternalServerError) as caught:
            await ask(router, QUESTION, **settings)
        assert type(caught.value) is ours.NovastackServerError


HIDDEN = [{"status": 429}, {"kind": "error_body", "status": 429}, {"kind": "role_then_error", "status": 429}]


@pytest.mark.parametrize("envelope", list(ENVELOPES))
@pytest.mark.parametrize("how", HIDDEN, ids=["HTTP", "in a 200", "after a role"])
async def test_every_published_shape_of_an_error_is_read(
    box: Sandbox, model: Model, ask: Ask, how: dict[str, Any], envelope: str
) -> None:
    """The gateway's own words and its code come out, whatever they are wrapped in."""
    box.fail("deepseek", envelope=envelope, message="Too many cooks.", **how)
    with pytest.raises(NovastackError) as caught:
        await ask(model("deepseek", max_retries=0), QUESTION)
    error: Any = caught.value
    assert "Too many cooks." in str(error)
    assert error.code in {"rate_limit_exceeded", "rate_limit_error", "429"}
    assert error.is_retryable
    if "kind" not in how:
        assert error.status == 429
        assert isinstance(error, openai.RateLimitError)


@pytest.mark.parametrize("envelope", list(ENVELOPES))
async def test_an_overflow_is_known_in_every_shape(box: Sandbox, model: Model, ask: Ask, envelope: str) -> None:
    box.fail("deepseek", status=400, envelope=envelope, message="This model's maximum context length is 10 tokens.")
    with pytest.raises(core.ContextOverflowError) as caught:
        await ask(model("deepseek"), QUESTION)
    assert isinstance(caught.value, openai.BadRequestError)


async def test_prefill_on_opus_is_refused_before_the_request(box: Sandbox, make: Make, model: Model, ask: Ask) -> None:
    """It names the model, matches a bad request, and another model may take it."""
    prefilled = [("user", "Tell me a story."), ("assistant", "Once upon")]
    with pytest.raises(openai.BadRequestError) as caught:
        await ask(model("claude"), prefilled)
    assert isinstance(caught.value, core.ModelInvalidRequestError)
    assert (caught.value.model, box.requests) == ("claude", [])  # type: ignore[attr-defined] # ours too
    record = routing(await ask(make(), prefilled, model="claude"))
    assert record["model"] == "qwen"
    assert [attempt["model"] for attempt in record["attempts"]] == ["qwen"], "only real requests"


async def test_all_failed_with_an_attempt_that_was_never_sent_travels(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("qwen", status=503)
    prefilled = [("user", "Tell me a story."), ("assistant", "Once upon")]
    with pytest.raises(AllModelsFailedError) as caught:
        await ask(make(max_retries=0), prefilled, model="claude")
    assert len(caught.value.attempts) == 2
    assert len(caught.value.routing["attempts"]) == 1
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert str(again) == str(caught.value)


@pytest.mark.parametrize("travel", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])  # noqa: S301 - ours
@pytest.mark.parametrize("name", ["429", "silence", "content, then cut", "no choices", "reset without an answer"])
async def test_errors_pickle_and_copy(
    box: Sandbox, model: Model, ask: Ask, name: str, travel: Callable[[Any], Any]
) -> None:
    row = TABLE[name]
    asks: dict[str, Any] = {"retry_after": 5} if row.status else {}
    box.fail("deepseek", **row.how, **asks)
    with pytest.raises(NovastackError) as caught:
        await ask(model("deepseek", max_retries=0, timeout=0.15 if name == "silence" else None), QUESTION)
    error = caught.value
    again = travel(error)
    assert type(again) is type(error)
    for field in ("message", "args", "model", "status", "request_id", "code", "retry_after", "is_retryable"):
        assert getattr(again, field) == getattr(error, field)
    assert type(again.__cause__) is type(error.__cause__)
    assert getattr(again, "partial", None) == getattr(error, "partial", None)
    assert dict(again.request.headers) == {}


@pytest.mark.parametrize("extra", [{}, {"metadata": {"error_type": "rate_limit_exceeded"}}, {"type": "too_many"}])
async def test_the_status_inside_a_body_is_kept(box: Sandbox, model: Any, ask: Ask, extra: dict[str, Any]) -> None:
    """Whatever else the envelope says of what went wrong."""
    body = json.dumps({"error": {"code": 429, "message": "slow down", **extra}})
    box.fail("qwen", kind="raw", content_type="application/json", body=body)
    with pytest.raises(NovastackError) as caught:
        await ask(model("qwen", max_retries=0, disable_streaming=True), "Hello")
    assert caught.value.status == 429


async def test_all_failed_has_the_status_inside_its_causes_body(box: Sandbox, make: Make, ask: Ask) -> None:
    body = json.dumps({"error": {"code": 503, "message": "busy"}})
    box.fail("*", kind="raw", content_type="application/json", body=body)
    with pytest.raises(AllModelsFailedError) as caught:
        await ask(make(max_retries=0), "Debug this function.")
    assert caught.value.status == 503
    assert [pickle.loads(pickle.dumps(caught.value)).status, copy.copy(caught.value).status] == [503, 503]  # noqa: S301 - our own


TRAVEL = [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy]  # noqa: S301 - our own


@pytest.mark.parametrize("travel", TRAVEL)
def test_all_failed_may_be_made_by_hand(travel: Callable[[Any], Any]) -> None:
    """Users raise it in their own tests."""
    error = AllModelsFailedError("x", status=503)
    assert (error.attempts, error.routing, error.is_retryable) == ((), {}, False)
    again = travel(error)
    assert (type(again), str(again), again.status, again.attempts) == (AllModelsFailedError, "x", 503, ())
    error.attempts, error.routing["model"] = (ours.NovastackServerError("y"),), None
    again = travel(error)
    assert (str(again.attempts[0]), again.routing) == ("y", {"model": None})
    assert AllModelsFailedError("z").routing == {}


@pytest.mark.parametrize("travel", TRAVEL)
async def test_notes_travel(box: Sandbox, make: Make, ask: Ask, travel: Callable[[Any], Any]) -> None:
    """`add_note` of Python 3.11 keeps them there; a copy's own notes are not the original's."""
    box.fail("*", status=503)
    with pytest.raises(AllModelsFailedError) as caught:
        await ask(make(max_retries=0), QUESTION)
    made = (AllModelsFailedError("x"), ours.StreamInterruptedError("y"), ours.NovastackServerError("z", status=500))
    for error in (caught.value, *made):
        vars(error)["__notes__"] = ["n"]
        again = travel(error)
        assert again.__notes__ == ["n"]
        again.__notes__.append("more")
        assert vars(error)["__notes__"] == ["n"]


@pytest.mark.parametrize(("kind", "name"), [("error_after", "partial"), ("status", "attempts")])
async def test_an_error_behind_another_keeps_what_it_knows(box: Sandbox, make: Make, kind: str, name: str) -> None:
    """Dask raises a class made of its own and the error's, which asks the error only for what the class lacks."""
    box.fail("*", kind=kind)
    with pytest.raises(NovastackError) as caught:
        list(make(max_retries=0).stream(QUESTION))

    class Remote(type(caught.value)):  # type: ignore[misc] # a class of that moment
        def __init__(self) -> None: ...

        def __getattr__(self, attribute: str) -> Any:
            return getattr(caught.value, attribute)

    assert getattr(Remote(), name) == getattr(caught.value, name)
    assert getattr(caught.value, name)
