"""`NovastackFallbacks`: a model with others behind it. What `with_fallbacks` of our models returns.

A `RunnableWithFallbacks` that judges failures by `langchain_novastack.fallbacks.rules` instead of falling back on
anything, shows every attempt under one run, holds back empty chunks, and loses no error.
"""

from __future__ import annotations

from contextlib import aclosing, closing, nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import Runnable, RunnableConfig, RunnableWithFallbacks
from langchain_core.runnables.config import ensure_config
from langchain_core.runnables.utils import Input, Output
from pydantic import Field
from typing_extensions import override

from langchain_novastack.chat_models.bindings import OurFallbacks
from langchain_novastack.fallbacks.attempts import Attempt, Attempts, Plan
from langchain_novastack.fallbacks.candidate import Entry, entry_for
from langchain_novastack.tracing import Run
from langchain_novastack.transport.attempt_context import granted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from typing_extensions import Self


class NovastackFallbacks(OurFallbacks[Input, Output], RunnableWithFallbacks[Input, Output]):
    """A runnable and the ones that answer when it fails, in order.

    Works for models, models with bound arguments, and chains that begin with one. Messages carry the routing
    record in `response_metadata["routing"]`.

    Raises:
        AllModelsFailedError: If several were tried and none answered. With one in line, its own error.
        StreamInterruptedError: If a stream failed after content.
    """

    aliases: tuple[str, ...] = ()
    """Names of the models in the record, first to last; empty: read off the models."""

    skip_after: int | None = Field(default=3, ge=1)
    """Failures in a row before a model is passed over; None: never."""

    skip_for: float = Field(default=30.0, ge=0)
    """Seconds it is then passed over."""

    @classmethod
    @override
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain_novastack", "fallbacks"]

    @override
    def to_json(self) -> Any:
        """Serialize; the default of `exceptions_to_handle` is left out, since classes cannot be written."""
        dumped: Any = super().to_json()
        if self.exceptions_to_handle == (Exception,):
            dumped.get("kwargs", {}).pop("exceptions_to_handle", None)
        return dumped

    def line(self, model: Any = None) -> list[Entry]:
        """Return the models in the order in which they are tried.

        Args:
            model: The `model` argument of the call, which each of them is asked for in place of its own.
        """
        runnables = list(self.runnables)
        aliases = self.aliases or [None] * len(runnables)
        return [entry_for(runnable, alias, model) for runnable, alias in zip(runnables, aliases, strict=True)]

    def plan(self) -> Plan:
        """Return a fresh plan with this branch's settings."""
        return Plan(skip_after=self.skip_after, skip_for=self.skip_for, handle=self.exceptions_to_handle)

    def bind_tools(self, tools: Any, **kwargs: Any) -> Self:
        """Bind tools to every model in line."""
        return cast("Self", self._lifted("bind_tools", tools, **kwargs))

    def with_structured_output(self, schema: Any = None, **kwargs: Any) -> NovastackFallbacks[Input, Any]:
        """Make every model in line answer in the shape of a schema."""
        return cast("NovastackFallbacks[Input, Any]", self._lifted("with_structured_output", schema, **kwargs))

    def _lifted(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        first, *rest = (getattr(runnable, method)(*args, **kwargs) for runnable in self.runnables)
        return self.model_copy(update={"runnable": first, "fallbacks": rest})

    def _given(self, input: Any, attempts: Attempts) -> Any:
        """Return the input for the next attempt: with the last error in it where `exception_key` asks for that."""
        if self.exception_key is None or not attempts.errors:
            return input
        return {**input, self.exception_key: attempts.errors[-1]}

    def _checked(self, input: Any) -> Any:
        if self.exception_key is not None and not isinstance(input, dict):
            msg = f"`input` must be a dict where `exception_key` is given, got {type(input).__name__}."
            raise ValueError(msg)
        return input

    # ---- four ways

    @override
    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Return the answer of the first model in line that gives one."""
        line = self.line(kwargs.get("model"))
        answer: Output = self.invoke_line(line, self.plan(), self._checked(input), ensure_config(config), **kwargs)
        return answer

    @override
    async def ainvoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Return the answer of the first model in line that gives one."""
        line = self.line(kwargs.get("model"))
        asked = self.ainvoke_line(line, self.plan(), self._checked(input), ensure_config(config), **kwargs)
        answer: Output = await asked
        return answer

    @override
    def stream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Output]:
        """Stream the answer of the first model in line that begins one."""
        line = self.line(kwargs.get("model"))
        return self.stream_line(line, self.plan(), self._checked(input), ensure_config(config), **kwargs)

    @override
    def astream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Output]:
        """Stream the answer of the first model in line that begins one."""
        line = self.line(kwargs.get("model"))
        return self.astream_line(line, self.plan(), self._checked(input), ensure_config(config), **kwargs)

    def invoke_line(self, line: list[Entry], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any) -> Any:
        """Ask the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)
        with Run(config, self.get_name(), input, listened=plan.listened) as run:
            for attempt in attempts:
                with attempt, granted(attempt.terms):
                    model, config = attempt.entry.runnable, attempt.config(run.config)
                    output = model.invoke(self._given(input, attempts), config, **kwargs)
                    run.output = attempt.took(output)
                if attempt.error is None:
                    run.output = plan.record.attach(run.output)
                    return run.output
            raise attempts.error()

    async def ainvoke_line(
        self, line: list[Entry], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any
    ) -> Any:
        """Ask the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)
        async with Run(config, self.get_name(), input, listened=plan.listened) as run:
            for attempt in attempts:
                with attempt, granted(attempt.terms):
                    model, config = attempt.entry.runnable, attempt.config(run.config)
                    output = await model.ainvoke(self._given(input, attempts), config, **kwargs)
                    run.output = attempt.took(output)
                if attempt.error is None:
                    run.output = plan.record.attach(run.output)
                    return run.output
            raise attempts.error()

    def stream_line(
        self, line: list[Entry], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any
    ) -> Iterator[Any]:
        """Stream from the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)
        with Run(config, self.get_name(), input, listened=plan.listened) as run:
            for attempt in attempts:
                tail = None
                with attempt:
                    model, config = attempt.entry.runnable, attempt.config(run.config)
                    source = model.stream(self._given(input, attempts), config, **kwargs)
                    with _closing(source):
                        with granted(attempt.terms):
                            held = _first_of(source, attempt)
                        for chunk in chain(held, source):
                            if is_tail(chunk):
                                tail = chunk
                                continue
                            attempt.show(chunk)
                            run.saw(chunk)
                            yield chunk
                    attempt.check(*attempt.shown, tail)
                if attempt.error is None:
                    for chunk in plan.record.closing(tail, attempt.shown):
                        run.saw(chunk)
                        yield chunk
                    return
            raise attempts.error()

    async def astream_line(
        self, line: list[Entry], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Stream from the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)
        async with Run(config, self.get_name(), input, listened=plan.listened) as run:
            for attempt in attempts:
                tail = None
                with attempt:
                    model, config = attempt.entry.runnable, attempt.config(run.config)
                    source = model.astream(self._given(input, attempts), config, **kwargs)
                    async with _aclosing(source):
                        with granted(attempt.terms):
                            held = await _afirst_of(source, attempt)
                        async for chunk in _achain(held, source):
                            if is_tail(chunk):
                                tail = chunk
                                continue
                            attempt.show(chunk)
                            run.saw(chunk)
                            yield chunk
                    attempt.check(*attempt.shown, tail)
                if attempt.error is None:
                    for chunk in plan.record.closing(tail, attempt.shown):
                        run.saw(chunk)
                        yield chunk
                    return
            raise attempts.error()

    @override
    def batch(
        self,
        inputs: list[Any],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Ask for each input by itself, so that one that fails over does not hold up the others."""
        return Runnable.batch(self, inputs, config, return_exceptions=return_exceptions, **kwargs)

    @override
    async def abatch(
        self,
        inputs: list[Any],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Ask for each input by itself, so that one that fails over does not hold up the others."""
        return await Runnable.abatch(self, inputs, config, return_exceptions=return_exceptions, **kwargs)


def is_tail(chunk: Any) -> bool:
    """Return whether a chunk is the last of its stream, or a whole message in place of one."""
    return isinstance(chunk, AIMessage) and getattr(chunk, "chunk_position", "last") == "last"


def _is_meaningful(chunk: Any) -> bool:
    if not isinstance(chunk, AIMessageChunk):
        return True
    finished = chunk.response_metadata.get("finish_reason")
    return bool(chunk.content or chunk.tool_call_chunks or chunk.additional_kwargs or finished)


def _first_of(source: Iterator[Any], attempt: Attempt) -> list[Any]:
    """Read a stream up to its first meaningful chunk; return all that was read."""
    read: list[Any] = []
    for chunk in source:
        read.append(chunk)
        if _is_meaningful(chunk):
            attempt.refuse_error(chunk)
            break
    else:
        attempt.check(*read)
    return read


async def _afirst_of(source: AsyncIterator[Any], attempt: Attempt) -> list[Any]:
    """Read a stream up to its first meaningful chunk; return all that was read."""
    read: list[Any] = []
    async for chunk in source:
        read.append(chunk)
        if _is_meaningful(chunk):
            attempt.refuse_error(chunk)
            break
    else:
        attempt.check(*read)
    return read


async def _achain(held: list[Any], source: AsyncIterator[Any]) -> AsyncIterator[Any]:
    for chunk in held:
        yield chunk
    async for chunk in source:
        yield chunk


def _closing(source: Any) -> Any:
    """Close a stream at the end of the block, if it can be closed."""
    return closing(source) if hasattr(source, "close") else nullcontext()


def _aclosing(source: Any) -> Any:
    """Close a stream at the end of the block, if it can be closed."""
    return aclosing(source) if hasattr(source, "aclose") else nullcontext()
