"""How long a request may wait: for its first token, between chunks, and in all.

A read timeout of the HTTP library starts again with every byte, so keep-alive comments and dripping heads stretch it
without end. These limits don't: the network under our own pools looks at them before it waits (`network`), and where a
client is not ours the socket under the response is shut down, which ends the read that waits on it.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_novastack.errors import (
    OVERTAKEN,
    DeadlineExceededError,
    NovastackError,
    NovastackOvertakenError,
    NovastackTimeoutError,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from langchain_novastack._compat import httpx
    from langchain_novastack.transport.attempt_context import AttemptContext

_DAY = 86_400.0
"""Seconds that stand for "no timeout"."""


class TimeLimits:
    """The limits of one request; all moments are `time.monotonic`, in seconds."""

    __slots__ = ("_between", "_first", "_last", "apart", "bound", "expired", "grace", "terms")

    def __init__(
        self, terms: AttemptContext, *, first_token: float | None = None, between: float | None = None
    ) -> None:
        """Start to count.

        Args:
            terms: The attempt's terms; its `until` bounds the whole request.
            first_token: Seconds until something meaningful must have come; None: no limit.
            between: Seconds that may pass from one chunk to the next; None or 0: no limit.
        """
        self.terms = terms
        self._first = None if first_token is None else monotonic() + first_token
        self._between = between or None
        self._last: float | None = None
        self.grace: float | None = None
        """Moment until which the end of a body may follow a complete answer; None: the answer is not complete."""
        self.expired = ""
        """Name of the limit that is over; "" while none is."""
        self.bound = False
        """Whether the network under the request looks at these limits itself."""
        self.apart = False
        """Whether a thread of its own waits for the answer, and will close it."""

    def tick(self) -> None:
        """Note that a chunk came, or the head of the answer: from then on chunks may not be long in coming."""
        self._last = monotonic()

    def first(self) -> None:
        """Note that something meaningful came."""
        self._first = None

    def limits(self) -> dict[str, float]:
        """Return the moments at which each limit in force is over, by its name."""
        idle = None if self._between is None or self._last is None else self._last + self._between
        named = {"its first token": self._first, "the deadline": self.terms.until, "the next chunk": idle}
        return {name: moment for name, moment in {**named, "the end": self.grace}.items() if moment is not None}

    def moment(self) -> float | None:
        """Return the moment at which the next limit is over; None without a limit."""
        return min(self.limits().values(), default=None)

    def seconds(self) -> float | None:
        """Return the seconds until the next limit is over, not below 0; None without a limit."""
        moment = self.moment()
        return None if moment is None else max(0.0, moment - monotonic())

    def over(self) -> bool:
        """Return whether a limit is over, and remember which."""
        now = monotonic()
        self.expired = next((name for name, moment in self.limits().items() if moment <= now), self.expired)
        return bool(self.expired)

    def expire(self) -> None:
        """Note that a wait as long as `seconds` allowed has ended in vain."""
        limits = self.limits()
        self.expired = self.expired or min(limits, key=lambda name: limits[name], default="")

    def error(self, model: str) -> NovastackError:
        """Return the error for the limit that is over."""
        if self.terms.overtaken:
            return NovastackOvertakenError(OVERTAKEN, model=model)
        if self.expired == "the deadline":
            self.terms.cut = True
            return DeadlineExceededError(f"{model} was cut by the deadline of the call.", model=model)
        return NovastackTimeoutError(f"{model} did not send {self.expired or 'its answer'} in time.", model=model)


class TimeLeft(float):
    """A timeout that runs on: the HTTP library hands it to the network as it is. As a number, what it was at first."""

    given: float | None
    _limits: TimeLimits

    def __new__(cls, given: float | None, limits: TimeLimits) -> Self:
        """Cut a timeout in seconds (None: there is none) to what the limits leave."""
        made = super().__new__(cls, min(_or_a_day(given), _or_a_day(limits.seconds())))
        made.given, made._limits = given, limits
        return made

    def __str__(self) -> str:
        """Return what the SDK tells the gateway of it."""
        return float.__repr__(self) if self.given is None else str(self.given)

    def now(self, stream: Any = None) -> float:
        """Return the seconds that may be waited from now on, on a connection; 0: none."""
        self._limits.terms.waits_on = stream
        return min(_or_a_day(self.given), _or_a_day(self._limits.seconds()))


def _or_a_day(seconds: float | None) -> float:
    return _DAY if seconds is None else seconds


def is_shared(response: httpx.Response) -> bool:
    """Tell whether other answers may come over the same connection: then nothing may be done to its socket."""
    return response.http_version == "HTTP/2"


def hang_up(response: httpx.Response) -> None:
    """Shut down the socket under a response, from any thread; a read that waits on it ends at once."""
    if not is_shared(response):
        _shut(response.extensions.get("network_stream"))


def cut_off(terms: AttemptContext) -> None:
    """End an attempt that another one has overtaken, from any thread; the read that it waits on ends at once."""
    terms.overtaken, terms.until = True, monotonic()
    _shut(terms.waits_on)


def _shut(stream: Any) -> None:
    sock = stream.get_extra_info("socket") if stream is not None else None
    with suppress(OSError):
        if isinstance(sock, socket.socket):
            # Not the method of an SSL socket, which would also drop the TLS state under the reader's feet.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        elif sock is not None:
            sock.shutdown(socket.SHUT_RDWR)


class Alarm:
    """Hangs up on a response when the limits run out: from a thread, for clients whose network is not ours."""

    def __init__(self, limits: TimeLimits, response: httpx.Response) -> None:
        """Start watching, if there is a limit to watch."""
        self._limits, self._response, self._off = limits, response, threading.Event()
        if not limits.bound and limits.moment() is not None:
            threading.Thread(target=self._watch, name="novastack-alarm", daemon=True).start()

    def _watch(self) -> None:
        while not self._off.wait(self._limits.seconds()):
            if self._limits.over():
                hang_up(self._response)
                return

    def off(self) -> None:
        """Stop watching."""
        self._off.set()


class AsyncAlarm:
    """Hangs up on a response when the limits run out, from the event loop."""

    def __init__(self, limits: TimeLimits, response: httpx.Response) -> None:
        """Start watching, if there is a limit to watch."""
        self._limits, self._response = limits, response
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._arm()

    def _arm(self) -> None:
        seconds = self._limits.seconds()
        self._handle = None if seconds is None else self._loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        if self._limits.over():
            hang_up(self._response)
        else:
            self._arm()

    def off(self) -> None:
        """Stop watching."""
        if self._handle is not None:
            self._handle.cancel()
