"""What a request must be, whichever model is asked, and what single models refuse by public reports.

It is stricter than a gateway is likely to be, so that mistakes show. `request.json` says what each field may be, as a
schema of pydantic-core; the rules here are about fields together, and the first one that is broken raises `Refused`.
"""

from __future__ import annotations

import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, ValidationError, core_schema

from langchain_novastack.sandbox.validation.problems import Refused, refuse

if TYPE_CHECKING:
    from langchain_novastack.sandbox.answers.turn import Turn

_BODY = SchemaValidator(json.loads(pkgutil.get_data(__package__, "request.json") or ""))
_OBJECT = SchemaValidator(core_schema.json_schema(core_schema.dict_schema()))
# Fields that are allowed only together with another one.
_NEED = {"tool_choice": "tools", "parallel_tool_calls": "tools", "stream_options": "stream", "top_logprobs": "logprobs"}
# The entry of a model's profile that says whether it takes such a part of a message.
_ABILITIES = {"image_url": "image", "file": "pdf", "input_audio": "audio", "video_url": "video"}


def check_request(body: dict[str, Any]) -> None:
    """Check the parsed body, nulls left out, by its schema and then by the rules for all models."""
    try:
        _BODY.validate_python(body, strict=True)
    except ValidationError as error:
        raise Refused.by_schema(error, body) from None
    for name, needed in _NEED.items():
        refuse(body.get(name, "none") != "none" and not body.get(needed), "needs", name=name, needed=needed)
    names = [tool["function"]["name"] for tool in body.get("tools", ())]
    for name in names:
        refuse(names.count(name) > 1, "tool_twice", name=name)
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        refuse(choice["function"]["name"] not in names, "unknown_choice", name=choice["function"]["name"])
    _check_turns(body["messages"])


def _check_turns(messages: list[dict[str, Any]]) -> None:
    unanswered: set[str] = set()
    for place, message in enumerate(messages):
        if message["role"] == "tool":
            refuse(message["tool_call_id"] not in unanswered, "answers_no_call", place=place)
            unanswered.remove(message["tool_call_id"])
            continue
        if unanswered:
            break
        calls, content = message.get("tool_calls"), message.get("content")
        refuse(not (content or calls or message.get("refusal") or content == ""), "no_content", place=place)
        unanswered = {call["id"] for call in calls or ()}
    refuse(unanswered, "call_unanswered", ids=", ".join(sorted(unanswered)))


def check_for_model(turn: Turn) -> None:
    """Check a valid request against what its model refuses."""
    body, card, window = turn.body, turn.card, turn.card.profile.get("max_input_tokens")
    refuse(window and turn.prompt_tokens > window, "window", window=window, tokens=turn.prompt_tokens)
    for name in card.removes:
        refuse(name in body, "removed", name=name)
    refuse(not card.accepts_prefill and body["messages"][-1]["role"] == "assistant", "prefill")
    forced = body.get("tool_choice", "none") not in ("auto", "none")
    refuse(forced and card.adds_where_forced and turn.thinks, "forced")
    for place, message in enumerate(body["messages"]):
        _check_message(turn, message, place)
    if turn.settings.qwen_thinking_trap and card.alias == "qwen" and not turn.streamed:
        switches = (body, body.get("chat_template_kwargs") or {})
        refuse(all(switch.get("enable_thinking") is not False for switch in switches), "thinking")


def _check_message(turn: Turn, message: dict[str, Any], place: int) -> None:
    """Check a message by what makers' own servers were reported to refuse; `cards.json` says where."""
    card, role, content = turn.card, message["role"], message.get("content")
    parts = content if isinstance(content, list) else []
    for number, part in enumerate(parts):
        ability, where = _ABILITIES.get(part["type"]), {"place": place, "number": number}
        unable = ability and not card.profile.get(f"{ability}_inputs")
        refuse(unable, "unsupported_part", model=card.id, kind=part["type"], **where)
    refuse(parts and not card.takes_lists, "list_sent", place=place)
    texts = [content] if isinstance(content, str) else [part.get("text", "x") for part in parts]
    empty = not card.takes_empty_text and role != "tool" and not all(text.strip() for text in texts)
    refuse(empty, "empty_text", place=place)
    late = turn.settings.qwen_system_trap and card.system_first and place and role in {"system", "developer"}
    refuse(late, "late_system", place=place)
    calls, reasoning = message.get("tool_calls") or (), message.get("reasoning_content")
    refuse(reasoning is not None and not card.wants_reasoning_back, "reasoning_sent", place=place)
    refuse(reasoning is None and card.wants_reasoning_back and turn.thinks and calls, "reasoning_missing")
    if not calls and role != "tool":
        return
    ids = filter(None, [message.get("tool_call_id"), *(call["id"] for call in calls)])
    bad_id = card.id_characters and not re.fullmatch(f"[{card.id_characters}]*", "".join(ids))
    refuse(bad_id, "bad_id", place=place, characters=card.id_characters)
    unreadable = not all(_OBJECT.isinstance_python(call["function"]["arguments"]) for call in calls)
    refuse(unreadable, "bad_arguments", place=place)
