"""Who is asked next: the attempts of one call, one after the other.

An attempt swallows the failures after which another model may answer, and lets all others through.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import uniform
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_novastack import errors
from langchain_novastack.fallbacks.attempt import Attempt
from langchain_novastack.fallbacks.breaker import Health
from langchain_novastack.fallbacks.hedging import Tasks, Threads
from langchain_novastack.fallbacks.record import log_event
from langchain_novastack.fallbacks.rules import Then, is_retryable
from langchain_novastack.fallbacks.turns import Place, Turns, turns_at
from langchain_novastack.transport import retry_budget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_novastack.fallbacks.candidate import Candidate, Plan
    from langchain_novastack.fallbacks.hedging import Ask

_PAUSE, _LONGEST_PAUSE = 0.1, 0.5  # seconds between requests to a crowded model where no answer will tell of room


@dataclass(slots=True, eq=False)
class Attempts:
    """The models of a line, each to be tried until one answers."""

    plan: Plan
    sync: bool  # whether they are made in threads; else they are tasks
    _failed: Sequence[tuple[str, Exception]] = ()  # what each model is left with, by its alias
    _arrived: float = field(default_factory=monotonic)
    _waits_since: float | None = None
    _refused: tuple[Candidate, Exception] | None = None
    _queue: list[Candidate] = field(default_factory=list)
    _beside: Attempt | None = None
    _pause: float = _PAUSE
    _passed: Sequence[Candidate] = ()
    _unfit: Attempt | None = None  # one that was the last in line, and whose answer counts if no other does
    _resort: bool = False  # whether those passed over are asked nevertheless

    async def answered(self, ask: Ask) -> tuple[Attempt, Any]:
        """Make attempts, by `ask`, until one has something to show; return it, and what it gave. Raise if none has."""
        if self.plan.hedges:
            self.plan.hedges.called()
        self._queue, again = list(self.plan.line), False
        retry_budget.called(self._base_url)
        try:
            while self._queue and (self.plan.until is None or monotonic() < self.plan.until):
                candidate = self._queue.pop(0)
                health, turns = self._health(candidate), turns_at(candidate.key)
                if not (again or self._admits(candidate, health)):
                    continue
                if not (turns.begin() or await self._turn(candidate, turns, health)):
                    continue
                attempt = self._attempt(candidate, turns, health, retried=again)
                hedged = self._queue and self.plan.hedges and (candidate.ends or not self.sync)
                made, given = await self._raced(attempt, ask) if hedged else (attempt, await ask(attempt))
                if made.error is None:
                    return made, given
                again = await self._asks_again(attempt)
                self._queue[:0] = [candidate] if again else []
            return self._unfitting()
        finally:
            self._failed, self._refused = (), None  # whose frames hold this, and the prompt

    @property
    def _base_url(self) -> str | None:
        key = self.plan.line[0].key
        return key and key.base_url

    async def _raced(self, attempt: Attempt, ask: Ask) -> tuple[Attempt, Any]:
        """Make an attempt, and others beside it; return the one to go on with, and what it gave."""
        race = (Threads if self.sync else Tasks)(ask, self._another)
        made, given = await race.run(attempt, self.plan.hedges.after)  # type: ignore[union-attr] # it has one
        self._goes_on_with(made.candidate)
        return made, given

    def _attempt(
        self, candidate: Candidate, turns: Turns, health: Health, *, retried: bool = False, beside: bool = False
    ) -> Attempt:
        self._goes_on_with(candidate)
        given, key = self.plan.input, self.plan.error_key
        if key is not None and self._failed:
            given = {**given, key: self._failed[-1][1]}
        waits = bool(self._queue)
        return Attempt(candidate, self.plan, turns, health, given, waiting=waits, retried=retried, beside=beside)

    def _goes_on_with(self, candidate: Candidate) -> None:
        self.plan.record.begin(candidate.alias, first=candidate is self.plan.line[0])

    def _another(self) -> Attempt | None:
        """Return an attempt to make beside the one under way, at the next in line that can take it; None for none."""
        passed: list[str] = []
        for candidate in self._queue:
            if self._health(candidate).report()["skipped"]:
                passed.append(candidate.alias)
            elif candidate.ends or not self.sync:
                break
        else:
            return None
        turns = turns_at(candidate.key)
        if not (self.plan.hedges and self.plan.hedges.allow() and turns.begin()):
            return None
        self._queue.remove(candidate)
        self._beside = self._attempt(candidate, turns, self._health(candidate), beside=True)
        self.plan.record.skip(*passed)
        return self._beside

    def _settle(self, *failed: Attempt) -> None:
        """Keep the errors of what failed; leave in line who may answer, then, as retries allow, those passed over."""
        failed += (self._beside,) if self._beside else ()
        self._beside = None
        for each in failed:
            self._queue, self._passed = each.may_follow(self._queue), each.may_follow(self._passed)
        if failed:
            self._resort_to_passed()
            if self._queue and self._resort and not retry_budget.draw(self._base_url):
                self._queue = []
        for each in failed:
            if each.beside and not each.waiting and isinstance(each.error, errors.NovastackMisfitError):
                self._unfit = each
            if self._queue and each.error:
                each.announce(each.error, self._queue[0].alias)
            self._keep(each.candidate, each.error)
            each.error = None

    def _resort_to_passed(self) -> None:
        if not self._queue:
            self._resort, self._queue, self._passed = True, [*self._passed], ()

    def _keep(self, candidate: Candidate, error: Exception | None) -> None:
        self._refused = self._waits_since = None
        if error is not None:
            self._failed = (*self._failed, (candidate.alias, error))

    async def _turn(self, candidate: Candidate, turns: Turns, health: Health) -> bool:
        """Wait for the turn at a model; return whether to ask it now. The last in line is asked in the end anyway."""
        place = turns.line_up(self._arrived, self._patience(candidate))
        try:
            await place.wait(sync=self.sync)
        except BaseException:
            turns.leave(place)
            raise
        if not place.granted:
            turns.leave(place, begins=not self._queue)
        if place.granted or not self._queue:
            return True
        health.released()
        if self._refused is None:
            self.plan.record.skip(candidate.alias)
        msg = f"{candidate.alias} takes only so many requests at once, and the turn of this one did not come in time."
        error = self._refused[1] if self._refused else errors.NovastackRateLimitError(msg, model=candidate.alias)
        log_event("switch", candidate.alias, error, next=self._queue[0].alias)
        self._keep(candidate, error)
        return False

    def _patience(self, candidate: Candidate) -> float:
        """Return until when a model is waited for: not for long while another one is able to answer."""
        self._waits_since = self._waits_since or monotonic()
        able = any(not self._health(other).report()["skipped"] for other in self._queue)
        until = self._waits_since + (self.plan.max_wait if able else candidate.timeout)
        return until if self.plan.until is None else min(until, self.plan.until)

    def _health(self, candidate: Candidate) -> Health:
        return Health(candidate.key, self.plan.skipping)

    async def _asks_again(self, attempt: Attempt) -> bool:
        """Return whether to ask the same model again, after a wait if it has no other request; else keep the errors."""
        again = attempt.rule.then is Then.AGAIN
        if attempt.rule.then is Then.TURN:
            self._settle()
            until = self._patience(attempt.candidate)
            self._refused = (attempt.candidate, attempt.error) if attempt.error else None
            if not attempt.turns.under_way:
                pause, self._pause = self._pause * uniform(0.5, 1), min(self._pause * 2, _LONGEST_PAUSE)  # noqa: S311 - jitter
                await Place(self._arrived, min(until, monotonic() + pause)).wait(sync=self.sync)
            again = monotonic() < until
        if not again:
            self._settle(attempt)
        return again

    def _admits(self, candidate: Candidate, health: Health) -> bool:
        """Return whether the model's health allows to try it now; note it as skipped if not.

        The last is asked anyway; if it is skipped too, those passed over line up once more behind it.
        """
        if self._resort or not (self._queue or self._passed) or health.admit():
            return True
        if self._queue:
            self._passed = (*self._passed, candidate)
            self.plan.record.skip(candidate.alias)
            return False
        self._resort_to_passed()
        return True

    def _unfitting(self) -> tuple[Attempt, Any]:
        """Return the answer of the last in line, although it does not fit, if there is one; else raise."""
        if self._unfit is None:
            raise self._error()
        self.plan.record.model = self._unfit.candidate.alias
        return self._unfit, self._unfit.whole

    def _error(self) -> Exception:
        """Return what to raise when no model answered: the only error there is, or one that names them all."""
        if self._refused:
            self._keep(*self._refused)
        failed, self._failed = self._failed, ()
        if not failed:
            return errors.DeadlineExceededError("The deadline passed before any model was asked.")
        if len(failed) == 1 and not self.plan.record.skipped:
            return failed[0][1]
        return errors.AllModelsFailedError.of(failed, self.plan.record.as_dict(), is_retryable)
