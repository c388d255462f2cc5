"""`NovastackFallbacks`: a model with others behind it. What `with_fallbacks` of our models returns.

A `RunnableWithFallbacks` that judges failures by `langchain_novastack.fallbacks.rules` instead of falling back on
anything, shows every attempt under one run, and loses no error. Chunks are held back until one says something: until
then another model may answer. The tail, the last chunk of a message's stream, waits until the attempt has ended well:
it carries the record.
"""

from __future__ import annotations

from contextlib import aclosing, closing, nullcontext, suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import Runnable, RunnableConfig, RunnableWithFallbacks
from langchain_core.runnables.config import ensure_config
from langchain_core.runnables.utils import Input, Output
from pydantic import ConfigDict, Field
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.fallbacks.attempts import Attempts
from langchain_novastack.fallbacks.breaker import Skipping
from langchain_novastack.fallbacks.candidate import Candidate, Hedges, Plan, candidate_for
from langchain_novastack.fallbacks.health_store import HealthStore  # noqa: TC001 - pydantic reads it
from langchain_novastack.fallbacks.misfits import check_ended
from langchain_novastack.tracing import Run
from langchain_novastack.transport import both_ways
from langchain_novastack.validation import bad_argument, named

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

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

    The most preferred first; a `ValueError` says that they are not a list of Runnables. `exceptions_to_handle` narrows
    the rules: other errors are raised at once. `exception_key` is that of a dict input under which a fallback gets
    the error before it.
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
        """Return the models in the order in which they are tried; each is asked for `model` in place of its own."""
        runnables = list(self.runnables)
        aliases = self.aliases or [None] * len(runnables)
        return [candidate_for(runnable, alias, model) for runnable, alias in zip(runnables, aliases, strict=True)]

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

    def plan(self, input: Any, line: list[Candidate]) -> Plan:
        """Return a fresh plan for a call, with this branch's settings."""
        if self.exception_key is not None and not isinstance(input, dict):
            raise bad_argument("input", "be a dict where `exception_key` is given", type(input).__name__)
        plan = Plan(line, input, self.skipping, max_wait=self.max_wait, hedges=self.hedges)
        plan.handle, plan.error_key = self.exceptions_to_handle, self.exception_key
        return plan

    def _begun(self, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]) -> tuple[Plan, Run]:
        """Return the plan and the run of a call; in place of an input, a router hands in its own plan."""
        if isinstance(input, Plan):
            return input, Run(config or {}, self, input.input, listened=input.listened)
        plan, run = self.plan(input, self.line(kwargs.get("model"))), Run(ensure_config(config), self, input)
        plan.listened = run.listened
        return plan, run

    # ---- four ways

    @override
    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Return the answer of the first model in line that gives one."""
        plan, run = self._begun(input, config, kwargs)
        with run:
            return cast("Output", both_ways.run(_answer(Attempts(plan, sync=True), run, kwargs)))

    @override
    async def ainvoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Return the answer of the first model in line that gives one."""
        plan, run = self._begun(input, config, kwargs)
        async with run:
            return cast("Output", await _answer(Attempts(plan, sync=False), run, kwargs))

    @override
    def stream(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Output]:
        """Stream the answer of the first model in line that begins one."""
        plan, run = self._begun(input, config, kwargs)

        async def ask(attempt: Attempt) -> tuple[Any, list[Any]]:
            chunks = _streamed(attempt, run.config, kwargs)
            return chunks, list(islice(chunks, 1))

        with run:
            made, (chunks, first) = both_ways.run(Attempts(plan, sync=True).answered(ask))
            run.chunks = made.shown
            with closing(chunks):
                yield from chain(first, chunks)
            yield from _tail(made)

    @override
    async def astream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncGenerator[Output, None]:
        """Stream the answer of the first model in line that begins one."""
        plan, run = self._begun(input, config, kwargs)
        begun: list[AsyncGenerator[Any, None]] = []

        async def ask(attempt: Attempt) -> tuple[Any, list[Any]]:
            chunks = _astreamed(attempt, run.config, kwargs)
            begun.append(chunks)
            async for chunk in chunks:
                return chunks, [chunk]
            return chunks, []

        async with run:
            try:
                made, (chunks, first) = await Attempts(plan, sync=False).answered(ask)
                run.chunks = made.shown
                for chunk in first:
                    yield chunk
                async for chunk in chunks:
                    yield chunk
            finally:
                await _close_all(begun)
            for chunk in _tail(made):
                yield chunk

    # Each input by itself, so that one that falls back does not hold up the others.
    batch, abatch = Runnable.batch, Runnable.abatch


async def _answer(attempts: Attempts, run: Run, kwargs: dict[str, Any]) -> Any:
    made, answer = await attempts.answered(partial(_ask, run, kwargs, attempts.sync))
    run.output = made.attach(answer)
    return run.output


async def _ask(run: Run, kwargs: dict[str, Any], sync: bool, attempt: Attempt) -> Any:  # noqa: FBT001 - one of a `partial`
    model = attempt.candidate.runnable
    with attempt, attempt.context:
        given = attempt.asked(run.config)
        if attempt.is_foreign:
            answer = await _in_time(attempt, given, kwargs, sync=sync)
        else:
            answer = model.invoke(*given, **kwargs) if sync else await model.ainvoke(*given, **kwargs)
        return attempt.accept(answer, kwargs)
    return None


async def _in_time(attempt: Attempt, given: tuple[Any, ...], kwargs: Mapping[str, Any], *, sync: bool) -> Any:
    model, once = attempt.candidate.runnable, (None,)
    if sync:
        (answer,) = attempt.bounded(model.invoke(*given, **kwargs) for _ in once)
    else:
        (answer,) = [each async for each in attempt.bounded(await model.ainvoke(*given, **kwargs) for _ in once)]
    return answer


# ---- what one attempt streams, on its way to the caller


def _streamed(attempt: Attempt, config: RunnableConfig, kwargs: Mapping[str, Any]) -> Iterator[Any]:
    """Make one attempt; yield what it shows."""
    with attempt:
        streamed = attempt.candidate.runnable.stream(*attempt.asked(config, streams=True), **kwargs)
        with _closing(attempt.bounded(streamed), closing) as source:
            with attempt.context:
                held = both_ways.run(_held(source))
            yield from _opened(attempt, held)
            yield from filter(partial(_shows, attempt), source)
            if attempt.candidate.plain:
                check_ended([*attempt.shown, attempt.whole], attempt.candidate.alias)


async def _astreamed(attempt: Attempt, config: RunnableConfig, kwargs: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
    with attempt:
        streamed = attempt.candidate.runnable.astream(*attempt.asked(config, streams=True), **kwargs)
        async with _closing(attempt.bounded(streamed), aclosing) as source:
            with attempt.context:
                held = await _held(source)
            for chunk in _opened(attempt, held):
                yield chunk
            async for chunk in source:
                if _shows(attempt, chunk):
                    yield chunk
            if attempt.candidate.plain:
                check_ended([*attempt.shown, attempt.whole], attempt.candidate.alias)


def _tail(attempt: Attempt) -> list[Any]:
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
    if not isinstance(chunk, AIMessageChunk):
        return True
    finished = chunk.response_metadata.get("finish_reason")
    return bool(chunk.content or chunk.tool_call_chunks or chunk.additional_kwargs or finished)


async def _held(source: Any) -> list[Any]:
    held: list[Any] = []
    while (chunk := await both_ways.following(source, held)) is not held:
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


async def _close_all(begun: list[AsyncGenerator[Any, None]]) -> None:
    """Close what was begun, also what a cancelled call never got to see; one that is still cut off ends by itself."""
    for chunks in begun:
        with suppress(RuntimeError):
            await chunks.aclose()


def _closing(source: Any, how: Any) -> Any:
    """Close a stream at the end of the block, if it can be closed."""
    return how(source) if hasattr(source, "close" if how is closing else "aclose") else nullcontext(source)
