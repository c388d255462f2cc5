"""The rest of a chat model's interface, resting on the router's own four ways: its methods, as functions.

Core's versions would open an LLM run for the router itself, beside the run of the model that answers; usage and
tokens would then count twice. For its streaming protocol "v3" without such a run, this touches private names of core:
`chunks_to_events`, `achunks_to_events` and `_producer_task`. `tests/unit_tests/test_upstream.py` breaks when they move.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models._compat_bridge import achunks_to_events, chunks_to_events
from langchain_core.language_models.chat_model_stream import AsyncChatModelStream, ChatModelStream
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, LLMResult

from langchain_novastack.router.response import Usage
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.messages import AIMessage


def generate(router: Any, messages: Any, stop: Any = None, callbacks: Any = None, **kwargs: Any) -> LLMResult:
    """Route each conversation; one generation for each, in order: `n` above 1 is a `ValueError`.

    `kwargs` may hold `tags`, `metadata`, `run_name` and `run_id` (of the first) of the runs; the rest: see `invoke`.
    """
    configs = _configs(len(messages), callbacks, kwargs)
    return _result([router.invoke(*each, stop=stop, **kwargs) for each in zip(messages, configs, strict=True)])


async def agenerate(router: Any, messages: Any, stop: Any = None, callbacks: Any = None, **kwargs: Any) -> LLMResult:
    """Route each conversation, all at once; one generation for each, in order; see `generate`."""
    return _result(await router.abatch([*messages], _configs(len(messages), callbacks, kwargs), stop=stop, **kwargs))


def generate_one(router: Any, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
    """Route a conversation: the router's `_generate`, on which core's `_agenerate` rests."""
    return ChatResult(generations=[_generation(router.invoke(messages, stop=stop, **kwargs))])


def stream_one(router: Any, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Iterator[Any]:
    """Route a conversation: the router's `_stream`, on which core's `_astream` rests."""
    return map(_as_generation_chunk, router.stream(messages, stop=stop, **kwargs))


def stream_events(router: Any, input: Any, config: Any = None, *, version: Any = "v2", **kwargs: Any) -> Any:
    """Stream events; for "v3" a `ChatModelStream`, which asks when it is read; for "v1" and "v2" dicts."""
    if version != "v3":
        return BaseChatModel.stream_events(router, input, config, version=version, **kwargs)
    stream = ChatModelStream()
    events = chunks_to_events(map(_as_generation_chunk, router.stream(input, config, **kwargs)))

    def pump() -> bool:
        try:
            for event in events:
                stream.dispatch(event)
                return True
        except BaseException as error:  # noqa: BLE001 - handed to whoever reads the stream
            stream.fail(error)
        return False

    stream.bind_pump(pump)
    return stream


def astream_events(router: Any, input: Any, config: Any = None, *, version: Any = "v2", **kwargs: Any) -> Any:
    """Stream events; for "v3" an awaitable `AsyncChatModelStream`, for "v1" and "v2" dicts."""
    if version != "v3":
        return BaseChatModel.astream_events(router, input, config, version=version, **kwargs)
    return _astream_v3(_as_generation_chunk(chunk) async for chunk in router.astream(input, config, **kwargs))


async def _astream_v3(chunks: AsyncIterator[ChatGenerationChunk]) -> AsyncChatModelStream:
    """Return a stream object that a task of its own feeds as soon as it is read."""
    stream = AsyncChatModelStream()

    async def produce() -> None:
        try:
            async for event in achunks_to_events(chunks):
                stream.dispatch(event)
        except BaseException as error:
            stream.fail(error)
            if not isinstance(error, Exception):
                raise

    async def start() -> None:
        if stream._producer_task is None:  # noqa: SLF001 - see the module's docstring
            stream._producer_task = asyncio.get_running_loop().create_task(produce())  # noqa: SLF001 - core's own way

    stream.set_start(start)
    return stream


def _configs(count: int, callbacks: Any, kwargs: dict[str, Any]) -> list[Any]:
    """Take out of a call's arguments what makes the config of each conversation; a run id is that of the first."""
    if (kwargs.get("n") or 1) > 1:
        raise bad_argument("n", "be 1: a router gives one answer to each (`router.models[alias].generate` gives more)")
    given = {"callbacks": callbacks} | {name: kwargs.pop(name, None) for name in ("tags", "metadata", "run_name")}
    config: Any = {name: value for name, value in given.items() if value is not None}
    run_id = kwargs.pop("run_id", None)
    return [{**config, "run_id": run_id} if run_id and not at else config for at in range(count)]


def _generation(message: AIMessage) -> ChatGeneration:
    metadata = message.response_metadata
    info = {name: metadata[name] for name in ("finish_reason", "logprobs") if name in metadata}
    return ChatGeneration(message=message, generation_info=info or None)


def _result(messages: list[AIMessage]) -> LLMResult:
    """Put answers into core's result; usage is summed, under the names that the models' own `llm_output` has."""
    names = [message.response_metadata.get("model_name") for message in messages]
    used = [Usage.from_message(message) for message in messages]
    usage = {name: sum(each[name] for each in used) for name in Usage.model_fields}
    output = {"model_name": names[0] if names else None, "token_usage": usage}
    return LLMResult(generations=[[_generation(message)] for message in messages], llm_output=output)


def _as_generation_chunk(message: AIMessage) -> ChatGenerationChunk:
    """Wrap a chunk, or a whole message in place of one, as core's generation chunk."""
    whole = not isinstance(message, AIMessageChunk)
    return ChatGenerationChunk(message=AIMessageChunk(**message.model_dump(exclude={"type"})) if whole else message)
