"""What caused a failure, and what follows from it: the table behind every fallback.

All models of a router share one key and one host, so "try another model" helps only when the model, or the way it
takes this request, is the cause. `RULES` is read from the top; the first row that matches an error decides. A new kind
of failure is a new row; the table of `docs/failures.md` is generated from these.

The one rule that the error alone cannot tell stands in `after_content`: once content is shown, no other model answers.
"""

from __future__ import annotations

import json
import pkgutil
from enum import Enum
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, NamedTuple

import openai
from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessageChunk

from langchain_novastack.errors import (
    NovastackConnectionError,
    NovastackDisconnectedError,
    NovastackError,
    NovastackMisfitError,
    NovastackQuotaExceededError,
    NovastackResponseError,
    StreamInterruptedError,
    class_for,
    describe,
    status_of,
)
from langchain_novastack.transport.connection_errors import broke_unanswered, closed_loop
from langchain_novastack.transport.error_words import read_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Then(Enum):
    """What happens after a failure."""

    STOP = "raised at once; no other model is tried"
    NEXT = "the next model in line answers"
    LARGER = "the next model with a larger window answers"
    TURN = "asked again when its turn comes"
    AGAIN = "tried once more on a fresh connection"


class Rule(NamedTuple):
    """One row of the table.

    Attributes:
        name: What went wrong, in a few words.
        whose: What caused it: gateway, model, request, answer, caller or nobody.
        then: What happens next.
        statuses: HTTP statuses of this row.
        kinds: Exception classes of this row.
        test: A further condition, where class and status are not enough.
    """

    name: str
    whose: str
    then: Then
    statuses: tuple[range, ...] = ()
    kinds: tuple[type[BaseException], ...] = ()
    test: Callable[[BaseException], object] | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts against the model's health: where the model is the cause."""
        return self.whose == "model"

    def matches(self, error: BaseException) -> bool:
        """Return whether this row describes the error."""
        if self.test is not None and not self.test(error):
            return False
        if isinstance(error, self.kinds):
            return True
        status = status_of(error)
        return status is not None and any(status in span for span in self.statuses)


def _only(*statuses: int) -> tuple[range, ...]:
    return tuple(range(status, status + 1) for status in statuses)


def _quota_spent(error: BaseException) -> bool:
    """Tell an account with nothing left to spend from one that asks too often, for plain `ChatOpenAI` models too."""
    return isinstance(error, NovastackQuotaExceededError) or read_error(getattr(error, "body", None)).quota


def _cannot_connect(error: BaseException) -> bool:
    """Tell "cannot reach the gateway" from "the connection broke", for plain `ChatOpenAI` models too."""
    kind = type(error) if isinstance(error, NovastackError) else class_for(error)
    return kind is not None and issubclass(kind, NovastackConnectionError) and kind is not NovastackDisconnectedError


CALLERS, EMPTY, READERS = (
    frozenset((module, name) for module, names in places.items() for name in names)
    for places in json.loads(pkgutil.get_data("langchain_novastack", "fallbacks/origins.json") or "").values()
)
"""Functions of the SDK and of LangChain, as module and name, whose errors their class does not tell apart.

CALLERS call the caller's own code in the middle of a request: what gives the key, and callbacks. What it raises may be
of the wire's classes, since it may send requests of its own. EMPTY: where core raises for an answer with nothing in it.
READERS read an answer. What they raise for one they cannot read is Python's own (`ValueError`, `JSONDecodeError`), as
an error in the caller's code would be. `tests/unit_tests/test_upstream.py` breaks when one of them moves.
"""


def is_callers(error: BaseException) -> bool:
    """Tell whether an error was raised by the caller's own code, whatever its class."""
    return not CALLERS.isdisjoint(_passed(error))


def _passed(error: BaseException) -> list[tuple[str, str]]:
    """Return the functions an error came through, as module and name, outermost first."""
    return [(frame.f_globals.get("__name__", ""), frame.f_code.co_name) for frame, _ in walk_tb(error.__traceback__)]


def _off_the_wire(error: BaseException) -> bool:
    """Tell whether an error comes from the gateway's answer, whatever its class."""
    if isinstance(error, openai.APIError):
        return True
    frames = _passed(error)
    return not READERS.isdisjoint(frames) or (bool(frames) and frames[-1] in EMPTY)


MISFIT = Rule("an answer that does not fit what was asked", "answer", Then.NEXT, kinds=(NovastackMisfitError,))
_BROKEN = (openai.APIConnectionError,)
RULES: tuple[Rule, ...] = (
    Rule("event loop closed", "caller", Then.AGAIN, kinds=(Exception,), test=closed_loop),
    Rule(
        "a connection used before broke without a byte of an answer",
        "nobody",
        Then.AGAIN,
        kinds=_BROKEN,
        test=broke_unanswered,
    ),
    Rule("any failure after content was shown", "model", Then.STOP, kinds=(StreamInterruptedError,)),
    Rule("context overflow", "request", Then.LARGER, kinds=(ContextOverflowError,)),
    Rule(
        "no such host, connection refused or not made in time, certificate, proxy, redirect to another host",
        "gateway",
        Then.STOP,
        _only(407),
        _BROKEN,
        _cannot_connect,
    ),
    Rule("wrong key or no credit", "gateway", Then.STOP, _only(401, 402)),
    Rule("exhausted quota", "gateway", Then.STOP, kinds=(openai.RateLimitError,), test=_quota_spent),
    Rule("timeout, conflict or rate limit", "model", Then.NEXT, _only(408, 409, 429)),
    Rule("request refused", "request", Then.NEXT, (range(400, 500),)),
    Rule("server error", "model", Then.NEXT, (range(500, 600),)),
    MISFIT,
    Rule("error, nothing or half an answer in a 200", "model", Then.NEXT, kinds=(NovastackResponseError,)),
    Rule("no answer, or no first token, in time", "model", Then.NEXT, kinds=(openai.APITimeoutError,)),
    Rule("broken connection, or an unreadable answer", "model", Then.NEXT, kinds=(Exception,), test=_off_the_wire),
)
"""Every failure that is not the caller's own, in the order in which rows are tried."""

TOO_MANY = Rule("too many requests at once", "nobody", Then.TURN)
"""A 429 that comes while other requests to the same model are under way: see `turns`."""

NAMED = Rule("an error that only `exceptions_to_handle` names", "caller", Then.NEXT)
"""What no row describes either, but the caller."""

CALLER = Rule("error in the caller's own code, or cancelled", "caller", Then.STOP)
"""What no row describes."""


def classify(error: BaseException, *, retried: bool = False) -> Rule:
    """Return the row that describes an error; `CALLER` if none does.

    Works for this package's errors and for those of plain `ChatOpenAI` models alike; `retried` says that this was the
    second try after a failure that is tried once more.
    """
    if is_callers(error) or (retried and closed_loop(error)):
        return CALLER
    rules = (rule for rule in RULES if not (retried and rule.then is Then.AGAIN))
    return next((rule for rule in rules if rule.matches(error)), CALLER)


def is_retryable(error: BaseException) -> bool:
    """Return whether the same request may succeed later, for errors of plain `ChatOpenAI` models too."""
    known = getattr(error, "is_retryable", None)
    return classify(error).counts if known is None else bool(known)


def after_content(error: Exception, shown: Sequence[Any], model: str) -> Exception:
    """Return what to raise for a failure: once something is shown, a `StreamInterruptedError`, which ends the call.

    The only place that knows this rule: another model would begin its answer anew, behind half of the first. Errors of
    the caller's own code, and those of an inner stream, stay as they are.
    """
    if not shown or isinstance(error, StreamInterruptedError) or classify(error) is CALLER:
        return error
    first, *rest = shown
    partial = first + rest if rest and isinstance(first, AIMessageChunk) else first
    ours = error if isinstance(error, NovastackError) else None
    interrupted = StreamInterruptedError(
        f"The stream stopped after content: {ours.message if ours else describe(error)}",
        partial=partial if isinstance(partial, AIMessageChunk) else None,
        model=model,
        request_id=ours and ours.request_id,
        code=ours and ours.code,
    )
    interrupted.__cause__ = error
    return interrupted
