"""Messages of the usual shape, made without validation, which would take most of the time that a chunk costs.

Each begins as a copy of one that LangChain has validated, so that a field that LangChain adds has its default here.
"""

from __future__ import annotations

from typing import Any, TypeVar

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import invalid_tool_call, tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.prompt_values import ChatPromptValue
from pydantic import BaseModel

Made = TypeVar("Made", bound=BaseModel)

_set = object.__setattr__
_ANSWER = AIMessage(content="", additional_kwargs={}, name=None, id=None, tool_calls=[], invalid_tool_calls=[])
_WHOLE = ChatGeneration(message=_ANSWER, generation_info={})
_RESULT = ChatResult(generations=[_WHOLE], llm_output={})
_PROMPT = ChatPromptValue(messages=[])
_CHUNK = AIMessageChunk(content="", additional_kwargs={}, id=None, tool_call_chunks=[])
_GENERATION = ChatGenerationChunk(message=_CHUNK, generation_info=None)


def _like(made: Made, fields: dict[str, Any]) -> Made:
    """Return a copy of what was validated, with other fields."""
    copy = object.__new__(type(made))
    _set(copy, "__dict__", {**made.__dict__, **fields})
    _set(copy, "__pydantic_fields_set__", made.__pydantic_fields_set__.copy())
    _set(copy, "__pydantic_extra__", None if made.__pydantic_extra__ is None else {})
    _set(copy, "__pydantic_private__", None)
    return copy


def prompt(messages: list[BaseMessage]) -> ChatPromptValue:
    """Return messages as a prompt."""
    return _like(_PROMPT, {"messages": messages})


def result(generations: list[ChatGeneration], output: dict[str, Any]) -> ChatResult:
    """Return the result of a call, and its `llm_output`."""
    return _like(_RESULT, {"generations": generations, "llm_output": output})


def answer(info: dict[str, Any], fields: dict[str, Any]) -> ChatGeneration:
    """Return a whole answer with all fields of its message, as validation would give them.

    It is validated all the same where its content is not text, or it has a name or an id.
    """
    if type(fields["content"]) is not str or fields["name"] is not None or fields["id"] is not None:
        return ChatGeneration(message=AIMessage(**fields), generation_info=info)
    message = _like(_ANSWER, fields)
    return _like(_WHOLE, {"message": message, "text": fields["content"], "generation_info": info})


def chunk(
    provider: str, content: str = "", extra: dict[str, Any] | None = None, pieces: list[dict[str, Any]] | None = None
) -> ChatGenerationChunk:
    """Return a chunk that goes on with a text, with reasoning (as `extra`), or with the arguments of tool calls.

    The `pieces` of calls are in the standard shape; none begins an object.
    """
    fields: dict[str, Any] = {
        "content": content,
        "additional_kwargs": extra or {},
        "response_metadata": {"model_provider": provider},
    }
    given = [(piece["function"]["arguments"], piece["index"]) for piece in pieces or ()]
    fields["tool_calls"] = [tool_call(name="", args={}, id=None) for text, _ in given if not text]
    fields["invalid_tool_calls"] = [invalid_tool_call(args=text) for text, _ in given if text]
    fields["tool_call_chunks"] = [tool_call_chunk(name=None, args=text, id=None, index=at) for text, at in given]
    return _like(_GENERATION, {"message": _like(_CHUNK, fields), "text": content})
