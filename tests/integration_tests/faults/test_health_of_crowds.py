"""Health among many: late failures, other keys, models that fail often but not in a row, lines that are all skipped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.raw_server import RawServer, answer, whole
from helpers.ways import FAST, Ask, routing, spend_retries

from langchain_novastack import AllModelsFailedError, NovastackRouter
from langchain_novastack.fallbacks import breaker

if TYPE_CHECKING:
    import socket

    from helpers.raw_server import Received

    from langchain_novastack.sandbox import Sandbox

QUESTION = "Debug this function."
FAILS: dict[str, Any] = {"status": 503, "headers": {"x-should-retry": "false"}}
TOO_LONG = "This model's maximum context length is 131072 tokens."
Make = Callable[..., NovastackRouter]


def asked(box: Sandbox, since: int = 0) -> list[str | None]:
    """The models that were asked."""
    return [request.model for request in box.requests[since:]]


async def test_failures_begun_before_the_last_answer_say_nothing(box: Sandbox, make: Make) -> None:
    """Four stragglers of a burst end last, but a call begun after them was answered."""
    box.fail("deepseek", kind="slow", delay=30, times=4)
    router = make(timeout=0.7)
    late = [asyncio.ensure_future(router.ainvoke(QUESTION)) for _ in range(4)]
    assert await asyncio.to_thread(box.wait_for, lambda box: len(box.requests) == 4)
    assert routing(await router.ainvoke(QUESTION))["model"] == "deepseek"
    assert {routing(message)["model"] for message in await asyncio.gather(*late)} == {"qwen"}
    assert router.health()["deepseek"] == {"failures": 0, "skipped": False, "retry_in": 0.0}


async def test_a_limit_is_the_key_s_own_and_a_failure_everybody_s(ask: Ask) -> None:
    answers = {"limited": whole(b"{}", "429 Too Many Requests", retry_after=100)}

    def handle(request: Received, sock: socket.socket) -> None:
        key = request.headers["authorization"].split()[-1]
        broken = answers.get(key) if request.model == "deepseek" else None
        sock.sendall(broken or answer(request))

    breaker._BREAKERS.clear()  # noqa: SLF001 - ports come back
    with RawServer(handle) as server:
        limited, free = (NovastackRouter(base_url=server.url, api_key=key, fast=FAST) for key in ("limited", "free"))
        for _ in range(3):
            await ask(limited, QUESTION)
        assert routing(await ask(limited, QUESTION))["skipped"] == ["deepseek"]
        assert routing(await ask(free, QUESTION))["model"] == "deepseek"
        assert (limited.health()["deepseek"]["failures"], free.health()["deepseek"]["failures"]) == (3, 0)
        free.reset_health()
        assert limited.health()["deepseek"]["failures"] == 0, "for all keys of the address"
        answers["limited"] = whole(b"{}", "503 Service Unavailable")
        for _ in range(3):
            await ask(limited, QUESTION)
        assert routing(await ask(free, QUESTION))["skipped"] == ["deepseek"]
        assert "limited" not in repr(breaker._BREAKERS), "keys are hashed"  # noqa: SLF001 - no other way to look


async def test_limits_and_failures_in_a_row_add_up(box: Sandbox, make: Make, ask: Ask) -> None:
    for status in (429, 503, 429):
        box.fail("deepseek", status=status, times=1)
    router = make()
    for _ in range(3):
        await ask(router, QUESTION)
    assert routing(await ask(router, QUESTION))["skipped"] == ["deepseek"]


async def test_a_model_that_fails_two_times_in_three(box: Sandbox, make: Make, ask: Ask) -> None:
    """Never three in a row: half of at least ten is enough. A good probe begins anew."""
    router = make(skip_for=0.5)
    for _ in range(10):
        box.fail("deepseek", status=503, times=2).answer("deepseek", "Well.")
    paid = [len(routing(await ask(router, QUESTION))["attempts"]) > 1 for _ in range(15)]
    assert sum(paid) <= 8
    assert paid[10:] == [False] * 5
    assert router.health()["deepseek"]["skipped"]
    box.heal("deepseek")
    await asyncio.sleep(0.6)
    assert routing(await ask(router, QUESTION))["model"] == "deepseek"
    box.fail("deepseek", status=503, times=2)
    for _ in range(3):
        await ask(router, QUESTION)
    assert not router.health()["deepseek"]["skipped"], "the window is empty"


async def test_a_model_that_fails_now_and_then_is_not_skipped(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make()
    for _ in range(10):
        box.fail("deepseek", status=503, times=1).answer("deepseek", "Well.", times=2)
    for _ in range(24):
        assert routing(await ask(router, QUESTION))["skipped"] == []


async def test_if_all_are_skipped_all_are_asked_before_an_error(box: Sandbox, make: Make, ask: Ask) -> None:
    """The last first, then the others as far as the retry budget allows: here five, and none after that."""
    router = make(fallbacks={"deepseek": ["claude", "qwen"]})
    box.fail("*", **FAILS)
    for _ in range(3):
        with pytest.raises(AllModelsFailedError):
            await ask(router, QUESTION)
    for models in (["qwen", "deepseek", "claude"], ["qwen", "deepseek", "claude"], ["qwen", "deepseek"], ["qwen"]):
        since = len(box.requests)
        with pytest.raises(AllModelsFailedError) as caught:
            await ask(router, QUESTION)
        assert asked(box, since) == models
        assert caught.value.routing["skipped"] == [name for name in ("deepseek", "claude") if name not in models]


async def test_of_those_asked_after_all_one_may_answer(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make()
    box.fail("deepseek", **FAILS).fail("qwen", **FAILS)
    for _ in range(3):
        with pytest.raises(AllModelsFailedError):
            await ask(router, QUESTION)
    box.heal("deepseek")
    record = routing(await ask(router, QUESTION))
    assert (record["model"], record["fallback"], record["skipped"]) == ("deepseek", False, [])
    assert [attempt["model"] for attempt in record["attempts"]] == ["qwen", "deepseek"]


@pytest.mark.parametrize("left", [True, False])
async def test_who_is_passed_over_is_asked_when_the_rest_fails(
    box: Sandbox, make: Make, ask: Ask, *, left: bool
) -> None:
    """As far as the retry budget allows, too."""
    router = make(fallbacks={"deepseek": ["claude", "qwen"]})
    box.fail("deepseek", times=3, **FAILS)
    for _ in range(3):
        await ask(router, QUESTION)
    box.fail("claude", **FAILS).fail("qwen", **FAILS)
    since = len(box.requests)
    if left:
        record = routing(await ask(router, QUESTION))
        assert (record["model"], record["fallback"], record["skipped"]) == ("deepseek", False, [])
    else:
        spend_retries(router)
        with pytest.raises(AllModelsFailedError) as caught:
            await ask(router, QUESTION)
        assert caught.value.routing["skipped"] == ["deepseek"]
    assert asked(box, since) == ["claude", "qwen", *["deepseek"] * left]


@pytest.mark.parametrize("how", [{"status": 401}, {"status": 400, "message": TOO_LONG}])
async def test_who_is_passed_over_is_not_asked_in_vain(box: Sandbox, make: Make, ask: Ask, how: dict[str, Any]) -> None:
    """A wrong key is wrong for all, and what is too long for the last is too long for a smaller one."""
    router = make(fallbacks={"deepseek": ["qwen", "claude"], "qwen": ["claude"]})
    box.fail("qwen", times=3, **FAILS)
    for _ in range(3):
        await ask(router, QUESTION, model="qwen")
    box.fail("deepseek", **FAILS).fail("claude", **how)
    since = len(box.requests)
    with pytest.raises(AllModelsFailedError):
        await ask(router, QUESTION)
    assert asked(box, since) == ["deepseek", "claude"]


async def test_in_a_total_outage_a_call_costs_about_one_request(box: Sandbox, make: Make, ask: Ask) -> None:
    """Once the breakers are open, and the reserve is spent."""
    router = make()
    box.fail("*", **FAILS)
    for _ in range(8):
        with pytest.raises(AllModelsFailedError):
            await ask(router, QUESTION)
    before = len(box.requests)
    for _ in range(40):
        with pytest.raises(openai.InternalServerError):
            await ask(router, QUESTION)
    assert len(box.requests) - before <= 44


async def test_what_is_logged(box: Sandbox, make: Make, ask: Ask, log: pytest.LogCaptureFixture) -> None:
    """A warning when a model begins to be skipped, a line when it is back, and figures with both."""
    router = make(skip_for=0.3)
    box.fail("deepseek", status=503, times=4)
    with log.at_level(logging.INFO, "langchain_novastack"):
        for _ in range(5):
            await ask(router, QUESTION)
        await asyncio.sleep(0.35)
        await ask(router, QUESTION)
        await asyncio.sleep(0.35)
        await ask(router, QUESTION)
    said = [(record.levelname, record.getMessage(), vars(record)) for record in log.records]
    skipped = [(level, extra) for level, text, extra in said if "skipped" in text]
    back = [(level, extra) for level, text, extra in said if "answers again" in text]
    assert [level for level, _ in skipped] == ["WARNING"], "and a probe that fails is nothing new"
    assert [level for level, _ in back] == ["INFO"]
    assert {extra["novastack_model"] for _, extra in (*skipped, *back)} == {"deepseek"}
    assert skipped[0][1]["novastack_seconds"] == 0.3


def test_pauses_are_not_all_alike() -> None:
    """So processes that saw a model die together do not probe it together; and none probes early."""
    pauses = set()
    for _ in range(5):
        tallies = breaker.Tallies()
        tallies.fail("", 0.0, retry_after=0.0, often=True)
        pause = tallies.pause("", breaker.Skipping())
        assert pause
        pauses.add(next(now for now in range(300, 340) if pause.is_over(now / 10)))
    assert len(pauses) > 1
