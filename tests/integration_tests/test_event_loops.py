"""Loops come and go, one after the other and side by side; no other model ever answers for that reason."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain_openai import ChatOpenAI

from langchain_novastack import ChatNovastack, NovastackRouter

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function for me"
ROUNDS = 4


def plain(box: Sandbox, **settings: Any) -> NovastackRouter:
    """A router on LangChain's own client, whose connections outlive their loop."""
    names = {"qwen": "Qwen3-235B-A22B", "deepseek": "DeepSeek-V4-Pro"}
    given: dict[str, Any] = {"base_url": box.base_url, "api_key": box.api_key, **settings}
    return NovastackRouter(models={alias: ChatOpenAI(model=name, **given) for alias, name in names.items()})


async def _asked(router: NovastackRouter, way: str) -> Any:
    if way == "ainvoke":
        return await router.ainvoke(CODE)
    if way == "abatch":
        prompts: list[Any] = [CODE] * 3
        return (await router.abatch(prompts))[-1]
    return [chunk async for chunk in router.astream(CODE)][-1]


def attempts(message: Any) -> list[tuple[str, int]]:
    return [(attempt["model"], attempt["status"]) for attempt in routing(message)["attempts"]]


WAYS = pytest.mark.parametrize("way", ["ainvoke", "astream", "abatch"])


@WAYS
def test_one_loop_after_the_other(router: NovastackRouter, box: Sandbox, way: str) -> None:
    """Several `asyncio.run` in one process, as scripts and notebooks do, each on connections of its own."""
    messages = [asyncio.run(_asked(router, way)) for _ in range(ROUNDS)]
    assert [attempts(message) for message in messages] == [[("deepseek", 200)]] * ROUNDS
    assert {request.model for request in box.requests} == {"deepseek"}
    assert len(box.requests) == ROUNDS * (3 if way == "abatch" else 1)


@WAYS
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("settings", [{}, {"max_retries": 0}])
def test_one_loop_after_the_other_with_plain_models(box: Sandbox, way: str, settings: dict[str, Any]) -> None:
    """LangChain's client fails on a connection of a closed loop; that is nobody's fault, and tried again."""
    router = plain(box, **settings)
    messages = [asyncio.run(_asked(router, way)) for _ in range(ROUNDS)]
    assert [attempts(message) for message in messages] == [[("deepseek", 200)]] * ROUNDS
    assert {request.model for request in box.requests} == {"deepseek"}
    assert router.health()["deepseek"]["failures"] == 0
    gc.collect()  # LangChain's client leaves its sockets to the collector: let it be now, where that is expected


def test_a_model_alone(model: Callable[..., ChatNovastack], box: Sandbox) -> None:
    """The same for a model without a router."""
    deepseek = model("deepseek", max_retries=0)
    for _ in range(ROUNDS):
        assert asyncio.run(deepseek.ainvoke("hi")).content
    assert len(box.requests) == ROUNDS


def test_sync_calls_between_loops(router: NovastackRouter) -> None:
    """Sync and async do not disturb each other, inside of a loop neither."""

    async def both() -> list[Any]:
        return [router.invoke(CODE), await router.ainvoke(CODE), router.invoke(CODE)]

    messages = [router.invoke(CODE), *asyncio.run(both()), router.invoke(CODE), *asyncio.run(both())]
    assert [attempts(message) for message in messages] == [[("deepseek", 200)]] * 8


@pytest.mark.parametrize("way", ["ainvoke", "astream"])
def test_threads_with_loops_of_their_own(router: NovastackRouter, box: Sandbox, way: str) -> None:
    """Eight at once, each its own loop twice, through one router."""
    start = threading.Barrier(8)

    def work(_: int) -> list[Any]:
        start.wait()
        return [asyncio.run(_asked(router, way)) for _ in range(2)]

    with ThreadPoolExecutor(8) as pool:
        messages = [message for pair in pool.map(work, range(8)) for message in pair]
    assert [attempts(message) for message in messages] == [[("deepseek", 200)]] * 16
    assert len(box.requests) == 16


def test_a_fallback_in_each_loop(router: NovastackRouter, box: Sandbox) -> None:
    """Real failures are told from those of a loop: each falls back, in every loop."""
    for _ in range(2):
        box.fail("deepseek", status=503, times=1)
        assert attempts(asyncio.run(_asked(router, "ainvoke"))) == [("deepseek", 503), ("qwen", 200)]


def test_a_loop_that_ends_in_the_middle_of_a_stream(
    router: NovastackRouter, box: Sandbox, log: pytest.LogCaptureFixture
) -> None:
    """A stream left open is closed with its loop, and the next loop starts afresh."""

    async def begin() -> str:
        async for chunk in router.astream(CODE):
            if chunk.content:
                return str(chunk.content)
        return ""

    for _ in range(ROUNDS):
        assert asyncio.run(begin())
    assert attempts(asyncio.run(_asked(router, "astream"))) == [("deepseek", 200)]
    assert router.health()["deepseek"]["failures"] == 0
    assert box.wait_for(lambda it: it.connections.open == 0)
    # Python 3.10 closes nested generators all at once, and logs that each is closed already by the one around it.
    assert [line for line in log.text.splitlines() if "Error" in line and "already running" not in line] == []


@WAYS
def test_connections_go_with_their_loop(router: NovastackRouter, box: Sandbox, way: str) -> None:
    """`asyncio.run` closes them, in good order: no warning, no connection left."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(ROUNDS):
            asyncio.run(_asked(router, way))
        assert box.wait_for(lambda it: it.connections.open == 0)
        gc.collect()


def test_a_loop_that_goes_on_after_its_generators_were_closed(router: NovastackRouter) -> None:
    """Some runners shut generators down more than once: a closed pool is replaced."""
    loop = asyncio.new_event_loop()
    for _ in range(2):
        assert attempts(loop.run_until_complete(router.ainvoke(CODE))) == [("deepseek", 200)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # asyncio warns of generators that begin after that
            loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_loop_closed_by_hand(router: NovastackRouter, box: Sandbox) -> None:
    """As frameworks do that run their own loop: what was left in it goes when the next begins."""
    for _ in range(ROUNDS):
        loop = asyncio.new_event_loop()
        message = loop.run_until_complete(router.ainvoke(CODE))
        loop.close()
        assert attempts(message) == [("deepseek", 200)]
    del loop
    asyncio.run(_asked(router, "ainvoke"))
    asyncio.run(router.models["deepseek"].ainvoke("hi"))
    gc.collect()
    assert box.wait_for(lambda it: it.connections.open == 0)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_loops_that_nobody_closes_leave_nothing_behind(router: NovastackRouter, box: Sandbox) -> None:
    """As web frameworks do that make one for each request: each is collected, with its connections."""
    loops = []
    for _ in range(12):
        loop = asyncio.new_event_loop()
        assert attempts(loop.run_until_complete(router.ainvoke(CODE))) == [("deepseek", 200)]
        loops.append(weakref.ref(loop))
    del loop
    gc.collect()
    assert not [loop for loop in loops if loop() is not None]
    assert box.wait_for(lambda it: it.connections.open == 0)


def test_the_callers_closed_loop_is_the_callers_error(box: Sandbox, make: Make) -> None:
    """An error about a closed loop in the caller's own code is raised as it is, and no second model is asked."""

    def policy(_: list[Any]) -> str:
        msg = "Event loop is closed"
        raise RuntimeError(msg)

    with pytest.raises(ValueError, match="`policy` raised RuntimeError"):
        asyncio.run(make(policy=policy).ainvoke(CODE))
    assert box.requests == []
