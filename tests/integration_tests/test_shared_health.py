"""Health shared by processes (`FileHealth`) and machines (`RedisHealth`): one learns, all know.

The tests of a Redis run where a server and the extra `redis` are installed (the row `py312-redis` of `.ci/matrix`).
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from helpers.health_worker import work
from helpers.raw_server import RawServer, answer, whole
from helpers.redis_server import AVAILABLE, running_redis
from helpers.ways import FAST, routing
from langchain_core.load import dumps

from langchain_novastack import FileHealth, NovastackRouter, RedisHealth
from langchain_novastack.fallbacks import breaker

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from helpers.raw_server import Received
    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

SPENT = 6
"""Requests of three calls in which one model failed and another was asked."""

QUESTION = "Debug this function."
KINDS = ["file", "redis"] if AVAILABLE else ["file"]
PASSWORD = "open-sesame"  # noqa: S105 - of a server on loopback
needs_redis = pytest.mark.parametrize("kind", ["redis"] if AVAILABLE else [])


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with running_redis(PASSWORD) as (url, _):
        yield url


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    """Build the same store again and again, as each process would."""
    if request.param == "file":
        return lambda: FileHealth(tmp_path / "health.json")
    url = request.getfixturevalue("redis_url")
    return lambda: RedisHealth(url, key=f"health:{tmp_path}", timeout=1)


@pytest.fixture
def another(box: Sandbox) -> Callable[..., NovastackRouter]:
    """Build a router as another process would, which knows nothing itself."""

    def build(health: Any, **settings: Any) -> NovastackRouter:
        breaker._BREAKERS.clear()  # noqa: SLF001 - there is no other way
        return NovastackRouter(base_url=box.base_url, api_key=box.api_key, fast=FAST, health=health, **settings)

    return build


async def test_what_one_learns_all_know(
    box: Sandbox, store: Callable[[], Any], another: Callable[..., NovastackRouter], ask: Ask
) -> None:
    box.fail("deepseek", status=503, times=3)
    for _ in range(3):
        await ask(another(store()), QUESTION)
    assert routing(await ask(another(store()), QUESTION))["skipped"] == ["deepseek"]
    assert another(store()).health()["deepseek"]["failures"] == 3
    another(store()).reset_health()
    assert routing(await ask(another(store()), QUESTION))["model"] == "deepseek"


def test_one_probe_for_all(box: Sandbox, store: Callable[[], Any], another: Callable[..., NovastackRouter]) -> None:
    """And its answer brings the model back for all."""
    box.fail("deepseek", status=503, retry_after=0.3, times=3)
    for _ in range(3):
        another(store(), skip_for=100).invoke(QUESTION)
    sleep(0.4)
    box.fail("deepseek", kind="slow", delay=0.5, times=1)
    with ThreadPoolExecutor(1) as pool:
        probe = pool.submit(another(store(), skip_for=100).invoke, QUESTION)
        assert box.wait_for(lambda box: len(box.requests) == SPENT + 1)
        assert routing(another(store(), skip_for=100).invoke(QUESTION))["skipped"] == ["deepseek"]
        assert routing(probe.result())["model"] == "deepseek"
    assert routing(another(store()).invoke(QUESTION))["model"] == "deepseek"


async def test_answers_between_failures_reset_what_is_shared(
    box: Sandbox, store: Callable[[], Any], another: Callable[..., NovastackRouter], ask: Ask
) -> None:
    for _ in range(3):
        box.fail("deepseek", status=503, times=2).answer("deepseek", "Well.")
    for _ in range(9):
        assert routing(await ask(another(store()), QUESTION))["skipped"] == []


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"null", b'{"a": {"": ["x"]}}', b'{"a": 1}', b"\xff\xfe"])
def test_a_broken_file_is_as_good_as_none(
    box: Sandbox, tmp_path: Path, another: Callable[..., NovastackRouter], broken: bytes
) -> None:
    path = tmp_path / "health.json"
    path.write_bytes(broken)
    box.fail("deepseek", status=503, times=3)
    for _ in range(3):
        another(FileHealth(path)).invoke(QUESTION)
    assert routing(another(FileHealth(path)).invoke(QUESTION))["skipped"] == ["deepseek"]
    path.unlink()
    assert routing(another(FileHealth(path)).invoke(QUESTION))["model"] == "deepseek"


def test_a_store_that_fails_leaves_each_process_its_own_health(
    box: Sandbox, tmp_path: Path, another: Callable[..., NovastackRouter], log: pytest.LogCaptureFixture
) -> None:
    """And one warning says so."""
    router = another(FileHealth(tmp_path / "no such folder" / "health.json"))
    box.fail("deepseek", status=503)
    with log.at_level(logging.WARNING, "langchain_novastack"):
        for _ in range(6):
            router.invoke(QUESTION)
    assert router.health()["deepseek"]["skipped"]
    assert len([record for record in log.records if "FileHealth" in record.getMessage()]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="how POSIX locks")
def test_who_holds_the_lock_holds_up_nobody(
    box: Sandbox, tmp_path: Path, another: Callable[..., NovastackRouter]
) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    router = another(FileHealth(tmp_path / "health.json"))
    box.fail("deepseek", status=503, times=3)
    with (tmp_path / "health.json.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        began = monotonic()
        for _ in range(3):
            router.invoke(QUESTION)
        assert monotonic() - began < 2
        assert routing(router.invoke(QUESTION))["skipped"] == ["deepseek"]


def test_a_file_is_looked_at_every_ten_milliseconds_at_most(
    box: Sandbox, tmp_path: Path, another: Callable[..., NovastackRouter], monkeypatch: pytest.MonkeyPatch
) -> None:
    router = another(FileHealth(tmp_path / "health.json"))
    box.fail("deepseek", status=503, times=1)
    router.invoke(QUESTION)
    router.invoke(QUESTION)
    looks: list[str] = []

    def counted(name: str, method: Any) -> Any:
        def look(*given: Any, **how: Any) -> Any:
            looks.append(name)
            return method(*given, **how)

        return look

    monkeypatch.setattr(Path, "stat", counted("stat", Path.stat))
    monkeypatch.setattr(Path, "read_bytes", counted("read", Path.read_bytes))
    sleep(0.01)
    router.invoke(QUESTION)
    looks.clear()
    began = monotonic()
    for _ in range(20):
        router.invoke(QUESTION)
    assert set(looks) == {"stat"}
    assert len(looks) <= (monotonic() - began) / 0.01 + 1
    box.fail("deepseek", status=503, times=3)
    for _ in range(5):
        router.invoke(QUESTION)
        sleep(0.01)
    looks.clear()
    assert routing(router.invoke(QUESTION))["skipped"] == ["deepseek"]
    assert looks == ["stat"], "so do calls that pass a model over"


def test_no_key_is_written_down(box: Sandbox, tmp_path: Path, another: Callable[..., NovastackRouter]) -> None:
    box.fail("deepseek", status=429)
    another(FileHealth(tmp_path / "health.json")).invoke(QUESTION)
    kept = (tmp_path / "health.json").read_text("utf-8")
    assert "DeepSeek" in kept
    assert box.api_key not in kept
    assert "127.0.0.1" not in kept


def test_a_store_travels_with_its_router(box: Sandbox, store: Callable[[], Any], another: Any) -> None:
    router = another(store())
    copies = [pickle.loads(pickle.dumps(router)), router.model_copy(), pickle.loads(pickle.dumps(router.branches))]  # noqa: S301 - our own
    box.fail("deepseek", status=503, times=3)
    for _ in range(3):
        router.invoke(QUESTION)
    breaker._BREAKERS.clear()  # noqa: SLF001 - as above
    assert routing(copies[0].invoke(QUESTION))["skipped"] == ["deepseek"]
    assert routing(copies[1].invoke(QUESTION))["skipped"] == ["deepseek"]
    assert routing(copies[2]["deepseek"].invoke(QUESTION))["skipped"] == ["deepseek"]
    for shown in (repr(router), dumps(router), str(router), repr(store()), dumps(router.branches["deepseek"])):
        assert PASSWORD not in shown


def test_what_is_no_store_is_refused(another: Callable[..., NovastackRouter]) -> None:
    with pytest.raises(ValueError, match="health"):
        another("health.json")


@needs_redis
def test_a_redis_that_goes_away(box: Sandbox, another: Any, log: pytest.LogCaptureFixture, kind: str) -> None:
    """The process's own health holds, one warning says so, and nobody waits for long."""
    with running_redis(PASSWORD) as (url, process):
        router = another(RedisHealth(url))
        box.fail("deepseek", status=503, times=2)
        router.invoke(QUESTION)
        process.kill()
        process.wait()
        began = monotonic()
        with log.at_level(logging.WARNING, "langchain_novastack"):
            for _ in range(3):
                router.invoke(QUESTION)
        assert monotonic() - began < 3
    said = [record.getMessage() for record in log.records if kind in record.getMessage().lower()]
    assert len(said) == 1
    assert PASSWORD not in said[0]


@needs_redis
def test_the_address_of_a_redis(kind: str) -> None:
    with pytest.raises(ValueError, match="`url` must be"):
        RedisHealth(f"{kind}-of-mine")


@pytest.mark.skipif(AVAILABLE, reason="the extra is installed")
def test_without_the_extra_it_is_named() -> None:
    with pytest.raises(ImportError, match=r"langchain-novastack\[redis\]"):
        RedisHealth("redis://localhost")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forked, since a process that begins anew takes seconds")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_processes_learn_from_each_other_whatever_becomes_of_one(store: Callable[[], Any]) -> None:
    """A dead model gets a request of each process that begins with the others, and no more; one is killed."""

    def handle(request: Received, sock: socket.socket) -> None:
        sock.sendall(whole(b"{}", "503 Service Unavailable") if request.model == "deepseek" else answer(request))

    fork = multiprocessing.get_context("fork")
    with RawServer(handle) as server:
        begin = fork.Barrier(3)
        workers = [fork.Process(target=work, args=(server.url, store(), begin, 1.0)) for _ in range(3)]
        for worker in workers:
            worker.start()
        while not server.requests:
            sleep(0.01)
        os.kill(workers[0].pid or 0, 9)
        for worker in workers:
            worker.join()
    assert [worker.exitcode for worker in workers[1:]] == [0, 0]
    assert server.models.count("qwen") > 10
    assert server.models.count("deepseek") <= 5


def test_what_is_no_path_is_named() -> None:
    with pytest.raises(ValueError, match="`path` must be the path of a file"):
        FileHealth(3)  # type: ignore[arg-type] # what is tested
