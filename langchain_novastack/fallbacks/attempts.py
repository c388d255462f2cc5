"""The attempts loop, written once for invoke, ainvoke, stream and astream.

    for attempt in attempts:
        with attempt:
            ...one request...
            return ...
    raise attempts.error()

An attempt swallows the failures after which another model may answer, and lets all others through. No I/O here.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

from langchain_core.messages import AIMessage, AIMessageChunk

from langchain_novastack.errors import (
    AllModelsFailedError,
    DeadlineExceededError,
    NovastackError,
    NovastackResponseError,
    RouteMisconfiguredWarning,
    StreamInterruptedError,
    describe,
    status_of,
)
from langchain_novastack.fallbacks.breaker import Breaker, breaker
from langchain_novastack.fallbacks.record import Record
from langchain_novastack.fallbacks.rules import CALLER, Then, classify, is_retryable
from langchain_novastack.transport.attempt_context import Terms, current
from langchain_novastack.transport.error_mapping import retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from langchain_core.runnables import RunnableConfig
    from typing_extensions import Self

    from langchain_novastack.fallbacks.candidate import Entry

logger = logging.getLogger("langchain_novastack")

_CUT_COUNTS_FROM = 5.0
"""Seconds an attempt must have had before a cut by the deadline says anything about the model."""


@dataclass(slots=True)
class Plan:
    """What holds for all attempts of one call."""

    record: Record = field(default_factory=Record)
    until: float | None = None
    """Moment (`time.monotonic`, seconds) at which the call must be over; None: no deadline."""

    skip_after: int | None = 3
    skip_for: float = 30.0
    handle: tuple[type[BaseException], ...] = (Exception,)
    """Errors after which another model may be tried at all."""

    listened: bool = True
    """Whether anybody may listen to the call's runs."""

    tags: tuple[str, ...] = ()
    """Tags for the runs of all attempts."""


class Attempts:
    """The models of a line, each to be tried until one answers."""

    __slots__ = ("_line", "_names", "errors", "plan")

    def __init__(self, line: Sequence[Entry], plan: Plan) -> None:
        """Start with the first of the line; `line` must not be empty."""
        self.plan = plan
        self.errors: tuple[Exception, ...] = ()
        self._names: tuple[str, ...] = ()
        self._line = line

    def __iter__(self) -> Iterator[Attempt]:
        """Yield an attempt for each model until one succeeds, fails for good, or none is left."""
        queue, again = list(self._line), False
        while queue:
            entry = queue.pop(0)
            if self._is_late():
                continue
            ticket = self._admit(entry) if queue and not again else 0
            if ticket is None:
                continue
            attempt = Attempt(entry, self.plan, waiting=bool(queue), retried=again, ticket=ticket)
            self.plan.record.fallback = entry is not self._line[0]
            yield from self._tried(attempt)
            again = False
            if attempt.error is None or attempt.fault.then is Then.STOP:
                self._keep(attempt)
                return
            if attempt.fault.then is Then.AGAIN:
                queue.insert(0, entry)
                again = True
                continue
            self._keep(attempt)
            if attempt.fault.then is Then.LARGER:
                queue = [other for other in queue if (other.window or 0) > (entry.window or 0)]
            if queue:
                attempt.announce(self.errors[-1], queue[0].alias)

    def _tried(self, attempt: Attempt) -> Iterator[Attempt]:
        """Yield an attempt; where the loop ends in it, let go of errors, whose frames hold this, and the prompt."""
        try:
            yield attempt
        except GeneratorExit:
            self.errors = ()
            raise

    def _keep(self, attempt: Attempt) -> None:
        """Keep an attempt's error, here and nowhere else."""
        if attempt.error is not None:
            self.errors += (attempt.error,)
            self._names += (attempt.entry.alias,)
            attempt.error = None

    def _is_late(self) -> bool:
        return self.plan.until is not None and monotonic() >= self.plan.until

    def _admit(self, entry: Entry) -> int | None:
        """Return a ticket if the model's health allows to try it now; note it as skipped if not."""
        ticket = breaker(entry.key).admit(self.plan.skip_after, self.plan.skip_for) if entry.key else 0
        if ticket is None:
            self.plan.record.skipped += (entry.alias,)
        return ticket

    def error(self) -> Exception:
        """Return what to raise when no model answered: the only error there is, or one that names them all."""
        errors, self.errors = self.errors, ()
        if not errors:
            return DeadlineExceededError("The deadline passed before any model was asked.")
        if len(errors) == 1 and not self.plan.record.skipped:
            return errors[0]
        retryable = [is_retryable(error) for error in errors]
        return AllModelsFailedError.of(errors, self._names, self.plan.record.as_dict(), retryable)


class Attempt:
    """One try of one model. Times it, judges how it ends, and keeps the books."""

    __slots__ = (
        "_plan",
        "_retried",
        "_started",
        "_ticket",
        "_until",
        "entry",
        "error",
        "fault",
        "shown",
        "terms",
    )

    def __init__(self, entry: Entry, plan: Plan, *, waiting: bool, retried: bool, ticket: int) -> None:
        """Prepare the attempt.

        Args:
            entry: The model to try.
            plan: What holds for the whole call.
            waiting: Whether another model waits behind this one.
            retried: Whether this is the second try after a closed event loop.
            ticket: What the model's health admitted it with.
        """
        self.entry = entry
        outer = current()  # a router may itself be one of a line
        until = min((end for end in (plan.until, outer.until) if end is not None), default=None)
        retry = outer.retry and not waiting
        self.terms = Terms(until=_share(until, waiting=waiting), retry=retry, sent=not entry.reports)
        self._until = until
        self.error: Exception | None = None
        self.fault = CALLER
        self.shown: list[Any] = []
        self._plan = plan
        self._retried = retried
        self._ticket = ticket
        self._started = 0.0

    def __enter__(self) -> Self:
        """Start the clock."""
        self._started = monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Judge the end. Return True to swallow an error after which another model may answer."""
        state = breaker(self.entry.key) if self.entry.key else None
        if not isinstance(error, Exception):
            self._left(state) if error else self._succeeded(state)
            return False
        if self.shown and not isinstance(error, StreamInterruptedError) and classify(error) is not CALLER:
            raise self._interrupted(error) from error
        self.error, self.fault = error, classify(error)
        if self.fault.then is Then.AGAIN and self._retried:
            self.fault = CALLER
        self._judge(state, error)
        if isinstance(error, StreamInterruptedError):
            error.routing = self._plan.record.as_dict()
        if self.fault is CALLER or not isinstance(error, self._plan.handle):
            return False
        return not isinstance(error, StreamInterruptedError)

    def config(self, config: RunnableConfig) -> RunnableConfig:
        """Return the config for the model's own run: its name, and tags for route and model."""
        mine = () if self.entry.routes else (f"model:{self.entry.alias}",)
        tags = [*(config.get("tags") or ()), *self._plan.tags, *mine]
        named: RunnableConfig = {**config, "tags": tags}
        if self.entry.name:
            named["run_name"] = self.entry.name
        return named

    def took(self, output: Any) -> Any:
        """Return an answer that is one; note that no request was sent where core marks it as out of a cache."""
        self.check(output)
        used: Any = output.usage_metadata if isinstance(output, AIMessage) else None
        if used and used.get("total_cost") == 0:
            self.terms.sent = False
        return output

    def show(self, chunk: Any) -> None:
        """Note that a chunk goes out: from now on no other model may take over, and the time is all for this one."""
        self.refuse_error(chunk)
        if not self.shown:
            self.terms.until = self._until
        self.shown.append(chunk)

    def check(self, *output: Any) -> None:
        """Raise if the answer of a plain `ChatOpenAI` is none: without a `finish_reason`, or ended with an error.

        Args:
            *output: The message, or all chunks read; outputs that are no messages are let through.

        Raises:
            NovastackResponseError: Then; once content is shown, the attempt turns it into the error for that.
        """
        if not self.entry.plain or not any(isinstance(message, AIMessage) for message in output[-2:]):
            return
        last = next(filter(_end_of, reversed(output)), None)
        if last is None:
            self._refuse("an answer that ended without a finish reason")
        self.refuse_error(last)

    def refuse_error(self, output: Any) -> None:
        """Raise if a plain `ChatOpenAI` lets an error pass as the end of an answer.

        Raises:
            NovastackResponseError: Then.
        """
        if self.entry.plain and _end_of(output) == "error":
            self._refuse("an answer that ended with an error")

    def _refuse(self, what: str) -> NoReturn:
        msg = f"{self.entry.alias} sent {what}."
        raise NovastackResponseError(msg, model=self.entry.alias)

    def announce(self, error: Exception, next_alias: str) -> None:
        """Log the switch to the next model, and warn where it hides a misconfiguration."""
        logger.warning("%s failed (%s); asking %s instead.", self.entry.alias, describe(error), next_alias)
        status = status_of(error)
        if self.fault.name != "request refused" or self.entry.key is None or status is None:
            return
        if self.terms.sent and breaker(self.entry.key).repeats_refusal(status):
            msg = (
                f"{self.entry.alias} has refused two requests in a row with HTTP {status}, and {next_alias} "
                f"is asked instead: {describe(error)}"
            )
            warnings.warn(msg, RouteMisconfiguredWarning, stacklevel=2)

    def _succeeded(self, state: Breaker | None) -> None:
        record = self._plan.record
        record.model, record.changed = self.entry.alias, self.terms.changed
        if self.terms.sent:
            record.note(self.entry.alias, monotonic() - self._started, 200, None)
        if state and self.terms.sent:
            state.succeeded()
        elif state:
            state.left(self._ticket)

    def _left(self, state: Breaker | None) -> None:
        if state:
            state.left(self._ticket)

    def _judge(self, state: Breaker | None, error: Exception) -> None:
        """Note a failed request in the record and in the model's health."""
        seconds = monotonic() - self._started
        if self.fault is CALLER or self.fault.then is Then.AGAIN:
            self._left(state)
            return
        if self.terms.sent or not isinstance(error, NovastackError):
            self._plan.record.note(self.entry.alias, seconds, getattr(error, "status", None) or status_of(error), error)
        if state is None:
            return
        if self.fault.counts and not (self.terms.cut and seconds < _CUT_COUNTS_FROM):
            state.failed(_retry_after(error))
        else:
            state.left(self._ticket)

    def _interrupted(self, error: Exception) -> StreamInterruptedError:
        """Return the error for a stream of any model that failed after content."""
        first, *rest = self.shown
        partial = (first + rest if rest else first) if isinstance(first, AIMessageChunk) else None
        said = describe(error)
        failure = StreamInterruptedError(
            f"The stream stopped after content: {said}", partial=partial, model=self.entry.alias
        )
        failure.__cause__ = error
        self.error, self.fault = failure, classify(failure)
        self._judge(breaker(self.entry.key) if self.entry.key else None, failure)
        failure.routing = self._plan.record.as_dict()
        return failure


def _retry_after(error: BaseException) -> float | None:
    """Return the seconds the gateway asked to wait; the SDK's own errors have the header only."""
    if isinstance(error, NovastackError):
        return error.retry_after
    response = getattr(error, "response", None)
    return None if response is None else retry_after(response.headers)


def _end_of(output: Any) -> str | None:
    """Return why a message or chunk says that the answer ended; the Responses API calls it `status`."""
    if not isinstance(output, AIMessage):
        return None
    return output.response_metadata.get("finish_reason") or output.response_metadata.get("status")


def _share(until: float | None, *, waiting: bool) -> float | None:
    """Return when an attempt must end: with the call, or halfway there while another model waits."""
    if until is None or not waiting:
        return until
    now = monotonic()
    return now + max(0.0, until - now) / 2
