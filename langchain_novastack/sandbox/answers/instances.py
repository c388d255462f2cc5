"""Valid instances of JSON schemas, filled from a question: the same question and schema give the same instance."""

from __future__ import annotations

import math
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.validation.problems import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from langchain_novastack.sandbox.answers.question import Words

_DEEPEST = 6
"""Nesting at which optional parts are left out, so that recursive schemas come to an end."""

_MOST_REFERENCES = 200
"""How many references may follow each other; more are a circle."""

_WHOLE_TEXT = "code content description input instruction instructions message prompt query question request task text"
_WHOLE = frozenset(_WHOLE_TEXT.split())
"""Names of strings that hold the whole question."""

_FORMATS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "date": (r"\d{4}-\d\d-\d\d", "2026-01-31"),
        "date-time": (r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)", "2026-01-31T12:00:00Z"),
        "time": (r"\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", "12:00:00Z"),
        "duration": (r"P[\dT][\dYMWDTHS]*", "PT1M"),
        "email": (r"[\w.+-]+@[\w-]+\.[\w.]+\w", "simulated@example.org"),
        "uri": (r"https?://[^\s\"'<>]+", "https://example.org/simulated"),
        "url": (r"https?://[^\s\"'<>]+", "https://example.org/simulated"),
        "hostname": (r"[a-z\d-]+(?:\.[a-z\d-]+)+", "simulated.example.org"),
        "uuid": (r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}", "00000000-0000-4000-8000-000000000000"),
        "ipv4": (r"\d{1,3}(?:\.\d{1,3}){3}", "192.0.2.1"),
        "ipv6": (r"[\da-f]*:[\da-f:]+", "2001:db8::1"),
    }
)
"""For a string's format: how it looks in a question, and what stands there otherwise."""

_PATTERNED = (
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "A",
    "a",
    "AB",
    "ABC",
    "abc",
    "A1",
    "A-1",
    "AB12",
    "a_b",
    "en-US",
)
"""Strings tried against a pattern that nothing in the question fits."""


def instance(schema: Mapping[str, Any], words: Words, *, simulated: bool) -> Any:
    """Build a valid instance of a JSON schema.

    Args:
        schema: JSON schema, with `$defs` or `definitions` where it has `$ref`.
        words: What the question offers.
        simulated: True fills every property and makes strings say that they are simulated; False leaves out
            optional properties that the question does not name.

    Raises:
        Rejected: If the schema is none, or refers to itself without an end, so that nothing finite is valid for it.
    """
    try:
        return _Filler(schema, words, simulated=simulated).build(schema, "value", 0)
    except RecursionError:
        msg = "Invalid schema: it is nested too deeply, or refers to itself without an end."
        raise Rejected(msg, code="invalid_schema") from None
    except (AttributeError, LookupError, TypeError, ValueError):  # a keyword holds what it cannot hold
        msg = "Invalid schema: nothing can be built by it."
        raise Rejected(msg, code="invalid_schema") from None


class _Filler:
    """Builds one instance."""

    def __init__(self, root: Mapping[str, Any], words: Words, *, simulated: bool) -> None:
        self.root = root
        self.words = words
        self.simulated = simulated
        self.by_type: Mapping[str, Callable[[dict[str, Any], str, int], Any]] = {
            "object": self.object,
            "array": self.array,
            "string": self.string,
            "integer": self.number,
            "number": self.number,
            "boolean": self.boolean,
            "null": self.null,
        }

    def build(self, schema: Any, name: str, depth: int) -> Any:
        """Build an instance of a part of the schema; `name` is the property it is for."""
        schema = self.resolve(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            said = (value for value in schema["enum"] if isinstance(value, str) and self.words.says(value))
            return next(said, schema["enum"][0])
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            rest = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
            return self.build(_merged(rest, self.choose(options, depth)), name, depth)
        build = self.by_type.get(_type_of(schema)) or self.string
        return build(schema, name, depth)

    def resolve(self, schema: Any) -> dict[str, Any]:
        """Follow `$ref` and `allOf` until neither is left."""
        resolved: dict[str, Any] = dict(schema) if isinstance(schema, dict) else {}
        left = _MOST_REFERENCES
        while "$ref" in resolved or "allOf" in resolved:
            left -= 1
            if left < 0:
                raise RecursionError
            parts = resolved.pop("allOf", [])
            reference = resolved.pop("$ref", None)
            for part in [*([self.target(reference)] if reference else []), *parts]:
                resolved = _merged(part, resolved)
        return resolved

    def target(self, reference: str) -> dict[str, Any]:
        """Return what a `#/...` reference points at; anything else is an open schema."""
        found: Any = self.root
        for step in reference.lstrip("#").strip("/").split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            found = found.get(key, {}) if isinstance(found, dict) and key else found
        return found if isinstance(found, dict) else {}

    def choose(self, options: list[Any], depth: int) -> dict[str, Any]:
        """Choose one of several schemas: the first that is not null, or a flat one deep down."""
        resolved = [self.resolve(option) for option in options]
        if depth >= _DEEPEST:
            flat = [option for option in resolved if _type_of(option) not in {"object", "array"}]
            return min(flat, key=lambda option: _type_of(option) != "null", default=resolved[0])
        return next((option for option in resolved if _type_of(option) != "null"), resolved[0])

    def object(self, schema: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
        """Build an object: required properties always, others as `instance` says."""
        properties, required = schema.get("properties", {}), schema.get("required", [])
        chosen = [key for key in properties if key in required or self.wants(key, properties[key], depth)]
        chosen += [key for key in required if key not in properties]
        if not properties and isinstance(schema.get("additionalProperties"), dict) and self.simulated:
            return {"simulated": self.build(schema["additionalProperties"], name, depth + 1)}
        return {key: self.build(properties.get(key, {}), key, depth + 1) for key in chosen}

    def null(self, _schema: dict[str, Any], _name: str, _depth: int) -> None:
        """Build a null."""

    def wants(self, name: str, schema: Any, depth: int) -> bool:
        """Return whether an optional property is filled."""
        if self.simulated:
            return depth < _DEEPEST
        values = self.resolve(schema).get("enum", ())
        return self.words.value_of(name) is not None or any(map(self.words.says, filter(_is_string, values)))

    def array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        """Build an array: one item, or one for each number or name the question has, within the limits."""
        fixed = [self.build(each, name, depth + 1) for each in schema.get("prefixItems", ())]
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        if fixed or schema.get("items") is False:
            return fixed
        if depth >= _DEEPEST:
            most = min(most, least)
        each = self.resolve(schema.get("items"))
        count = int(min(max(self.length(each), least, 1), most))
        built = [self.build(each, name.removesuffix("s"), depth + 1) for _ in range(count)]
        return _distinct(built, each) if schema.get("uniqueItems") else built

    def length(self, each: dict[str, Any]) -> int:
        """Return how many items of a kind the question has material for."""
        kind = _type_of(each)
        if kind in {"integer", "number"}:
            return self.words.count(numbers=True)
        return self.words.count(numbers=False) if kind == "string" and "enum" not in each else 1

    def string(self, schema: dict[str, Any], name: str, _depth: int) -> str:
        """Build a string: what the question calls so, a format, the whole question, or its next telling piece."""
        said = self.words.value_of(name)
        pattern = schema.get("pattern")
        if pattern:
            spoken = [word.strip(".,;:!?()'\"`") for word in self.words.text.split()]
            return _fitting(pattern, [*([said] if said else []), *spoken, *_PATTERNED])
        if schema.get("format") in _FORMATS:
            looks, otherwise = _FORMATS[schema["format"]]
            found = re.search(looks, self.words.text, re.IGNORECASE)
            return found.group() if found else otherwise
        text = said or (self.words.text if name.lower() in _WHOLE else self.words.string()) or name
        text = f"simulated {name}: {text}" if self.simulated else text
        return text[: schema.get("maxLength")].ljust(schema.get("minLength", 0), ".")

    def number(self, schema: dict[str, Any], name: str, _depth: int) -> float:
        """Build a number: what the question calls so, its next number, the default, or the lowest allowed."""
        said = self.words.value_of(name)
        value = _as_number(said) if said else None
        value = self.words.number() if value is None else value
        default = schema.get("default")
        if value is None:
            value = default if isinstance(default, (int, float)) else 1
        return _within(value, schema, whole=_type_of(schema) == "integer")

    def boolean(self, schema: dict[str, Any], name: str, _depth: int) -> bool:
        """Build a boolean: what the question calls so, else whether it names the property, else the default."""
        said = self.words.value_of(name)
        if said:
            return said.lower() in {"true", "yes", "on", "1"}
        return self.words.says(name) or schema.get("default") is True


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Join two schemas; properties and required names of both count."""
    joined = {**base, **over}
    if "properties" in base and "properties" in over:
        joined["properties"] = {**base["properties"], **over["properties"]}
    if "required" in base and "required" in over:
        joined["required"] = list(dict.fromkeys([*base["required"], *over["required"]]))
    return joined


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((each for each in kind if each != "null"), "null")
    if kind is None and ("properties" in schema or "required" in schema):
        return "object"
    return str(kind or ("array" if "items" in schema else "string"))


def _within(value: float, schema: Mapping[str, Any], *, whole: bool) -> float:
    """Return the nearest number that a schema's limits allow."""
    step = schema.get("multipleOf") or (1 if whole else 0)
    nudge = step or 0.5
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf) + nudge)
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf) - nudge)
    value = min(max(value, low), high)
    if step:
        value = math.floor(value / step) * step
        value = value + step if value < low else value
    return int(value) if whole or float(value).is_integer() else value


def _distinct(values: list[Any], schema: Mapping[str, Any]) -> list[Any]:
    """Return the values without repetitions, other choices of an enum in their place."""
    unique = [value for place, value in enumerate(values) if value not in values[:place]]
    spare = [value for value in schema.get("enum", ()) if value not in unique]
    return unique + spare[: len(values) - len(unique)]


def _fitting(pattern: str, candidates: list[str]) -> str:
    """Return the first candidate that a pattern finds itself in, or the last resort, which does not fit."""
    try:
        return next((each for each in candidates if re.search(pattern, each)), "simulated")
    except re.error:
        return "simulated"


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_string(value: Any) -> bool:
    return isinstance(value, str)
