"""What holds for all attempts of one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_novastack.errors import NovastackMisfitError
from langchain_novastack.fallbacks.record import Record
from langchain_novastack.fallbacks.tally import USUAL, Skipping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_novastack.fallbacks.race import Hedges


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
