"""What a request must be, whichever model is asked. Stricter than a gateway is likely to be, so that mistakes show.

`request.json` says what each field may be, as a schema of pydantic-core; the rules here are about fields together.
"""

from __future__ import annotations

import json
import pkgutil
from typing import Any

from pydantic_core import SchemaValidator, ValidationError

from langchain_novastack.sandbox.validation.problems import Rejected

_BODY = SchemaValidator(json.loads(pkgutil.get_data(__package__, "request.json") or ""))
_NEED = {
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "stream_options": "stream",
    "top_logprobs": "logprobs",
}
"""Fields that are allowed only together with another one."""


def check_request(body: dict[str, Any]) -> None:
    """Check the parsed body, nulls left out; `Rejected` for the first wrong field, then for the first rule broken."""
    try:
        _BODY.validate_python(body, strict=True)
    except ValidationError as error:
        raise Rejected.by_schema(error, body) from None
    for name, needed in _NEED.items():
        if name in body and body[name] != "none" and not body.get(needed):
            raise Rejected("needs", name=name, needed=needed)
    _check_tool_names(body)
    _check_turns(body["messages"])


def _check_tool_names(body: dict[str, Any]) -> None:
    names = [tool["function"]["name"] for tool in body.get("tools", ())]
    for name in names:
        if names.count(name) > 1:
            raise Rejected("tool_twice", name=name)
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice["function"]["name"] not in names:
        raise Rejected("unknown_choice", name=choice["function"]["name"])


def _check_turns(messages: list[dict[str, Any]]) -> None:
    unanswered: set[str] = set()
    for place, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in unanswered:
                raise Rejected("answers_no_call", place=place)
            unanswered.remove(message["tool_call_id"])
            continue
        if unanswered:
            break
        spoken = message.get("content") or message.get("tool_calls") or message.get("refusal")
        if not spoken and not isinstance(message.get("content"), str):
            raise Rejected("no_content", place=place)
        unanswered = {call["id"] for call in message.get("tool_calls") or ()}
    if unanswered:
        raise Rejected("call_unanswered", ids=", ".join(sorted(unanswered)))
