"""What an attempt grants the model that makes it: time and retries; and what the model reports back.

A chat model's public methods carry no such thing, and a call argument would show in traces and spoil cache
keys. So the terms of the attempt under way travel in a context variable, read once when a request starts.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic


@dataclass(slots=True)
class Terms:
    """The terms of one attempt."""

    until: float | None = None
    """Moment (`time.monotonic`, seconds) at which the attempt is cut; None: no limit."""

    retry: bool = True
    """Whether the SDK may send the request again by itself. False while another model waits."""

    changed: tuple[str, ...] = ()
    """Report: names of the request fields that the model's card changed."""

    sent: bool = False
    """Report: whether a request was sent; an answer without one came from a cache."""

    cut: bool = False
    """Report: whether `until` ended the attempt."""

    def remaining(self) -> float | None:
        """Return the seconds left; 0.0 when time is up, None without a limit."""
        return None if self.until is None else max(0.0, self.until - monotonic())


_TERMS: ContextVar[Terms | None] = ContextVar("novastack_terms", default=None)


def current() -> Terms:
    """Return the terms of the attempt under way, or unlimited ones outside of any."""
    return _TERMS.get() or Terms()


class granted:  # noqa: N801 - read as a verb: `with granted(terms)`
    """Grant terms to whatever starts inside. Never yield to foreign code from within."""

    __slots__ = ("_terms", "_token")

    def __init__(self, terms: Terms) -> None:
        """Prepare to grant the terms."""
        self._terms = terms

    def __enter__(self) -> None:
        """Grant them."""
        self._token = _TERMS.set(self._terms)

    def __exit__(self, *_: object) -> None:
        """Take them back."""
        _TERMS.reset(self._token)
