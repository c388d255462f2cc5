"""Any faults in any order, on any models, in any of the four ways: an answer to the question, or a typed error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.fuzzing import WAYS, Bench, bench, check
from hypothesis import given
from hypothesis import strategies as st

from langchain_novastack import AllModelsFailedError, NovastackError, StreamInterruptedError
from langchain_novastack.sandbox.answers.turn import digest
from langchain_novastack.sandbox.faults import KINDS
from langchain_novastack.sandbox.validation.problems import ENVELOPES

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("error"),
    pytest.mark.filterwarnings("default::langchain_novastack.RouteMisconfiguredWarning"),
]
MODELS = ("qwen", "deepseek", "claude")
WAITING = {"stall": {"delay": 0.005, "seconds": 0.02}, "stall_after": {"seconds": 0.02}, "silent": {"seconds": 0.01}}
KINDS_LEFT = sorted(set(KINDS) - {"status", "raw"})
STATUSES = [400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 425, 429, 500, 502, 503, 504, 524, 529, 599]


ALONE = {"Connection": "close"}
"""A connection for each request: one that is used again and breaks would be asked once more, on no record."""


@pytest.fixture(scope="module")
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened


@st.composite
def faults(draw: st.DrawFn) -> dict[str, Any]:
    """One fault, as arguments of `Sandbox.fail`."""
    if draw(st.booleans()):
        status, envelope = draw(st.sampled_from(STATUSES)), draw(st.sampled_from(sorted(ENVELOPES)))
        wait = draw(st.sampled_from([None, 0, 3, "nonsense"]))
        return {"status": status, "envelope": envelope, "retry_after": wait}
    kind = draw(st.sampled_from(KINDS_LEFT))
    how: dict[str, Any] = dict(WAITING.get(kind, {}))
    if kind == "slow":
        how["delay"] = 0.01
    if "after" in KINDS[kind].takes.split():
        how["after"] = draw(st.integers(0, 4))
    return {"kind": kind, **how}


PLANS = st.lists(st.tuples(st.sampled_from([*MODELS, "*"]), faults()), max_size=5)
LINES = st.sampled_from([{}, {"claude": ["qwen"]}, {"claude": ["deepseek", "qwen"], "qwen": ["deepseek", "claude"]}])
QUESTIONS = ("Write a poem about tea.", "Debug this function.", "What is the capital of France?")


@given(
    plan=PLANS,
    fallbacks=LINES,
    calls=st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from(QUESTIONS), st.booleans()), min_size=1, max_size=3),
    skip_after=st.sampled_from([None, 1, 2]),
)
def test_fuzz_fault_sequences_end_in_an_answer_or_a_typed_error(
    at: Bench,
    plan: list[tuple[str, dict[str, Any]]],
    fallbacks: dict[str, list[str]],
    calls: list[tuple[str, str, bool]],
    skip_after: int | None,
) -> None:
    router = at.make(fallbacks=fallbacks, skip_after=skip_after, default_headers=ALONE)
    router.reset_health()
    at.box.clear()
    for model, how in plan:
        at.box.fail(model, times=1, **how)
    for number, (way, question, alone) in enumerate(calls):
        asked = f"{question} ({number})"
        before = len(at.box.requests)
        outcome = at.ask(way, router, asked, **({"fallback": False} if alone else {}))
        check(outcome)
        arrived = at.box.requests[before:]
        _check_record(outcome, [record.model for record in arrived])
        if outcome.error is None and outcome.total.content and arrived[-1].fault in {None, "slow"}:
            assert digest(asked) in outcome.text


def _check_record(outcome: Any, asked: list[str | None]) -> None:
    """Assert that the record lists the requests that arrived, in order, and who answered."""
    error = outcome.error
    if error is None:
        record = outcome.total.response_metadata["routing"]
        assert record["model"] == asked[-1]
        assert [attempt["error"] for attempt in record["attempts"]][-1] is None
    elif isinstance(error, AllModelsFailedError | StreamInterruptedError):
        record = error.routing
        assert record["model"] is None
    else:
        assert isinstance(error, NovastackError)
        assert len(set(asked)) == 1  # once, or once more in its turn after a 429 that followed an answer at once
        return
    assert [attempt["model"] for attempt in record["attempts"]] == asked
    assert [chunk.response_metadata.get("routing") for chunk in outcome.shown].count(None) >= len(outcome.shown) - 1


@pytest.mark.parametrize("kind", ["disconnect", "reset", "half_body"])
@pytest.mark.parametrize("way", WAYS)
def test_fuzz_found_that_a_broken_connection_is_not_an_unreachable_gateway(at: Bench, way: str, kind: str) -> None:
    """What the HTTP library raises it from differs by version: another model must answer all the same."""
    at.box.clear().fail("claude", kind=kind)
    outcome = at.ask(way, at.make(default_headers=ALONE), "Write a poem about tea.")
    if kind == "half_body" and way.endswith("stream"):
        assert isinstance(outcome.error, StreamInterruptedError)
        return
    assert outcome.error is None
    assert [tried["model"] for tried in outcome.total.response_metadata["routing"]["attempts"]] == ["claude", "qwen"]
    assert [record.model for record in at.box.requests] == ["claude", "qwen"]
