"""Values that fit JSON schemas, or what a prompt asks for in JSON mode: typed defaults, and what the question offers.

The same question gives the same.
"""

from __future__ import annotations

import json
import math
import pkgutil
import re
from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.answers.question import Material, formed, message_text
from langchain_novastack.sandbox.validation.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEEPEST = 6  # nesting at which optional parts are left out, so that recursive schemas come to an end
_WHOLE_TEXT = "code content description input instruction instructions message prompt query question request task text"
_WHOLE = frozenset(_WHOLE_TEXT.split())  # names of strings that hold the whole question
_PATTERNED = "1 12 123 1234 12345 123456 A a AB ABC abc A1 A-1 AB12 a_b en-US simulated"
"""Strings tried against a pattern that nothing in the question fits."""


def instance(schema: Mapping[str, Any], material: Material, *, simulated: bool, purpose: str = "") -> Any:
    """Build a valid instance of a JSON schema; `Refused` if it is none, or nothing finite fits it.

    Args:
        schema: JSON schema, with `$defs` or `definitions` where it has `$ref`.
        material: What the question offers.
        simulated: True fills every property and makes strings say that they are simulated; False leaves out
            optional properties to which the question gives no value.
        purpose: Name and description of what takes the instance.
    """
    try:
        return _Filler(schema, material, simulated=simulated, purpose=purpose).build(schema, "value", 0)
    except RecursionError:
        raise Refused.by("endless_schema") from None
    except (AttributeError, LookupError, TypeError, ValueError):  # a keyword holds what it cannot hold
        raise Refused.by("invalid_schema") from None


class _Filler:
    def __init__(self, root: Mapping[str, Any], material: Material, *, simulated: bool, purpose: str) -> None:
        self.root = root
        self.material = material
        self.simulated = simulated
        self.purpose = purpose

    def build(self, schema: Any, name: str, depth: int) -> Any:
        """Build an instance of a part of the schema; `name` is the property it is for."""
        schema = self.resolve(schema)
        kind, value = _type_of(schema), None
        if "const" in schema:
            value = schema["const"]
        elif "enum" in schema:
            named = (each for each in schema["enum"] if isinstance(each, str) and self.material.says(each))
            value = next(named, schema["enum"][0])
        elif options := schema.pop("anyOf", None) or schema.pop("oneOf", None):
            value = self.build(_merged(schema, self.choose(options, depth)), name, depth)
        elif kind == "object":
            value = self.object(schema, name, depth)
        elif kind == "array":
            value = self.array(schema, name, depth)
        elif kind in {"integer", "number"}:
            value = self.number(schema, name, whole=kind == "integer")
        elif kind == "boolean":
            said = self.material.value_of(name)
            value = said.lower() in {"true", "yes", "on", "1"} if said else schema.get("default") is True
        elif kind != "null":
            value = self.string(schema, name)
        return value

    def resolve(self, schema: Any) -> dict[str, Any]:
        """Follow `$ref` and `allOf` until neither is left."""
        resolved: dict[str, Any] = dict(schema) if isinstance(schema, dict) else {}
        parts = resolved.pop("allOf", [])
        if "$ref" in resolved:
            steps = filter(None, resolved.pop("$ref").lstrip("#").split("/"))
            parts = [reduce(lambda found, step: found.get(step.replace("~1", "/"), {}), steps, self.root), *parts]
        for part in parts:
            resolved = _merged(self.resolve(part), resolved)
        return resolved

    def choose(self, options: list[Any], depth: int) -> dict[str, Any]:
        """Choose one of several schemas: the first that is not null, deep down a flat one."""
        resolved = [self.resolve(option) for option in options]
        flat = [option for option in resolved if _type_of(option) not in {"object", "array"}]
        return min((flat if depth >= _DEEPEST else []) or resolved, key=lambda option: _type_of(option) == "null")

    def object(self, schema: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
        """Build an object: required properties always, others as `instance` says."""
        properties, required = schema.get("properties", {}), schema.get("required", [])
        others = schema.get("additionalProperties")
        if not properties and isinstance(others, dict) and self.simulated:
            return {"simulated": self.build(others, name, depth + 1)}

        def wanted(key: str) -> bool:
            filled = depth < _DEEPEST if self.simulated else self.material.value_of(key) is not None
            return key in required or filled

        keys = dict.fromkeys([*filter(wanted, properties), *required])
        return {key: self.build(properties.get(key, {}), key, depth + 1) for key in keys}

    def array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        """Build an array: one item, or one for each number or name the question has, within the limits."""
        if "prefixItems" in schema:
            return [self.build(each, name, depth + 1) for each in schema["prefixItems"]]
        each = self.resolve(schema.get("items"))
        offered = {"integer": self.material.numbers, "number": self.material.numbers, "string": self.material.names}
        wanted = 1 if "enum" in each else len(offered.get(_type_of(each), ())) or 1
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        count = int(min(max(wanted if depth < _DEEPEST else 0, least), most))
        return [self.build(each, name.removesuffix("s"), depth + 1) for _ in range(count)]

    def string(self, schema: dict[str, Any], name: str) -> str:
        """Build a string: what the question calls so, one of the right form, the whole question, or its next name."""
        said, text, names = self.material.value_of(name) or "", self.material.text, self.material.names
        if schema.get("pattern"):
            spoken = (word.strip(".,;:!?()'\"`") for word in text.split())
            return _first_match(schema["pattern"], [*filter(None, [said, *spoken]), *_PATTERNED.split()])
        form = formed(schema, name, self.purpose, text)
        if form is not None:
            return said if said and "format" not in schema else form
        value = said or (text if name.lower() in _WHOLE else names.pop(0) if names else "")
        if self.simulated or not value:
            value = f"simulated {name}: {value}" if value else f"simulated {name}"
        return value[: schema.get("maxLength")].ljust(schema.get("minLength", 0), ".")

    def number(self, schema: dict[str, Any], name: str, *, whole: bool) -> float:
        """Build a number: what the question calls so, its next number, the default, or the lowest allowed."""
        numbers, default = self.material.numbers, schema.get("default")
        try:
            value = float(self.material.value_of(name) or "")
        except ValueError:
            value = numbers.pop(0) if numbers else default if isinstance(default, (int, float)) else 1
        nudge = 1 if whole else 0.5
        low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + nudge)
        high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - nudge)
        value = min(max(value, low), high)
        if step := schema.get("multipleOf"):
            value = math.ceil(value / step) * step
        return int(value) if whole or float(value).is_integer() else value


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Join two schemas; properties and required names of both count."""
    joined = {**base, **over}
    if "properties" in joined:
        joined["properties"] = {**base.get("properties", {}), **over.get("properties", {})}
    if "required" in joined:
        joined["required"] = [*base.get("required", []), *over.get("required", [])]
    return joined


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((each for each in kind if each != "null"), "null")
    if kind is None and ("properties" in schema or "required" in schema):
        return "object"
    return str(kind or ("array" if "items" in schema else "string"))


def _first_match(pattern: str, candidates: list[str]) -> str:
    """Return the first candidate that a pattern finds itself in, or the last one, which does not fit."""
    with suppress(re.error):
        return next((each for each in candidates if re.search(pattern, each)), candidates[-1])
    return candidates[-1]


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
        value = instance(form["json_schema"]["schema"], Material(question), simulated=True)
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
        return instance({"type": "object", **schemas[-1]}, Material(question), simulated=True)
    if found:
        return _like(max(found, key=lambda each: len(str(each))), "value")
    keys = {quoted or bare: (told or kind).lower() for quoted, told, bare, kind in _KEY.findall(prompt)}
    material = Material(question)
    return {
        key: instance({"type": known}, material, simulated=True)
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
