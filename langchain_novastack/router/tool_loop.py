"""In a tool loop the model that opened it keeps it: read from the messages, without session ids or a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, FunctionMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack.cards import alias_in
from langchain_novastack.policies.decision import RouteDecision
from langchain_novastack.tracing import ROUTING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def tool_loop_decision(messages: Sequence[BaseMessage], models: Mapping[str, Any]) -> RouteDecision | None:
    """Return the decision to stay with the model that opened the tool loop; None if no loop is under way."""
    opener = tool_loop_opener(messages)
    if opener is None:
        return None
    metadata = opener.response_metadata
    record = metadata[ROUTING] if isinstance(metadata.get(ROUTING), dict) else {}
    alias = alias_in(models, record.get("model")) or alias_in(models, metadata.get("model_name"))
    if alias is None:
        return None
    reason = f"{alias} opened this tool loop and keeps it."
    return RouteDecision(model=alias, task=record.get("task"), policy="tool loop", reason=reason)


def tool_loop_opener(messages: Sequence[BaseMessage]) -> AIMessage | None:
    """Return the assistant message that opened the tool loop under way; None if none is.

    A loop is under way when the last message, but for system messages, is a tool's result. It was
    opened by the first assistant message with tool calls after the last human message.
    """
    last = next((message for message in reversed(messages) if not isinstance(message, SystemMessage)), None)
    if not isinstance(last, ToolMessage | FunctionMessage):
        return None
    opener = None
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        if isinstance(message, AIMessage) and message.tool_calls:
            opener = message
    return opener
