"""Approximate token counts, offline: the models' own tokenizers would have to be downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.utils.function_calling import convert_to_openai_tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

_WIDE = 0x2E80  # first code point of the scripts in which a character is about a token of its own (CJK and the like)
_MEDIA = {"image", "image_url", "input_image", "file", "document", "input_file", "input_audio", "audio", "video"}
"""Types of content blocks that hold data rather than text."""


def count_text(text: str) -> int:
    """Return the approximate number of tokens of a text: a token for 4 characters, or for 1 wide one."""
    wide = 0 if text.isascii() else sum(1 for character in text if ord(character) >= _WIDE)
    return wide + -(-(len(text) - wide) // 4)


def count_tokens(messages: Sequence[BaseMessage], tools: Sequence[Any] | None = None, **_: Any) -> int:
    """Return the approximate number of tokens of messages, with names, tool calls and media, and of tools; offline."""
    messages = [_light(message) for message in messages]
    spelled = [convert_to_openai_tool(tool) for tool in tools or ()]
    count = count_tokens_approximately(messages, tools=spelled or None)  # type: ignore[arg-type] # wider than its hint
    wide = sum(count_text(text) - -(-len(text) // 4) for text in (m.text for m in messages) if not text.isascii())
    return count + wide


def count_characters(messages: Sequence[BaseMessage]) -> int:
    """Return the number of characters of messages, tool calls included: at least as many as they have tokens."""
    calls = (message.tool_calls for message in messages if isinstance(message, AIMessage) and message.tool_calls)
    return sum(len(str(message.content)) for message in messages) + sum(len(str(made)) for made in calls)


def _light(message: BaseMessage) -> BaseMessage:
    """Return a message whose files, sounds and films weigh as much as an image: core would count their base64."""
    if isinstance(message.content, str):
        return message
    return message.model_copy(update={"content": [_light_block(block) for block in message.content]})


def _light_block(block: Any) -> Any:
    if not isinstance(block, dict):
        return block
    if block.get("type") in _MEDIA:
        return {"type": "image"}
    inner = block.get("content")
    return {**block, "content": [_light_block(each) for each in inner]} if isinstance(inner, list) else block


def get_token_ids(model: BaseChatModel, text: str) -> list[int]:
    """Return as many ids as the text has tokens, approximately; no download. The ids mean nothing."""
    return model.custom_get_token_ids(text) if model.custom_get_token_ids else list(range(count_text(text)))
