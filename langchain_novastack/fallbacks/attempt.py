"""One attempt: a request to one model, and what follows from how it ends.

A 429 with `Retry-After`, from the wire to the switch: while another model waits, `AttemptContext.retry` is False, and
`chat_models.base` sends with `max_retries=0` (unless the model has one of its own), so that the SDK does not sleep.
`transport.error_mapping` reads the seconds into `retry_after`; its row in `rules.json` says that the next model
answers, unless no money is left (a row above it) or too many requests at once were the cause (`Turns.refuse`);
`Attempts.answered` asks that model; `Health.failed` keeps the seconds for when the model is skipped.
The way of a failure behind the first chunk stands in `docs/architecture.md`.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage

from langchain_novastack import errors
from langchain_novastack.cards import CACHE_MARK
from langchain_novastack.fallbacks.misfits import check_calls, check_ended, check_format
from langchain_novastack.fallbacks.record import log_answer, log_event, logger
from langchain_novastack.fallbacks.rules import CALLER, NAMED, TOO_MANY, Rule, Then, after_content, classify, is_callers
from langchain_novastack.redaction import raise_instead
from langchain_novastack.tracing import UNHEARD, callers_level
from langchain_novastack.transport.attempt_context import AttemptContext, current
from langchain_novastack.transport.foreign_clients import abounded, watched
from langchain_novastack.transport.time_limits import TimeLimits
from langchain_novastack.transport.waits import retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from langchain_core.runnables import RunnableConfig
    from typing_extensions import Self

    from langchain_novastack.fallbacks.breaker import Health
    from langchain_novastack.fallbacks.candidate import Candidate, Plan
    from langchain_novastack.fallbacks.turns import Turns

_TOO_MANY = 429
_CUT_COUNTS_FROM = 5.0  # seconds an attempt must have had before a cut by the deadline says anything about the model


@dataclass(slots=True, eq=False)
class Attempt:
    """One try of one model. Times it, judges how it ends, and keeps the books."""

    candidate: Candidate
    plan: Plan
    turns: Turns
    health: Health
    input: Any  # what the model is asked, before it is made to fit
    waiting: bool  # whether another model waits behind this one
    beside: bool = False  # whether it is made beside another one
    retried: bool = False  # whether this is the second try on a fresh connection
    context: AttemptContext = field(init=False)
    rule: Rule = CALLER
    error: Exception | None = None
    trimmed: bool = False
    shown: list[Any] = field(default_factory=list)  # what the caller has got of it, in order
    whole: Any = None  # the answer, or the last chunk of a stream, before it is judged
    race: Any = None  # the `Tasks` or `Threads` that it is one of; None: nobody is asked beside it
    ended: bool = False
    _until: float | None = None
    _started: float = 0.0

    def __post_init__(self) -> None:
        """Work out how long it may take."""
        outer = current()  # a router may itself be one of a line
        self._until = min((end for end in (self.plan.until, outer.until) if end is not None), default=None)
        until, now = self._until, monotonic()
        if until is not None and self.waiting:
            until = (now + max(now, until)) / 2  # half of the time that is left
        retry, reports = outer.retry and not self.waiting, self.candidate.role == "model"
        handled = any(issubclass(errors.NovastackMisfitError, k) or issubclass(k, ValueError) for k in self.plan.handle)
        misfits = outer.misfits or (handled and (self.waiting or self.beside))
        self.context = AttemptContext(until, retry, misfits, turns=self.turns, lone=False, sent=not reports)
        self.context.spells_effort = self.plan.spells_effort or self.plan.record.fallback

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
            self.health.released() if error else self._succeeded()
            self.turns.end(answered=error is None)
            return False
        failure = after_content(error, self.shown, self.candidate.alias)
        self.rule = self._rule(failure)
        self._judge(failure)
        if isinstance(failure, errors.StreamInterruptedError):
            failure.routing = self.plan.record.as_dict()
            if failure is not error:
                raise_instead(failure)
            return False
        named = tuple(kind for kind in self.plan.handle if kind not in {Exception, BaseException})
        if self.rule is CALLER and not self.shown and isinstance(error, named) and not is_callers(error):
            self.rule = NAMED
        if self.rule is CALLER or not (self.rule.whose == "answer" or isinstance(error, self.plan.handle)):
            return False
        self.error = error
        return True

    def _is_given_up(self, error: BaseException | None) -> bool:
        """Count what came; return whether another attempt beside it has won, so that this one says nothing more."""
        self.ended, self.context.shows = True, None  # which knows it too: a ring of references
        if self.plan.meter is not None:
            self.plan.meter(self.candidate.alias, (*self.shown, self.whole), error)
        race, self.race = self.race, None  # as above
        if race is None or not (race.lost(self) if error else not race.claim(self)):
            return False
        self.health.released()
        self.turns.end(answered=False)
        return True

    def _rule(self, failure: Exception) -> Rule:
        """Return the row that describes a failure, and end the turn."""
        rule = classify(failure, retried=self.retried)
        if errors.status_of(failure) == _TOO_MANY and rule.counts and not self.shown:
            return TOO_MANY if self.turns.refuse(crowded=self.context.crowded) else rule
        self.turns.end(answered=rule.whose == "answer")
        return rule

    def may_follow(self, line: Sequence[Candidate]) -> list[Candidate]:
        """Return which models of a line may answer after this failure."""
        if self.rule.then is Then.LARGER:
            return [other for other in line if (other.window or 0) > (self.candidate.window or 0)]
        return [] if self.rule.then is Then.STOP else [*line]

    def attach(self, output: Any) -> Any:
        """Return a message with the record of the call on it; anything else as it is."""
        if logger.isEnabledFor(logging.INFO) and self.candidate.role != "router":  # which has logged it
            log_answer(self.plan.record, self.shown, output)
        return self.plan.record.attach(output)

    def asked(self, config: RunnableConfig, *, streams: bool = False) -> tuple[Any, RunnableConfig]:
        """Return the input as this model can take it, and the config for its own run: its name, route and model."""
        if streams or self.plan.listened or getattr(self.candidate.runnable, "callbacks", None):  # of the model itself
            self.context.shows = self.begin_to_show
        fit = self.plan.fit if self.candidate.alias in self.plan.short else None
        self.trimmed = fit is not None
        given = fit(self.input, self.candidate.window or 0) if fit else self.input
        if self.candidate.direct and not self.plan.listened:
            return given, {**config, "callbacks": UNHEARD}
        mine = () if self.candidate.role == "router" else (f"model:{self.candidate.alias}",)
        tagged: RunnableConfig = {**config, "tags": [*(config.get("tags") or ()), *self.plan.tags, *mine]}
        if self.candidate.name:
            tagged["run_name"] = self.candidate.name
        return given, tagged

    @property
    def is_foreign(self) -> bool:
        """Whether it is bound in time, and goes through a network that does not look at the time."""
        chats = self.candidate.plain or self.candidate.role == "model"
        return chats and not self.candidate.ends and self.context.until is not None

    def bounded(self, source: Any) -> Any:
        """Return what a model gives, which ends in time."""
        if not self.is_foreign:
            return source
        limits, model = TimeLimits(self.context), self.candidate.alias
        if hasattr(source, "__anext__"):
            return abounded(source, limits, model)
        return watched((source, source.close), None, limits, partial(limits.error, model))

    def accept(self, output: Any, kwargs: Mapping[str, Any]) -> Any:
        """Return an answer to a call with these arguments once it is checked; note whether core has it from a cache."""
        self.whole = output
        if self.candidate.plain:
            check_ended([output], self.candidate.alias)
        if self.context.judges:
            check_calls(output, self.candidate.runnable, kwargs)
            if self.plan.parser is not None:
                self.plan.parser.check(output)
            else:
                check_format(output, self.candidate.runnable, kwargs)
        used: Any = output.usage_metadata if isinstance(output, AIMessage) else None
        if used and used.get("total_cost") == 0:
            self.context.sent = False
        return output

    def begin_to_show(self) -> None:
        """Give this model all the time that is left: from now on no other may take over, unless one has by now."""
        if self.race and not self.race.claim(self):
            raise errors.NovastackOvertakenError(errors.OVERTAKEN)
        self.context.until = self._until

    def never_made(self) -> None:
        """Give back the turn of an attempt that nobody has begun: the call was cancelled, or could not be put."""
        if not self._started:
            self.turns.end(answered=False)

    def overtaken(self) -> None:
        """Note that another model was quicker: nothing is charged to this one, and what it used is not known."""
        if self.context.sent and not self.ended:
            self.plan.record.note(self.candidate.alias, monotonic() - self._started, None, errors.OVERTAKEN)
            log_event("overtaken", self.candidate.alias, tokens=None)

    def announce(self, error: Exception, next_alias: str) -> None:
        """Log the switch to the next model, and warn where it hides a misconfiguration."""
        alias = self.candidate.alias
        log_event("switch", alias, error, next=next_alias)
        status = errors.status_of(error) if self.candidate.key and self.context.sent else None
        refused = (self.rule.whose, self.rule.then) == ("request", Then.NEXT)
        if refused and status is not None and self.health.repeats_refusal(status):
            said = f"{alias} has refused two requests in a row with HTTP {status}"
            msg = f"{said}, and {next_alias} is asked instead: {errors.describe(error)}"
            warnings.warn(msg, errors.RouteMisconfiguredWarning, stacklevel=callers_level())

    def _succeeded(self) -> None:
        record = self.plan.record
        record.model, record.changed = self.candidate.alias, self.context.changed
        unmarked = record.fallback and self.plan.line[0].marks and not self.candidate.marks
        if self.trimmed or unmarked:
            more = ["messages"] * self.trimmed + [CACHE_MARK] * unmarked
            record.changed = tuple(dict.fromkeys((*record.changed, *more)))
        if not self.context.sent:
            self.health.released()
            return
        record.note(self.candidate.alias, monotonic() - self._started, 200, None)
        if self.health.succeeded(self._started):
            log_event("back", self.candidate.alias)

    def _judge(self, error: Exception) -> None:
        """Note a failed request in the record and in the model's health; say so where it begins to be skipped."""
        seconds, status = monotonic() - self._started, getattr(error, "status", None) or errors.status_of(error)
        again = self.rule is CALLER or self.rule.then is Then.AGAIN
        if not again and (self.context.sent or not isinstance(error, errors.NovastackError)):
            inner = self.candidate.role == "router" and getattr(error, "model", None)
            self.plan.record.note(inner or self.candidate.alias, seconds, status, error)
        if again or not self.rule.counts or (self.context.cut and seconds < _CUT_COUNTS_FROM):
            self.health.released()
            return
        asked = getattr(getattr(error, "response", None), "headers", {})  # of the SDK's own errors
        wait = getattr(error, "retry_after", None) or retry_after(asked) or 0.0
        if pause := self.health.failed(self._started, wait, limited=status == _TOO_MANY):
            log_event("skipped", self.candidate.alias, seconds=pause)
