"""A callback handler that hears every run, as those do that are switched on for a whole program."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from langchain_core.tracers.context import register_configure_hook

if TYPE_CHECKING:
    from langchain_core.callbacks import BaseCallbackHandler


def as_default(handler: BaseCallbackHandler) -> None:
    """Let a handler hear all runs from now on."""
    variable: ContextVar[BaseCallbackHandler | None] = ContextVar("neighbour", default=handler)
    register_configure_hook(variable, inheritable=True)
