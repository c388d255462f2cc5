"""What holds for all attempts of one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_novastack.fallbacks.record import Record
from langchain_novastack.fallbacks.tally import USUAL, Skipping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_novastack.fallbacks.candidate import Candidate
    from langchain_novastack.fallbacks.race import Hedges


@dataclass(slots=True)
class Plan:
    """What holds for all attempts of one call.

    Attributes:
        line: Who may be asked, in order; not empty.
        input: What they are asked.
        record: What happens is noted here.
        until: Moment (`time.monotonic`, seconds) at which the call must be over; None: no deadline.
        skipping: When a model is skipped.
        handle: Errors after which another model may be tried at all.
        error_key: Key of the input under which a model gets the error before it; None: it gets none.
        parser: What an answer must parse with, where nothing else in the line parses it: has `check`.
        short: Aliases of the models whose window is too small for the request.
        fit: What makes messages for such a window, in tokens.
        hedges: When another model is asked beside one that shows nothing, and how often; None: never.
        max_wait: Seconds to wait for the turn at a model while another one is able to answer.
        listened: Whether anything may listen to the call's runs.
        tags: Tags for the runs of all attempts.
        meter: What counts attempts for a budget: told the alias, all that came of the answer, and the error if any.
        spells_effort: Whether `reasoning_effort` is a task's setting, which every model is told in its own words; the
            caller's is told so to fallbacks alone.
    """

    line: Sequence[Candidate]
    input: Any
    record: Record = field(default_factory=Record)
    until: float | None = None
    skipping: Skipping = USUAL
    handle: tuple[type[BaseException], ...] = (Exception,)
    error_key: str | None = None
    parser: Any = None
    short: frozenset[str] = frozenset()
    fit: Callable[[Any, int], Any] | None = None
    hedges: Hedges | None = None
    max_wait: float = 2.0
    listened: bool = True
    tags: tuple[str, ...] = ()
    meter: Callable[[str, Sequence[Any], BaseException | None], None] | None = None
    spells_effort: bool = False
