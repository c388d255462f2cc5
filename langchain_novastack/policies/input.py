"""What can be asked, as messages: the same inputs as a chat model's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    MessageLikeRepresentation,
    SystemMessage,
    convert_to_messages,
)
from langchain_core.prompt_values import PromptValue

from langchain_novastack.validation import bad_argument, named

PolicyInput: TypeAlias = PromptValue | str | Sequence[MessageLikeRepresentation]  # what a policy can be asked about
_KINDS = "a string, a list of messages or a prompt value"
_ROLES: dict[str, type[BaseMessage]] = {"user": HumanMessage, "assistant": AIMessage, "system": SystemMessage}
"""Messages for the roles that a `ChatMessage` may name."""


def to_messages(input: PolicyInput) -> list[BaseMessage]:
    """Return the messages of anything a chat model accepts (there may be none); else a `ValueError`."""
    if isinstance(input, str):
        return [HumanMessage(input)]
    if isinstance(input, PromptValue):
        return _by_role(input.to_messages())
    if isinstance(input, Sequence):
        with named("input", _KINDS):
            return _by_role(convert_to_messages(input))
    raise bad_argument("input", f"be {_KINDS}", type(input).__name__)


def messages_of(input: PolicyInput) -> list[BaseMessage]:
    """Return the messages of a request to a model: at least one, or it is a `ValueError`; see `to_messages`."""
    if messages := to_messages(input):
        return messages
    raise bad_argument("input", "hold at least one message")


def _by_role(messages: list[BaseMessage]) -> list[BaseMessage]:
    """Return messages that say their role in words as those of that role, which policies and tool loops look for."""
    if ChatMessage not in map(type, messages):
        return messages
    kinds = [_ROLES.get(message.role) if isinstance(message, ChatMessage) else None for message in messages]
    return [
        kind(**message.model_dump(exclude={"type", "role"})) if kind else message
        for kind, message in zip(kinds, messages, strict=True)
    ]
