"""A known answer, written as a stream in any dialect and cut at any bytes, comes out as it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from helpers.dialect_streams import TOOLS, Known, known, written
from helpers.fuzzing import WAYS, Bench, bench, pieces
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.timeout(3_600), pytest.mark.filterwarnings("error")]
EXAMPLES = 25 if os.environ.get("HYPOTHESIS_PROFILE", "quick") == "quick" else 5_000
KINDS = ("text/event-stream", "application/json", "text/plain; charset=utf-8")


@pytest.fixture(scope="module")
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened


@settings(max_examples=EXAMPLES)
@given(data=st.data(), answer=known(), tools=st.booleans(), fast=st.booleans(), kind=st.sampled_from(KINDS))
@pytest.mark.parametrize("way", WAYS)
def test_fuzz_any_dialect_gives_the_known_answer(
    at: Bench, way: str, *, data: st.DataObject, answer: Known, tools: bool, fast: bool, kind: str
) -> None:
    sent = data.draw(written(answer))
    at.box.clear().fail("qwen", kind="raw", pieces=pieces(data.draw, sent), times=1, content_type=kind)
    model: Any = at.model(fast=fast)
    outcome = at.ask(way, model.bind(tools=TOOLS) if tools else model, "Say a few words.")
    assert outcome.error is None
    message = outcome.total
    assert message.text == answer.text
    assert [(call["name"], call["args"]) for call in message.tool_calls] == [
        (name, args) for name, args, _ in answer.calls
    ]
    assert len({call["id"] for call in message.tool_calls}) == len(answer.calls)
    assert not message.invalid_tool_calls
    counts = message.usage_metadata
    assert (counts and (counts["input_tokens"], counts["output_tokens"])) == answer.usage
    assert message.response_metadata["finish_reason"] == answer.end
