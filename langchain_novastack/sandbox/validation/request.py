"""What a request must be, whichever model is asked, and what single models refuse by public reports.

It is stricter than a gateway is likely to be, so that mistakes show. `request.json` says what each field may be, as a
schema of pydantic-core; the rules here are about fields together.
"""

from __future__ import annotations

import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, ValidationError

from langchain_novastack.sandbox.validation.problems import Refused

if TYPE_CHECKING:
    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.answers.turn import Turn

_BODY = SchemaValidator(json.loads(pkgutil.get_data(__package__, "request.json") or ""))
# Fields that are allowed only together with another one.
_NEED = {"tool_choice": "tools", "parallel_tool_calls": "tools", "stream_options": "stream", "top_logprobs": "logprobs"}


def check_request(body: dict[str, Any]) -> None:
    """Check the parsed body, nulls left out; `Refused` for the first wrong field, then for the first rule broken."""
    try:
        _BODY.validate_python(body, strict=True)
    except ValidationError as error:
        raise Refused.by_schema(error, body) from None
    for name, needed in _NEED.items():
        if name in body and body[name] != "none" and not body.get(needed):
            raise Refused.by("needs", name=name, needed=needed)
    _check_tool_names(body)
    _check_turns(body["messages"])


def _check_tool_names(body: dict[str, Any]) -> None:
    names = [tool["function"]["name"] for tool in body.get("tools", ())]
    for name in names:
        if names.count(name) > 1:
            raise Refused.by("tool_twice", name=name)
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice["function"]["name"] not in names:
        raise Refused.by("unknown_choice", name=choice["function"]["name"])


def _check_turns(messages: list[dict[str, Any]]) -> None:
    unanswered: set[str] = set()
    for place, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in unanswered:
                raise Refused.by("answers_no_call", place=place)
            unanswered.remove(message["tool_call_id"])
            continue
        if unanswered:
            break
        spoken = message.get("content") or message.get("tool_calls") or message.get("refusal")
        if not spoken and not isinstance(message.get("content"), str):
            raise Refused.by("no_content", place=place)
        unanswered = {call["id"] for call in message.get("tool_calls") or ()}
    if unanswered:
        raise Refused.by("call_unanswered", ids=", ".join(sorted(unanswered)))


_QWEN = "qwen"
# The entry of a model's profile that says whether it takes such a part of a message.
_ABILITIES = {"image_url": "image", "file": "pdf", "input_audio": "audio", "video_url": "video"}


def check_for_model(turn: Turn) -> None:
    """Check a valid request against what its model refuses; `Refused` at the first rule broken."""
    body, card, settings = turn.body, turn.card, turn.settings
    _check_inputs(body, card)
    window = card.profile.get("max_input_tokens")
    if window is not None and turn.prompt_tokens > window:
        raise Refused.by("window", window=window, tokens=turn.prompt_tokens)
    for name in card.removes:
        if name in body:
            raise Refused.by("removed", name=name)
    if not card.accepts_prefill and body["messages"][-1]["role"] == "assistant":
        raise Refused.by("prefill")
    if card.adds_where_forced and turn.thinks and body.get("tool_choice") not in (None, "auto", "none"):
        raise Refused.by("forced")
    for place, message in enumerate(body["messages"]):
        _check_message(message, place, card)
        if settings.qwen_system_trap and card.system_first and place and message["role"] in {"system", "developer"}:
            raise Refused.by("late_system", place=place)
    _check_reasoning(body, card, thinks=turn.thinks)
    if settings.qwen_thinking_trap and card.alias == _QWEN and not body.get("stream"):
        switches = (body, body.get("chat_template_kwargs") or {})
        if all(switch.get("enable_thinking") is not False for switch in switches):
            raise Refused.by("thinking")


def _check_inputs(body: dict[str, Any], card: ModelCard) -> None:
    for place, message in enumerate(body["messages"]):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            ability = _ABILITIES.get(part["type"])
            if ability and not card.profile.get(f"{ability}_inputs"):
                raise Refused.by("unsupported_part", model=card.id, kind=part["type"], place=place, number=number)


def _check_reasoning(body: dict[str, Any], card: ModelCard, *, thinks: bool) -> None:
    for place, message in enumerate(body["messages"]):
        has = message.get("reasoning_content") is not None
        if has and not card.wants_reasoning_back:
            raise Refused.by("reasoning_sent", place=place)
        if card.wants_reasoning_back and thinks and message.get("tool_calls") and not has:
            raise Refused.by("reasoning_missing")


def _check_message(message: dict[str, Any], place: int, card: ModelCard) -> None:
    """Check a message by what makers' own servers were reported to refuse; `cards.json` says where."""
    content = message.get("content")
    texts = [content] if isinstance(content, str) else [part.get("text", "x") for part in content or ()]
    if isinstance(content, list) and not card.takes_lists:
        raise Refused.by("list_sent", place=place)
    if not card.takes_empty_text and message["role"] != "tool" and not all(text.strip() for text in texts):
        raise Refused.by("empty_text", place=place)
    calls = message.get("tool_calls") or ()
    ids = [message.get("tool_call_id"), *(call["id"] for call in calls)]
    if card.id_characters and not all(re.fullmatch(f"[{card.id_characters}]+", id) for id in ids if id is not None):
        raise Refused.by("bad_id", place=place, characters=card.id_characters)
    if not all(_is_object(call["function"]["arguments"]) for call in calls):
        raise Refused.by("bad_arguments", place=place)


def _is_object(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except (RecursionError, ValueError):
        return False
