"""`deadline` over all attempts; who retries, and who never sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import openai
import pytest
from helpers.ways import WAYS, Ask, routing
from langchain.agents import create_agent

from langchain_novastack import (
    AllModelsFailedError,
    ChatNovastack,
    NovastackRouter,
    StreamInterruptedError,
)
from langchain_novastack.errors import DeadlineExceededError
from langchain_novastack.sandbox import Sandbox

QUESTION = "Debug this function."
Make = Callable[..., NovastackRouter]
Model = Callable[..., ChatNovastack]
HANGS = [{"kind": "silent"}, {"kind": "stall", "delay": 0.02}]


def asked(box: Sandbox) -> list[str | None]:
    return [request.model for request in box.requests]


@pytest.mark.parametrize("how", HANGS, ids=lambda how: how["kind"])
async def test_half_for_the_first_and_the_rest_for_the_next(
    box: Sandbox, make: Make, ask: Ask, how: dict[str, Any]
) -> None:
    """A model that hangs leaves half of the time to the next one; keep-alives do not prolong it."""
    box.fail("deepseek", seconds=20, **how)
    began = monotonic()
    record = routing(await ask(make(deadline=1.0), QUESTION))
    assert 0.4 <= monotonic() - began < 3
    assert [attempt["model"] for attempt in record["attempts"]] == ["deepseek", "qwen"]
    assert record["attempts"][0]["error"].startswith("DeadlineExceededError: deepseek")


@pytest.mark.parametrize("how", HANGS, ids=lambda how: how["kind"])
async def test_nobody_waits_longer_than_the_deadline(box: Sandbox, make: Make, ask: Ask, how: dict[str, Any]) -> None:
    """When all hang, the call ends with the deadline, and says so by type."""
    box.fail("*", seconds=20, **how)
    began = monotonic()
    with pytest.raises(DeadlineExceededError) as caught:
        await ask(make(deadline=0.8), QUESTION)
    assert 0.8 <= monotonic() - began < 3
    assert isinstance(caught.value, AllModelsFailedError)
    assert isinstance(caught.value, openai.APITimeoutError)
    assert caught.value.is_retryable
    assert asked(box) == ["deepseek", "qwen"]
    assert await asyncio.to_thread(box.wait_for, lambda box: box.connections.open == 0)


async def test_one_in_line_has_all_the_time(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("qwen", kind="silent", seconds=20)
    began = monotonic()
    with pytest.raises(DeadlineExceededError) as caught:
        await ask(make(deadline=0.5), "Hello")
    assert 0.5 <= monotonic() - began < 3
    assert not isinstance(caught.value, AllModelsFailedError)
    assert caught.value.model == "qwen"
    assert await asyncio.to_thread(box.wait_for, lambda box: asked(box) == ["qwen"])


async def test_a_short_cut_says_nothing_about_health(box: Sandbox, make: Make, ask: Ask) -> None:
    """A model that had less than 5 seconds is not to blame."""
    box.fail("deepseek", kind="silent", seconds=20)
    router = make(deadline=0.4)
    for _ in range(3):
        await ask(router, QUESTION)
    assert router.health()["deepseek"]["failures"] == 0


async def test_a_cut_after_five_seconds_counts(box: Sandbox, make: Make) -> None:
    """In all four ways, asked at the same time, since each takes its 5 seconds."""
    box.fail("deepseek", kind="silent", seconds=20)
    router = make(deadline=10.2, skip_after=None)

    def run(ask: Ask) -> Any:
        return asyncio.run(ask(router, QUESTION))  # type: ignore[arg-type] # the four ways are coroutine functions

    answers = await asyncio.gather(*(asyncio.to_thread(run, ask) for ask in WAYS.values()))
    assert {routing(answer)["model"] for answer in answers} == {"qwen"}
    assert router.health()["deepseek"]["failures"] == 4


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_once_a_stream_shows_content_the_rest_of_the_time_is_its_own(make: Make, way: str) -> None:
    """Nobody waits any more, so half of the deadline is no limit."""
    with Sandbox(reasoning=(), chunk_delay=0.08) as slow:
        began = monotonic()
        answer = await WAYS[way](make(base_url=slow.base_url, deadline=2.6), QUESTION)
        seconds = monotonic() - began
    assert routing(answer)["model"] == "deepseek"
    assert seconds > 1.3, "it took more than half of the deadline"


async def test_what_listeners_get_of_a_stream_counts_as_shown(make: Make) -> None:
    """An agent's model streams within `invoke`: from the first token on nobody else may take over there either."""
    with Sandbox(reasoning=(), chunk_delay=0.12) as slow:
        agent: Any = create_agent(make(base_url=slow.base_url, deadline=3.6), [])
        told = agent.stream({"messages": [("user", QUESTION)]}, stream_mode="messages")
        assert "".join(chunk.text for chunk, _ in told).endswith(")")
        assert asked(slow) == ["deepseek"]


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_deadline_after_content_interrupts(box: Sandbox, make: Make, way: str) -> None:
    box.fail("deepseek", kind="stall_after", after=2, seconds=20, delay=0.02)
    began = monotonic()
    with pytest.raises(StreamInterruptedError) as caught:
        await WAYS[way](make(deadline=0.6), QUESTION)
    assert 0.6 <= monotonic() - began < 3
    assert isinstance(caught.value.__cause__, DeadlineExceededError)
    assert asked(box) == ["deepseek"]


async def test_the_last_in_line_gets_the_usual_retries(box: Sandbox, make: Make, ask: Ask) -> None:
    """While another model waits nobody is asked twice; the last one is."""
    box.fail("deepseek", status=503, times=1).fail("qwen", status=503, times=2, retry_after=0.01)
    assert routing(await ask(make(), QUESTION))["model"] == "qwen"
    assert asked(box) == ["deepseek", "qwen", "qwen", "qwen"]


async def test_a_model_alone_gets_the_usual_retries(box: Sandbox, model: Model, make: Make, ask: Ask) -> None:
    for asking in (model("deepseek"), make(fallbacks={})):
        box.clear().fail("deepseek", status=503, times=2, retry_after=0.01)
        await ask(asking, QUESTION)
        assert asked(box) == ["deepseek"] * 3


@pytest.mark.parametrize(("retries", "expected"), [(0, ["deepseek", "qwen"]), (1, ["deepseek", "deepseek", "qwen"])])
async def test_explicit_retries_win(box: Sandbox, make: Make, ask: Ask, retries: int, expected: list[str]) -> None:
    box.fail("deepseek", status=503, retry_after=0.01)
    await ask(make(max_retries=retries), QUESTION)
    assert asked(box) == expected


async def test_explicit_no_retries_hold_for_the_last_too(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("*", status=503, retry_after=0.01)
    with pytest.raises(AllModelsFailedError):
        await ask(make(max_retries=0), QUESTION)
    assert asked(box) == ["deepseek", "qwen"]


@pytest.mark.parametrize("status", [429, 503])
async def test_nobody_sleeps_for_retry_after_while_another_waits(
    box: Sandbox, make: Make, ask: Ask, status: int
) -> None:
    box.fail("deepseek", status=status, retry_after=30)
    began = monotonic()
    await ask(make(), QUESTION)
    assert monotonic() - began < 5


async def test_retries_of_the_last_end_with_the_deadline(box: Sandbox, make: Make, ask: Ask) -> None:
    """The last model's own retries, and what it asks to wait, stay within the deadline."""
    box.fail("qwen", status=503, retry_after=30)
    began = monotonic()
    with pytest.raises(openai.APIError):
        await ask(make(deadline=2.0), "Hello")
    assert monotonic() - began < 6
    assert asked(box) == ["qwen"]


async def test_retries_within_the_deadline_are_made(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("qwen", status=503, retry_after=0.01, times=2)
    await ask(make(deadline=20), "Hello")
    assert asked(box) == ["qwen"] * 3


@pytest.mark.parametrize("turns", range(6))
async def test_a_call_cancelled_as_its_policy_answers_is_cancelled(make: Make, turns: int) -> None:
    """At whatever turn of the loop: before Python 3.12 `asyncio.wait_for` forgets a cancellation that comes then."""
    asked, answered = asyncio.Event(), asyncio.Event()

    async def policy(_: object) -> str:
        asked.set()
        await answered.wait()
        return "qwen"

    call = asyncio.create_task(make(policy=policy, deadline=30).ainvoke(QUESTION))
    await asked.wait()
    answered.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
