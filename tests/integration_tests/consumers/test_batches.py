"""Batches: in order, as they come, with what failed among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser

if TYPE_CHECKING:
    from helpers.ways import Build

    from langchain_novastack.sandbox import Sandbox

QUESTIONS = [f"What is {number} and {number}?" for number in range(1, 7)]


async def _batch(model: Any, *args: Any, **kwargs: Any) -> list[tuple[int, Any]]:
    return list(enumerate(model.batch(*args, **kwargs)))


async def _abatch(model: Any, *args: Any, **kwargs: Any) -> list[tuple[int, Any]]:
    return list(enumerate(await model.abatch(*args, **kwargs)))


async def _batch_as_completed(model: Any, *args: Any, **kwargs: Any) -> list[tuple[int, Any]]:
    return list(model.batch_as_completed(*args, **kwargs))


async def _abatch_as_completed(model: Any, *args: Any, **kwargs: Any) -> list[tuple[int, Any]]:
    return [pair async for pair in model.abatch_as_completed(*args, **kwargs)]


WAYS = {each.__name__[1:]: each for each in (_batch, _abatch, _batch_as_completed, _abatch_as_completed)}


@pytest.fixture(params=list(WAYS))
def batch(request: pytest.FixtureRequest) -> Any:
    """Ask for several at once, in each of the four ways; pairs of place and answer come back."""
    return WAYS[request.param]


async def test_each_answer_belongs_to_its_question(llm: Any, batch: Any, box: Sandbox) -> None:
    pairs = await batch(llm, QUESTIONS)
    assert sorted(place for place, _ in pairs) == list(range(6))
    assert all(f"You asked: {QUESTIONS[place]}" in answer.text for place, answer in pairs)
    assert len(box.requests) == 6


async def test_a_chain_in_a_batch(llm: Any, batch: Any) -> None:
    pairs = await batch(llm | StrOutputParser(), QUESTIONS)
    assert all(f"You asked: {QUESTIONS[place]}" in answer for place, answer in pairs)


async def test_what_fails_comes_back_among_the_answers(build: Build, batch: Any, box: Sandbox) -> None:
    box.fail("qwen", status=422, times=2)
    pairs = await batch(build(), QUESTIONS, {"max_concurrency": 1}, return_exceptions=True)
    failed = {place for place, answer in pairs if isinstance(answer, openai.UnprocessableEntityError)}
    answered = {place for place, answer in pairs if isinstance(answer, AIMessage)}
    assert (len(failed), answered) == (2, set(range(6)) - failed)


async def test_what_fails_is_raised_otherwise(build: Build, batch: Any, box: Sandbox) -> None:
    box.fail("qwen", status=422, times=1)
    with pytest.raises(openai.UnprocessableEntityError):
        await batch(build(), QUESTIONS)


async def test_one_config_for_each(llm: Any, batch: Any) -> None:
    seen: list[str] = []
    configs: list[Any] = [{"run_name": f"run {number}"} for number in range(2)]
    named = llm.with_listeners(on_end=lambda run: seen.append(run.name))
    await batch(named, QUESTIONS[:2], configs)
    assert sorted(seen) == ["run 0", "run 1"]


async def test_nothing_to_do(llm: Any, batch: Any, box: Sandbox) -> None:
    assert await batch(llm, []) == []
    assert box.requests == []


async def test_arguments_reach_every_request(llm: Any, batch: Any, box: Sandbox) -> None:
    await batch(llm, QUESTIONS[:3], stop=["nothing"])
    assert [request.body["stop"] for request in box.requests] == [["nothing"]] * 3


async def test_generate_keeps_order_and_usage(llm: Any) -> None:
    """`generate` and `agenerate`, which older code calls, keep order and usage."""
    conversations: Any = [[("human", question)] for question in QUESTIONS]
    messages = [llm._convert_input(each).to_messages() for each in conversations]  # noqa: SLF001 - core's own way
    for result in (llm.generate(messages), await llm.agenerate(messages)):
        texts = [generations[0].text for generations in result.generations]
        assert all(f"You asked: {question}" in text for question, text in zip(QUESTIONS, texts, strict=True))
        totals = [generations[0].message.usage_metadata["total_tokens"] for generations in result.generations]
        assert (result.llm_output or {})["token_usage"]["total_tokens"] == sum(totals)
