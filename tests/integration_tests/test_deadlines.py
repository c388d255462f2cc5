"""Limits of time hold whatever a gateway does, in all four ways, and leave no thread behind."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import closing, suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from helpers.raw_server import RawServer, head, well
from helpers.ways import routing
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from langchain_novastack import (
    AllModelsFailedError,
    DeadlineExceededError,
    NovastackConnectionError,
    NovastackRouter,
    NovastackTimeoutError,
    StreamInterruptedError,
)
from langchain_novastack._compat import httpx
from langchain_novastack.fallbacks import breaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.raw_server import Received
    from helpers.ways import Ask

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox


BEFORE: set[threading.Thread] = set()
"""Threads that other tests have left, such as those of policies that never end."""


def watchers(name: str = "novastack-") -> int:
    """Return how many threads of ours this test has running, but for those of sandboxes."""
    names = [thread.name for thread in {*threading.enumerate()} - BEFORE]
    return sum(each.startswith(name) and "sandbox" not in each for each in names)


@pytest.fixture(autouse=True)
def _well_again() -> None:
    BEFORE.update(threading.enumerate())
    breaker._BREAKERS.clear()  # noqa: SLF001 - ports come back


def test_many_streams_at_once_need_no_thread(model: Callable[..., ChatNovastack]) -> None:
    streams = [model(first_token_timeout=30).stream("Name three rivers.") for _ in range(12)]
    opened = [next(stream) for stream in streams]
    assert len(opened) == 12
    assert watchers() == 0
    for stream in streams:
        assert list(stream)
    assert watchers() == 0


def test_each_stream_ends_by_its_own_limit(box: Sandbox, model: Callable[..., ChatNovastack]) -> None:
    """A later limit that is set first, and dropped, does not delay an earlier one."""
    patient = model("claude", first_token_timeout=60).stream("Name three rivers.")
    next(patient)
    box.fail("qwen", kind="stall", times=1).fail("deepseek", kind="stall_after", times=1)
    with pytest.raises(NovastackTimeoutError, match="first token"):
        list(model("qwen", first_token_timeout=0.2, max_retries=0).stream("Name three rivers."))
    with pytest.raises(StreamInterruptedError):
        list(model("deepseek", stream_chunk_timeout=0.2).stream("Name three rivers."))
    assert list(patient)


def test_with_a_client_of_the_callers_too(box: Sandbox, model: Callable[..., ChatNovastack]) -> None:
    """Whose network is not ours to look into: a thread for each stream looks after its limits, and ends with it."""
    box.fail("qwen", kind="stall", times=1)
    with httpx.Client() as client:
        with pytest.raises(NovastackTimeoutError, match="first token"):
            list(model("qwen", http_client=client, first_token_timeout=0.2, max_retries=0).stream("Name three rivers."))
        for _ in range(20):
            stream: Any = model(http_client=client, first_token_timeout=600).stream("Name three rivers.")
            with closing(stream):
                next(stream)
        assert box.wait_for(lambda _: watchers() == 0)


def test_a_forked_child_has_limits_of_its_own(box: Sandbox, model: Callable[..., ChatNovastack]) -> None:
    one = model(first_token_timeout=0.3, max_retries=0)
    list(one.stream("Name three rivers."))
    box.fail("qwen", kind="stall", times=1)
    child = os.fork()
    if child == 0:
        try:
            list(one.stream("Name three rivers."))
        except NovastackTimeoutError:
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


# ---- a deadline


def _dripping(_: Received, sock: socket.socket) -> None:
    for byte in head(x_pad="a" * 200):
        sock.sendall(bytes([byte]))
        sleep(0.05)


def _interim(_: Received, sock: socket.socket) -> None:
    for _each in range(200):
        sock.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        sleep(0.05)


def _redirecting(request: Received, sock: socket.socket) -> None:
    sleep(0.2)
    sock.sendall(head("307 Temporary Redirect", location=request.line.split()[1], content_length=0))


def _dripping_body(request: Received, sock: socket.socket) -> None:
    label = "text/event-stream" if request.streamed else "application/json"
    sock.sendall(head(content_type=label, content_length=100_000))
    for _each in range(800):
        sock.sendall(b":\n\n" if request.streamed else b" ")
        sleep(0.01)


def _dripping_refusal(_: Received, sock: socket.socket) -> None:
    sock.sendall(head("500 Internal Server Error", content_length=100_000))
    for _each in range(800):
        sock.sendall(b" ")
        sleep(0.01)


GATEWAYS = {
    "head": _dripping,
    "interim": _interim,
    "redirects": _redirecting,
    "body": _dripping_body,
    "refusal": _dripping_refusal,
}


@pytest.mark.parametrize("whose", ["ours", "plain", "client"])
@pytest.mark.parametrize("name", list(GATEWAYS))
async def test_a_deadline_ends_what_drips(ask: Ask, name: str, whose: str) -> None:
    """Each byte starts a read timeout anew; the deadline goes on, also for a plain `ChatOpenAI` and other clients."""
    with RawServer(GATEWAYS[name]) as server:
        address: Any = {"base_url": server.url, "api_key": "key"}
        given: dict[str, Any] = address
        if whose == "plain":
            given = {"models": {"qwen": ChatOpenAI(model="qwen", max_retries=0, **address)}}
        if whose == "client":
            kinds = {"http_client": httpx.Client, "http_async_client": httpx.AsyncClient}
            given |= {name: kind(follow_redirects=True) for name, kind in kinds.items()}
        router = NovastackRouter(fallbacks={}, deadline=0.3, **given)
        router.route("Hello")  # the first decision of a process takes its time
        began = monotonic()
        with pytest.raises(DeadlineExceededError):
            await ask(router, "Hello")
        assert monotonic() - began < 3
    assert whose != "ours" or watchers() == 0


async def test_the_next_answers_when_a_plain_model_drips(box: Sandbox, ask: Ask) -> None:
    with RawServer(_dripping_body) as server:
        slow = ChatOpenAI(model="DeepSeek-V4-Pro", base_url=server.url, api_key="key")
        quick = ChatOpenAI(model="Qwen3-235B-A22B", base_url=box.base_url, api_key=box.api_key)
        models = {"deepseek": slow, "qwen": quick}
        router = NovastackRouter(models=models, deadline=2)
        answer = await ask(router, "Hello", model="deepseek")
    record = routing(answer)
    assert answer.text
    assert record["model"] == "qwen"
    assert [(one["model"], one["error"] is None) for one in record["attempts"]] == [("deepseek", False), ("qwen", True)]


@pytest.fixture
def lookup(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Name lookups that end when they are let; what they find is loopback."""
    let, found = threading.Event(), socket.getaddrinfo

    def slow(_: str, *where: Any, **how: Any) -> Any:
        let.wait(10)
        return found("127.0.0.1", *where, **how)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    yield let
    let.set()


async def test_a_deadline_ends_the_wait_for_a_name(ask: Ask, lookup: threading.Event) -> None:
    """The lookup itself nobody can end: its thread stays, and goes when the name is there."""
    with RawServer(well) as server:
        url = f"http://gateway.test:{server.port}/router/v1"
        router = NovastackRouter(base_url=url, api_key="key", fallbacks={}, deadline=0.3)
        router.route("Hello")
        began = monotonic()
        with pytest.raises(DeadlineExceededError):
            await ask(router, "Hello")
        assert monotonic() - began < 3
        lookup.set()
        assert (await ask(NovastackRouter(base_url=url, api_key="key", deadline=30), "Hello")).text == "Hello."


def test_at_most_eight_lookups_are_left_behind(lookup: threading.Event) -> None:
    router = NovastackRouter(base_url="http://gateway.test:9/v1", api_key="key", fallbacks={}, deadline=0.3)

    def call() -> None:
        with suppress(DeadlineExceededError):
            router.invoke("Hello")

    calls = [threading.Thread(target=call) for _ in range(12)]
    for thread in calls:
        thread.start()
    for thread in calls:
        thread.join(5)
    assert not any(thread.is_alive() for thread in calls)
    assert watchers("novastack-lookup") == 8
    lookup.set()
    began = monotonic()
    while watchers() and monotonic() - began < 5:
        sleep(0.01)
    assert watchers() == 0


async def test_a_name_nobody_has_is_the_gateways_fault(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    router = NovastackRouter(base_url="http://gateway.test:9/v1", api_key="key", max_retries=0, deadline=30)
    with pytest.raises(NovastackConnectionError, match="no such host"):
        await ask(router, "Hello")


# ---- a rate limiter


class Answered(BaseModel):
    """An answer."""

    text: str


DRESSES: dict[str, Callable[[Any], Any]] = {
    "router": lambda router: router,
    "tools": lambda router: router.bind_tools([Answered]),
    "structured": lambda router: router.with_structured_output(Answered, include_raw=True),
}


@pytest.mark.parametrize("dress", list(DRESSES))
async def test_a_deadline_ends_the_wait_for_a_rate_limiter(box: Sandbox, ask: Ask, dress: str) -> None:
    """LangChain asks it before the request; the limiter stays the caller's own, and lets through when it can."""
    limiter = InMemoryRateLimiter(requests_per_second=0.01, check_every_n_seconds=0.01, max_bucket_size=1)
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key, rate_limiter=limiter)
    router.route("Hello")
    began = monotonic()
    with pytest.raises((DeadlineExceededError, AllModelsFailedError), match="deadline"):
        await ask(DRESSES[dress](router.model_copy(update={"deadline": 0.3})), "Hello")
    assert monotonic() - began < 3
    assert box.requests == []
    limiter.available_tokens = 1
    assert await ask(router, "Hello")
    assert router.models["qwen"].rate_limiter is limiter
