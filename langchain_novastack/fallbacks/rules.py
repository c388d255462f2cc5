"""What caused a failure, and what follows from it: the table behind every fallback, `rules.json`.

All models of a router share one key and one host, so another one helps only where the model, or the way it takes this
request, is the cause. The first row that matches an error decides; `docs/failures.md` has the table, generated. The
one rule that the error alone cannot tell stands in `after_content`: once content is shown, no other model answers.
"""

from __future__ import annotations

import json
import pkgutil
from enum import Enum
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, NamedTuple

import openai
from langchain_core.messages import AIMessageChunk

from langchain_novastack.errors import (
    NovastackConnectionError,
    NovastackDisconnectedError,
    NovastackError,
    NovastackQuotaExceededError,
    StreamInterruptedError,
    class_for,
    describe,
    status_of,
)
from langchain_novastack.transport.connection_errors import closed_loop
from langchain_novastack.transport.error_words import read_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Then(Enum):
    """What happens after a failure."""

    STOP = "raised at once; no other model is tried"
    NEXT = "the next model in line answers"
    LARGER = "the next model with a larger window answers"
    TURN = "asked again when its turn comes"
    AGAIN = "tried once more on a fresh connection"


class Rule(NamedTuple):
    """One row of the table: `fields` in `rules.json` say what each is."""

    name: str
    whose: str
    then: Then
    statuses: tuple[range, ...] = ()
    kinds: tuple[type[BaseException], ...] = ()
    test: Callable[[BaseException], object] = lambda _: True

    @property
    def counts(self) -> bool:
        """Whether it counts against the model's health: where the model is the cause."""
        return self.whose == "model"

    def matches(self, error: BaseException, status: int | None) -> bool:
        """Return whether this row describes the error, which has this status."""
        known = isinstance(error, self.kinds) or [span for span in self.statuses if status in span]
        return bool(known and self.test(error))


def _quota_spent(error: BaseException) -> bool:
    return isinstance(error, NovastackQuotaExceededError) or read_error(getattr(error, "body", None)).quota


def cannot_connect(error: BaseException) -> bool:
    """Tell "cannot reach the gateway" from "the connection broke", for plain `ChatOpenAI` models too."""
    kind = type(error) if isinstance(error, NovastackError) else class_for(error)
    return kind is not None and issubclass(kind, NovastackConnectionError) and kind is not NovastackDisconnectedError


def _off_the_wire(error: BaseException) -> bool:
    frames = _passed(error)
    return isinstance(error, openai.APIError) or not READERS.isdisjoint(frames) or not EMPTY.isdisjoint(frames[-1:])


def is_callers(error: BaseException) -> bool:
    """Tell whether an error was raised by the caller's own code, whatever its class."""
    return not CALLERS.isdisjoint(_passed(error))


def _passed(error: BaseException) -> list[tuple[str, str]]:
    """Return the functions an error came through, as module and name, outermost first."""
    return [(frame.f_globals.get("__name__", ""), frame.f_code.co_name) for frame, _ in walk_tb(error.__traceback__)]


def _rule(row: Mapping[str, Any]) -> Rule:
    statuses = tuple(range(*span) for span in row.get("statuses", ()))
    kinds = tuple(pkgutil.resolve_name(kind) for kind in row.get("kinds", ()))
    more = {"test": pkgutil.resolve_name(row["test"])} if "test" in row else {}
    return Rule(row["name"], row["whose"], Then[row["then"]], statuses, kinds, **more)


_DATA = json.loads(pkgutil.get_data("langchain_novastack", "fallbacks/rules.json") or "")
CALLERS, EMPTY, READERS = (
    frozenset((module, name) for module, names in places.items() for name in names)
    for places in _DATA["passed"].values()
)
"""Functions of the SDK and of LangChain, as module and name, whose errors their class does not tell apart.

CALLERS call the caller's own code in the middle of a request, which may send requests of its own: what gives the key,
and callbacks. EMPTY: where core raises for an answer with nothing in it. READERS read an answer, and raise Python's own
errors for one they cannot read. `tests/unit_tests/test_upstream.py` breaks when one of them moves.
"""

RULES = tuple(map(_rule, _DATA["rules"]))
TOO_MANY, NAMED, CALLER = map(_rule, _DATA["others"])
"""What no row describes: a 429 that comes while other requests to the same model are under way (see `turns`), what only
the caller names, and the rest."""


def classify(error: BaseException, *, retried: bool = False) -> Rule:
    """Return the row that describes an error, ours or of a plain `ChatOpenAI`; `CALLER` if none does.

    `retried` says that this was the second try after a failure that is tried once more.
    """
    if is_callers(error) or (retried and closed_loop(error)):
        return CALLER
    status = status_of(error)
    rules = (rule for rule in RULES if rule.matches(error, status) and not (retried and rule.then is Then.AGAIN))
    return next(rules, CALLER)


def is_retryable(error: BaseException) -> bool:
    """Return whether the same request may succeed later, for errors of plain `ChatOpenAI` models too."""
    known = getattr(error, "is_retryable", None)
    return classify(error).counts if known is None else bool(known)


def after_content(error: Exception, shown: Sequence[Any], model: str) -> Exception:
    """Return what to raise for a failure: once something is shown, a `StreamInterruptedError`, which ends the call.

    Another model would begin anew, behind half of an answer. The caller's own errors, and an inner stream's, stay.
    """
    if not shown or isinstance(error, StreamInterruptedError) or classify(error) is CALLER:
        return error
    first, *rest = shown
    ours = error if isinstance(error, NovastackError) else None
    interrupted = StreamInterruptedError(
        f"The stream stopped after content: {ours.message if ours else describe(error)}",
        partial=(first + rest if rest else first) if isinstance(first, AIMessageChunk) else None,
        model=model,
        request_id=ours and ours.request_id,
        code=ours and ours.code,
    )
    interrupted.__cause__, interrupted.usage = error, ours.usage if ours else None
    interrupted.status = ours.status if ours else read_error(getattr(error, "body", None)).status
    return interrupted
