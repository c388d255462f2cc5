"""Models with call arguments or a parser attached, whose `with_fallbacks` is ours as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from langchain_core.runnables import (
    Runnable,
    RunnableBinding,
    RunnableGenerator,
    RunnableLambda,
    RunnableMap,
    RunnableSequence,
)
from langchain_core.runnables.utils import AddableDict, Input, Output
from typing_extensions import override

from langchain_novastack.chat_models.payload import strict_format
from langchain_novastack.validation import named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from langchain_core.language_models import LanguageModelInput
    from langchain_core.runnables import RunnableConfig
    from pydantic import BaseModel
    from typing_extensions import Self

    from langchain_novastack.fallbacks.runnable import NovastackFallbacks
    from langchain_novastack.policies.decision import RouteDecision
    from langchain_novastack.router.compare import Comparison


_TOOLS = ("tools", "tool_choice", "parallel_tool_calls")
"""Call arguments that come with tools and go with them."""


class OurFallbacks(Runnable[Input, Output]):
    """Mixin: `with_fallbacks` gives `NovastackFallbacks`."""

    @override
    def with_fallbacks(
        self,
        fallbacks: Sequence[Runnable[Any, Any]],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
        exception_key: str | None = None,
    ) -> NovastackFallbacks[Input, Output]:
        """Return this runnable with others behind it, tried in order by `langchain_novastack.fallbacks.rules`.

        Args:
            fallbacks: What answers when this fails, most preferred first; may be empty.
            exceptions_to_handle: Narrows the rules: other errors are raised at once.
            exception_key: Key of a dict input under which a fallback gets the error before it.
        """
        with named("fallbacks", "a list of Runnables"):
            fallbacks = list(fallbacks)
        from langchain_novastack.fallbacks.runnable import NovastackFallbacks  # noqa: PLC0415 - it holds bindings itself

        return NovastackFallbacks(
            runnable=self,
            fallbacks=fallbacks,
            exceptions_to_handle=exceptions_to_handle,
            exception_key=exception_key,
        )


class OurBindings(OurFallbacks[Input, Output]):
    """Mixin for models: what is set on one is kept where tools or a schema are bound to it later."""

    @override
    def with_config(self, config: RunnableConfig | None = None, **kwargs: Any) -> NovastackBinding[Input, Output]:
        """Bind config."""
        return cast("NovastackBinding[Input, Output]", self.bind().with_config(config, **kwargs))

    @override
    def with_listeners(self, **kwargs: Any) -> NovastackBinding[Input, Output]:
        """Bind listeners, as `Runnable.with_listeners` does: `on_start`, `on_end`, `on_error`."""
        return cast("NovastackBinding[Input, Output]", self.bind().with_listeners(**kwargs))


class NovastackBinding(OurFallbacks[Input, Output], RunnableBinding[Input, Output]):  # type: ignore[no-redef] # pydantic's plugin counts `kwargs` twice
    """A model with call arguments bound to it."""

    @classmethod
    @override
    def lc_id(cls) -> list[str]:
        """Serialize as core's `RunnableBinding`, which core's loader knows."""
        return [*cls.get_lc_namespace(), "RunnableBinding"]

    def bind_tools(self, tools: Any, **kwargs: Any) -> Self:
        """Bind tools beside what is bound already, which core's binding would forget; earlier tools give way."""
        model: Any = self.bound
        others = {name: value for name, value in self.kwargs.items() if name not in _TOOLS}
        return self.model_copy(update={"kwargs": {**others, **model.bind_tools(tools, **kwargs).kwargs}})

    def with_structured_output(
        self, schema: Any = None, *, method: str = "json_schema", include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Answer in the shape of a schema, with what is bound already, which core's binding would forget."""
        chain = self.bound.with_structured_output(schema, method=method, **kwargs)  # type: ignore[attr-defined]
        return structured_output(self, chain, schema, method=method, include_raw=include_raw)


class RouterBinding(NovastackBinding[Any, AIMessage]):  # type: ignore[no-redef] # as above
    """A router with call arguments bound to it. What is bound holds for a decision and a comparison too."""

    def route(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> RouteDecision:
        """Return the decision for a request without asking the model; see `NovastackRouter.route`."""
        decision: RouteDecision = self._router.route(input, self._merge_configs(config), **{**self.kwargs, **kwargs})
        return decision

    async def aroute(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> RouteDecision:
        """Return the decision for a request without asking the model; see `NovastackRouter.route`."""
        asked = self._router.aroute(input, self._merge_configs(config), **{**self.kwargs, **kwargs})
        decision: RouteDecision = await asked
        return decision

    def compare(
        self, input: Any, models: Sequence[str] | None = None, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Comparison:
        """Ask several models the same, at once, without fallback; see `NovastackRouter.compare`."""
        compared: Comparison = self._router.compare(
            input, models, self._merge_configs(config), **{**self._shared(), **kwargs}
        )
        return compared

    async def acompare(
        self, input: Any, models: Sequence[str] | None = None, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Comparison:
        """Ask several models the same, at once, without fallback; see `NovastackRouter.compare`."""
        asked = self._router.acompare(input, models, self._merge_configs(config), **{**self._shared(), **kwargs})
        compared: Comparison = await asked
        return compared

    @property
    def _router(self) -> Any:
        return self.bound

    def _shared(self) -> dict[str, Any]:
        """Return what is bound for all models: which one is named, a comparison says itself."""
        return {name: value for name, value in self.kwargs.items() if name not in {"model", "fallback"}}


class NovastackSequence(OurFallbacks[Any, Any], RunnableSequence[Any, Any]):
    """A model and the parser of its answers."""

    @classmethod
    @override
    def lc_id(cls) -> list[str]:
        """Serialize as core's `RunnableSequence`, which core's loader knows."""
        return [*cls.get_lc_namespace(), "RunnableSequence"]


class SchemaParser:
    """Parses the text of an answer into a Pydantic class."""

    def __init__(self, schema: type[BaseModel]) -> None:
        """Parse into `schema`."""
        self.schema = schema

    def __call__(self, message: AIMessage) -> BaseModel | None:
        """Return the answer as an object; None if the model called a tool instead.

        Raises:
            OutputParserException: If the answer is a refusal or does not fit the schema.
        """
        if refusal := message.additional_kwargs.get("refusal"):
            msg = f"The model refused: {refusal}"
            raise OutputParserException(msg, llm_output=str(refusal))
        if message.tool_calls and not message.content:
            return None
        try:
            return self.schema.model_validate_json(message.text)
        except ValueError as error:
            msg = f"The answer does not fit {self.schema.__name__}: {error}"
            raise OutputParserException(msg, llm_output=message.text) from error


class RawParser:
    """Adds to an answer what it parses into, or why it does not parse.

    Core's own chain for `include_raw` raises the parser's error where the answer is streamed.
    """

    def __init__(self, parser: Runnable[Any, Any]) -> None:
        """Parse with `parser`."""
        self.parser = parser

    def transform(self, outputs: Iterator[Any], config: RunnableConfig) -> Iterator[Any]:
        """Let `{"raw": ...}` through as it comes, then give `parsed` and `parsing_error`."""
        total: Any = AddableDict()
        for output in outputs:
            total += AddableDict(output)
            yield AddableDict(output)
        try:
            parsed = self.parser.invoke(total["raw"], config)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is what the caller asked for
            yield AddableDict(parsed=None, parsing_error=error)
        else:
            yield AddableDict(parsed=parsed, parsing_error=None)

    async def atransform(self, outputs: AsyncIterator[Any], config: RunnableConfig) -> AsyncIterator[Any]:
        """Let `{"raw": ...}` through as it comes, then give `parsed` and `parsing_error`."""
        total: Any = AddableDict()
        async for output in outputs:
            total += AddableDict(output)
            yield AddableDict(output)
        try:
            parsed = await self.parser.ainvoke(total["raw"], config)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is what the caller asked for
            yield AddableDict(parsed=None, parsing_error=error)
        else:
            yield AddableDict(parsed=parsed, parsing_error=None)


def without_empty_tools(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Leave out an empty list of tools and what goes with one: gateways refuse it, and agents without tools bind it."""
    unsaid = () if kwargs.get("tools") else _TOOLS
    return {name: value for name, value in kwargs.items() if name not in unsaid}


def structured_output(
    model: Any, chain: Runnable[Any, Any], schema: Any, *, method: str, include_raw: bool
) -> Runnable[LanguageModelInput, Any]:
    """Attach to a model what `ChatOpenAI.with_structured_output` made, arguments and parser.

    Args:
        model: What answers; its `bind` gets the arguments.
        chain: The sequence of bound model and parser that `ChatOpenAI` made.
        schema: The schema it was made for.
        method: The method it was made for.
        include_raw: Whether to return `{"raw", "parsed", "parsing_error"}`.
    """
    first, parser = chain.first, chain.last  # type: ignore[attr-defined] # a RunnableSequence of two
    kwargs = dict(first.kwargs)
    if method == "json_schema" and isinstance(schema, type) and isinstance(kwargs.get("response_format"), type):
        kwargs["response_format"] = strict_format(schema)
        parser = RunnableLambda(SchemaParser(schema)).with_types(output_type=schema)
    bound = model.bind(**kwargs)
    if not include_raw:
        return NovastackSequence(first=bound, last=parser)
    parsing: Any = RawParser(parser)
    return NovastackSequence(
        first=RunnableMap(raw=bound), last=RunnableGenerator(parsing.transform, parsing.atransform)
    )
