"""`hedge_after`: where a model shows nothing for a while the next one is asked as well, and the quicker one answers."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.raw_server import CLOSE, RawServer, Received, answer, head, whole
from helpers.recording_tracer import Tracer
from helpers.ways import WAYS, Ask, routing
from langchain.agents import create_agent
from langchain_core.exceptions import OutputParserException
from langchain_core.runnables import RunnableLambda
from pydantic import BaseModel

from langchain_novastack import AllModelsFailedError, NovastackRouter
from langchain_novastack.fallbacks.candidate import Hedges
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

BUG = "Debug this function."


class Found(BaseModel):
    """What was found."""

    line: int


class Late:
    """Answers after so many seconds for each model, others at once; notes whose connection was closed before."""

    def __init__(self, shown: bytes = b"", **seconds: float) -> None:
        self.seconds, self.shown, self.left = seconds, shown, list[str | None]()

    def __call__(self, request: Received, sock: socket.socket) -> object:
        seconds = self.seconds.get(request.model or "", 0)
        if seconds and self.shown:
            sock.sendall(self.shown)
        sock.settimeout(seconds or None)
        try:
            if seconds and not sock.recv(1):
                self.left.append(request.model)
                return CLOSE
        except TimeoutError:
            sock.settimeout(None)
        sock.sendall(answer(request, f"I am {request.model}."))
        return None


def on(server: RawServer, after: float = 0.1, **settings: Any) -> NovastackRouter:
    return NovastackRouter(base_url=server.url, api_key="k", hedge_after=after, **settings)


def hedging_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "novastack-hedge"]


async def test_the_quicker_one_answers(ask: Ask, log: pytest.LogCaptureFixture) -> None:
    """The other's connection is closed, its run ends as overtaken, its health is not charged."""
    late, tracer = Late(deepseek=5), Tracer()
    with RawServer(late) as server:
        router = on(server)
        log.set_level("INFO", "langchain_novastack")
        begun = time.monotonic()
        message = await ask(router, BUG, {"callbacks": [tracer]})
        assert time.monotonic() - begun < 3
        record = routing(message)
        assert (message.text, record["model"], record["fallback"]) == ("I am qwen.", "qwen", True)
        assert [(each["model"], each["status"], each["error"]) for each in record["attempts"]] == [
            ("deepseek", None, "overtaken"),
            ("qwen", 200, None),
        ]
        runs = {run.name: run.error or "" for run in tracer.runs if run.run_type == "llm"}
        assert "overtaken" in runs["DeepSeek-V4-Pro"]
        assert "deepseek was overtaken; what it used is not known." in log.messages
        assert not runs["Qwen3-235B-A22B"]
        assert not router.health()["deepseek"]["failures"]
        assert not hedging_threads()
        await asyncio.sleep(0.1)
        assert late.left == ["deepseek"]


async def test_the_first_may_still_win(ask: Ask) -> None:
    late = Late(deepseek=0.4, qwen=5)
    with RawServer(late) as server:
        record = routing(await ask(on(server), BUG))
        assert (record["model"], record["fallback"]) == ("deepseek", False)
        assert [(each["model"], each["error"]) for each in record["attempts"]] == [
            ("qwen", "overtaken"),
            ("deepseek", None),
        ]
        await asyncio.sleep(0.1)
        assert late.left == ["qwen"]


async def test_a_head_is_nothing_to_show(ask: Ask) -> None:
    """Nor are comments: what is being read is left as well as what is waited for."""
    streamed = head(content_type="text/event-stream") + b": busy\n\n"
    with RawServer(Late(streamed, deepseek=5)) as server:
        assert routing(await ask(on(server), BUG))["model"] == "qwen"


async def test_nobody_is_hedged_who_need_not(ask: Ask) -> None:
    """The quick, the last in line, and those without fallbacks."""
    cases: list[Any] = [(BUG, {}, 2.0), ("Hello", {}, 0.05), (BUG, {"fallback": False, "model": "claude"}, 0.05)]
    with RawServer(Late(qwen=0.15, claude=0.15)) as server:
        for asked, more, after in cases:
            assert len(routing(await ask(on(server, after), asked, **more))["attempts"]) == 1
        assert len(server.requests) == 3


async def test_one_that_fails_leaves_the_other_its_time(ask: Ask) -> None:
    def gateway(request: Received, sock: socket.socket) -> None:
        time.sleep(0.3 if request.model == "deepseek" else 0.5)
        if request.model == "deepseek":
            sock.sendall(whole(b'{"error": {"message": "no"}}', "503 Service Unavailable"))
        else:
            sock.sendall(answer(request))

    with RawServer(gateway) as server:
        record = routing(await ask(on(server), BUG))
        assert [(each["model"], each["status"]) for each in record["attempts"]] == [("deepseek", 503), ("qwen", 200)]


async def test_if_both_fail_both_are_told(ask: Ask) -> None:
    def gateway(_: Received, sock: socket.socket) -> None:
        time.sleep(0.3)
        sock.sendall(whole(b'{"error": {"message": "no"}}', "503 Service Unavailable"))

    with RawServer(gateway) as server:
        router = on(server, max_retries=0)
        with pytest.raises(openai.InternalServerError) as caught:
            await ask(router, BUG)
        assert len(caught.value.attempts) == 2  # type: ignore[attr-defined] # of all models failed
        assert [state["failures"] for state in router.health().values()][:2] == [1, 1]


async def test_a_refused_key_of_the_other_ends_the_line(ask: Ask, log: pytest.LogCaptureFixture) -> None:
    """The one under way may still answer, but no third is asked with that key; each failure is told of its model."""
    statuses = {"deepseek": "503 Service Unavailable", "qwen": "401 Unauthorized"}

    def gateway(request: Received, sock: socket.socket) -> None:
        time.sleep(0.3 if request.model == "deepseek" else 0)
        sock.sendall(whole(b"{}", statuses.get(request.model or "", "200 OK")))

    with RawServer(gateway) as server:
        line = {"deepseek": ["qwen", "claude"]}
        with pytest.raises(openai.InternalServerError) as caught:
            await ask(on(server, fallbacks=line, max_retries=0), BUG)
        assert [each["model"] for each in caught.value.routing["attempts"]] == ["qwen", "deepseek"]  # type: ignore[attr-defined] # AllModelsFailedError
        assert server.models == ["deepseek", "qwen"]
        statuses["qwen"] = "500 Internal Server Error"
        await asyncio.gather(ask(on(server, fallbacks=line, max_retries=0), BUG), return_exceptions=True)
    failed = [message for message in log.messages if " failed (" in message]
    assert [message.split()[0] in message.partition("(")[2] for message in failed] == [True, True]


async def test_an_error_of_the_callers_ends_both(run: Ask) -> None:
    def gateway(_: Received, sock: socket.socket) -> None:
        time.sleep(0.3)
        sock.sendall(whole(b'{"error": {"message": "bad key"}}', "401 Unauthorized"))

    with RawServer(gateway) as server, pytest.raises(openai.AuthenticationError):
        await run(on(server), BUG)


async def test_a_cancelled_call_leaves_nothing_behind(log: pytest.LogCaptureFixture) -> None:
    log.set_level("INFO", "langchain_novastack")
    late = Late(deepseek=5, qwen=5)
    with RawServer(late) as server:
        call = asyncio.ensure_future(on(server).ainvoke(BUG))
        await asyncio.sleep(0.4)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.sleep(0.1)
        assert sorted(map(str, late.left)) == ["deepseek", "qwen"]
    assert not log.messages


async def test_a_stream_cancelled_at_any_moment_is_closed() -> None:
    """Also one that has just begun to show something: nothing of it is left to the garbage collector."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    with RawServer(Late()) as server:
        router = on(server, 5.0)

        async def asked() -> list[Any]:
            return [chunk async for chunk in router.astream(BUG)]

        await asked()
        for moment in range(100):
            call = asyncio.create_task(asked())
            await asyncio.sleep(moment / 10_000)
            call.cancel()
            await asyncio.wait([call])
            del call
        gc.collect()
        await asyncio.sleep(0.05)
    assert complaints == []


async def test_the_callers_context_goes_along(run: Ask) -> None:
    seen: list[str] = []
    mark: ContextVar[str] = ContextVar("mark", default="none")

    class Listener(Tracer):
        def on_chat_model_start(self, *args: Any, **kwargs: Any) -> Any:
            seen.append(mark.get())
            return super().on_chat_model_start(*args, **kwargs)

    mark.set("mine")
    with RawServer(Late(deepseek=5)) as server:
        await run(on(server), BUG, {"callbacks": [Listener()]})
    assert seen == ["mine", "mine"]


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_answers_are_never_mixed(way: str) -> None:
    """Both begin to show at about the same time; each answer is of one model, and whole."""

    def gateway(request: Received, sock: socket.socket) -> None:
        time.sleep(0.16 if request.model == "deepseek" else 0.05)
        sock.sendall(answer(request, f"I am {request.model}."))

    with RawServer(gateway) as server:
        router = on(server)

        async def ask() -> Any:
            return await WAYS[way](router, BUG)

        found: list[Any] = await asyncio.gather(*(asyncio.to_thread(asyncio.run, ask()) for _ in range(4)))
        assert {message.text for message in found} <= {"I am deepseek.", "I am qwen."}
        assert all(routing(message)["model"] in message.text for message in found)


async def test_a_skipped_model_is_passed_over_and_named(ask: Ask) -> None:
    def gateway(request: Received, sock: socket.socket) -> None:
        if request.model == "claude":
            sock.sendall(whole(b"{}", "503 Service Unavailable"))
        else:
            Late(deepseek=5)(request, sock)

    with RawServer(gateway) as server:
        router = on(server, fallbacks={"deepseek": ["claude", "qwen"]}, max_retries=0, skip_after=1)
        with pytest.raises(openai.InternalServerError):
            await ask(router, BUG, model="claude", fallback=False)
        record = routing(await ask(router, BUG))
        assert (record["model"], record["skipped"]) == ("qwen", ["claude"])


@pytest.mark.parametrize("way", ["stream", "astream", "events"])
async def test_listeners_get_the_words_of_one_model(make: Callable[..., NovastackRouter], way: str) -> None:
    """Where `invoke` streams for them, as in an agent: who has begun has won, and nobody is asked beside it then."""
    with Sandbox(chunk_delay=0.05) as box:
        router = make(base_url=box.base_url, api_key=box.api_key, hedge_after=0.3)
        agent: Any = create_agent(router, [])
        asked = {"messages": [("user", BUG)]}
        if way == "events":
            told = RunnableLambda(lambda text: router.invoke(text).text).astream_events(BUG, version="v2")
            texts = [each["data"]["chunk"].text async for each in told if each["event"] == "on_chat_model_stream"]
        elif way == "stream":
            texts = [chunk.text for chunk, _ in agent.stream(asked, stream_mode="messages")]
        else:
            texts = [chunk.text async for chunk, _ in agent.astream(asked, stream_mode="messages")]
        if way == "stream" or sys.version_info >= (3, 11):  # before, LangGraph cannot hand its config down
            assert "".join(texts).startswith("[simulated DeepSeek-V4-Pro] You asked: Debug this function.\n")
        assert [request.model for request in box.requests] == ["deepseek"]


async def test_one_that_begins_first_for_listeners_wins(make: Callable[..., NovastackRouter], box: Sandbox) -> None:
    box.fail("deepseek", kind="slow", delay=3)
    agent: Any = create_agent(make(hedge_after=0.1), [])
    told = agent.stream({"messages": [("user", BUG)]}, stream_mode="messages")
    said = "".join(chunk.text for chunk, _ in told)
    assert said.startswith("[simulated Qwen3-235B-A22B]")
    assert "DeepSeek" not in said


async def test_an_answer_that_does_not_fit_waits_for_the_other(
    make: Callable[..., NovastackRouter], box: Sandbox, run: Ask
) -> None:
    """Another one that is under way may give one that fits."""
    box.answer("qwen", "no JSON").fail("deepseek", kind="slow", delay=0.8)
    chain = make(hedge_after=0.1).with_structured_output(Found)
    assert isinstance(await run(chain, BUG), Found)
    assert {request.model for request in box.requests} == {"deepseek", "qwen"}


@pytest.mark.parametrize("raw", [False, True])
async def test_the_last_answer_counts_although_it_does_not_fit(
    make: Callable[..., NovastackRouter], box: Sandbox, run: Ask, *, raw: bool
) -> None:
    """As without hedging: where no other model answers, it is the parser's."""
    box.answer("qwen", "no JSON").fail("deepseek", status=503, delay=0.6)
    chain = make(hedge_after=0.1, max_retries=0).with_structured_output(Found, include_raw=raw)
    if raw:
        found = await run(chain, BUG)
        assert isinstance(found["parsing_error"], OutputParserException)
        assert (found["raw"].text, routing(found["raw"])["model"]) == ("no JSON", "qwen")
    else:
        with pytest.raises(OutputParserException):
            await run(chain, BUG)


async def test_one_that_was_not_the_last_in_line_is_no_answer(
    make: Callable[..., NovastackRouter], box: Sandbox, run: Ask
) -> None:
    box.answer("claude", "no JSON").fail("deepseek", status=503, delay=0.6).fail("qwen", status=503)
    router = make(hedge_after=0.1, max_retries=0, fallbacks={"deepseek": ["claude", "qwen"]})
    with pytest.raises(AllModelsFailedError, match="claude: NovastackMisfitError") as caught:
        await run(router.with_structured_output(Found), BUG)
    assert len(caught.value.attempts) == 3


def test_copies_of_a_router_keep_to_the_share_together(make: Callable[..., NovastackRouter], box: Sandbox) -> None:
    box.fail("deepseek", kind="slow", delay=0.1)
    router = make(hedge_after=0.02)
    for at in range(12):
        router.model_copy(update={"temperature": at / 100}).invoke(BUG)
    assert len(box.requests) <= 12 + 4


def test_only_a_few_calls_are_hedged() -> None:
    hedges = Hedges("http://127.0.0.1:9", 0.1)
    made = [0, 0]
    for _ in range(10_000):
        hedges.called()
        made = [made[0] + 1, made[1] + hedges.allow()]
        assert made[1] <= max(4, 0.08 * made[0])
    assert made[1] > 700
