"""LangChain's caches: a hit sends nothing, each model has its own entries, `stream` neither reads nor writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.agent_parts import Report, get_weather
from helpers.ways import total
from langchain_core.caches import BaseCache, InMemoryCache
from langchain_core.globals import get_llm_cache, set_llm_cache

from langchain_novastack import RoutedResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox

QUESTION = "Why is the sky blue?"


@pytest.fixture(params=["global", "own"])
def cached(request: pytest.FixtureRequest, build: Build) -> Iterator[Any]:
    """A model that finds a cache: the process's, or one of its own."""
    before = get_llm_cache()
    if request.param == "own":
        yield build(cache=InMemoryCache())
        return
    set_llm_cache(InMemoryCache())
    yield build()
    set_llm_cache(before)


class Diary(BaseCache):
    """A cache that keeps the keys it was asked for, and tells sync from async."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}
        self.calls: list[str] = []

    def lookup(self, prompt: str, llm_string: str) -> Any:
        self.calls.append("lookup")
        return self.kept.get((prompt, llm_string))

    def update(self, prompt: str, llm_string: str, return_val: Any) -> None:
        self.calls.append("update")
        self.kept[prompt, llm_string] = return_val

    async def alookup(self, prompt: str, llm_string: str) -> Any:
        self.calls.append("alookup")
        return self.kept.get((prompt, llm_string))

    async def aupdate(self, prompt: str, llm_string: str, return_val: Any) -> None:
        self.calls.append("aupdate")
        self.kept[prompt, llm_string] = return_val

    def clear(self, **_: Any) -> None:
        self.kept.clear()


async def test_a_hit_sends_nothing(cached: Any, run: Ask, box: Sandbox) -> None:
    first, again = await run(cached, QUESTION), await run(cached, QUESTION)
    assert (again.text, len(box.requests)) == (first.text, 1)
    assert again.response_metadata["model_name"] == first.response_metadata["model_name"]


async def test_a_hit_has_no_attempts(make: Any, run: Ask, box: Sandbox) -> None:
    """A record says what was requested in its own call; the entry in the cache stays as it was."""
    router = make(cache=InMemoryCache())
    records = [(await run(router, QUESTION)).response_metadata["routing"] for _ in range(3)]
    assert [len(record["attempts"]) for record in records] == [1, 0, 0]
    assert [record["model"] for record in records] == ["qwen"] * 3
    assert len(box.requests) == 1


async def test_sync_and_async_share_it(cached: Any, box: Sandbox) -> None:
    assert cached.invoke(QUESTION).text == (await cached.ainvoke(QUESTION)).text
    assert len(box.requests) == 1


async def test_batches_read_it(cached: Any, box: Sandbox) -> None:
    cached.invoke(QUESTION)
    cached.batch([QUESTION, "And the sea?"])
    await cached.abatch([QUESTION, "And the sea?"])
    assert len(box.requests) == 2


async def test_a_stream_neither_reads_nor_writes(cached: Any, box: Sandbox) -> None:
    list(cached.stream(QUESTION))
    [chunk async for chunk in cached.astream(QUESTION)]
    cached.invoke(QUESTION)
    assert "You asked" in total(list(cached.stream(QUESTION))).text
    assert [request.stream for request in box.requests] == [True, True, False, True]


@pytest.mark.parametrize("change", [{"stop": ["x9"]}, {"seed": 3}, {"temperature": 0.1}])
async def test_other_arguments_are_another_entry(cached: Any, run: Ask, box: Sandbox, change: Any) -> None:
    await run(cached, QUESTION)
    await run(cached, QUESTION, **change)
    await run(cached, QUESTION, **change)
    assert len(box.requests) == 2


async def test_tools_and_schemas_are_entries_of_their_own(cached: Any, run: Ask, box: Sandbox) -> None:
    for _ in range(2):
        await run(cached, QUESTION)
        assert (await run(cached.bind_tools([get_weather]), "Use get_weather for Rome")).tool_calls
        assert isinstance(await run(cached.with_structured_output(Report), QUESTION), Report)
    assert len(box.requests) == 3


async def test_each_model_has_its_own_entries(make: Any, run: Ask, box: Sandbox) -> None:
    router = make(cache=InMemoryCache())
    for _ in range(2):
        for alias in ("qwen", "deepseek", "claude"):
            assert (await run(router, QUESTION, model=alias)).response_metadata["routing"]["model"] == alias
    assert [request.model for request in box.requests] == ["qwen", "deepseek", "claude"]


async def test_an_answer_after_a_fallback_is_no_entry_of_the_first_model(make: Any, run: Ask, box: Sandbox) -> None:
    router = make(cache=InMemoryCache())
    box.fail("deepseek", status=503, times=1)
    assert (await run(router, QUESTION, model="deepseek")).response_metadata["model_name"] == "Qwen3-235B-A22B"
    assert (await run(router, QUESTION, model="deepseek")).response_metadata["model_name"] == "DeepSeek-V4-Pro"


async def test_failures_are_not_kept(cached: Any, run: Ask, box: Sandbox) -> None:
    box.fail("qwen", status=401, times=1)
    with pytest.raises(Exception, match="401"):
        await run(cached, QUESTION)
    assert "You asked" in (await run(cached, QUESTION)).text


async def test_a_cache_of_ones_own_is_called_once_for_each_answer(build: Build, box: Sandbox) -> None:
    diary = Diary()
    llm = build(cache=diary)
    llm.invoke(QUESTION)
    await llm.ainvoke(QUESTION)
    assert diary.calls == ["lookup", "update", "alookup"]
    assert box.api_key not in str(list(diary.kept))


async def test_a_model_can_be_left_out(build: Build, run: Ask, box: Sandbox) -> None:
    set_llm_cache(InMemoryCache())
    try:
        llm = build(cache=False)
        await run(llm, QUESTION)
        await run(llm, QUESTION)
    finally:
        set_llm_cache(None)
    assert len(box.requests) == 2


async def test_a_hit_without_usage_is_an_answer_like_any_other(make: Any, run: Ask, box: Sandbox) -> None:
    """Core marks a hit with a cost of 0, which is then all that there is of usage."""
    for model in ("qwen", "deepseek", "claude"):
        box.answer(model, "Paris.", usage={}, times=None)
    router = make(cache=InMemoryCache())
    answers = [RoutedResponse.from_message(await run(router, QUESTION)) for _ in range(2)]
    assert [(answer.content, answer.usage.total_tokens) for answer in answers] == [("Paris.", 0)] * 2
    compared = [*router.compare(QUESTION), *await router.acompare(QUESTION)]
    assert [answer.error for answer in compared] == [None] * 6
