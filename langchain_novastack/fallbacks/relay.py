"""What one attempt streams, on its way to the caller.

Chunks are held back until one says something: until then another model may answer. The tail, the last chunk of a
message's stream, waits until the attempt has ended well: it carries the record.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager, aclosing, closing, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk

from langchain_novastack.fallbacks.misfits import check_ended

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping

    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.fallbacks.attempt import Attempt


def streamed(attempt: Attempt, config: RunnableConfig, kwargs: Mapping[str, Any]) -> Iterator[Any]:
    """Make one attempt; yield what it shows."""
    with attempt, _closing(attempt.candidate.runnable.stream(*attempt.asked(config), **kwargs)) as source:
        with attempt.context:
            held = _held(source)
        yield from _opened(attempt, held)
        yield from filter(partial(_shows, attempt), source)
        if attempt.candidate.plain:
            check_ended([*attempt.shown, attempt.whole], attempt.candidate.alias)


async def astreamed(attempt: Attempt, config: RunnableConfig, kwargs: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
    """Make one attempt; yield what it shows."""
    with attempt:
        async with _aclosing(attempt.candidate.runnable.astream(*attempt.asked(config), **kwargs)) as source:
            with attempt.context:
                held = await _aheld(source)
            for chunk in _opened(attempt, held):
                yield chunk
            async for chunk in source:
                if _shows(attempt, chunk):
                    yield chunk
            if attempt.candidate.plain:
                check_ended([*attempt.shown, attempt.whole], attempt.candidate.alias)


def tail(attempt: Attempt) -> list[Any]:
    """Return the last chunk, with the record on it; nothing for streams of other things than messages."""
    shown, last = attempt.shown, attempt.whole
    if last is None and shown and isinstance(shown[-1], AIMessageChunk):
        last = AIMessageChunk(content="", id=shown[-1].id, chunk_position="last")
    attached = attempt.attach(last)
    if last is None:
        return []
    shown.append(attached)
    return [attached]


def _says_something(chunk: object) -> bool:
    """Return whether a chunk has text, reasoning, a tool call or the end."""
    if not isinstance(chunk, AIMessageChunk):
        return True
    finished = chunk.response_metadata.get("finish_reason")
    return bool(chunk.content or chunk.tool_call_chunks or chunk.additional_kwargs or finished)


def _held(source: Iterator[Any]) -> list[Any]:
    """Read up to the first chunk that says something."""
    held: list[Any] = []
    for chunk in source:
        held.append(chunk)
        if _says_something(chunk):
            break
    return held


async def _aheld(source: AsyncIterator[Any]) -> list[Any]:
    held: list[Any] = []
    async for chunk in source:
        held.append(chunk)
        if _says_something(chunk):
            break
    return held


def _opened(attempt: Attempt, held: list[Any]) -> list[Any]:
    """Check what a plain `ChatOpenAI` began with before anything is shown, so that another can answer."""
    if attempt.candidate.plain:
        check_ended(held, attempt.candidate.alias, whole=not (held and _says_something(held[-1])))
    return [chunk for chunk in held if _shows(attempt, chunk)]


def _shows(attempt: Attempt, chunk: Any) -> bool:
    """Take a chunk; return whether it is shown now."""
    if isinstance(chunk, AIMessage) and getattr(chunk, "chunk_position", "last") == "last":
        attempt.whole = chunk  # or a whole message in place of one
        return False
    if attempt.candidate.plain:
        check_ended([chunk], attempt.candidate.alias, whole=False)
    if not attempt.shown:
        attempt.begin_to_show()
    attempt.shown.append(chunk)
    return True


def _closing(source: Any) -> AbstractContextManager[Any]:
    """Close a stream at the end of the block, if it can be closed."""
    return closing(source) if hasattr(source, "close") else nullcontext(source)


def _aclosing(source: Any) -> AbstractAsyncContextManager[Any]:
    return aclosing(source) if hasattr(source, "aclose") else nullcontext(source)
