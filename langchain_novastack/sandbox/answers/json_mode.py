"""Answers in JSON: by the schema of a request, or in JSON mode by what its prompt asks for."""

from __future__ import annotations

import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.answers import instances
from langchain_novastack.sandbox.answers.question import Material, message_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOLD = json.loads(pkgutil.get_data(__package__, "json_keys.json") or "")
_TYPES: Mapping[str, str] = _TOLD["types"]
_NUMBERS = frozenset(_TOLD["numbers"])  # keys that hold a number where no type is told
_TYPE = rf"(?:an? )?({'|'.join(_TYPES)})\b"
_KEY = re.compile(
    rf"['\"`]([A-Za-z_]\w*)['\"`](?:\s*[:(]?\s*{_TYPE})?|\b([A-Za-z_]\w*)\s*[:(]\s*{_TYPE}", re.IGNORECASE
)
"""A key in quotation marks, or one with its type behind it: `"age": int`, `tags (list of strings)`."""


def json_answer(body: Mapping[str, Any], question: str, echo: str) -> str | None:
    """Return the JSON that a request asks for, None if it does not; `echo` is for strings that no schema describes."""
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        value = instances.instance(form["json_schema"]["schema"], Material(question), simulated=True)
    elif form.get("type") == "json_object":
        prompt = "\n".join(message_text(message.get("content")) for message in body["messages"])
        value = _by_prompt(prompt, question, echo)
    else:
        return None
    return json.dumps(value, ensure_ascii=False)


def _by_prompt(prompt: str, question: str, echo: str) -> Any:
    """Return an object by a schema in the prompt, else like an example there, else with the keys quoted there.

    Of several schemas the last counts: LangChain's parsers explain what a schema is by one, before they give theirs.
    """
    found = [each for each in _objects_in(prompt) if each]
    schemas = [each for each in found if _is_schema(each)]
    if schemas:
        return instances.instance({"type": "object", **schemas[-1]}, Material(question), simulated=True)
    if found:
        return _like(max(found, key=lambda each: len(str(each))), "value")
    keys = {quoted or bare: (told or kind).lower() for quoted, told, bare, kind in _KEY.findall(prompt)}
    material = Material(question)
    return {
        key: instances.instance({"type": known}, material, simulated=True)
        if (known := _TYPES.get(told, "number" if key.lower() in _NUMBERS else ""))
        else f"simulated {key} {echo}"
        for key, told in (keys or dict.fromkeys(["simulated", "answer"], "")).items()
    }


def _is_schema(value: dict[str, Any]) -> bool:
    properties = value.get("properties")
    return isinstance(properties, dict) and all(isinstance(each, dict) for each in properties.values())


def _like(example: Any, name: str) -> Any:
    if isinstance(example, dict):
        return {key: _like(value, key) for key, value in example.items()}
    if isinstance(example, list):
        return [_like(value, name) for value in example]
    return f"simulated {name}" if isinstance(example, str) else example


def _objects_in(text: str) -> list[dict[str, Any]]:
    found, start, decoder = [], text.find("{"), json.JSONDecoder()
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            end = start + 1
        else:
            found.append(value)
        start = text.find("{", end)
    return found
