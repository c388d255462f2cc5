"""Calls that nobody listens to go straight to a model's own hooks, past the run that core would open for nobody.

What core does besides for every call is done here too, so that no message tells which way it took. Whatever core looks
at and this does not (a cache, a rate limiter, blocks in a message ...), and whatever is patched on the way or
overridden, is left to core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.globals import get_llm_cache
from langchain_core.messages import LC_ID_PREFIX, AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables.config import ensure_config
from langchain_core.utils.uuid import uuid7
from langchain_openai.chat_models.base import ChatOpenAI

from langchain_novastack.tracing import UNHEARD, is_heard, untouched

if TYPE_CHECKING:
    from langchain_core.outputs import ChatResult
    from langchain_core.runnables import RunnableConfig

_PASSED = {
    "invoke": ("generate_prompt", "generate", "_generate_with_cache", "_should_stream"),
    "ainvoke": ("agenerate_prompt", "agenerate", "_agenerate_with_cache", "_should_stream"),
    "stream": ("_should_stream",),
    "astream": ("_should_stream",),
}
"""What core calls on each way, between the public method and the model's hook."""
_CORES = frozenset({"stream", "callbacks", "tags", "metadata", "run_name", "run_id", "run_manager"})
"""Arguments of a call that core knows what to do with: most are a `TypeError` there."""
_TOLD = ("ls_structured_output_format", "structured_output_format")  # arguments that are for traces alone


def straight(
    model: Any, way: str, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]
) -> list[BaseMessage] | None:
    """Return the messages of a call that may go straight to the model's hook, since nobody can tell; None for others.

    The `way` is the method that was called. Arguments that are for traces alone are taken out of `kwargs`.
    """
    kind, passed = type(model), _PASSED[way]
    as_written = untouched(getattr(ChatOpenAI, way), *(getattr(kind, name) for name in passed))
    if not (as_written and vars(model).keys().isdisjoint(passed) and _is_plain(model, kwargs)):
        return None
    if config is None or config.get("callbacks") is not UNHEARD:
        config = ensure_config(config)
        if config.get("run_id") or is_heard(config):
            return None
    messages = input if type(input) is list else model._convert_input(input).to_messages()  # noqa: SLF001 - as core does
    if not all(isinstance(message, BaseMessage) and type(message.content) is str for message in messages):
        return None
    for name in _TOLD:
        kwargs.pop(name, None)
    return messages


def _is_plain(model: Any, kwargs: dict[str, Any]) -> bool:
    if model.callbacks or model.verbose or model.rate_limiter or model.disable_streaming or model.output_version:
        return False
    cached = model.cache is not False and not (model.cache is None and get_llm_cache() is None)
    return not cached and "streaming" not in model.model_fields_set and _CORES.isdisjoint(kwargs)


def new_id() -> str:
    """Return an id as core makes them of its runs."""
    return f"{LC_ID_PREFIX}-{uuid7()}"


def settled(message: Any, id: str, metadata: dict[str, Any]) -> Any:
    """Return a message with an id, unless it has one, and metadata in front of its own, as core leaves them."""
    fields = vars(message)
    fields["id"] = fields["id"] or id
    if metadata:
        fields["response_metadata"] = {**metadata, **fields["response_metadata"]}
    return message


def last(message: BaseMessage, id: str) -> AIMessageChunk:
    """Return the empty chunk that core puts behind the last one of a stream."""
    return AIMessageChunk(content="" if isinstance(message.content, str) else [], chunk_position="last", id=id)


def answer_of(result: ChatResult) -> AIMessage:
    """Return the message of a result, as core does."""
    first = result.generations[0]
    output = (result.llm_output or {}) if len(result.generations) == 1 else {}
    return settled(first.message, f"{new_id()}-0", {**output, **(first.generation_info or {})})  # type: ignore[no-any-return] # an AI's
