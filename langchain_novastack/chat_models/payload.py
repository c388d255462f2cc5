"""From messages and parameters to the JSON that is sent: card rules, schemas, and the SDK's own options. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack.chat_models.cache_marks import set_marks
from langchain_novastack.chat_models.message_rules import fit_messages, forced_fields, is_of
from langchain_novastack.errors import NovastackInvalidRequestError
from langchain_novastack.transport.chat_request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from langchain_core.messages import BaseMessage
    from pydantic import BaseModel

    from langchain_novastack.cards import ModelCard

_OPTIONS = {"extra_headers": "headers", "extra_query": "params", "timeout": "timeout"}
"""Arguments of `ChatOpenAI` calls that are the SDK's, not the gateway's, and the SDK's names for them."""

TOOL_ARGUMENTS = ("tools", "tool_choice", "parallel_tool_calls")
"""Arguments that come with tools and go with them."""


_ROLES: dict[type, str] = {HumanMessage: "user", SystemMessage: "system", AIMessage: "assistant"}
_ROLES |= {AIMessageChunk: "assistant", ToolMessage: "tool"}
_SPECIAL = frozenset({"name", "tool_calls", "function_call", "audio", "__openai_role__"})
"""What LangChain's conversion looks for in `additional_kwargs`."""


def as_json(message: BaseMessage) -> dict[str, Any] | None:
    """Return a message of text alone as `ChatOpenAI` sends it, which takes time for each letter; None for any other."""
    role = _ROLES.get(type(message))
    if role is None or type(message.content) is not str or not _SPECIAL.isdisjoint(message.additional_kwargs):
        return None
    if isinstance(message, ToolMessage):
        return {"content": message.content, "role": role, "tool_call_id": message.tool_call_id}
    if message.name is not None or (
        isinstance(message, AIMessage) and (message.tool_calls or message.invalid_tool_calls)
    ):
        return None
    return {"content": message.content, "role": role}


def build(
    payload: dict[str, Any], messages: Sequence[BaseMessage], card: ModelCard | None, *, stream: bool, spelled: bool
) -> Request:
    """Turn what `ChatOpenAI` would hand to the SDK, made from `messages` in the same order, into a request.

    The card says how the `reasoning_effort` of a body is `spelled`, where that is wanted.

    Raises:
        NovastackInvalidRequestError: If the card says that the model refuses such a request.
    """
    name = card.alias if card else str(payload["model"])
    if "max_completion_tokens" in payload:
        payload["max_tokens"] = payload.pop("max_completion_tokens")
    options = {theirs: payload.pop(ours) for ours, theirs in _OPTIONS.items() if ours in payload}
    left_out = (openai.NotGiven, openai.Omit, type(None))  # None leaves a field to the gateway, in a call too
    body = {key: value for key, value in payload.items() if not isinstance(value, left_out)}
    body.update(body.pop("extra_body", None) or {})
    body = without_empty_tools(body)
    schema = body.get("response_format")
    schema = schema if isinstance(schema, type) else None
    if schema:
        body["response_format"] = strict_format(schema)
    if stream:
        body["stream"] = True
    else:
        body.pop("stream", None)
        body.pop("stream_options", None)
    changed = _apply_rules(body, messages, card, spelled=spelled) if card else []
    fitted = fit_messages(body["messages"], messages, str(body["model"]), card)
    changed += ["messages"] if fitted != body["messages"] else []
    body["messages"] = fitted
    return Request(name, body, options, schema, messages, tuple(changed), card.price if card else None)


def without_empty_tools(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out an empty list of tools and what goes with one: agents bind it, and OpenAI's format forbids it."""
    left_out = () if arguments.get("tools") else TOOL_ARGUMENTS
    return {name: value for name, value in arguments.items() if name not in left_out}


def strict_format(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the `response_format` that the SDK's own `parse` sends for a Pydantic class."""
    parameters = openai.pydantic_function_tool(schema)["function"]["parameters"]
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.__name__, "strict": True, "schema": parameters},
    }


def _spell_effort(body: dict[str, Any], card: ModelCard) -> list[str]:
    """Put what a card says for an effort in its place; a field that the caller set stays as it is."""
    effort = str(body["reasoning_effort"])
    if effort not in card.efforts or card.efforts[effort] == {"reasoning_effort": effort}:
        return []
    del body["reasoning_effort"]
    added = {name: value for name, value in card.efforts[effort].items() if name not in body}
    body.update(added)
    return ["reasoning_effort", *(name for name in added if name != "reasoning_effort")]


def _apply_rules(body: dict[str, Any], messages: Sequence[BaseMessage], card: ModelCard, *, spelled: bool) -> list[str]:
    """Apply a card's request rules in place; return the names of the fields they changed."""
    if not card.accepts_prefill and body["messages"] and body["messages"][-1].get("role") == "assistant":
        msg = f"{card.alias} does not continue an assistant message: the last of `messages` must be another role."
        raise NovastackInvalidRequestError(msg, model=card.alias)
    removed = [name for name in card.removes if name in body]
    for name in removed:
        del body[name]
    changed = removed + (_spell_effort(body, card) if spelled and "reasoning_effort" in body else [])
    if not card.takes_cache_marks:
        changed += set_marks(body, wanted=False)
    added = {**({} if body.get("stream") else card.adds_unless_streaming), **forced_fields(body, card)}
    added = {name: value for name, value in added.items() if name not in body}
    body.update(added)
    changed += added
    if forced_fields(body, card):  # the caller wants it to think all the same
        body["tool_choice"] = "auto"
        changed.append("tool_choice")
    if card.wants_reasoning_back and _give_reasoning_back(body, messages):
        changed.append("reasoning_content")
    return changed


def _give_reasoning_back(body: dict[str, Any], messages: Sequence[BaseMessage]) -> bool:
    """Put `reasoning_content` on assistant turns with tool calls, empty where another model wrote the turn."""
    given = False
    for sent, message in zip(body["messages"], messages, strict=True):
        if isinstance(message, AIMessage) and sent.get("tool_calls"):
            sent["reasoning_content"] = reasoning_of(message) if is_of(message, body["model"]) else ""
            given = True
    return given


def reasoning_of(message: AIMessage) -> str:
    """Return the reasoning text kept on a message; "" if it has none."""
    kept = message.additional_kwargs.get("reasoning_content")
    if isinstance(kept, str):
        return kept
    if isinstance(message.content, str):
        return ""
    blocks = (block for block in message.content if isinstance(block, dict) and block.get("type") == "reasoning")
    return "".join(str(block.get("reasoning", "")) for block in blocks)
