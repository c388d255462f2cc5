"""What requests must be, what single models refuse by public reports, and how an error body tells what is wrong.

It is stricter than a gateway is likely to be, so that mistakes show. `request.json` says what each field may be, as a
schema of pydantic-core; the rules here are about fields together, and the first one that is broken raises `Refused`.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import SchemaValidator, ValidationError, core_schema

from langchain_novastack.sandbox.arguments import first_problem

if TYPE_CHECKING:
    from langchain_novastack.sandbox.answers.turn import Turn

Envelope = Literal["openai", "openrouter", "string_code", "anthropic"]
"""The names of the published shapes of an error body."""

ENVELOPES: Mapping[Envelope, Mapping[str, Any]] = json.loads(pkgutil.get_data(__package__, "envelopes.json") or "")
"""The shapes; a string that begins with `$` stands for a part of the problem."""

_STATUSES: Mapping[str, Mapping[str, str]] = json.loads(pkgutil.get_data(__package__, "statuses.json") or "")
_REFUSALS: Mapping[str, Mapping[str, Any]] = json.loads(pkgutil.get_data(__package__, "refusals.json") or "")


class Refused(Exception):  # noqa: N818 - reads as what happened to the request, and never leaves this package
    """What an error body tells, whatever its shape; raised where a request breaks a rule of `refusals.json`."""

    def __init__(self, rule: str, **details: Any) -> None:
        """Fill in the details that the rule's texts leave open; a simulated `fault` has the code of its status."""
        row = _REFUSALS[rule]
        self.status: int = details.get("status") or row.get("status", 400)
        usual = _STATUSES.get(str(self.status)) or _STATUSES[f"{self.status // 100}xx"]
        self.type = usual["type"]
        self.code = usual.get("code") if rule == "fault" else row.get("code")
        self.message = row["message"].format_map(details)
        self.param = row.get("param", "").format_map(details) or None
        super().__init__(self.message)

    @classmethod
    def by_schema(cls, error: ValidationError, body: Mapping[str, Any]) -> Refused:
        """Return what pydantic found wrong with a body."""
        path, problems = first_problem(error, body)
        kind, details = problems[0]["type"], problems[0].get("ctx", {})
        if kind.startswith("union_tag"):
            path = f"{path}.{details['discriminator']}".replace("'", "")
        wrong = " or ".join(problem["msg"][0].lower() + problem["msg"][1:] for problem in problems)
        return cls(kind if kind in _REFUSALS else "invalid_value", **{**details, "path": path, "wrong": wrong})

    def in_envelope(self, envelope: Envelope, request_id: str) -> dict[str, Any]:
        """Return the body of an error in one of the published shapes."""
        told = {f"${name}": value for name, value in vars(self).items()}
        told |= {"$code or type": self.code or self.type, "$request_id": request_id}
        return {name: _filled(value, told) for name, value in ENVELOPES[envelope].items()}


def refuse(broken: object, rule: str, **details: Any) -> None:
    """Raise `Refused` if a rule is broken."""
    if broken:
        raise Refused(rule, **details)


def _filled(shape: Any, told: Mapping[str, Any]) -> Any:
    if isinstance(shape, dict):
        return {name: _filled(value, told) for name, value in shape.items()}
    return told.get(shape, shape)


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
