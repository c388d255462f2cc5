"""Work in a thread that no one has to wait for.

The threads of an executor are joined when an event loop shuts down and when Python exits, so that one call that
hangs would hold up both; these are daemons.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def start(call: Callable[[], T], name: str) -> Future[T]:
    """Call in a thread of its own with this name, in a copy of the context; return the future of the answer."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # a thread cannot be cancelled, only left to itself

    def run() -> None:
        try:
            future.set_result(call())
        except StopIteration as error:  # which no asyncio future takes: as coroutines do, PEP 479
            stopped = RuntimeError("the call raised StopIteration")
            stopped.__cause__ = error
            future.set_exception(stopped)
        except BaseException as error:  # noqa: BLE001 - raised where the result is waited for
            future.set_exception(error)

    threading.Thread(target=copy_context().run, args=(run,), name=name, daemon=True).start()
    return future
