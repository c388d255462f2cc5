"""The four ways to ask, and what to look at in an answer."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessageChunk

from langchain_novastack.transport import retry_budget

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from langchain_novastack import NovastackRouter

FAST = os.environ.get("NOVASTACK_TEST_FAST", "1") != "0"
"""Whether models use the fast wire path; `.ci/matrix` runs everything both ways."""

Ask = Callable[..., Awaitable[Any]]
Build = Callable[..., Any]


async def _invoke(runnable: Any, *args: Any, **kwargs: Any) -> Any:
    return runnable.invoke(*args, **kwargs)


async def _ainvoke(runnable: Any, *args: Any, **kwargs: Any) -> Any:
    return await runnable.ainvoke(*args, **kwargs)


async def _stream(runnable: Any, *args: Any, **kwargs: Any) -> Any:
    return total(list(runnable.stream(*args, **kwargs)))


async def _astream(runnable: Any, *args: Any, **kwargs: Any) -> Any:
    return total([chunk async for chunk in runnable.astream(*args, **kwargs)])


def total(chunks: list[Any]) -> Any:
    """Sum chunks; the last one where they do not add up."""
    first, *rest = chunks
    if isinstance(first, AIMessageChunk):
        return first + rest if rest else first
    return chunks[-1]


WAYS: dict[str, Ask] = {"invoke": _invoke, "ainvoke": _ainvoke, "stream": _stream, "astream": _astream}


def spend_retries(router: NovastackRouter) -> None:
    """Spend what the address of a router's models has left for requests that are sent again."""
    for model in router.models.values():
        while retry_budget.draw(str(model.openai_api_base)):
            pass


def routing(message: BaseMessage) -> dict[str, Any]:
    """Return a message's routing record."""
    record = message.response_metadata["routing"]
    assert isinstance(record, dict)
    return record
