"""How long a request may wait: for its first token, between chunks, and in all.

A read timeout of the HTTP library starts again with every byte, so keep-alive comments stretch it without
end. These limits don't: when one is over, the socket under the response is shut down, which ends the read
that waits on it, in a thread as in an event loop.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from langchain_novastack.errors import DeadlineExceededError, NovastackTimeoutError
from langchain_novastack.transport.sockets import hang_up
from langchain_novastack.transport.timer import TIMER

if TYPE_CHECKING:
    from langchain_novastack._compat import httpx
    from langchain_novastack.transport.attempt_context import AttemptContext


class TimeLimits:
    """The limits of one request; all moments are `time.monotonic`, in seconds."""

    __slots__ = ("_between", "_first", "_last", "_terms", "apart", "expired")

    def __init__(
        self, terms: AttemptContext, *, first_token: float | None = None, between: float | None = None
    ) -> None:
        """Start to count.

        Args:
            terms: The attempt's terms; its `until` bounds the whole request.
            first_token: Seconds until something meaningful must have come; None: no limit.
            between: Seconds that may pass from one chunk to the next; None or 0: no limit.
        """
        self._terms = terms
        self._last = monotonic()
        self._first = None if first_token is None else self._last + first_token
        self._between = between or None
        self.expired = ""
        """Name of the limit that is over; "" while none is."""

        self.apart = False
        """Whether a thread of its own waits for the answer, and will close it."""

    def tick(self) -> None:
        """Note that a chunk came."""
        self._last = monotonic()

    def first(self) -> None:
        """Note that something meaningful came."""
        self._first = None

    def limits(self) -> dict[str, float]:
        """Return the moments at which each limit in force is over, by its name."""
        idle = None if self._between is None else self._last + self._between
        named = {"its first token": self._first, "the deadline": self._terms.until, "the next chunk": idle}
        return {name: moment for name, moment in named.items() if moment is not None}

    def moment(self) -> float | None:
        """Return the moment at which the next limit is over; None without a limit."""
        return min(self.limits().values(), default=None)

    def seconds(self, *, opening: bool = False) -> float | None:
        """Return the seconds until the next limit is over, not below 0; None without a limit.

        Args:
            opening: Leave out the time between chunks, while there are none yet.
        """
        moments = [moment for name, moment in self.limits().items() if not (opening and name == "the next chunk")]
        return max(0.0, min(moments) - monotonic()) if moments else None

    def over(self) -> bool:
        """Return whether a limit is over, and remember which."""
        now = monotonic()
        self.expired = next((name for name, moment in self.limits().items() if moment <= now), self.expired)
        return bool(self.expired)

    def expire(self) -> None:
        """Note that a wait as long as `seconds` allowed has ended in vain."""
        limits = self.limits()
        self.expired = self.expired or min(limits, key=lambda name: limits[name], default="")

    def error(self, model: str) -> NovastackTimeoutError:
        """Return the error for the limit that is over."""
        if self.expired == "the deadline":
            self._terms.cut = True
            return DeadlineExceededError(f"{model} was cut by the deadline of the call.", model=model)
        return NovastackTimeoutError(f"{model} did not send {self.expired or 'its answer'} in time.", model=model)


class Alarm:
    """Hangs up on a response, from the process's timer, when the limits runs out."""

    def __init__(self, limits: TimeLimits, response: httpx.Response) -> None:
        """Start watching, if there is a limit to watch."""
        self._limits = limits
        self._response = response
        moment = limits.moment()
        self._number = None if moment is None else TIMER.add(moment, self._look)

    def _look(self) -> float | None:
        """Hang up if a limit is over; else return when the next one will be."""
        if not self._limits.over():
            return self._limits.moment()
        hang_up(self._response)
        return None

    def off(self) -> None:
        """Stop watching."""
        if self._number is not None:
            TIMER.drop(self._number)


class AsyncAlarm:
    """Hangs up on a response, from the event loop, when the limits runs out."""

    def __init__(self, limits: TimeLimits, response: httpx.Response) -> None:
        """Start watching, if there is a limit to watch."""
        self._limits = limits
        self._response = response
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
