"""Calls that a model wrote into its text, because nothing behind it reads its markup: `dialects/call_markup.json`."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cache
from typing import Any

from langchain_novastack.dialects import table

_DECODER = json.JSONDecoder(strict=False)
_THOUGHT = re.compile(r"(?:\s*(?:<think>.*?)?</think>\s*)+", re.DOTALL)
_FENCE = re.compile(r"```\w*\s*(.*?)\s*(?:```|\Z)", re.DOTALL)
_Form = dict[str, re.Pattern[str]]


@cache
def _forms() -> list[_Form]:
    rows = [{part: row[part] for part in row if part not in {"of", "seen"}} for row in table("call_markup")["forms"]]
    return [{part: re.compile(words, re.DOTALL) for part, words in row.items()} for row in rows]


def without_thought(text: str) -> str:
    """Return a text without the thinking that a model put before it, in tags."""
    thought = _THOUGHT.match(text)
    if thought:
        return text[thought.end() :]
    head, closes, rest = text.partition("</think>")  # some templates open the tag in the prompt
    return rest if closes and "{" not in head else text


def is_thought(text: str) -> bool:
    """Tell whether the beginning of an answer is only thinking so far, or may become that."""
    return "<think>".startswith(text.lstrip()[:7]) and "</think>" not in text


def plain_json(text: str) -> str:
    """Return the JSON of a text that may stand behind thinking, in a code fence, or in both."""
    text = without_thought(text).strip()
    if text.startswith(("{", "[")):
        return text
    fenced = _FENCE.search(text)
    return fenced[1].strip() if fenced else text


def calls_in(text: str, tools: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the calls in a text, in the shape of `tool_calls`; markup that cannot be read is a call that is not valid.

    The `tools` are the functions that were offered, as JSON schemas by name.
    """
    text = without_thought(text)
    opened = [(found.start(), form) for form in _forms() if (found := form["opens"].search(text))]
    opened = [(start, form) for start, form in opened if text.count("```", 0, start) % 2 == 0]  # not an example in code
    for start, form in opened:
        calls = [_call(text, found, form, tools) for found in form["call"].finditer(text, start)]
        if calls:
            return calls
    return [_as_call("", text[opened[0][0] :])] if opened else []


def _as_call(name: Any, arguments: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}}


def _call(text: str, head: re.Match[str], form: _Form, tools: dict[str, Any]) -> dict[str, Any]:
    """Return the call that begins with a head."""
    name = head.groupdict().get("name")
    if "parameter" in form:
        closes = form["closes"].search(text, head.end())
        body = text[head.end() : closes.start() if closes else None]
        properties = tools.get(name or "", {}).get("parameters", {}).get("properties", {})
        values = {each["key"]: _parameter(each.groupdict(), properties) for each in form["parameter"].finditer(body)}
        inner = values.get("arguments") if len(values) == 1 and "arguments" not in properties else None
        values = inner if isinstance(inner, dict) else values  # vllm-project/vllm#41241
        rest = form["parameter"].sub("", body).strip()  # JSON in their place, or what cannot be read
        return _as_call(name, body.strip() if rest or not closes else json.dumps(values))
    try:
        said, _ = _DECODER.raw_decode(text, head.end())
    except (RecursionError, ValueError):
        return _as_call(name, text[head.end() :])
    return _as_call(name, said) if name else _as_call(said.get("name"), said.get("arguments", said.get("parameters")))


def _parameter(parameter: dict[str, Any], properties: dict[str, Any]) -> Any:
    """Return a parameter's value: JSON, unless markup or schema call it a text."""
    text, said, schema = parameter["value"], parameter.get("text"), properties.get(parameter["key"])
    of_text = isinstance(schema, dict) and schema.get("type") == "string"
    with suppress(RecursionError, ValueError):
        return text if said == "true" or (said is None and of_text) else json.loads(text)
    return text
