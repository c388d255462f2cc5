"""Refusals, as content blocks and as errors, and answers that were cut off, as with `ChatOpenAI`."""

from __future__ import annotations

from typing import Any

import openai
from langchain_core.messages import AIMessage
from langchain_core.messages import content as blocks
from langchain_core.messages.block_translators import register_translator
from langchain_openai.chat_models.base import OpenAIRefusalError
from openai.types.chat import ChatCompletion
from openai.types.completion_usage import CompletionUsage

from langchain_novastack.dialects import meaning
from langchain_novastack.tracing import PROVIDER

_KNOWN = "refusal" in getattr(blocks, "KNOWN_BLOCK_TYPES", ())  # whether langchain-core (1.7.5 or newer) has refusals
_FILTERED = "Model output was stopped by a content filter"


def _content_blocks(message: AIMessage) -> Any:
    """Return the content blocks of a message of ours, with one for its refusal behind those that it has anyway."""
    rest = {name: value for name, value in message.response_metadata.items() if name != "model_provider"}
    found: list[Any] = message.model_copy(update={"response_metadata": rest}).content_blocks
    refusal = refusal_in(message)
    return found if refusal is None else [*found, {"type": "refusal", "refusal": refusal}]


if _KNOWN:
    register_translator(PROVIDER, _content_blocks, _content_blocks)


def refusal_in(message: AIMessage) -> str | None:
    """Return the words of a refusal, "" for one without words; None if the model did not refuse."""
    words = message.additional_kwargs.get("refusal")
    if words:
        return str(words)
    return "" if str(message.response_metadata.get("finish_reason")).lower() == "refusal" else None


def raise_refusal(message: AIMessage) -> None:
    """Raise `OpenAIRefusalError`, as `ChatOpenAI` does, where a refusal or half of a filtered answer would be parsed.

    It has the message as `raw_message` from core 1.7.5 on.
    """
    refusal = refusal_in(message)
    if refusal is None and meaning(message.response_metadata.get("finish_reason")) == "filtered":
        refusal = _FILTERED
    if refusal is not None:
        more: Any = {"raw_message": message} if _KNOWN else {}
        raise OpenAIRefusalError(*filter(None, [refusal]), **more)


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
