"""What single models refuse. Public reports say that these refusals reach a gateway's clients."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.validation.problems import Rejected

if TYPE_CHECKING:
    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.settings import SandboxSettings

_QWEN = "qwen"
_ABILITIES = {
    "image_url": "image_inputs",
    "file": "pdf_inputs",
    "input_audio": "audio_inputs",
    "video_url": "video_inputs",
}
"""The entry of a model's profile that says whether it takes such a part of a message."""


def check_for_model(body: dict[str, Any], card: ModelCard, settings: SandboxSettings, prompt_tokens: int) -> None:
    """Check a valid request, nulls left out, against what its model refuses; `Rejected` at the first rule broken."""
    _check_inputs(body, card)
    window = card.profile.get("max_input_tokens")
    if window is not None and prompt_tokens > window:
        raise Rejected("window", window=window, tokens=prompt_tokens)
    for name in card.removes:
        if name in body:
            raise Rejected("removed", name=name)
    if not card.accepts_prefill and body["messages"][-1]["role"] == "assistant":
        raise Rejected("prefill")
    thinks = settings.thinks(body, card)
    if card.adds_where_forced and thinks and body.get("tool_choice") not in (None, "auto", "none"):
        raise Rejected("forced")
    for place, message in enumerate(body["messages"]):
        _check_message(message, place, card)
        if settings.qwen_system_trap and card.system_first and place and message["role"] in {"system", "developer"}:
            raise Rejected("late_system", place=place)
    _check_reasoning(body, card, thinks=thinks)
    if settings.qwen_thinking_trap and card.alias == _QWEN and not body.get("stream"):
        switches = (body, body.get("chat_template_kwargs") or {})
        if all(switch.get("enable_thinking") is not False for switch in switches):
            raise Rejected("thinking")


def _check_inputs(body: dict[str, Any], card: ModelCard) -> None:
    for place, message in enumerate(body["messages"]):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            ability = _ABILITIES.get(part["type"])
            if ability and not card.profile.get(ability):
                raise Rejected("unsupported_part", model=card.id, kind=part["type"], place=place, number=number)


def _check_reasoning(body: dict[str, Any], card: ModelCard, *, thinks: bool) -> None:
    for place, message in enumerate(body["messages"]):
        has = message.get("reasoning_content") is not None
        if has and not card.wants_reasoning_back:
            raise Rejected("reasoning_sent", place=place)
        if card.wants_reasoning_back and thinks and message.get("tool_calls") and not has:
            raise Rejected("reasoning_missing")


def _check_message(message: dict[str, Any], place: int, card: ModelCard) -> None:
    """Check a message by what makers' own servers were reported to refuse; `cards.json` says where."""
    content = message.get("content")
    texts = [content] if isinstance(content, str) else [part.get("text", "x") for part in content or ()]
    if isinstance(content, list) and not card.takes_lists:
        raise Rejected("list_sent", place=place)
    if not card.takes_empty_text and message["role"] != "tool" and not all(text.strip() for text in texts):
        raise Rejected("empty_text", place=place)
    calls = message.get("tool_calls") or ()
    ids = [message.get("tool_call_id"), *(call["id"] for call in calls)]
    if card.id_characters and not all(re.fullmatch(f"[{card.id_characters}]+", id) for id in ids if id is not None):
        raise Rejected("bad_id", place=place, characters=card.id_characters)
    if not all(_is_object(call["function"]["arguments"]) for call in calls):
        raise Rejected("bad_arguments", place=place)


def _is_object(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except (RecursionError, ValueError):
        return False
