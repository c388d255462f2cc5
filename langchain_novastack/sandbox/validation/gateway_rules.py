"""What the fields of a request must be to one another, whichever model is asked."""

from __future__ import annotations

from typing import Any

from langchain_novastack.sandbox.validation.problems import Rejected

_NEEDS = {
    "top_logprobs": "logprobs",
    "stream_options": "stream",
    "parallel_tool_calls": "tools",
    "tool_choice": "tools",
}
"""Fields that are allowed only together with another one."""


def check_together(body: dict[str, Any]) -> None:
    """Check a request whose fields are valid by themselves.

    Args:
        body: The parsed body, with nulls left out.

    Raises:
        Rejected: At the first rule broken.
    """
    for name, needed in _NEEDS.items():
        if name in body and body[name] != "none" and not body.get(needed):
            msg = f"'{name}' is only allowed when '{needed}' is given."
            raise Rejected(msg, name)
    _tool_names(body)
    _tool_turns(body["messages"])


def _tool_names(body: dict[str, Any]) -> None:
    names = [tool["function"]["name"] for tool in body.get("tools", ())]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        msg = f"Tool names must be unique, but {repeated!r} is there more than once."
        raise Rejected(msg, "tools")
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice["function"]["name"] not in names:
        msg = f"Tool choice {choice['function']['name']!r} not found in 'tools' parameter."
        raise Rejected(msg, "tool_choice")


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
        _check_answered(open_calls)
        open_calls = {call["id"] for call in message.get("tool_calls") or ()}
    _check_answered(open_calls)


def _check_answered(open_calls: set[str]) -> None:
    if open_calls:
        msg = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following had none: {', '.join(sorted(open_calls))}."
        )
        raise Rejected(msg, "messages")
