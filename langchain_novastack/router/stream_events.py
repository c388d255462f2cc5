"""Core's streaming protocol "v3" over a stream of chunks, without an LLM run of its own.

The only place that touches private names of langchain-core: `chunks_to_events`, `achunks_to_events` and
`_producer_task`. Core offers the protocol only together with an LLM run for the model that is asked, and a
router's models have runs of their own. `tests/unit_tests/test_upstream.py` breaks when these move.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from langchain_core.language_models._compat_bridge import achunks_to_events, chunks_to_events
from langchain_core.language_models.chat_model_stream import AsyncChatModelStream, ChatModelStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.outputs import ChatGenerationChunk


def stream_v3(chunks: Iterator[ChatGenerationChunk]) -> ChatModelStream:
    """Return a stream object that reads the chunks when it is read."""
    stream = ChatModelStream()
    events = chunks_to_events(chunks)

    def pump() -> bool:
        try:
            stream.dispatch(next(events))
        except StopIteration:
            return False
        except BaseException as error:  # noqa: BLE001 - handed to whoever reads the stream
            stream.fail(error)
            return False
        return True

    stream.bind_pump(pump)
    return stream


async def astream_v3(chunks: AsyncIterator[ChatGenerationChunk]) -> AsyncChatModelStream:
    """Return a stream object that a task of its own feeds as soon as it is read."""
    stream = AsyncChatModelStream()

    async def produce() -> None:
        try:
            async for event in achunks_to_events(chunks):
                stream.dispatch(event)
        except asyncio.CancelledError as error:
            stream.fail(error)
            raise
        except BaseException as error:  # noqa: BLE001 - handed to whoever reads the stream
            stream.fail(error)

    async def start() -> None:
        if stream._producer_task is None:  # noqa: SLF001 - see the module's docstring
            stream._producer_task = asyncio.get_running_loop().create_task(produce())  # noqa: SLF001 - core's own way

    stream.set_start(start)
    return stream
