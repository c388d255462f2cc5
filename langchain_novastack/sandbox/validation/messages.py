"""Which messages a conversation may hold, and in which order."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_novastack.sandbox.validation.problems import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard


class Role(NamedTuple):
    """What a message of one role may hold."""

    fields: frozenset[str]
    parts: frozenset[str]


def _role(fields: str, parts: str) -> Role:
    return Role(frozenset(["role", "content", *fields.split()]), frozenset(parts.split()))


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "system": _role("name", "text"),
        "developer": _role("name", "text"),
        "user": _role("name", "text image_url file input_audio video_url"),
        "assistant": _role("name tool_calls refusal reasoning_content reasoning reasoning_details", "text refusal"),
        "tool": _role("name tool_call_id", "text image_url file"),
    }
)
"""Roles by name, each with its fields and the parts its content may have."""

_PART_FIELDS = MappingProxyType({"text": "text", "refusal": "refusal"})

_ABILITIES: Mapping[str, str] = MappingProxyType(
    {
        "image_url": "image_inputs",
        "file": "pdf_inputs",
        "input_audio": "audio_inputs",
        "video_url": "video_inputs",
    }
)
"""The part of a model's profile that says whether it takes such a part."""


def validate(messages: Any, card: ModelCard) -> None:
    """Check a conversation: roles, fields, contents, and that every tool call has its answer.

    Raises:
        Rejected: At the first rule broken.
    """
    if messages is None:
        msg = "Missing required parameter: 'messages'."
        raise Rejected(msg, "messages", code="missing_required_parameter")
    if not messages:
        msg = "Invalid 'messages': empty array. Expected an array of at least 1 item."
        raise Rejected(msg, "messages", code="empty_array")
    for place, message in enumerate(messages):
        _message(message, f"messages[{place}]", card)
    _tool_turns(messages)


def _message(message: Any, where: str, card: ModelCard) -> None:
    role = ROLES.get(str(message.get("role"))) if isinstance(message, dict) else None
    if role is None:
        msg = f"Invalid value for '{where}.role'. Supported values are: {', '.join(map(repr, ROLES))}."
        raise Rejected(msg, f"{where}.role", code="invalid_value")
    unknown = message.keys() - role.fields
    if unknown:
        name = min(unknown)
        msg = f"Unrecognized request argument supplied: {where}.{name}"
        raise Rejected(msg, f"{where}.{name}", code="unknown_parameter")
    if message.get("tool_calls") is not None:
        _calls(message["tool_calls"], f"{where}.tool_calls")
    if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
        msg = f"Missing required parameter: '{where}.tool_call_id'."
        raise Rejected(msg, f"{where}.tool_call_id", code="missing_required_parameter")
    _content(message, role, f"{where}.content", card)


def _content(message: Mapping[str, Any], role: Role, where: str, card: ModelCard) -> None:
    content = message.get("content")
    if isinstance(content, str):
        return
    if content is None and (message.get("tool_calls") or message.get("refusal")):
        return
    if not isinstance(content, list) or (not content and not message.get("tool_calls")):
        msg = f"Invalid value for '{where}': expected a string or an array of parts."
        raise Rejected(msg, where, code="invalid_value")
    for place, part in enumerate(content):
        _part(part, role, f"{where}[{place}]", card)


def _part(part: Any, role: Role, where: str, card: ModelCard) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in role.parts:
        msg = f"Invalid value for '{where}.type': {kind!r}. Supported values are: {', '.join(sorted(role.parts))}."
        raise Rejected(msg, f"{where}.type", code="invalid_value")
    ability = _ABILITIES.get(kind)
    if ability and not card.profile.get(ability):
        msg = f"The model `{card.id}` does not support {kind} content."
        raise Rejected(msg, where, code="unsupported_content")
    held = part.get(_PART_FIELDS.get(kind, kind))
    fine = isinstance(held, str) if kind in _PART_FIELDS else isinstance(held, dict)
    if fine and kind == "image_url":
        fine = isinstance(part[kind].get("url"), str)
    if not fine:
        msg = f"Invalid value for '{where}.{kind}'."
        raise Rejected(msg, f"{where}.{kind}", code="invalid_value")


def _calls(calls: Any, where: str) -> None:
    if not isinstance(calls, list) or not calls:
        msg = f"Invalid '{where}': expected an array of at least 1 item."
        raise Rejected(msg, where, code="empty_array")
    for place, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        fine = function and call.get("type") == "function" and isinstance(call.get("id"), str)
        if not isinstance(function, dict) or not fine or not _is_call(function):
            msg = f"Invalid '{where}[{place}]': expected id, type 'function' and a function's name and arguments."
            raise Rejected(msg, f"{where}[{place}]", code="invalid_value")


def _is_call(function: Mapping[str, Any]) -> bool:
    return all(isinstance(function.get(name), str) for name in ("name", "arguments"))


def _tool_turns(messages: list[dict[str, Any]]) -> None:
    """Check that tool messages answer the calls right before them, all of them."""
    open_calls: set[str] = set()
    for place, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                msg = "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                raise Rejected(msg, f"messages[{place}].tool_call_id")
            open_calls.remove(message["tool_call_id"])
            continue
        _all_answered(open_calls)
        open_calls = {call["id"] for call in message.get("tool_calls") or ()}
    _all_answered(open_calls)


def _all_answered(open_calls: set[str]) -> None:
    if open_calls:
        msg = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following had none: {', '.join(sorted(open_calls))}."
        )
        raise Rejected(msg, "messages")


def text_of(content: Any) -> str:
    """Return the text of a message's content, its parts joined by line breaks; other parts count for nothing."""
    if isinstance(content, list):
        return "\n".join(str(part["text"]) for part in content if part.get("type") == "text")
    return content if isinstance(content, str) else ""


def last_question(messages: list[dict[str, Any]]) -> tuple[int, str]:
    """Return the place and the text of the last user message; of the last message when there is none."""
    for place in range(len(messages) - 1, -1, -1):
        if messages[place]["role"] == "user":
            return place, text_of(messages[place].get("content"))
    return len(messages) - 1, text_of(messages[-1].get("content"))
