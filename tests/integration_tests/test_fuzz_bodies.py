"""Whatever a gateway puts into a body, what comes out is an answer or a typed error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from helpers.fuzzing import BODIES, CALL, VALUES, Bench, answer, bench, broken, check, chunks
from hypothesis import given
from hypothesis import strategies as st

from langchain_novastack import NovastackError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.timeout(900), pytest.mark.filterwarnings("error")]  # the long profile takes its time
PIECES = chunks(
    {"role": "assistant", "content": ""}, {"reasoning_content": "Hm."}, {"content": "Two "}, {"content": "words."}
)
CALLING = chunks({"role": "assistant", "content": None, "tool_calls": [CALL]}, {"tool_calls": [CALL]})
SENT = {
    "text": json.dumps(answer()),
    "tool call": json.dumps(answer(content=None, tool_calls=[CALL])),
    "parts": json.dumps(answer(content=[{"type": "text", "text": "Two words."}])),
}


@pytest.fixture(scope="module")
def at() -> Iterator[Bench]:
    with bench() as opened:
        yield opened


def put(at: Bench, way: str, body: bytes | str, status: int = 200, **how: Any) -> Any:
    """Answer the next request with a body, ask, and return how it went."""
    at.box.clear().fail("qwen", kind="raw", body=body, status=status, times=1, **how)
    return at.ask(way, at.router, "Say two words.", model="qwen", fallback=False)


def events(*data: str) -> str:
    return "".join(f"data: {each}\n\n" for each in [*data, "[DONE]"])


@given(body=BODIES | broken(answer()).map(json.dumps) | broken(json.loads(SENT["tool call"])).map(json.dumps))
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
def test_fuzz_any_body_is_an_answer_or_a_typed_error(at: Bench, way: str, body: bytes | str) -> None:
    check(put(at, way, body))


@given(sent=broken(PIECES) | broken(CALLING) | st.lists(VALUES, max_size=4))
@pytest.mark.parametrize("way", ["stream", "astream"])
def test_fuzz_any_chunks_are_an_answer_or_a_typed_error(at: Bench, way: str, sent: Any) -> None:
    every = sent if isinstance(sent, list) else [sent]
    check(put(at, way, events(*map(json.dumps, every))))


@given(body=BODIES, kind=st.sampled_from(["text/event-stream", "application/json", "text/html", "odd/type; charset=x"]))
@pytest.mark.parametrize("way", ["stream", "astream"])
def test_fuzz_any_bytes_for_a_stream_are_a_typed_error(at: Bench, way: str, body: bytes, kind: str) -> None:
    check(put(at, way, body, content_type=kind))


HEADERS = st.sampled_from(["retry-after", "retry-after-ms", "x-should-retry", "x-request-id", "content-encoding"])
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
WAITS = st.sampled_from(["nan", "inf", "-1", "1e400", "Mon, 99 Foo 0000 99:99:99 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"])


@given(
    status=st.integers(300, 599).filter(lambda status: status != 304),  # which has no body
    body=BODIES | broken({"error": {"message": "No.", "code": 1, "metadata": {"raw": "x"}}}).map(json.dumps),
    headers=st.dictionaries(HEADERS, WORDS | WAITS, max_size=3),
    way=st.sampled_from(["invoke", "ainvoke", "stream", "astream"]),
)
def test_fuzz_any_error_response_is_a_typed_error(
    at: Bench, status: int, body: bytes | str, headers: dict[str, str], way: str
) -> None:
    outcome = put(at, way, body, status, headers=headers)
    check(outcome)
    if status == 429 and outcome.error is None:  # it followed an answer at once, so it was asked again in its turn
        assert len(at.box.requests) == 2
        return
    assert isinstance(outcome.error, NovastackError)
    assert outcome.error.retry_after is None or 0 <= outcome.error.retry_after < float("inf")


LETTERS = st.text(st.sampled_from('ab"\n\u00e9 '), min_size=20, max_size=60).filter(lambda text: len(text.split()) > 1)


@given(prompt=LETTERS, around=st.text("ab", max_size=8), start=st.integers(0, 20), escaped=st.booleans())
def test_fuzz_no_echo_of_a_prompt_is_kept(at: Bench, prompt: str, around: str, start: int, escaped: bool) -> None:  # noqa: FBT001 - an example's
    """Sixteen characters of the prompt in the gateway's words, in any surroundings, are never in ours."""
    echo = json.dumps(prompt[start:]) if escaped else prompt[start:]
    at.box.clear().fail("qwen", status=400, message=f"{around}{echo}{around}")
    outcome = at.ask("invoke", at.router, prompt, model="qwen", fallback=False)
    assert isinstance(outcome.error, NovastackError)
    said, whole = str(outcome.error), " ".join(prompt.split())
    # A space at either end may be one of our own words'.
    windows = (whole[at:][:16] for at in range(len(whole) - 15))
    assert not [part for part in windows if part == part.strip() and part in said]
