"""Chain runs for tracing, opened only where somebody listens.

LangChain's own helpers for subclasses also sum every streamed chunk for the trace, listener or not; here the
sum is made once, at the end, and only for listeners.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackManager, CallbackManager
from langchain_core.messages import AIMessageChunk
from langchain_core.runnables.config import (
    get_async_callback_manager_for_config,
    get_callback_manager_for_config,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig


class Run:
    """One chain run: the config for what runs inside it, and its output."""

    def __init__(self, config: RunnableConfig, child_callbacks: Any, *, listened: bool) -> None:
        """Derive the config of the run's children: callbacks of this run, without its name and id."""
        self.config: RunnableConfig = {**config, "callbacks": child_callbacks}
        self.config.pop("run_name", None)
        self.config.pop("run_id", None)
        self.output: Any = None
        self.listened = listened
        self._chunks: list[Any] | None = [] if listened else None

    def saw(self, chunk: Any) -> None:
        """Note a streamed chunk, for listeners."""
        if self._chunks is not None:
            self._chunks.append(chunk)

    def total(self) -> Any:
        """Return the output, or the sum of the chunks seen."""
        if self.output is not None or not self._chunks:
            return self.output
        first, *rest = self._chunks
        if isinstance(first, AIMessageChunk):
            return first + rest if rest else first
        return self._chunks[-1]


@contextmanager
def chain_run(config: RunnableConfig, name: str, input: Any, *, listened: bool = True) -> Iterator[Run]:
    """Open a run around what happens inside; an error that leaves the block ends it as failed.

    A stream that its reader closes has not failed: the run ends with what was read.

    Args:
        config: The caller's config.
        name: Name of the run, unless the config has one.
        input: Input of the run.
        listened: False if it is known already that nobody listens.
    """
    manager = get_callback_manager_for_config(config) if listened and _is_heard(config) else None
    if manager is None or not manager.handlers:
        yield Run(config, config.get("callbacks"), listened=False)
        return
    opened = manager.on_chain_start(None, input, name=config.get("run_name") or name, run_id=config.get("run_id"))
    run = Run(config, opened.get_child(), listened=True)
    try:
        yield run
    except GeneratorExit:
        opened.on_chain_end(run.total())
        raise
    except BaseException as error:
        opened.on_chain_error(error)
        raise
    opened.on_chain_end(run.total())


@asynccontextmanager
async def achain_run(config: RunnableConfig, name: str, input: Any, *, listened: bool = True) -> AsyncIterator[Run]:
    """Open a run around what happens inside; see `chain_run`."""
    manager = get_async_callback_manager_for_config(config) if listened and _is_heard(config) else None
    if manager is None or not manager.handlers:
        yield Run(config, config.get("callbacks"), listened=False)
        return
    opened = await manager.on_chain_start(None, input, name=config.get("run_name") or name, run_id=config.get("run_id"))
    run = Run(config, opened.get_child(), listened=True)
    try:
        yield run
    except GeneratorExit:
        await opened.on_chain_end(run.total())
        raise
    except BaseException as error:
        await opened.on_chain_error(error)
        raise
    await opened.on_chain_end(run.total())


def _is_heard(config: RunnableConfig) -> bool:
    """Return whether anybody may listen to a run: found out without tags and metadata, which take longer."""
    return bool(config.get("callbacks") or CallbackManager.configure().handlers)


def with_own(model: BaseChatModel, config: RunnableConfig) -> RunnableConfig:
    """Return a config with a chat model's own callbacks, tags and metadata added."""
    own: RunnableConfig = {**config}
    if model.callbacks:
        manager = get_callback_manager_for_config(config)
        for handler in (
            model.callbacks.handlers if isinstance(model.callbacks, BaseCallbackManager) else model.callbacks
        ):
            manager.add_handler(handler, inherit=True)
        own["callbacks"] = manager
    if model.tags:
        own["tags"] = [*(config.get("tags") or ()), *model.tags]
    if model.metadata:
        own["metadata"] = {**(config.get("metadata") or {}), **model.metadata}
    return own
