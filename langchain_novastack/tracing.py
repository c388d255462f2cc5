"""Chain runs for tracing, opened only where something listens.

LangChain's own helpers for subclasses also sum every streamed chunk for the trace, listener or not; here the
sum is made once, at the end, and only for listeners.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import langchain_core
from langchain_core.callbacks import BaseCallbackManager, CallbackManager
from langchain_core.messages import AIMessageChunk
from langchain_core.runnables.config import (
    get_async_callback_manager_for_config,
    get_callback_manager_for_config,
    merge_configs,
)

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig
    from typing_extensions import Self

ROUTING = "routing"
"""Key of the routing record in `response_metadata`, and name of the attribute of errors that holds it."""

PROVIDER = "novastack"  # `model_provider` of every message and `ls_provider` of every run


class Run:
    """One chain run around what happens inside a `with` or `async with` block: its config, and its output.

    An error that leaves the block ends it as failed; a stream that its reader closes ends with what was read.
    Not a generator: those cost frames, time and memory, for every call under way.
    """

    __slots__ = ("_given", "_input", "_of", "_opened", "chunks", "config", "listened", "output")

    def __init__(self, config: RunnableConfig, of: Any, input: Any, *, listened: bool = True) -> None:
        """Prepare the run of what `of` is or names; `listened` is False if it is known that nothing listens."""
        self._of, self._given, self._input = of, config, input
        self._opened: Any = None
        self.listened = listened and is_heard(config)
        self.output: Any = None
        self.chunks: Any = [] if self.listened else ()
        if "run_name" in config or "run_id" in config:  # this run's, not of those inside
            config = {**config}
            config.pop("run_name", None)
            config.pop("run_id", None)
        self.config = config

    def __enter__(self) -> Self:
        """Open the run, if something listens; what runs inside gets its callbacks."""
        if self.listened:
            manager = get_callback_manager_for_config(self.config)
            self._begun(manager.on_chain_start(None, self._input, **self._named()))
        return self

    async def __aenter__(self) -> Self:
        """Open the run, if something listens; what runs inside gets its callbacks."""
        if self.listened:
            manager = get_async_callback_manager_for_config(self.config)
            self._begun(await manager.on_chain_start(None, self._input, **self._named()))
        return self

    def _named(self) -> dict[str, Any]:
        name = self._given.get("run_name") or (self._of if isinstance(self._of, str) else self._of.get_name())
        return {"name": name, "run_id": self._given.get("run_id")}

    def _begun(self, opened: Any) -> None:
        self._opened = opened
        self.config = {**self.config, "callbacks": opened.get_child()}

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> Any:
        """End the run."""
        if self._opened and (error is None or isinstance(error, GeneratorExit)):
            return self._opened.on_chain_end(self._total())
        return self._opened and self._opened.on_chain_error(error)

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End the run."""
        if self._opened:
            await self.__exit__(kind, error, trace)

    def add(self, chunk: Any) -> None:
        """Note a streamed chunk, for listeners."""
        if self.listened:
            self.chunks.append(chunk)

    def _total(self) -> Any:
        """Return the output, or the sum of the chunks seen."""
        if self.output is not None or not self.chunks:
            return self.output
        first, *rest = self.chunks
        return first + rest if isinstance(first, AIMessageChunk) else self.chunks[-1]


_WRITTEN = tuple(
    f"{Path(file).parent}{os.sep}"
    for file in (langchain_core.__file__, str(getattr(find_spec("langchain_openai"), "origin", "")), __file__)
)


def untouched(*methods: Any) -> bool:
    """Tell whether methods are LangChain's or ours as they are written: if passed by, no instrumentation is lost."""
    for method in methods:
        if type(method) is not FunctionType or not method.__code__.co_filename.startswith(_WRITTEN):
            return False
    return True


def callers_level() -> int:
    """Return the `stacklevel` of a warning that points to the caller's line: the first not of LangChain's or ours."""
    frame, level = sys._getframe(1), 1  # noqa: SLF001 - what `warnings` reads
    while frame.f_back and frame.f_code.co_filename.startswith(_WRITTEN):
        frame, level = frame.f_back, level + 1
    return level


UNHEARD = CallbackManager(handlers=[])
"""Callbacks of calls that are known to have no listener: code that gets them need not look for one again."""


def is_heard(config: RunnableConfig) -> bool:
    """Return whether anything may listen to a run: found out without tags and metadata, which take longer.

    Handlers tell, not the manager, which every chain and agent hands on, be it empty.
    """
    given: Any = config.get("callbacks")
    if isinstance(given, BaseCallbackManager):
        given = given.handlers or given.inheritable_handlers
    return bool(given or CallbackManager.configure().handlers)


def with_own(model: BaseChatModel, config: RunnableConfig) -> RunnableConfig:
    """Return a config with a chat model's own callbacks, tags and metadata added."""
    if model.metadata:  # by itself, since core's merging takes longer, and core gives all models some
        config = {**config, "metadata": {**config.get("metadata", {}), **model.metadata}}
    if model.callbacks or model.tags:
        config = merge_configs(config, {"callbacks": model.callbacks, "tags": model.tags or []})
    return config
