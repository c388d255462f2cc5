"""A bar for long work: what it counts, where it shows, and that nothing depends on it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda

from langchain_novastack import KeywordPolicy, LLMPolicy, NovastackRouter, RoutedResponse
from langchain_novastack.evaluation import evaluate
from langchain_novastack.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.sandbox import Sandbox

PROMPTS: list[Any] = ["Debug this function.", "Write a poem.", "Hello", "Write a haiku."]
COUNTED = {"deepseek": 1, "claude": 2, "qwen": 1}


@pytest.fixture(params=[True, False], ids=["with tqdm", "without tqdm"])
def _tqdm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take tqdm away for half of the tests: None in `sys.modules` makes its import fail."""
    if not request.param:
        monkeypatch.setitem(sys.modules, "tqdm", None)
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)


@pytest.mark.usefixtures("_tqdm")
async def test_batches_are_counted_by_model(router: NovastackRouter) -> None:
    with progress(total=len(PROMPTS)) as done:
        router.batch(PROMPTS)
    assert (dict(done.models), done.fallbacks, done.failures) == (COUNTED, 0, 0)
    assert str(done).endswith("fallbacks 0, failed 0")
    assert all(f"{alias} {count}" in repr(done) for alias, count in COUNTED.items())
    with progress() as done:
        await router.abatch(PROMPTS)
    assert dict(done.models) == COUNTED


@pytest.mark.usefixtures("_tqdm")
def test_fallbacks_and_failures_are_counted(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    box.fail("deepseek", status=503).fail("qwen", status=500, times=1)
    router = make(max_retries=0, skip_after=None)
    with progress() as done:
        answers = router.batch(PROMPTS[:1] * 3, {"max_concurrency": 1}, return_exceptions=True)
    assert isinstance(answers[0], Exception)
    assert (dict(done.models), done.fallbacks, done.failures) == ({"qwen": 2}, 2, 1)


async def test_comparisons_count_each_model(box: Sandbox, router: NovastackRouter) -> None:
    box.fail("claude", status=401)
    with progress(total=3) as done:
        router.compare("Hello")
    assert (dict(done.models), done.failures) == ({"qwen": 1, "deepseek": 1}, 1)
    with progress(total=3) as done:
        await router.acompare("Hello", ["qwen"])
    assert dict(done.models) == {"qwen": 1}


def test_chains_streams_and_named_runs_are_one_call_each(router: NovastackRouter) -> None:
    """Whatever stands around a router, and whatever its run is called."""
    chain = ChatPromptTemplate.from_template("Write a poem about {what}.") | router | RoutedResponse.from_message
    with progress() as done:
        chain.batch([{"what": "rain"}, {"what": "snow"}])
        chain.invoke({"what": "hail"}, {"run_name": "poet"})
        router.invoke("Write a poem.", {"run_name": "poet"})
        list(router.stream("Write a poem."))
        router.branches["claude"].invoke("Hello")
        router.with_structured_output({"title": "Poem", "type": "object", "properties": {}}).invoke("Write a poem.")
    assert dict(done.models) == {"claude": 7}


def test_a_policy_that_breaks_is_a_failure(make: Callable[..., NovastackRouter]) -> None:
    def broken(_: Any) -> str:
        raise KeyError

    with progress() as done:
        make(policy=broken).batch(["Hello", "Hello"], return_exceptions=True)
    assert done.failures == 2


def test_evaluations_count_decisions_and_not_their_policy_s_calls(box: Sandbox, router: NovastackRouter) -> None:
    rows = [{"text": text, "model": "qwen"} for text in PROMPTS]
    with progress(total=len(rows)) as done:
        evaluate(KeywordPolicy(), rows)
    assert dict(done.models) == COUNTED
    with progress(total=len(rows)) as done:
        evaluate(LLMPolicy(router.branches["qwen"], timeout=None), rows)
    assert len(box.requests) == len(rows)
    assert sum(done.models.values()) == len(rows)


async def test_an_inner_block_counts_for_the_outer_too(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    """Answers, failures and decisions; a call that reaches the outer block in two ways is one."""
    box.fail("deepseek", status=503).fail("qwen", status=500, times=1)
    router = make(max_retries=0, skip_after=None)

    def step(text: str) -> str:
        with progress() as inner:
            router.invoke(text)
        return str(sum(inner.models.values()))

    with progress() as outer:
        with progress() as inner:
            router.batch(PROMPTS[:1] * 2, {"max_concurrency": 1}, return_exceptions=True)
            await router.ainvoke("Write a poem.", {"callbacks": [outer]})
            evaluate(KeywordPolicy(), [{"text": "Hello", "model": "qwen"}])
        assert RunnableLambda(step).invoke("Write a poem.") == "1"
    router.invoke("Write a poem.", {"callbacks": [inner]})
    assert (dict(inner.models), inner.fallbacks, inner.failures) == ({"qwen": 2, "claude": 2}, 1, 1)
    assert (dict(outer.models), outer.fallbacks, outer.failures) == ({"qwen": 2, "claude": 2}, 1, 1)


def test_the_bar_shows_how_far_it_is(router: NovastackRouter, capsys: pytest.CaptureFixture[str]) -> None:
    """In a terminal the bar is on standard error, with the counts behind it."""
    with progress(total=4, description="prompts"):
        router.batch(PROMPTS)
    shown = capsys.readouterr()
    assert shown.out == ""
    last = shown.err.rstrip().splitlines()[-1]
    assert last.startswith("prompts: 100%")
    assert "4/4" in last
    assert "claude=2" in last
    assert "fallbacks=0" in last


def test_it_is_silent_without_tqdm(
    router: NovastackRouter, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with progress(total=4):
        router.batch(PROMPTS)
    assert capsys.readouterr() == ("", "")


def test_an_error_closes_the_bar_and_stops_counting(router: NovastackRouter) -> None:
    with pytest.raises(ValueError, match="`input`"), progress() as done:
        router.batch(["Hello", []])
    router.invoke("Hello")
    assert sum(done.models.values()) == 1
