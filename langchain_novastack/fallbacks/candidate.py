"""A line of models: what can be read off each before it is asked, and what holds for all attempts of a call."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.runnables import Runnable, RunnableBinding, RunnableParallel, RunnableSequence
from langchain_openai.chat_models.base import ChatOpenAI
from pydantic import SecretStr

from langchain_novastack.cards import find_card, gateway_id
from langchain_novastack.fallbacks.breaker import Key, Skipping, hashed
from langchain_novastack.fallbacks.record import Record
from langchain_novastack.transport.attempt_context import current
from langchain_novastack.transport.time_limits import TimeLimits, in_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROLE = "_novastack_role"
"""Class attribute by which this package's chat models are known here, so that nothing above need be imported.

"model": it fills in the `AttemptContext` under way, and checks what an answer is. "router": it makes attempts itself,
with names and tags of their own.
"""

_SHARE, _FEW = 0.08, 4  # part of the calls that may be hedged, and how many may be while there are few
_PAUSE = 0.05  # seconds between two looks at a rate limiter, in sync calls
_REMEMBERED = 1_000  # calls after which older ones count less, so that a good hour does not pay for a bad one


@dataclass(frozen=True)
class Candidate:
    """One model in line."""

    alias: str  # what the record and the tags call it
    runnable: Runnable[Any, Any]  # what is asked
    name: str | None = None  # name of its runs; None leaves the runnable's own
    key: Key | None = None  # Base URL, id and API key whose health it shares; None: it has no health
    window: int | None = None  # longest prompt it takes, in tokens; None: unknown
    timeout: float = 600.0  # seconds a request to it may take; the SDK's own where the model has none
    ends: bool = False  # whether a sync request to it can be ended from another thread: it goes through our own network
    plain: bool = False  # whether it is a `ChatOpenAI` that is not ours, and does not check what an answer is
    role: str | None = None  # what it is of this package: see `ROLE`
    marks: bool = False  # whether its requests get marks for its server's cache
    direct: bool = False  # whether it is itself a model of this package, which takes `UNHEARD` for an answer


@dataclass
class Hedges:
    """How many calls were hedged, of all that might have been."""

    base_url: str  # whose calls they are
    after: float  # seconds without anything to show after which a call is
    calls: float = 0
    made: float = 0

    def called(self) -> None:
        """Count a call."""
        self.calls += 1
        if self.calls >= _REMEMBERED:
            self.calls, self.made = self.calls / 2, self.made / 2

    def allow(self) -> bool:
        """Return whether one more call may be hedged, and count it."""
        allowed = self.made + 1 <= max(_FEW, _SHARE * self.calls)
        self.made += allowed
        return allowed


hedges_at = lru_cache(maxsize=256)(Hedges)
"""Return the count that all routers for an address share: copies of one keep to the share together."""


@dataclass(slots=True)
class Plan:
    """What holds for all attempts of one call."""

    line: Sequence[Candidate]  # who may be asked, in order; not empty
    input: Any  # what they are asked
    skipping: Skipping  # when a model is skipped
    record: Record = field(default_factory=Record)  # what happens is noted here
    until: float | None = None  # moment (`time.monotonic`) at which the call must be over; None: no deadline
    handle: tuple[type[BaseException], ...] = (Exception,)  # errors after which another model may be tried at all
    error_key: str | None = None  # key of the input under which a model gets the error before it; None: it gets none
    parser: Any = None  # what an answer must parse with, where nothing else in the line parses it: has `check`
    short: frozenset[str] = frozenset()  # aliases of the models whose window is too small for the request
    fit: Callable[[Any, int], Any] | None = None  # what makes messages for such a window, in tokens
    hedges: Hedges | None = None  # when another model is asked beside one that shows nothing; None: never
    max_wait: float = 2.0  # seconds to wait for the turn at a model while another one is able to answer
    listened: bool = True  # whether anything may listen to the call's runs
    tags: tuple[str, ...] = ()  # tags for the runs of all attempts
    meter: Callable[[str, Sequence[Any], BaseException | None], None] | None = None  # counts attempts for a budget
    spells_effort: bool = False  # whether `reasoning_effort` is a task's, which all are told in their own words


def candidate_for(runnable: Runnable[Any, Any], alias: str | None = None, asked: object = None) -> Candidate:
    """Return a model, one with arguments bound to it, or a chain that begins with one, as a candidate of a line.

    It is called by the `alias`, or else by that of its model; `asked` is the model that a call names in its place.
    """
    model, bound = _model_in(runnable)
    role = getattr(type(model), ROLE, None)
    if model is None or role == "router":
        return Candidate(runnable.get_name(), runnable, role=role)
    own = getattr(model, "model_name", None) or model.get_name()
    timeout: Any = getattr(model, "request_timeout", None)
    timeout = getattr(timeout, "read", timeout)  # where it is one of the HTTP library's
    name = next((gateway_id(each) for each in (asked, bound) if isinstance(each, str)), own)
    card, known = find_card(name), getattr(model, "card_for", find_card)(name)  # by its name; as it has it
    profile: Any = model.profile if name == own else card and card.profile
    alias = alias if alias and name == own else (card.alias if card else name)
    return Candidate(
        alias=alias,
        runnable=_limited(runnable, model, alias),
        name=name if isinstance(runnable, BaseChatModel | RunnableBinding) else None,
        key=_key(model, name) if isinstance(model, ChatOpenAI) else None,
        window=(profile or {}).get("max_input_tokens"),
        timeout=timeout if isinstance(timeout, int | float) else Candidate.timeout,
        ends=role == "model" and getattr(model, "http_client", None) is None,
        plain=isinstance(model, ChatOpenAI) and role is None,
        role=role,
        marks=getattr(model, "cache_prompts", False) and getattr(known, "takes_cache_marks", False),
        direct=role == "model" and model is runnable,
    )


def _key(model: ChatOpenAI, name: str) -> Key:
    secret: Any = model.openai_api_key
    secret = secret.get_secret_value() if isinstance(secret, SecretStr) else repr(secret)  # of what gives the key
    return Key(str(model.openai_api_base or ""), name, hashed(secret))


def _model_in(runnable: Runnable[Any, Any]) -> tuple[BaseChatModel | None, Any]:
    """Return the chat model that a binding or a chain begins with, None for others, and the name bound to it."""
    name = None
    while not isinstance(runnable, BaseChatModel):
        if isinstance(runnable, RunnableBinding):
            name = name or runnable.kwargs.get("model")
            runnable = runnable.bound
        elif isinstance(runnable, RunnableSequence):
            runnable = runnable.first
        elif isinstance(runnable, RunnableParallel) and "raw" in runnable.steps__:
            runnable = runnable.steps__["raw"]  # what `with_structured_output(include_raw=True)` begins with
        else:
            return None, None
    return runnable, name


class _InTime(BaseRateLimiter):
    """A rate limiter that is waited for no longer than the attempt under way may take; core waits without end."""

    def __init__(self, inner: BaseRateLimiter, model: str) -> None:
        self._inner, self._model = inner, model

    def acquire(self, *, blocking: bool = True) -> bool:
        limits = TimeLimits(current())
        while not self._inner.acquire(blocking=blocking and limits.seconds() is None):
            if not blocking:
                return False
            if limits.over():
                raise limits.error(self._model)
            time.sleep(min(_PAUSE, limits.seconds() or 0))
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:
        limits = TimeLimits(current())
        try:
            return await in_time(limits, self._inner.aacquire(blocking=blocking))
        except asyncio.TimeoutError:
            raise limits.error(self._model) from None


def _limited(runnable: Any, model: BaseChatModel, alias: str) -> Any:
    if model.rate_limiter is None:
        return runnable
    return _beginning(runnable, model.model_copy(update={"rate_limiter": _InTime(model.rate_limiter, alias)}))


def _beginning(runnable: Any, model: BaseChatModel) -> Any:
    """Return a copy of a runnable that begins with another model."""
    if isinstance(runnable, BaseChatModel):
        return model
    if isinstance(runnable, RunnableParallel):
        steps = runnable.steps__
        return runnable.model_copy(update={"steps__": {**steps, "raw": _beginning(steps["raw"], model)}})
    name = "bound" if isinstance(runnable, RunnableBinding) else "first"
    return runnable.model_copy(update={name: _beginning(getattr(runnable, name), model)})
