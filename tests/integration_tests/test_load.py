"""Many calls at once while a model fails: every call ends right, the dead model is left alone, nothing is left over."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.fuzzing import settle, watching
from helpers.ways import WAYS, total

from langchain_novastack import NovastackError
from langchain_novastack._compat import httpx
from langchain_novastack.sandbox.answers.turn import digest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from langchain_novastack import NovastackRouter
    from langchain_novastack.sandbox import Sandbox

TASKS = 1_000
THREADS = 200
KEPT_ALIVE = 100
"""Idle connections that a pool keeps."""

pytestmark = pytest.mark.timeout(400)  # the pool of older HTTP libraries looks at every waiting call for every other


@asynccontextmanager
async def bounded(
    make: Callable[..., NovastackRouter], most: int = 20, **settings: Any
) -> AsyncIterator[NovastackRouter]:
    """Build a router with few connections: this process opens both ends of each, and may open no more than 1,024."""
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=KEPT_ALIVE)
    async with openai.DefaultAsyncHttpxClient(limits=limits) as client:
        yield make(http_async_client=client, **settings)


def questions(count: int) -> list[str]:
    """Return questions of all three tasks, no two alike."""
    kinds = ("Debug this function", "Write a poem about the number", "What is the square of")
    return [f"{kinds[number % 3]} {number}" for number in range(count)]


@contextmanager
def flapping(box: Sandbox, model: str) -> Iterator[None]:
    """Let a model fail and heal over and over, in every way that matters here."""
    over = threading.Event()

    def flap() -> None:
        how: list[dict[str, Any]] = [{"status": 503}, {"status": 429, "retry_after": 1}, {"kind": "reset"}]
        while not over.is_set():
            for fault in how:
                box.fail(model, **fault)
                over.wait(0.02)
                box.heal(model)
                over.wait(0.02)

    thread = threading.Thread(target=flap)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        box.heal(model)


def check_answers(asked: list[str], answers: list[Any]) -> None:
    """Assert that each answer is a typed error or belongs to its question, and that most are answers."""
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    assert not [error for error in errors if not isinstance(error, NovastackError)], errors
    wrong = [
        question
        for question, answer in zip(asked, answers, strict=True)
        if not isinstance(answer, BaseException) and f"Question {digest(question)}" not in answer.text
    ]
    assert not wrong
    assert len(errors) < len(answers) // 2


async def gathered(asked: list[str], ask: Any) -> list[Any]:
    return await asyncio.gather(*(ask(question) for question in asked), return_exceptions=True)


async def test_a_thousand_tasks_while_a_model_flaps(make: Callable[..., NovastackRouter], box: Sandbox) -> None:
    asked = questions(TASKS)
    async with bounded(make, skip_for=0.2) as router:

        async def stream(question: str) -> Any:
            return total([chunk async for chunk in router.astream(question)])

        with flapping(box, "deepseek"):
            check_answers(asked, await gathered(asked, router.ainvoke))
            check_answers(asked[:100], await gathered(asked[:100], stream))
    assert await open_at_most(box, 0)
    await settle()


async def open_at_most(box: Sandbox, most: int) -> bool:
    return await asyncio.to_thread(box.wait_for, lambda box: box.connections.open <= most)


def test_hundreds_of_threads_while_a_model_flaps(make: Callable[..., NovastackRouter], box: Sandbox) -> None:
    router, asked = make(skip_for=0.2), questions(2 * THREADS)

    def put(way: str, question: str) -> Any:
        try:
            return router.invoke(question) if way == "invoke" else total(list(router.stream(question)))
        except Exception as error:  # noqa: BLE001 - judged with the answers
            return error

    before = set(threading.enumerate())
    with flapping(box, "deepseek"), ThreadPoolExecutor(THREADS) as pool:
        for way in ("invoke", "stream"):
            check_answers(asked, list(pool.map(put, [way] * len(asked), asked)))
    assert set(threading.enumerate()) - watching() <= before
    assert box.wait_for(lambda box: box.connections.open <= KEPT_ALIVE), box.connections


async def test_a_dead_model_is_left_alone_under_load(make: Callable[..., NovastackRouter], box: Sandbox) -> None:
    """Three failures open the breaker; from then on one probe for each `skip_for`, whatever the load."""
    box.fail("deepseek", status=503)
    asked = [f"Debug this function, number {number}" for number in range(TASKS // 3)]
    began = time.monotonic()
    async with bounded(make, skip_for=0.4) as router:
        for question in asked[:3]:
            await router.ainvoke(question)
        answers = await gathered(asked, router.ainvoke)
    check_answers(asked, answers)
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    probes = (time.monotonic() - began) / 0.4 + 1
    requests = Counter(record.model for record in box.requests)
    assert requests["qwen"] == TASKS // 3 + 3
    assert 3 <= requests["deepseek"] <= 3 + probes


def test_event_loops_leave_no_connection_behind(make: Callable[..., NovastackRouter], box: Sandbox) -> None:
    """One `asyncio.run` after the other, with the pools that models share by default."""
    router, asked = make(), questions(20)
    for _ in range(5):
        check_answers(asked, asyncio.run(gathered(asked, router.ainvoke)))
        assert box.wait_for(lambda box: box.connections.open == 0), box.connections


@pytest.mark.parametrize("way", ["ainvoke", "astream"])
async def test_cancelled_calls_give_their_connections_back(
    make: Callable[..., NovastackRouter], box: Sandbox, way: str
) -> None:
    """A pool of five that lost one with each of twenty cancelled calls could not answer twenty more."""
    box.fail("*", kind="stall", times=5)
    async with bounded(make, 5) as router:
        waiting = [asyncio.ensure_future(WAYS[way](router, question)) for question in questions(20)]
        assert await asyncio.to_thread(box.wait_for, lambda box: len(box.requests) == 5)
        for task in waiting:
            task.cancel()
        assert all(isinstance(each, BaseException) for each in await asyncio.gather(*waiting, return_exceptions=True))
        box.heal()
        asked = questions(20)
        check_answers(asked, await asyncio.wait_for(gathered(asked, router.ainvoke), 30))
        assert all(state["failures"] == 0 for state in router.health().values())
    assert await open_at_most(box, 0)


def test_a_short_soak() -> None:
    """What `.ci/matrix` does for half an hour, for three seconds: no answer is mixed up, nothing is left."""
    tests = Path(__file__).parents[1]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    done = subprocess.run(
        [sys.executable, "-m", "helpers.soak", "3"], capture_output=True, text=True, env=paths, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout


async def test_a_cancelled_stream_ends_whenever_a_sign_of_life_comes(
    make: Callable[..., NovastackRouter], box: Sandbox
) -> None:
    """Before Python 3.12 `asyncio.wait_for` forgets a cancellation that comes together with what it waits for."""
    box.fail("*", kind="stall", delay=0.001, seconds=5)
    async with bounded(make, 40) as router:
        waiting = [asyncio.ensure_future(WAYS["astream"](router, question)) for question in questions(40)]
        assert await asyncio.to_thread(box.wait_for, lambda box: len(box.requests) == 40)
        for task in waiting:
            await asyncio.sleep(0.001)
            task.cancel()
        ended = await asyncio.wait(waiting, timeout=2)
    assert [task.cancelled() for task in ended[0]] == [True] * 40
