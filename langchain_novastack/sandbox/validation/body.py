"""What a request body may hold, as tables. Stricter than a gateway is likely to be, so that mistakes show."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.validation import messages
from langchain_novastack.sandbox.validation.checks import (
    Check,
    array,
    boolean,
    either,
    integer,
    items,
    mapping,
    number,
    obj,
    one_of,
    string,
)
from langchain_novastack.sandbox.validation.problems import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

FIELDS: Mapping[str, Check] = MappingProxyType(
    {
        # Documented for this gateway.
        "model": string(shortest=1),
        "messages": array,
        "models": items(string(shortest=1)),
        "provider": obj,
        "plugins": items(obj),
        "user": string(),
        "session_id": string(128),
        "trace": obj,
        "metadata": mapping(string(512), longest=16, key_length=64),
        "temperature": number(0, 2),
        "top_p": number(0, 1),
        "frequency_penalty": number(-2, 2),
        "presence_penalty": number(-2, 2),
        "seed": integer(),
        "max_tokens": integer(1),
        "max_completion_tokens": integer(1),
        "n": integer(1, 128),
        "logit_bias": mapping(number(-100, 100)),
        "logprobs": boolean,
        "top_logprobs": integer(0, 20),
        "response_format": obj,
        "tools": items(obj, shortest=1),
        "tool_choice": either(one_of("none", "auto", "required", "any"), obj),
        "parallel_tool_calls": boolean,
        "reasoning": obj,
        "stop": either(string(shortest=1), items(string(shortest=1), longest=4)),
        "stream": boolean,
        "stream_options": obj,
        # The gateway it mirrors.
        "top_k": integer(0),
        "top_a": number(0, 1),
        "min_p": number(0, 1),
        "repetition_penalty": number(0, 2),
        "verbosity": one_of("low", "medium", "high", "xhigh", "max"),
        "prediction": obj,
        "route": one_of("fallback", "sort"),
        "debug": obj,
        "modalities": items(one_of("text", "image", "audio")),
        "image_config": obj,
        "cache_control": obj,
        "service_tier": string(),
        "web_search_options": obj,
        "structured_outputs": boolean,
        "include_reasoning": boolean,
        "reasoning_effort": one_of(*EFFORTS),
        "prompt_cache_key": string(),
        "usage": obj,
        # The makers' own switches.
        "enable_thinking": boolean,
        "thinking": obj,
        "chat_template_kwargs": obj,
    }
)
"""Every field a request may have and what it may hold. Null counts as left out."""

_TOOL_FIELDS = MappingProxyType(
    {"name": string(64, shortest=1), "description": string(), "parameters": obj, "strict": boolean}
)
_SCHEMA_FIELDS = MappingProxyType(
    {"name": string(64, shortest=1), "schema": obj, "strict": boolean, "description": string()}
)
_FORMATS = one_of("text", "json_object", "json_schema")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def validate(body: dict[str, Any], card: ModelCard) -> None:
    """Check a request against the tables.

    Args:
        body: The parsed body, with nulls left out.
        card: Of the model that is asked; says which inputs it takes.

    Raises:
        Rejected: At the first rule broken.
    """
    check_fields(body, FIELDS, "")
    messages.validate(body.get("messages"), card)
    _tools(body)
    _response_format(body.get("response_format"))
    if "top_logprobs" in body and not body.get("logprobs"):
        msg = "'top_logprobs' is only allowed when 'logprobs' is enabled."
        raise Rejected(msg, "top_logprobs")
    if "stream_options" in body and not body.get("stream"):
        msg = "'stream_options' is only allowed when 'stream' is enabled."
        raise Rejected(msg, "stream_options")


def check_fields(given: Mapping[str, Any], fields: Mapping[str, Check], where: str) -> None:
    """Check an object's fields against a table; `where` is the path in front of them, with its dot.

    Raises:
        Rejected: For a field that the table does not have, or that holds something else.
    """
    for name, value in given.items():
        check = fields.get(name)
        if check is None:
            msg = f"Unrecognized request argument supplied: {where}{name}"
            raise Rejected(msg, f"{where}{name}", code="unknown_parameter")
        wrong = None if value is None else check(value)
        if wrong:
            msg = f"Invalid value for '{where}{name}': expected {wrong}."
            raise Rejected(msg, f"{where}{name}", code="invalid_value")


def _require(given: Mapping[str, Any], name: str, where: str) -> None:
    if given.get(name) is None:
        msg = f"Missing required parameter: '{where}{name}'."
        raise Rejected(msg, f"{where}{name}", code="missing_required_parameter")


def _tools(body: dict[str, Any]) -> None:
    tools = body.get("tools")
    if tools is None:
        for name in ("tool_choice", "parallel_tool_calls"):
            if name in body and body[name] != "none":
                msg = f"'{name}' is only allowed when 'tools' are specified."
                raise Rejected(msg, name)
        return
    names = [_tool(tool, f"tools[{place}]") for place, tool in enumerate(tools)]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated:
        msg = f"Tool names must be unique, but {repeated!r} is there more than once."
        raise Rejected(msg, "tools")
    _tool_choice(body.get("tool_choice"), names)


def _tool(tool: dict[str, Any], where: str) -> str:
    """Check one tool and return its name."""
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        msg = f"Invalid '{where}': expected an object with type 'function' and a 'function'."
        raise Rejected(msg, where)
    _require(function, "name", f"{where}.function.")
    check_fields(function, _TOOL_FIELDS, f"{where}.function.")
    name = str(function["name"])
    if not _NAME.fullmatch(name):
        msg = f"Invalid '{where}.function.name': {name!r} does not match '^[a-zA-Z0-9_-]+$'."
        raise Rejected(msg, f"{where}.function.name", code="invalid_value")
    parameters = function.get("parameters") or {}
    if parameters.get("type", "object") != "object":
        msg = f"Invalid schema for function {name!r}: the type must be 'object'."
        raise Rejected(msg, f"{where}.function.parameters", code="invalid_function_parameters")
    return name


def _tool_choice(choice: Any, names: list[str]) -> None:
    if not isinstance(choice, dict):
        return
    function = choice.get("function")
    if choice.get("type") != "function" or not isinstance(function, dict) or "name" not in function:
        msg = "Invalid 'tool_choice': expected a string or {'type': 'function', 'function': {'name': ...}}."
        raise Rejected(msg, "tool_choice")
    if function["name"] not in names:
        msg = f"Tool choice {function['name']!r} not found in 'tools' parameter."
        raise Rejected(msg, "tool_choice")


def _response_format(form: dict[str, Any] | None) -> None:
    if form is None:
        return
    _require(form, "type", "response_format.")
    check_fields({"type": form["type"]}, {"type": _FORMATS}, "response_format.")
    if form["type"] == "json_schema":
        _require(form, "json_schema", "response_format.")
        schema = form["json_schema"]
        check_fields({"json_schema": schema}, {"json_schema": obj}, "response_format.")
        for name in ("name", "schema"):
            _require(schema, name, "response_format.json_schema.")
        check_fields(schema, _SCHEMA_FIELDS, "response_format.json_schema.")
