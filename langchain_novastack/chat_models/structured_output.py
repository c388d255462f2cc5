"""Answers in the shape of a schema: the parsers, and the chain of a model and its parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.exceptions import OutputParserException
from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableMap, RunnableSequence
from langchain_core.runnables.config import ensure_config
from langchain_core.runnables.utils import AddableDict
from langchain_openai.chat_models.base import OpenAIRefusalError
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.chat_models.payload import strict_format
from langchain_novastack.chat_models.reading.markup import plain_json
from langchain_novastack.chat_models.reading.structured import AnswerParser
from langchain_novastack.errors import NovastackMisfitError
from langchain_novastack.fallbacks.runnable import with_fallbacks
from langchain_novastack.tracing import is_heard, untouched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.language_models import LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import RunnableConfig
    from pydantic import BaseModel


@public("langchain_novastack.chat_models")
class NovastackSequence(RunnableSequence[Any, Any]):
    """A model and the parser of its answers."""

    with_fallbacks = with_fallbacks  # type: ignore[pydantic-field] # a method

    @override
    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        if not self._is_straight("invoke", config):
            return super().invoke(input, config, **kwargs)
        return self.last.read(self.first.invoke(input, config, **kwargs))  # type: ignore[attr-defined] # our parser

    @override
    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        if not self._is_straight("ainvoke", config):
            return await super().ainvoke(input, config, **kwargs)
        return self.last.read(await self.first.ainvoke(input, config, **kwargs))  # type: ignore[attr-defined] # as above

    def _is_straight(self, way: str, config: RunnableConfig | None) -> bool:
        """Tell whether a call can do without the runs of sequence and parser, since nobody listens."""
        config = ensure_config(config)
        if type(self.last) is not AnswerParser or config.get("run_name") or config.get("run_id"):
            return False
        return untouched(getattr(RunnableSequence, way), getattr(AnswerParser, way)) and not is_heard(config)

    @classmethod
    @override
    def lc_id(cls) -> list[str]:
        """Serialize as core's `RunnableSequence`, which core's loader knows."""
        return [*cls.get_lc_namespace(), "RunnableSequence"]


@public("langchain_novastack.chat_models")
class RefusedOutputError(OutputParserException, OpenAIRefusalError):
    """A refusal where a schema was asked for, on a langchain-core that has no class of its own for it (1.7.4)."""


@public("langchain_novastack.chat_models")
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
            raise RefusedOutputError(msg, llm_output=str(refusal))
        if message.tool_calls and not message.content:
            return None
        try:
            return self.schema.model_validate_json(plain_json(message.text))
        except ValueError as error:
            msg = f"The answer does not fit {self.schema.__name__}: {error}"
            raise OutputParserException(msg, llm_output=message.text) from error


@public("langchain_novastack.chat_models")
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
            yield AddableDict(parsed=self.parser.invoke(total["raw"], config), parsing_error=None)
        except NovastackMisfitError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is what the caller asked for
            yield AddableDict(parsed=None, parsing_error=error)

    async def atransform(self, outputs: AsyncIterator[Any], config: RunnableConfig) -> AsyncIterator[Any]:
        """Let `{"raw": ...}` through as it comes, then give `parsed` and `parsing_error`."""
        total: Any = AddableDict()
        async for output in outputs:
            total += AddableDict(output)
            yield AddableDict(output)
        try:
            yield AddableDict(parsed=await self.parser.ainvoke(total["raw"], config), parsing_error=None)
        except NovastackMisfitError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a parser raises is what the caller asked for
            yield AddableDict(parsed=None, parsing_error=error)


def structured_output(
    model: Any, chain: Runnable[Any, Any], schema: Any, *, method: str, include_raw: bool, judges: bool = False
) -> Runnable[LanguageModelInput, Any]:
    """Attach to a model what `ChatOpenAI.with_structured_output` made, arguments and parser.

    Args:
        model: What answers; its `bind` gets the arguments.
        chain: The sequence of bound model and parser that `ChatOpenAI` made.
        schema: The schema it was made for.
        method: The method it was made for.
        include_raw: Whether to return `{"raw", "parsed", "parsing_error"}`.
        judges: Whether the model takes `answer_parser`, to ask the next one for an answer that does not parse.
    """
    first, parser = chain.first, chain.last  # type: ignore[attr-defined] # a RunnableSequence of two
    kwargs = dict(first.kwargs)
    if method == "json_schema" and isinstance(schema, type) and isinstance(kwargs.get("response_format"), type):
        kwargs["response_format"] = strict_format(schema)
        parser = RunnableLambda(SchemaParser(schema)).with_types(output_type=schema)
    if not isinstance(parser, AnswerParser):
        parser = AnswerParser(parser, of_text=method != "function_calling")
    if judges:
        kwargs["answer_parser"] = parser
    bound = model.bind(**kwargs)
    if not include_raw:
        return NovastackSequence(first=bound, last=parser)
    parsing: Any = RawParser(parser)
    return NovastackSequence(
        first=RunnableMap(raw=bound), last=RunnableGenerator(parsing.transform, parsing.atransform)
    )
