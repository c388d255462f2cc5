"""How long a request may wait: for its first token, between chunks, and in all.

A read timeout of the HTTP library starts again with every byte, so keep-alive comments and dripping heads stretch it
without end. These limits don't: the network under our own pools looks at them before it waits (`network`); for a client
of the caller's they are held from outside (`foreign_clients`).
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio  # which the SDK brings: its HTTP library waits by it

from langchain_novastack import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from typing_extensions import Self

    from langchain_novastack.transport.attempt_context import AttemptContext

T = TypeVar("T")

_DAY = 86_400.0  # seconds that stand for "no timeout"

_BEHIND = 0.05  # seconds after a limit at which a call is ended from outside


class TimeLimits:
    """The limits of one request; all moments are `time.monotonic`, in seconds."""

    __slots__ = ("_between", "_moments", "expired", "terms")

    def __init__(self, terms: AttemptContext, first_token: float | None = None, between: float | None = None) -> None:
        """Start to count the seconds until something meaningful must have come, and those `between` two chunks.

        None is no limit, as is 0 between chunks. The `until` of the attempt's `terms` bounds the whole request.
        """
        self.terms, self._between = terms, between
        self._moments = {} if first_token is None else {"its first token": monotonic() + first_token}
        self.expired = ""  # the name of the limit that is over

    def tick(self) -> None:
        """Note that a chunk came, or the head of the answer: from then on chunks may not be long in coming."""
        if self._between:
            self._moments["the next chunk"] = monotonic() + self._between

    def first(self) -> None:
        """Note that something meaningful came, and say so where it is shown."""
        self._moments.pop("its first token", None)
        if self.terms.streamed and self.terms.shows:
            self.terms.shows()

    def completed(self, grace: float) -> None:
        """Note that the answer is complete; the end of its body may follow within so many seconds."""
        self._moments["the end"] = monotonic() + grace

    def seconds(self) -> float | None:
        """Return the seconds until the next limit is over, not below 0; None without a limit."""
        first = self.terms.until
        for moment in self._moments.values():
            if first is None or moment < first:
                first = moment
        return None if first is None else max(0.0, first - monotonic())

    def cut(self, timeout: float | None) -> float:
        """Return a timeout in seconds (None: there is none), no longer than the time that is left."""
        left, timeout = self.seconds(), _DAY if timeout is None else timeout
        return timeout if left is None or timeout < left else left

    def over(self) -> bool:
        """Return whether a limit is over, and remember which."""
        if self.seconds() == 0:
            self.expire()
        return bool(self.expired)

    def expire(self) -> None:
        """Note that a wait as long as `seconds` allowed has ended in vain."""
        until = self.terms.until
        moments = self._moments if until is None else {**self._moments, "the deadline": until}
        self.expired = self.expired or min(moments, key=lambda name: moments[name], default="")

    def error(self, model: str) -> errors.NovastackError:
        """Return the error for the limit that is over."""
        if self.terms.overtaken:
            return errors.NovastackOvertakenError(errors.OVERTAKEN, model=model)
        if self.expired == "the deadline":
            self.terms.cut = True
            return errors.DeadlineExceededError(f"{model} was cut by the deadline of the call.", model=model)
        late = self.expired or "its answer"
        return errors.NovastackTimeoutError(f"{model} did not send {late} in time.", model=model)


class TimeLeft(float):
    """A timeout that runs on: the HTTP library hands it to the network as it is. As a number, what it was at first."""

    given: float | None
    _limits: TimeLimits

    def __new__(cls, given: float | None, limits: TimeLimits) -> Self:
        """Cut a timeout in seconds (None: there is none) to what the limits leave."""
        made = super().__new__(cls, limits.cut(given))
        made.given, made._limits = given, limits
        return made

    def __str__(self) -> str:
        """Return what the SDK tells the gateway of it."""
        return float.__repr__(self) if self.given is None else str(self.given)

    def now(self, stream: Any = None) -> float:
        """Return the seconds that may be waited from now on, on a connection; 0: none."""
        self._limits.terms.waits_on = stream
        return self._limits.cut(self.given)


async def at_most(seconds: float | None, call: Awaitable[T]) -> T:
    """Await a call for so many seconds (None: without end), then raise `asyncio.TimeoutError`.

    Not by `asyncio.wait_for`: before Python 3.12 it forgets a cancellation that comes together with the result.
    """
    if seconds is None:
        return await call
    with anyio.move_on_after(seconds):
        return await call
    raise asyncio.TimeoutError


async def in_time(limits: TimeLimits, call: Awaitable[T]) -> T:
    """Await a call for as long as the limits allow; raise `asyncio.TimeoutError` when one is over, or was before.

    Our own network may end it first: a call that is cancelled while it closes would leave its connection open.
    """
    seconds = limits.seconds()
    if seconds == 0:  # one of many calls, each of which might come in that little time
        cast("Any", call).close()
        limits.expire()
        raise asyncio.TimeoutError
    try:
        return await (call if seconds is None else at_most(seconds + _BEHIND, call))
    except asyncio.TimeoutError:
        limits.expire()
        raise


def cut_off(terms: AttemptContext) -> None:
    """End an attempt that another one has overtaken, from any thread; the read that it waits on ends at once."""
    terms.overtaken, terms.until = True, monotonic()
    shut(terms.waits_on)


def shut(stream: Any) -> None:
    """Shut down the socket under a connection, from any thread; a read that waits on it ends at once."""
    sock = stream.get_extra_info("socket") if stream is not None else None
    with suppress(OSError):
        if isinstance(sock, socket.socket):
            # Not the method of an SSL socket, which would also drop the TLS state under the reader's feet.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        elif sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
