"""Limits of sync streams are looked after by one thread, whatever the number of streams, also in a forked child."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from langchain_novastack import NovastackTimeoutError, StreamInterruptedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox


def watchers() -> int:
    """Return how many threads look after limits."""
    return sum(thread.name == "novastack-timer" for thread in threading.enumerate())


def test_many_streams_at_once_need_one_thread(model: Callable[..., ChatNovastack]) -> None:
    streams = [model(first_token_timeout=30).stream("Name three rivers.") for _ in range(12)]
    opened = [next(stream) for stream in streams]
    assert len(opened) == 12
    assert watchers() == 1
    for stream in streams:
        assert list(stream)
    assert watchers() == 1


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


def test_hundreds_of_finished_streams_leave_nothing_behind(model: Callable[..., ChatNovastack]) -> None:
    from langchain_novastack.transport.timer import TIMER  # noqa: PLC0415 - the one look behind the scenes of this module

    one = model(first_token_timeout=600)
    for _ in range(300):
        next(one.stream("Name three rivers."))
    assert len(TIMER) < 100


def test_a_forked_child_has_a_watch_of_its_own(box: Sandbox, model: Callable[..., ChatNovastack]) -> None:
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
