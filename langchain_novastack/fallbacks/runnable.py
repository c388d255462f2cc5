"""`NovastackFallbacks`: a model with others behind it. What `with_fallbacks` of our models returns.

A `RunnableWithFallbacks` that judges failures by `langchain_novastack.fallbacks.rules` instead of falling back on
anything, shows every attempt under one run, holds back empty chunks, and loses no error.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager, aclosing, closing, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from langchain_core.runnables import Runnable, RunnableConfig, RunnableWithFallbacks
from langchain_core.runnables.config import ensure_config
from langchain_core.runnables.utils import Input, Output
from pydantic import ConfigDict, Field
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.fallbacks.attempts import Attempts
from langchain_novastack.fallbacks.candidate import Candidate, candidate_for
from langchain_novastack.fallbacks.health_store import HealthStore  # noqa: TC001 - pydantic reads it
from langchain_novastack.fallbacks.hedging import arace, race
from langchain_novastack.fallbacks.plan import Plan
from langchain_novastack.fallbacks.race import Hedges  # noqa: TC001 - pydantic reads the annotation
from langchain_novastack.fallbacks.relay import Relay
from langchain_novastack.fallbacks.tally import Skipping
from langchain_novastack.fallbacks.turns import Place
from langchain_novastack.tracing import Run
from langchain_novastack.validation import bad_argument, named

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence

    from typing_extensions import Self

    from langchain_novastack.fallbacks.attempt import Attempt


def with_fallbacks(
    runnable: Runnable[Input, Output],
    fallbacks: Sequence[Runnable[Any, Any]],
    *,
    exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
    exception_key: str | None = None,
) -> NovastackFallbacks[Input, Output]:
    """Return this runnable with others behind it, tried in order by `langchain_novastack.fallbacks.rules`.

    The method `with_fallbacks` of this package's models, bindings and sequences.

    Args:
        runnable: What answers first.
        fallbacks: What answers when this fails, most preferred first; may be empty.
        exceptions_to_handle: Narrows the rules: other errors are raised at once.
        exception_key: Key of a dict input under which a fallback gets the error before it.

    Raises:
        ValueError: If `fallbacks` is not a list of Runnables.
    """
    with named("fallbacks", "a list of Runnables"):
        behind = list(fallbacks)
    return NovastackFallbacks(
        runnable=runnable, fallbacks=behind, exceptions_to_handle=exceptions_to_handle, exception_key=exception_key
    )


@public("langchain_novastack.fallbacks")
class NovastackFallbacks(RunnableWithFallbacks[Input, Output]):
    """A runnable and the ones that answer when it fails, in order.

    Works for models, models with bound arguments, and chains that begin with one. Messages carry the routing
    record in `response_metadata["routing"]`.

    Raises:
        AllModelsFailedError: If several were tried and none answered. With one in line, its own error.
        StreamInterruptedError: If a stream failed after content.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    aliases: tuple[str, ...] = ()
    """Names of the models in the record, first to last; empty: read off the models."""

    skip_after: int | None = Field(default=3, ge=1)
    """Failures in a row before a model is passed over; None: never."""

    skip_for: float = Field(default=30.0, ge=0)
    """Seconds it is then passed over."""

    max_wait: float = Field(default=2.0, ge=0)
    """Seconds to wait for the turn at a crowded model while another one is able to answer."""

    health: HealthStore | None = Field(default=None, exclude=True)
    """Where health is kept besides this process."""

    hedges: Hedges | None = Field(default=None, exclude=True)
    """When the next model is asked beside one that shows nothing; None: never."""

    with_fallbacks = with_fallbacks  # type: ignore[pydantic-field] # a method

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

    def line(self, model: object = None) -> list[Candidate]:
        """Return the models in the order in which they are tried.

        Args:
            model: The `model` argument of the call, which each of them is asked for in place of its own.
        """
        runnables = list(self.runnables)
        aliases = self.aliases or [None] * len(runnables)
        return [candidate_for(runnable, alias, model) for runnable, alias in zip(runnables, aliases, strict=True)]

    def plan(self) -> Plan:
        """Return a fresh plan with this branch's settings."""
        return Plan(
            skipping=self.skipping, max_wait=self.max_wait, handle=self.exceptions_to_handle, hedges=self.hedges
        )

    @property
    def skipping(self) -> Skipping:
        """When a model is passed over."""
        return Skipping(self.skip_after, self.skip_for, self.health)

    def bind_tools(self, tools: Any, **kwargs: Any) -> Self:
        """Bind tools to every model in line."""
        return cast("Self", self._lifted("bind_tools", tools, **kwargs))

    def with_structured_output(self, schema: Any = None, **kwargs: Any) -> NovastackFallbacks[Input, Any]:
        """Make every model in line answer in the shape of a schema."""
        return cast("NovastackFallbacks[Input, Any]", self._lifted("with_structured_output", schema, **kwargs))

    def _lifted(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        first, *rest = (getattr(runnable, method)(*args, **kwargs) for runnable in self.runnables)
        return self.model_copy(update={"runnable": first, "fallbacks": rest})

    def _given(self, input: Any, attempts: Attempts, attempt: Attempt) -> Any:
        """Return the input for an attempt: with the last error in it where `exception_key` asks for that."""
        if self.exception_key is None or not attempts.failed:
            return attempt.fitted(input)
        return {**input, self.exception_key: attempts.failed[-1][1]}

    def _asked(self, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Return what a line is asked with, by a fresh plan."""
        if self.exception_key is not None and not isinstance(input, dict):
            raise bad_argument("input", "be a dict where `exception_key` is given", type(input).__name__)
        return self.line(kwargs.get("model")), self.plan(), input, ensure_config(config)

    # ---- four ways

    @override
    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Return the answer of the first model in line that gives one."""
        answer: Output = self.invoke_line(*self._asked(input, config, kwargs), **kwargs)
        return answer

    @override
    async def ainvoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Return the answer of the first model in line that gives one."""
        answer: Output = await self.ainvoke_line(*self._asked(input, config, kwargs), **kwargs)
        return answer

    @override
    def stream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Output]:
        """Stream the answer of the first model in line that begins one."""
        return self.stream_line(*self._asked(input, config, kwargs), **kwargs)

    @override
    def astream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Output]:
        """Stream the answer of the first model in line that begins one."""
        return self.astream_line(*self._asked(input, config, kwargs), **kwargs)

    def invoke_line(self, line: list[Candidate], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any) -> Any:
        """Ask the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)

        def ask(attempt: Attempt) -> Any:
            with attempt, attempt.context:
                given, config = self._given(input, attempts, attempt), attempt.config(run.config)
                return attempt.accept(attempt.candidate.runnable.invoke(given, config, **kwargs), kwargs)
            return None

        with Run(config, self, input, listened=plan.listened) as run:
            for attempt in attempts:
                if isinstance(attempt, Place):
                    attempt.wait()
                    continue
                made, run.output = race(attempts, attempt, ask)
                if made.error is None:
                    run.output = made.attach(run.output)
                    return run.output
            raise attempts.error()

    async def ainvoke_line(
        self, line: list[Candidate], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any
    ) -> Any:
        """Ask the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)

        async def ask(attempt: Attempt) -> Any:
            with attempt, attempt.context:
                given, config = self._given(input, attempts, attempt), attempt.config(run.config)
                return attempt.accept(await attempt.candidate.runnable.ainvoke(given, config, **kwargs), kwargs)
            return None

        async with Run(config, self, input, listened=plan.listened) as run:
            for attempt in attempts:
                if isinstance(attempt, Place):
                    await attempt.awaited()
                    continue
                made, run.output = await arace(attempts, attempt, ask)
                if made.error is None:
                    run.output = made.attach(run.output)
                    return run.output
            raise attempts.error()

    def stream_line(
        self, line: list[Candidate], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any
    ) -> Iterator[Any]:
        """Stream from the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)

        def ask(attempt: Attempt) -> tuple[Relay, Any, list[Any]]:
            relay = Relay(attempt)
            chunks = _streamed(attempt, relay, self._given(input, attempts, attempt), run.config, kwargs)
            return relay, chunks, list(islice(chunks, 1))

        with Run(config, self, input, listened=plan.listened) as run:
            for attempt in attempts:
                if isinstance(attempt, Place):
                    attempt.wait()
                    continue
                made, (relay, chunks, first) = race(attempts, attempt, ask)
                run.chunks = made.shown
                with closing(chunks):
                    yield from first
                    yield from chunks
                if made.error is None:
                    yield from relay.closing()
                    return
            raise attempts.error()

    async def astream_line(
        self, line: list[Candidate], plan: Plan, input: Any, config: RunnableConfig, **kwargs: Any
    ) -> AsyncGenerator[Any, None]:
        """Stream from the models of a line by a plan; a router hands in its own."""
        attempts = Attempts(line, plan)

        async def ask(attempt: Attempt) -> tuple[Relay, Any, list[Any]]:
            return await _begun(attempt, self._given(input, attempts, attempt), run.config, kwargs)

        async with Run(config, self, input, listened=plan.listened) as run:
            for attempt in attempts:
                if isinstance(attempt, Place):
                    await attempt.awaited()
                    continue
                made, (relay, chunks, first) = await arace(attempts, attempt, ask)
                run.chunks = made.shown
                async with aclosing(chunks):
                    for chunk in first:
                        yield chunk
                    async for chunk in chunks:
                        yield chunk
                if made.error is None:
                    for chunk in relay.closing():
                        yield chunk
                    return
            raise attempts.error()

    # Each input by itself, so that one that falls back does not hold up the others.
    batch, abatch = Runnable.batch, Runnable.abatch


def _streamed(
    attempt: Attempt, relay: Relay, input: Any, config: RunnableConfig, kwargs: dict[str, Any]
) -> Iterator[Any]:
    """Make one attempt; yield what it shows."""
    model = attempt.candidate.runnable
    with attempt, _closing(model.stream(input, attempt.config(config), **kwargs)) as source:
        with attempt.context:
            opening = relay.opening(source)
        yield from opening
        yield from filter(relay.shows, source)
        relay.end()


async def _astreamed(
    attempt: Attempt, relay: Relay, input: Any, config: RunnableConfig, kwargs: dict[str, Any]
) -> AsyncGenerator[Any, None]:
    """Make one attempt; yield what it shows."""
    model = attempt.candidate.runnable
    with attempt:
        async with _aclosing(model.astream(input, attempt.config(config), **kwargs)) as source:
            with attempt.context:
                opening = await relay.aopening(source)
            for chunk in opening:
                yield chunk
            async for chunk in source:
                if relay.shows(chunk):
                    yield chunk
            relay.end()


async def _begun(
    attempt: Attempt, input: Any, config: RunnableConfig, kwargs: dict[str, Any]
) -> tuple[Relay, Any, list[Any]]:
    """Make one attempt as far as the first thing it shows."""
    relay = Relay(attempt)
    chunks = _astreamed(attempt, relay, input, config, kwargs)
    async for chunk in chunks:
        return relay, chunks, [chunk]
    return relay, chunks, []


def _closing(source: Any) -> AbstractContextManager[Any]:
    """Close a stream at the end of the block, if it can be closed."""
    return closing(source) if hasattr(source, "close") else nullcontext(source)


def _aclosing(source: Any) -> AbstractAsyncContextManager[Any]:
    """Close a stream at the end of the block, if it can be closed."""
    return aclosing(source) if hasattr(source, "aclose") else nullcontext(source)
