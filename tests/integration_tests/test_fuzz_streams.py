"""However a stream is cut into bytes, its text comes out whole; wherever it breaks off, nothing is lost or made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from helpers.fuzzing import Bench, bench, check, chunks, pieces
from hypothesis import given
from hypothesis import strategies as st

from langchain_novastack import NovastackError, StreamInterruptedError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.timeout(900), pytest.mark.filterwarnings("error")]
STREAMED = ("stream", "astream")
WORDS = (
    "Grüße ",
    "aus ",
    "東京 ",
    "👩‍🚀, ",
    "line\nbreak ",
    '"quoted" ',
    "\u2028 ",
    "data: ",
    "[DONE] ",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
)


@pytest.fixture(scope="module")
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened


def put(at: Bench, way: str, sent: list[bytes], **how: Any) -> Any:
    """Answer the next request with these pieces, each written by itself, ask, and return how it went."""
    at.box.clear().fail("qwen", kind="raw", pieces=sent, times=1, **how)
    return at.ask(way, at.router, "Say a few words.", model="qwen", fallback=False)


NOISE = (
    ": keep-alive",
    ":",
    "event: message",
    "id: 7",
    "id:",
    "retry: 10",
    "unknown: field",
    "nonsense",
    "event: ping",
)


@st.composite
def framed(draw: st.DrawFn, words: list[str]) -> bytes:
    """Write a stream as server-sent events, in any of the ways the standard allows."""
    deltas = [{"role": "assistant", "content": ""}, *({"content": word} for word in words)]
    data = [json.dumps(chunk, ensure_ascii=draw(st.booleans())) for chunk in chunks(*deltas)]
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = []
    for each in [*data, "[DONE]"]:
        lines += draw(st.lists(st.sampled_from(NOISE), max_size=2))
        if draw(st.booleans()):
            lines += ["", *draw(st.lists(st.sampled_from(NOISE[:6]), max_size=1)), ""]
        parts = each.split(", ", 1) if draw(st.booleans()) and each.startswith('{"id": "a", ') else [each]
        space = draw(st.sampled_from(["", " "]))
        lines += [f"data:{space}{part}" for part in ([f"{parts[0]},", parts[1]] if len(parts) > 1 else parts)]
        lines += ["", *([""] if draw(st.booleans()) else [])]
    mark = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    return mark + end.join([*lines, ""]).encode()


@given(data=st.data(), words=st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=4))
@pytest.mark.parametrize("way", STREAMED)
def test_fuzz_any_framing_and_any_split_give_the_same_text(
    at: Bench, way: str, data: st.DataObject, words: list[str]
) -> None:
    outcome = put(at, way, pieces(data.draw, data.draw(framed(words))))
    check(outcome, "".join(words))
    assert outcome.error is None
    assert outcome.total.usage_metadata["total_tokens"] == 7


DELTAS = [{"role": "assistant"}, {"reasoning": "Hm."}, *({"content": word} for word in ("Grüße ", "aus ", "東京."))]
RECORDED = b"".join(
    [
        b": keep-alive\r\n\r\n",
        *(f"data: {json.dumps({'choices': [{'delta': delta}]}, ensure_ascii=False)}\n\n".encode() for delta in DELTAS),
        b'data: {"choices": [{"finish_reason": "stop"}]}\n\ndata: [DONE]\n\n',
    ]
)
SAID = "Grüße aus 東京."


@pytest.mark.parametrize("broken", [True, False], ids=["connection broken", "properly ended"])
@pytest.mark.parametrize("way", STREAMED)
def test_fuzz_truncation_at_every_byte(at: Bench, way: str, broken: bool) -> None:  # noqa: FBT001 - a parameter
    """Before the finish reason it is a typed error with all that was shown; after it, the answer may stand."""
    finish = RECORDED.index(b'"stop"')
    for length in range(len(RECORDED)):
        outcome = put(at, way, [RECORDED[:length]], cut=broken)
        check(outcome, SAID if outcome.error is None else None)
        assert SAID.startswith(outcome.text)
        if length < finish:
            assert isinstance(outcome.error, NovastackError)
            assert isinstance(outcome.error, StreamInterruptedError) == bool(outcome.shown)


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
def test_fuzz_truncation_of_a_whole_answer_at_every_byte(at: Bench, way: str) -> None:
    """Half an answer is never taken for one."""
    body = json.dumps({"choices": [{"message": {"content": SAID}, "finish_reason": "stop"}]}).encode()
    for length in range(len(body)):
        outcome = put(at, way, [body[:length]], cut=length % 2 == 0)
        check(outcome)
        assert isinstance(outcome.error, NovastackError)
