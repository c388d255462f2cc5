"""The attempts loop, written once for invoke, ainvoke, stream and astream.

    for attempt in attempts:
        with attempt:
            ...one request...
            return ...
    raise attempts.error()

An attempt swallows the failures after which another model may answer, and lets all others through. No I/O here.

A 429 with `Retry-After`, from the wire to the switch: while another model waits, `AttemptContext.retry` is False, and
`chat_models.generation` sends with `max_retries=0`, so that the SDK does not sleep. `transport.error_mapping` reads the
seconds into `retry_after`; the row of `rules.RULES` says that the next model answers; `Breaker.failed` keeps the
seconds, which hold in place of `skip_for` once the model is skipped.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, field
from random import uniform
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage

from langchain_novastack.errors import (
    OVERTAKEN,
    AllModelsFailedError,
    DeadlineExceededError,
    NovastackError,
    NovastackMisfitError,
    NovastackOvertakenError,
    NovastackRateLimitError,
    RouteMisconfiguredWarning,
    StreamInterruptedError,
    describe,
    raise_instead,
    status_of,
)
from langchain_novastack.fallbacks.breaker import breaker
from langchain_novastack.fallbacks.call_log import log_answer, log_back, log_overtaken, log_skipped, log_switch, logger
from langchain_novastack.fallbacks.misfits import check_calls
from langchain_novastack.fallbacks.plain_answers import check
from langchain_novastack.fallbacks.rate_limits import limited_in_time
from langchain_novastack.fallbacks.record import Record
from langchain_novastack.fallbacks.rules import (
    CALLER,
    MISFIT,
    NAMED,
    TOO_MANY,
    Rule,
    Then,
    after_content,
    classify,
    is_callers,
    is_retryable,
)
from langchain_novastack.fallbacks.tally import USUAL, Skipping
from langchain_novastack.fallbacks.turns import Place, Turns, turns_at
from langchain_novastack.tracing import UNHEARD
from langchain_novastack.transport import retry_budget
from langchain_novastack.transport.attempt_context import AttemptContext, current
from langchain_novastack.transport.waits import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from types import TracebackType

    from langchain_core.runnables import RunnableConfig
    from typing_extensions import Self

    from langchain_novastack.fallbacks.candidate import Candidate
    from langchain_novastack.fallbacks.race import Hedges, Race

_PAUSE, _LONGEST_PAUSE = 0.1, 0.5
"""Seconds between requests to a model that had too many, where nobody's answer will tell that there is room again."""

_TOO_MANY = 429
_CUT_COUNTS_FROM = 5.0
"""Seconds an attempt must have had before a cut by the deadline says anything about the model."""


@dataclass(slots=True)
class Plan:
    """What holds for all attempts of one call."""

    record: Record = field(default_factory=Record)
    """What happens is noted here."""

    until: float | None = None
    """Moment (`time.monotonic`, seconds) at which the call must be over; None: no deadline."""

    skipping: Skipping = USUAL
    """When a model is skipped."""

    handle: tuple[type[BaseException], ...] = (Exception,)
    """Errors after which another model may be tried at all."""

    parser: Any = None
    """What an answer must parse with, where nothing else in the line parses it: has `check`."""

    short: frozenset[str] = frozenset()
    """Aliases of the models whose window is too small for the request."""

    fit: Callable[[Any, int], Any] | None = None
    """What makes messages for such a window, in tokens."""

    hedges: Hedges | None = None
    """When another model is asked beside one that shows nothing, and how often; None: never."""

    max_wait: float = 2.0
    """Seconds to wait for the turn at a model while another one is able to answer."""

    listened: bool = True
    """Whether anything may listen to the call's runs."""

    tags: tuple[str, ...] = ()
    """Tags for the runs of all attempts."""

    meter: Callable[[str, Sequence[Any], BaseException | None], None] | None = None
    """What counts attempts for a budget: told the alias, all that came of the answer, and the error if any."""

    spells_effort: bool = False
    """Whether `reasoning_effort` is a task's setting, which every model is told in its own words; the caller's is told
    so to fallbacks alone."""

    @property
    def named(self) -> tuple[type[BaseException], ...]:
        """Classes of errors that the caller names one by one."""
        return tuple(kind for kind in self.handle if kind not in {Exception, BaseException})

    @property
    def misfits(self) -> bool:
        """Whether an answer that does not fit, or its parser's error, is among the errors to handle."""
        return any(issubclass(NovastackMisfitError, kind) or issubclass(kind, ValueError) for kind in self.handle)


class Attempts:
    """The models of a line, each to be tried until one answers."""

    __slots__ = (
        "_arrived",
        "_beside",
        "_line",
        "_names",
        "_passed",
        "_pause",
        "_queue",
        "_refused",
        "_resort",
        "_waits_since",
        "errors",
        "plan",
    )

    def __init__(self, line: Sequence[Candidate], plan: Plan) -> None:
        """Start with the first of the line; `line` must not be empty."""
        self.plan = plan
        self.errors: tuple[Exception, ...] = ()
        self._names: tuple[str, ...] = ()
        self._line = line
        self._arrived = monotonic()
        self._waits_since: float | None = None
        self._refused: tuple[Candidate, Exception] | None = None
        self._queue: list[Candidate] = []
        self._beside: Attempt | None = None
        self._pause = _PAUSE
        self._passed: tuple[Candidate, ...] = ()
        self._resort = False  # whether all are skipped, and are asked nevertheless

    def __iter__(self) -> Iterator[Attempt | Place]:
        """Yield an attempt for each model until one succeeds, fails for good, or none is left.

        Where there has to be a wait before an attempt, yield a place to wait at.
        """
        queue, again = list(self._line), False
        if self.plan.hedges:
            self.plan.hedges.called()
        retry_budget.called(self._base_url())
        while queue and not self._is_late():
            candidate = queue.pop(0)
            ticket = 0.0 if again or self._resort else self._admit(candidate, queue)
            if ticket is None or not (yield from self._turn(candidate, queue, ticket)):
                continue
            self._queue, attempt = queue, self._attempt(candidate, queue, again, ticket)
            yield from self._tried(attempt)
            again = attempt.error is not None and (yield from self._asks_again(attempt, queue))
            if again:
                queue.insert(0, candidate)
                continue
            for each in (attempt, self._beside) if self._beside else (attempt,):
                self._keep(each.candidate, each.error)
                each.error = None
            self._beside = None
            queue = self._behind(attempt, queue)
            if queue:
                attempt.announce(self.errors[-1], queue[0].alias)

    def _attempt(self, candidate: Candidate, queue: list[Candidate], again: bool, ticket: float) -> Attempt:  # noqa: FBT001 - a field
        attempt = Attempt(candidate, self.plan, bool(queue), again, ticket)
        self.goes_on_with(attempt)
        attempt.context.spells_effort = self.plan.spells_effort or self.plan.record.fallback
        return attempt

    def goes_on_with(self, attempt: Attempt) -> None:
        """Note whose answer is expected now."""
        self.plan.record.begin(attempt.candidate.alias, first=attempt.candidate is self._line[0])

    def hedged_after(self, attempt: Attempt, *, sync: bool) -> float | None:
        """Return the seconds after which another model is asked beside an attempt; None where none may be."""
        hedges = self.plan.hedges
        if hedges is None or not self._queue or (sync and not attempt.candidate.ends):
            return None
        return hedges.after

    def beside(self, *, sync: bool) -> Attempt | None:
        """Return an attempt to make beside the one under way, at the next in line that can take it; None for none."""
        for candidate in self._queue:
            if self._is_skipped(candidate) or (sync and not candidate.ends):
                continue
            if not (self.plan.hedges and self.plan.hedges.allow() and turns_at(candidate.key).begin()):
                return None
            self._queue.remove(candidate)
            self._beside = self._attempt(candidate, self._queue, again=False, ticket=0.0)
            return self._beside
        return None

    def _tried(self, attempt: Attempt) -> Iterator[Attempt]:
        """Yield an attempt; where the loop ends in it, let go of errors, whose frames hold this, and the prompt."""
        try:
            yield attempt
        except GeneratorExit:
            self.errors, self._refused = (), None
            for each in (attempt, self._beside) if self._beside else (attempt,):
                each.never_made()
            raise

    def _keep(self, candidate: Candidate, error: Exception | None) -> None:
        """Keep the error that a model is left with, here and nowhere else."""
        self._refused = self._waits_since = None
        if error is not None:
            self.errors += (error,)
            self._names += (candidate.alias,)

    def _turn(self, candidate: Candidate, queue: list[Candidate], ticket: float) -> Generator[Place, None, bool]:
        """Wait for the turn at a model; return whether to ask it now. The last in line is asked in the end anyway."""
        turns = turns_at(candidate.key)
        if turns.begin():
            return True
        place = turns.line_up(self._arrived, self._patience(candidate, queue))
        yield place
        if place.granted:
            return True
        turns.leave(place)
        if not queue:
            turns.force()
            return True
        if candidate.key:
            breaker(candidate.key).released(self.plan.skipping, ticket)
        if self._refused is None:
            self.plan.record.skipped += (candidate.alias,)
        msg = f"{candidate.alias} takes only so many requests at once, and the turn of this one did not come in time."
        error = self._refused[1] if self._refused else NovastackRateLimitError(msg, model=candidate.alias)
        log_switch(candidate.alias, error, queue[0].alias)
        self._keep(candidate, error)
        return False

    def _patience(self, candidate: Candidate, queue: list[Candidate]) -> float:
        """Return the moment until which a model is waited for: not for long while another one is able to answer."""
        self._waits_since = self._waits_since or monotonic()
        able = any(not self._is_skipped(other) for other in queue)
        until = self._waits_since + (self.plan.max_wait if able else candidate.timeout)
        return until if self.plan.until is None else min(until, self.plan.until)

    def _is_skipped(self, candidate: Candidate) -> bool:
        key = candidate.key
        return key is not None and bool(breaker(key).report(key.tenant, self.plan.skipping)["skipped"])

    def _asks_again(self, attempt: Attempt, queue: list[Candidate]) -> Generator[Place, None, bool]:
        """Return whether to ask the same model once more; wait first where no other request to it is under way."""
        if attempt.rule.then is not Then.TURN:
            return attempt.rule.then is Then.AGAIN
        until = self._patience(attempt.candidate, queue)
        self._refused = (attempt.candidate, attempt.error) if attempt.error else None
        if not attempt.turns.under_way:
            pause, self._pause = self._pause * uniform(0.5, 1), min(self._pause * 2, _LONGEST_PAUSE)  # noqa: S311 - jitter
            yield Place(attempt.turns, self._arrived, min(until, monotonic() + pause))
        return monotonic() < until

    def _is_late(self) -> bool:
        return self.plan.until is not None and monotonic() >= self.plan.until

    def _admit(self, candidate: Candidate, queue: list[Candidate]) -> float | None:
        """Return a ticket if the model's health allows to try it now; note it as skipped if not.

        The last is asked anyway; if all are skipped, the others line up once more behind it.
        """
        if not queue and (not self._passed or len(self._passed) < len(self._line) - 1):
            return 0.0
        key, skipping = candidate.key, self.plan.skipping
        ticket = breaker(key).admit(key.tenant, skipping) if key else 0.0
        if ticket is None and queue:
            self._passed += (candidate,)
            self.plan.record.skipped += (candidate.alias,)
        elif ticket is None:
            self._resort, ticket = True, 0.0
            queue.extend(self._passed)
        return ticket

    def _behind(self, attempt: Attempt, queue: list[Candidate]) -> list[Candidate]:
        """Return who may answer after a failed attempt; models that are skipped only as far as the budget allows."""
        if attempt.rule.then is Then.STOP:
            return []
        if attempt.rule.then is Then.LARGER:
            queue = [other for other in queue if (other.window or 0) > (attempt.candidate.window or 0)]
        return queue if not queue or not self._resort or retry_budget.draw(self._base_url()) else []

    def _base_url(self) -> str | None:
        key = self._line[0].key
        return key and key.base_url

    def error(self) -> Exception:
        """Return what to raise when no model answered: the only error there is, or one that names them all."""
        if self._refused:
            self._keep(*self._refused)
        errors, self.errors = self.errors, ()
        if not errors:
            return DeadlineExceededError("The deadline passed before any model was asked.")
        if len(errors) == 1 and not self.plan.record.skipped:
            return errors[0]
        retryable = [is_retryable(error) for error in errors]
        return AllModelsFailedError.of(errors, self._names, self.plan.record.as_dict(), retryable)


@dataclass(slots=True, eq=False)
class Attempt:
    """One try of one model. Times it, judges how it ends, and keeps the books."""

    candidate: Candidate
    plan: Plan
    waiting: bool
    """Whether another model waits behind this one."""

    retried: bool
    """Whether this is the second try on a fresh connection."""

    ticket: float
    """What the model's health admitted it with."""

    context: AttemptContext = field(init=False)
    rule: Rule = CALLER
    error: Exception | None = None
    trimmed: bool = False
    shown: list[Any] = field(default_factory=list)
    """What the caller has got of it, in order."""

    whole: Any = None
    """The answer, or the last chunk of a stream, before it is judged."""

    turns: Turns = field(init=False)
    race: Race | None = None
    """The attempts that are made beside it; None for none."""

    ended: bool = False
    _until: float | None = None
    _started: float = 0.0

    def __post_init__(self) -> None:
        """Work out how long it may take."""
        outer = current()  # a router may itself be one of a line
        self._until = min((end for end in (self.plan.until, outer.until) if end is not None), default=None)
        until = _share(self._until) if self.waiting else self._until
        retry, reports = outer.retry and not self.waiting, self.candidate.role == "model"
        misfits = outer.misfits or (self.waiting and self.plan.misfits)
        self.turns = turns_at(self.candidate.key)
        self.context = AttemptContext(until, retry, misfits, turns=self.turns, lone=False, sent=not reports)
        if until is not None:
            self.candidate = limited_in_time(self.candidate, self.context)

    def __enter__(self) -> Self:
        """Start the clock."""
        self._started = monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Judge the end. Return True to swallow an error after which another model may answer."""
        if self._is_given_up(error):
            return isinstance(error, Exception)
        if not isinstance(error, Exception):
            self._released() if error else self._succeeded()
            self.turns.end(answered=error is None)
            return False
        failure = after_content(error, self.shown, self.candidate.alias)
        self.rule = self._rule(failure)
        self._judge(failure)
        if isinstance(failure, StreamInterruptedError):
            failure.routing = self.plan.record.as_dict()
            if failure is not error:
                raise_instead(failure)
            return False
        if self.rule is CALLER and not self.shown and isinstance(error, self.plan.named) and not is_callers(error):
            self.rule = NAMED
        if self.rule is CALLER or not (self.rule is MISFIT or isinstance(error, self.plan.handle)):
            return False
        self.error = error
        return True

    def _is_given_up(self, error: BaseException | None) -> bool:
        """Count what came; return whether another attempt beside it has won, so that this one says nothing more."""
        self.ended = True
        if self.plan.meter is not None:
            self.plan.meter(self.candidate.alias, (*self.shown, self.whole), error)
        if self.race is None or not (self.race.lost(self) if error else not self.race.claim(self)):
            return False
        self._released()
        self.turns.end(answered=False)
        return True

    def _rule(self, failure: Exception) -> Rule:
        """Return the row that describes a failure, and end the turn."""
        rule = classify(failure, retried=self.retried)
        if status_of(failure) == _TOO_MANY and rule.counts and not self.shown:
            return TOO_MANY if self.turns.refuse(crowded=self.context.crowded) else rule
        self.turns.end(answered=rule is MISFIT)
        return rule

    def fitted(self, input: Any) -> Any:
        """Return the input as this model can take it."""
        if self.plan.fit is None or self.candidate.alias not in self.plan.short:
            return input
        self.trimmed = True
        return self.plan.fit(input, self.candidate.window or 0)

    def attach(self, output: Any) -> Any:
        """Return a message with the record of the call on it; anything else as it is."""
        if logger.isEnabledFor(logging.INFO) and self.candidate.role != "router":  # which has logged it
            log_answer(self.plan.record, self.shown, output)
        return self.plan.record.attach(output)

    def config(self, config: RunnableConfig) -> RunnableConfig:
        """Return the config for the model's own run: its name, and tags for route and model."""
        if self.candidate.direct and not self.plan.listened:
            return {**config, "callbacks": UNHEARD}
        mine = () if self.candidate.role == "router" else (f"model:{self.candidate.alias}",)
        tags = [*(config.get("tags") or ()), *self.plan.tags, *mine]
        named: RunnableConfig = {**config, "tags": tags}
        if self.candidate.name:
            named["run_name"] = self.candidate.name
        return named

    def accept(self, output: Any, kwargs: Mapping[str, Any]) -> Any:
        """Return an answer to a call with these arguments once it is checked; note whether core has it from a cache.

        Raises:
            NovastackResponseError: If a plain `ChatOpenAI` lets an error or half an answer pass, or if the answer
                does not fit what was asked while another model waits.
        """
        self.whole = output
        if self.candidate.plain:
            check([output], self.candidate.alias)
        if self.context.judges:
            check_calls(output, self.candidate.runnable, kwargs)
            if self.plan.parser is not None:
                self.plan.parser.check(output)
        used: Any = output.usage_metadata if isinstance(output, AIMessage) else None
        if used and used.get("total_cost") == 0:
            self.context.sent = False
        return output

    def begin_to_show(self) -> None:
        """Give this model all the time that is left: from now on no other may take over.

        Raises:
            NovastackOvertakenError: If another one beside it was quicker.
        """
        if self.race and not self.race.claim(self):
            raise NovastackOvertakenError(OVERTAKEN)
        self.context.until = self._until

    def never_made(self) -> None:
        """Give back the turn of an attempt that nobody has begun: the call was cancelled, or could not be put."""
        if not self._started:
            self.turns.end(answered=False)

    def overtaken(self) -> None:
        """Note that another model was quicker: nothing is charged to this one, and what it used is not known."""
        if self.context.sent and not self.ended:
            self.plan.record.note(self.candidate.alias, monotonic() - self._started, None, OVERTAKEN)
            log_overtaken(self.candidate.alias)

    def announce(self, error: Exception, next_alias: str) -> None:
        """Log the switch to the next model, and warn where it hides a misconfiguration."""
        alias, key = self.candidate.alias, self.candidate.key
        log_switch(alias, error, next_alias)
        status = status_of(error)
        if self.rule.name != "request refused" or key is None or status is None:
            return
        if self.context.sent and breaker(key).repeats_refusal(status):
            msg = (
                f"{alias} has refused two requests in a row with HTTP {status}, and {next_alias} "
                f"is asked instead: {describe(error)}"
            )
            warnings.warn(msg, RouteMisconfiguredWarning, stacklevel=2)

    def _succeeded(self) -> None:
        record, key = self.plan.record, self.candidate.key
        record.model, record.changed = self.candidate.alias, self.context.changed
        if self.trimmed:
            record.changed = (*(name for name in record.changed if name != "messages"), "messages")
        if not self.context.sent:
            self._released()
            return
        record.note(self.candidate.alias, monotonic() - self._started, 200, None)
        if key and breaker(key).succeeded(key.tenant, self.plan.skipping, self._started, self.ticket):
            log_back(self.candidate.alias)

    def _released(self) -> None:
        if self.candidate.key:
            breaker(self.candidate.key).released(self.plan.skipping, self.ticket)

    def _judge(self, error: Exception) -> None:
        """Note a failed request in the record and in the model's health."""
        seconds, status = monotonic() - self._started, getattr(error, "status", None) or status_of(error)
        if self.rule is CALLER or self.rule.then is Then.AGAIN:
            self._released()
            return
        if self.context.sent or not isinstance(error, NovastackError):
            self.plan.record.note(self.candidate.alias, seconds, status, error)
        if self.rule.counts and not (self.context.cut and seconds < _CUT_COUNTS_FROM):
            self._failed(error, limited=status == _TOO_MANY)
        else:
            self._released()

    def _failed(self, error: Exception, *, limited: bool) -> None:
        """Charge the model's health; say so where the model begins to be skipped."""
        key, skipping, wait = self.candidate.key, self.plan.skipping, _retry_after(error) or 0.0
        if key and (
            seconds := breaker(key).failed(key.tenant, skipping, self._started, self.ticket, wait, limited=limited)
        ):
            log_skipped(self.candidate.alias, seconds)


def _retry_after(error: BaseException) -> float | None:
    """Return the seconds the gateway asked to wait; the SDK's own errors have the header only."""
    if isinstance(error, NovastackError):
        return error.retry_after
    response = getattr(error, "response", None)
    return None if response is None else retry_after(response.headers)


def _share(until: float | None) -> float | None:
    """Return when an attempt must end while another model waits: halfway to the end of the call."""
    now = monotonic()
    return None if until is None else now + max(0.0, until - now) / 2
