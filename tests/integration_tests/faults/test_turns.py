"""A gateway that takes only so many requests at once: everybody gets an answer when the turn comes."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.raw_server import RawServer, Received, answer, whole
from helpers.ways import routing

from langchain_novastack import NovastackRouter
from langchain_novastack.fallbacks.turns import Turns, turns_at

if TYPE_CHECKING:
    import socket

    from helpers.ways import Ask

BUG = "Debug this function."


class Crowd:
    """Answers after a while, so many at once, and refuses all others; models of `free` have room for everybody."""

    def __init__(self, most: int, seconds: float = 0.02, free: tuple[str, ...] = ()) -> None:
        self.most, self.seconds, self.free = most, seconds, free
        self.now = self.refused = 0
        self.told: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, request: Received, sock: socket.socket) -> None:
        with self._lock:
            full = self.now >= self.most and request.model not in self.free
            self.refused += full
            self.now += not full
        if full:
            body = b'{"error": {"message": "slow down", "code": 429}}'
            sock.sendall(whole(body, "429 Too Many Requests", retry_after=1))
            return
        time.sleep(0 if request.model in self.free else self.seconds)
        with self._lock:
            self.now -= 1
        sock.sendall(answer(request))


def on(server: RawServer, **settings: Any) -> NovastackRouter:
    return NovastackRouter(base_url=server.url, api_key="k", **settings)


@pytest.mark.parametrize("way", ["batch", "abatch"])
async def test_a_batch_loses_nothing(way: str) -> None:
    """Nor does it move to another model; the next batch knows how many there is room for."""
    crowd = Crowd(4)
    prompts = [BUG if number % 2 else "Hello" for number in range(60)]
    with RawServer(crowd) as server:
        router = on(server, max_wait=30)
        for most in (80, 30):
            crowd.refused = 0
            config: Any = {"max_concurrency": 20}
            found = router.batch(prompts, config) if way == "batch" else await router.abatch(prompts, config)
            assert not any(routing(message)["fallback"] for message in found)
            assert crowd.refused <= most
        assert not any(state["failures"] for state in router.health().values())
        refused = [routing(message)["attempts"] for message in found if len(routing(message)["attempts"]) > 1]
        assert all([each["status"] for each in attempts][-1] == 200 for attempts in refused)


async def test_streams_and_threads_and_tasks_share_a_limit() -> None:
    crowd = Crowd(2)

    async def streamed(router: NovastackRouter) -> str:
        return "".join([chunk.text async for chunk in router.astream("Hello")])

    with RawServer(crowd) as server:
        router = on(server)
        tasks = [streamed(router) for _ in range(8)]
        threads = [asyncio.to_thread(lambda: "".join(chunk.text for chunk in router.stream("Hello"))) for _ in range(8)]
        assert set(await asyncio.gather(*tasks, *threads)) == {"Hello."}


async def test_the_first_to_come_is_the_first_to_be_answered() -> None:
    done: list[int] = []
    with RawServer(Crowd(1)) as server:
        router = on(server)

        async def call(number: int) -> None:
            if len(routing(await router.ainvoke("Hello"))["attempts"]) > 1:  # others were lucky, and never waited
                done.append(number)

        await asyncio.gather(*map(call, range(8)))
    assert len(done) > 3
    assert done == sorted(done)


async def test_a_call_moves_on_in_the_end(ask: Ask) -> None:
    """While another model could answer, nobody waits for long; a turn that did not come is no real request."""
    with RawServer(Crowd(1, seconds=1, free=("qwen",))) as server:
        router = on(server, max_wait=0.1)
        first = asyncio.ensure_future(on(server).ainvoke(BUG))
        await asyncio.sleep(0.15)
        begun = time.monotonic()
        once, again = await ask(router, BUG), await ask(router, BUG)
        assert time.monotonic() - begun < 0.9
        assert [routing(message)["model"] for message in (once, again)] == ["qwen", "qwen"]
        assert [each["status"] for each in routing(once)["attempts"]] == [429, 200]
        assert [each["status"] for each in routing(again)["attempts"]] == [200]
        assert routing(again)["skipped"] == ["deepseek"]
        assert not router.health()["deepseek"]["failures"]
        assert routing(await first)["model"] == "deepseek"


async def test_the_last_in_line_waits_as_long_as_the_deadline(run: Ask) -> None:
    with RawServer(Crowd(1, seconds=0.9)) as server:
        first = asyncio.ensure_future(on(server).ainvoke("Hello"))
        await asyncio.sleep(0.15)
        begun = time.monotonic()
        with pytest.raises((openai.RateLimitError, openai.APITimeoutError)):
            await run(on(server, deadline=0.2), "Hello")
        assert time.monotonic() - begun < 0.7
        await first


async def test_a_lone_429_is_as_ever(ask: Ask, make: Any, box: Any) -> None:
    """The next model at once, and it counts."""
    box.fail("deepseek", status=429, retry_after=30)
    begun = time.monotonic()
    router = make()
    record = routing(await ask(router, BUG))
    assert time.monotonic() - begun < 5
    assert [(each["model"], each["status"]) for each in record["attempts"]] == [("deepseek", 429), ("qwen", 200)]
    assert router.health()["deepseek"]["failures"] == 1


async def test_who_is_cancelled_gives_up_the_place() -> None:
    with RawServer(Crowd(1, seconds=0.5)) as server:
        router = on(server)
        first = asyncio.ensure_future(router.ainvoke("Hello"))
        await asyncio.sleep(0.1)
        waiting = asyncio.ensure_future(router.ainvoke("Hello"))
        await asyncio.sleep(0.2)
        waiting.cancel()
        await asyncio.gather(first, waiting, return_exceptions=True)
        assert (await router.ainvoke("Hello")).text == "Hello."


async def test_a_call_that_was_never_made_takes_no_turn(make: Any, box: Any, ask: Ask) -> None:
    """What fails or is cancelled before it is sent would else look like a crowd for ever."""

    def refuse(_: Any) -> Any:
        raise KeyError

    router = make(fit=refuse, hedge_after=5)
    long = [("user", "word " * 160_000), ("assistant", "Done."), ("user", BUG)]
    box.fail("deepseek", status=503)
    with pytest.raises(KeyError):
        await ask(router, long, model="deepseek")
    call = asyncio.ensure_future(router.ainvoke("Hello"))
    asyncio.get_running_loop().call_soon(call.cancel)
    await asyncio.gather(call, return_exceptions=True)
    gc.collect()
    assert {turns_at(branch.line()[0].key).under_way for branch in router.branches.values()} == {0}


def test_a_loop_that_is_gone_keeps_nobody_waiting() -> None:
    """Its place is given to the next in the queue."""
    turns = Turns()
    assert turns.begin()
    assert turns.begin()
    assert turns.refuse(crowded=False)
    gone, next_one = turns.line_up(1.0, 1.0), turns.line_up(2.0, 2.0)
    loop = asyncio.new_event_loop()
    loop.close()
    gone._wake = lambda: loop.call_soon_threadsafe(print)  # noqa: SLF001 - what an abandoned task leaves behind
    turns.end(answered=True)
    assert next_one.granted
    assert turns.under_way == 1
