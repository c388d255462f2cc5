"""Structured answers: what stands around their JSON, refusals, and answers that were cut off."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import openai
from langchain_core.outputs import ChatGeneration
from langchain_core.runnables import Runnable, RunnableBinding, RunnableLambda
from openai.types.chat import ChatCompletion
from openai.types.completion_usage import CompletionUsage
from pydantic import ValidationError
from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.chat_models.reading.markup import plain_json, without_thought
from langchain_novastack.chat_models.reading.refusals import raise_refusal, refusal_in
from langchain_novastack.dialects import meaning
from langchain_novastack.errors import raise_instead
from langchain_novastack.fallbacks.misfits import is_cut, misfit
from langchain_novastack.transport.attempt_context import current

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.runnables import RunnableConfig


def length_error(message: Any) -> openai.LengthFinishReasonError:
    """Return the SDK's error for a structured answer that was cut off, as `ChatOpenAI` raises it."""
    counts = message.usage_metadata
    usage = counts and CompletionUsage(
        prompt_tokens=counts["input_tokens"],
        completion_tokens=counts["output_tokens"],
        total_tokens=counts["total_tokens"],
    )
    completion = ChatCompletion.model_construct(
        id=message.id or "", choices=[], created=0, model="", object="chat.completion", usage=usage
    )
    return openai.LengthFinishReasonError(completion=completion)


def _parsed(parser: Any, message: Any) -> Any:
    """Parse an answer by what is inside the Runnables; no callback hears of it."""
    while isinstance(parser, RunnableBinding):
        parser = parser.bound
    if isinstance(parser, RunnableLambda):
        return parser.func(message)
    return parser.parse_result([ChatGeneration(message=message)])


@contextmanager
def _judged(message: Any) -> Iterator[None]:
    """Make of a parser's error one after which another model may answer, where one is waiting."""
    try:
        yield
    except ValueError as error:  # core's `OutputParserException` and pydantic's `ValidationError` are both
        if is_cut(message) or not current().judges:
            raise
        failure = misfit(_why(error), message)
        failure.__cause__ = error
    else:
        return
    raise_instead(failure)


def _why(error: BaseException) -> str:
    """Say in words that quote neither the answer nor the prompt why an answer does not parse."""
    cause = error if isinstance(error, ValidationError) else error.__cause__
    if not isinstance(cause, ValidationError):
        return "it is not the JSON that was asked for"
    first = cause.errors(include_context=False, include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['type'].replace('_', ' ')}"


@public("langchain_novastack.chat_models")
class AnswerParser(Runnable[Any, Any]):
    """A parser of structured answers that is given only answers: no refusal, no half of one, nothing around the JSON.

    Raises:
        OpenAIRefusalError: For a refusal, or an answer that a filter stopped (core 1.7.5 or newer).
        openai.LengthFinishReasonError: For an answer that was cut off by `max_tokens`.
    """

    def __init__(self, parser: Runnable[Any, Any], *, of_text: bool) -> None:
        """Read answers for a parser.

        Args:
            parser: What `ChatOpenAI` parses with.
            of_text: Whether the JSON is the text of the answer, rather than the arguments of a tool call.
        """
        self.parser = parser
        self._of_text = of_text

    @property
    @override
    def OutputType(self) -> Any:
        return self.parser.OutputType

    @override
    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        message = self._answer(input)
        with _judged(message):
            parsed = self.parser.invoke(message, config, **kwargs)
        return self._unless_cut(message, parsed)

    @override
    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        message = self._answer(input)
        with _judged(message):
            parsed = await self.parser.ainvoke(message, config, **kwargs)
        return self._unless_cut(message, parsed)

    def read(self, message: Any) -> Any:
        """Return what an answer parses into, as `invoke` does, without a run."""
        message = self._answer(message)
        with _judged(message):
            parsed = _parsed(self.parser, message)
        return self._unless_cut(message, parsed)

    def check(self, message: Any) -> None:
        """Check that an answer parses, inside an attempt; refusals, and answers cut off, are left to `invoke`.

        Raises:
            NovastackMisfitError: If it does not.
        """
        if not is_cut(message) and refusal_in(message) is None:
            self.read(message)

    def _answer(self, message: Any) -> Any:
        raise_refusal(message)
        if not self._of_text:
            return message
        self._unless_cut(message, None)
        text = plain_json(message.content) if isinstance(message.content, str) else message.content
        return message if text == message.content else message.model_copy(update={"content": text})

    def _unless_cut(self, message: Any, parsed: Any) -> Any:
        if parsed is None and meaning(message.response_metadata.get("finish_reason")) == "cut":
            raise length_error(message)
        if parsed is None and not self._of_text and current().judges:
            why = "it does not call the tool that was to be called"
            raise misfit(why, message)
        return parsed

    @override
    def transform(self, input: Iterator[Any], config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Any]:
        seen = _Seen(unwrap=self._of_text)

        def parts() -> Iterator[Any]:
            for message in input:
                yield from seen.add(message)
            self._check(seen, of_text=True)

        yield from self.parser.transform(parts(), config, **kwargs)
        self._check(seen, of_text=False)

    @override
    async def atransform(
        self, input: AsyncIterator[Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        seen = _Seen(unwrap=self._of_text)

        async def parts() -> AsyncIterator[Any]:
            async for message in input:
                for part in seen.add(message):
                    yield part
            self._check(seen, of_text=True)

        async for parsed in self.parser.atransform(parts(), config, **kwargs):
            yield parsed
        self._check(seen, of_text=False)

    def _check(self, seen: _Seen, *, of_text: bool) -> None:
        """Raise for half an answer: for a text before it is parsed, for a call once it has parsed into nothing."""
        if seen.cut and of_text == self._of_text and (of_text or not seen.total.tool_calls):
            raise length_error(seen.total)


class _Seen:
    """The messages of a stream, without the thinking that stands before the JSON in the text."""

    def __init__(self, *, unwrap: bool) -> None:
        self.messages: list[Any] = []
        self.cut = False
        self._unwrap = unwrap
        self._held = ""

    @property
    def total(self) -> Any:
        """All of them as one."""
        first, *rest = self.messages
        return first + rest if rest else first

    def add(self, message: Any) -> Iterator[Any]:
        """Take a message; yield what the parser is to see of it."""
        raise_refusal(message)
        self.messages.append(message)
        self.cut = self.cut or meaning(message.response_metadata.get("finish_reason")) == "cut"
        if not self._unwrap or not isinstance(message.content, str):
            yield message
            return
        self._held += message.content
        text = self._held.lstrip()
        if "<think>".startswith(text[:7]) and "</think>" not in text:
            yield message.model_copy(update={"content": ""})
            return
        self._unwrap = False
        yield message.model_copy(update={"content": without_thought(self._held)})
