"""Answers in the shape of a schema: the parsers, and the chain of a model and its parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import BaseCumulativeTransformOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator, RunnableSequence
from langchain_core.runnables.config import ensure_config
from langchain_core.runnables.utils import AddableDict
from pydantic import ValidationError
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.chat_models.payload import strict_format
from langchain_novastack.chat_models.reading.markup import is_thought, plain_json
from langchain_novastack.chat_models.reading.refusals import length_error, raise_refusal, refusal_in
from langchain_novastack.dialects import meaning
from langchain_novastack.errors import NovastackMisfitError
from langchain_novastack.fallbacks.misfits import NOT_JSON, is_cut, misfit
from langchain_novastack.fallbacks.runnable import with_fallbacks
from langchain_novastack.tracing import is_heard, untouched
from langchain_novastack.transport.attempt_context import current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.language_models import LanguageModelInput


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
class SchemaParser(PydanticOutputParser[Any]):
    """Parses the text of an answer into a Pydantic class, by JSON's own types; None if the model called a tool."""

    @override
    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        text, message = result[0].text, result[0].message  # type: ignore[attr-defined] # of a chat model
        if message.tool_calls and not text:
            return None
        try:
            return self.pydantic_object.model_validate_json(text)
        except ValueError as error:
            if partial:
                return None
            msg = f"The answer does not fit {self.pydantic_object.__name__}: {error}"
            raise OutputParserException(msg, llm_output=text) from error


@public("langchain_novastack.chat_models")
class AnswerParser(BaseCumulativeTransformOutputParser[Any]):
    """A parser of structured answers that is given only answers: no refusal, no half of one, nothing around the JSON.

    Raises:
        OpenAIRefusalError: For a refusal, or an answer that a filter stopped.
        openai.LengthFinishReasonError: For an answer that was cut off by `max_tokens`.
    """

    parser: Any
    """What `ChatOpenAI` parses with."""

    of_text: bool
    """Whether the JSON is the text of the answer, rather than the arguments of a tool call."""

    @property
    @override
    def OutputType(self) -> Any:
        return self.parser.OutputType

    @override
    def parse(self, text: str) -> Any:
        return self.read(AIMessage(text))

    @override
    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        message: Any = result[0].message  # type: ignore[attr-defined] # of a chat model
        if not isinstance(message, AIMessage):  # but one of no kind: a whole one, streamed
            message = AIMessage(**message.model_dump(exclude={"type"}))
        return self.read(message, partial=partial and getattr(message, "chunk_position", "last") != "last")

    @override
    async def aparse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        return self.parse_result(result, partial=partial)  # core would go to another thread

    def read(self, message: Any, *, partial: bool = False) -> Any:
        """Return what an answer parses into, without a run; None for `partial` ones of which nothing can be read."""
        if not partial:  # else it would be raised with its first words
            raise_refusal(message)
        cut = not partial and meaning(message.response_metadata.get("finish_reason")) == "cut"
        if cut and self.of_text:
            raise length_error(message)
        text = message.text if self.of_text else ""
        if partial and (refusal_in(message) is not None or (self.of_text and is_thought(text))):
            return None
        answer = ChatGeneration.model_construct(message=message, text=plain_json(text))
        judges = not partial and not is_cut(message) and current().judges
        try:
            parsed = self.parser.parse_result([answer], partial=partial)
        except ValueError as error:  # core's `OutputParserException` and pydantic's `ValidationError` are both
            if not judges:
                raise
            raise misfit(_why(error), message) from error
        if parsed is None and cut:
            raise length_error(message)
        if parsed is None and judges and not self.of_text:
            why = "it does not call the tool that was to be called"
            raise misfit(why, message)
        return parsed

    def check(self, message: Any) -> None:
        """Raise `NovastackMisfitError` if an answer does not parse; refusals, and what is cut, are left to `read`."""
        if not is_cut(message) and refusal_in(message) is None:
            self.read(message)


def _why(error: BaseException) -> str:
    """Say in words that quote neither the answer nor the prompt why an answer does not parse."""
    cause = error if isinstance(error, ValidationError) else error.__cause__
    if not isinstance(cause, ValidationError):
        return NOT_JSON
    first = cause.errors(include_context=False, include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['type'].replace('_', ' ')}"


@public("langchain_novastack.chat_models")
class RawParser:
    """Adds to an answer what it parses into, or why it does not parse; core's chain raises that in streams."""

    def __init__(self, parser: AnswerParser) -> None:
        """Parse with `parser`."""
        self.parser = parser

    def transform(self, messages: Iterator[Any], config: RunnableConfig) -> Iterator[Any]:
        """Give the answer as `{"raw": ...}` as it comes, then `parsed` and `parsing_error`."""
        total: Any = AddableDict()
        for message in messages:
            total += AddableDict(raw=message)
            yield AddableDict(raw=message)
        yield _judged(*self.parser.batch([total["raw"]], config, return_exceptions=True))

    async def atransform(self, messages: AsyncIterator[Any], config: RunnableConfig) -> AsyncIterator[Any]:
        """Give the answer as `{"raw": ...}` as it comes, then `parsed` and `parsing_error`."""
        total: Any = AddableDict()
        async for message in messages:
            total += AddableDict(raw=message)
            yield AddableDict(raw=message)
        yield _judged(*await self.parser.abatch([total["raw"]], config, return_exceptions=True))


def _judged(parsed: Any) -> AddableDict:
    if isinstance(parsed, NovastackMisfitError):
        raise parsed
    failed = isinstance(parsed, Exception)  # whatever a parser raises is what the caller asked for
    return AddableDict(parsed=None if failed else parsed, parsing_error=parsed if failed else None)


def structured_output(
    model: Any, chain: Runnable[Any, Any], schema: Any, *, method: str, include_raw: bool, judges: bool = False
) -> Runnable[LanguageModelInput, Any]:
    """Attach to a model the `chain` of arguments and parser that `ChatOpenAI` made for a schema and a method.

    A model that `judges` takes `answer_parser`, to ask the next one for an answer that does not parse.
    """
    first, parser, name = chain.first, chain.last, chain.last.get_name()  # type: ignore[attr-defined] # of two
    kwargs = dict(first.kwargs)
    if method == "json_schema" and isinstance(schema, type) and isinstance(kwargs.get("response_format"), type):
        kwargs["response_format"] = strict_format(schema)
        parser = SchemaParser(pydantic_object=schema)
    if not isinstance(parser, AnswerParser):
        parser = AnswerParser(parser=parser, of_text=method != "function_calling", name=name)
    if judges:
        kwargs["answer_parser"] = parser
    bound = model.bind(**kwargs)
    if not include_raw:
        return NovastackSequence(first=bound, last=parser)
    raw: Any = RawParser(parser)
    return NovastackSequence(first=bound, last=RunnableGenerator(raw.transform, raw.atransform))
