"""Code that sync and async calls share: written once, as coroutines, which never have to wait in a sync call."""

from __future__ import annotations

from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from langchain_novastack._compat import httpx

Body = tuple[Any, Any]
"""What yields the body of a response, an iterator of either kind; and what closes it."""

T = TypeVar("T")


def run(call: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine comes to whose steps are all sync."""
    try:
        call.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return] # what it returned
    raise AssertionError


def step(made: Any) -> Coroutine[Any, Any, Any]:
    """Return what to await for what a function gave: in a sync call it is there already."""
    return made if iscoroutine(made) else following(iter([made]))


async def following(pieces: Any, end: Any = None) -> Any:
    """Return the next item of an iterator of either kind; `end` at its end."""
    return next(pieces, end) if hasattr(pieces, "__next__") else await anext(pieces, end)


def body_of(response: httpx.Response) -> Body:
    """Return what yields the body of a response, and what closes it."""
    if hasattr(response.stream, "__iter__"):
        return response.iter_bytes(), response.close
    return response.aiter_bytes(), response.aclose
