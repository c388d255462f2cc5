"""From messages and parameters to the JSON that is sent: card rules, schemas, and the SDK's own options. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack.chat_models.cache_marks import set_marks
from langchain_novastack.chat_models.card_rules import Sent, apply_card, fit_messages
from langchain_novastack.transport.chat_request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from langchain_novastack.cards import ModelCard

_OPTIONS = {"extra_headers": "headers", "extra_query": "params", "timeout": "timeout"}
"""Arguments of `ChatOpenAI` calls that are the SDK's, not the gateway's, and the SDK's names for them."""
_OF_STREAMS = ("stream", "stream_options")
TOOL_ARGUMENTS = ("tools", "tool_choice", "parallel_tool_calls")  # that come with tools and go with them

_ROLES: dict[type, str] = {HumanMessage: "user", SystemMessage: "system", AIMessage: "assistant"}
_ROLES |= {AIMessageChunk: "assistant", ToolMessage: "tool"}
_SPECIAL = frozenset({"name", "tool_calls", "function_call", "audio", "__openai_role__"})
"""What LangChain's conversion looks for in `additional_kwargs`."""


def as_json(message: BaseMessage) -> Sent | None:
    """Return a message of text alone as `ChatOpenAI` sends it, which takes time for each letter; None for any other."""
    role = _ROLES.get(type(message))
    if role is None or type(message.content) is not str or not _SPECIAL.isdisjoint(message.additional_kwargs):
        return None
    if isinstance(message, ToolMessage):
        return {"content": message.content, "role": role, "tool_call_id": message.tool_call_id}
    called = isinstance(message, AIMessage) and (message.tool_calls or message.invalid_tool_calls)
    return None if called or message.name is not None else {"content": message.content, "role": role}


def build(
    payload: Sent, messages: Sequence[BaseMessage], card: ModelCard | None, *, stream: bool, spelled: bool, marks: bool
) -> Request:
    """Turn what `ChatOpenAI` would hand to the SDK, made from `messages` in the same order, into a request.

    Where that is wanted, `reasoning_effort` is `spelled` as the card says, and there are `marks` for a cache. A
    `NovastackInvalidRequestError` says that the model refuses such a request, by its card.
    """
    options = {theirs: payload.pop(ours) for ours, theirs in _OPTIONS.items() if ours in payload}
    body = _body(payload, stream=stream)
    schema = body.get("response_format")
    schema = schema if isinstance(schema, type) else None
    if schema:
        body["response_format"] = strict_format(schema)
    changed = apply_card(body, messages, card, spelled=spelled) if card else []
    fitted = fit_messages(body["messages"], messages, str(body["model"]), card)
    changed += ["messages"] if fitted != body["messages"] else []
    body["messages"] = fitted
    if card and card.takes_cache_marks and marks:
        changed += set_marks(body, wanted=True)
    name = card.alias if card else str(payload["model"])
    return Request(name, body, options, schema, messages, tuple(changed), card.price if card else None)


def _body(payload: Sent, *, stream: bool) -> Sent:
    if "max_completion_tokens" in payload:
        payload["max_tokens"] = payload.pop("max_completion_tokens")
    left_out = (openai.NotGiven, openai.Omit, type(None))  # None leaves a field to the gateway, in a call too
    body = {key: value for key, value in payload.items() if not isinstance(value, left_out)}
    body.update(body.pop("extra_body", None) or {})
    body = without_empty_tools(body)
    if stream:
        return {**body, "stream": True}
    return {name: value for name, value in body.items() if name not in _OF_STREAMS}


def without_empty_tools(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out an empty list of tools and what goes with one: agents bind it, and OpenAI's format forbids it."""
    left_out = () if arguments.get("tools") else TOOL_ARGUMENTS
    return {name: value for name, value in arguments.items() if name not in left_out}


def strict_format(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the `response_format` that the SDK's own `parse` sends for a Pydantic class."""
    parameters = openai.pydantic_function_tool(schema)["function"]["parameters"]
    return {"type": "json_schema", "json_schema": {"name": schema.__name__, "strict": True, "schema": parameters}}
