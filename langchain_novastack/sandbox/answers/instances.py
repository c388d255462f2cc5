"""Valid instances of JSON schemas: typed defaults, and what the question offers. The same question gives the same."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.answers.forms import form_of
from langchain_novastack.sandbox.validation.problems import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from langchain_novastack.sandbox.answers.question import Material

_DEEPEST = 6
"""Nesting at which optional parts are left out, so that recursive schemas come to an end."""

_MOST_REFERENCES = 200
"""How many references may follow each other; more are a circle."""

_WHOLE_TEXT = "code content description input instruction instructions message prompt query question request task text"
_WHOLE = frozenset(_WHOLE_TEXT.split())
"""Names of strings that hold the whole question."""

_PATTERNED = "1 12 123 1234 12345 123456 A a AB ABC abc A1 A-1 AB12 a_b en-US"
"""Strings tried against a pattern that nothing in the question fits."""


def instance(schema: Mapping[str, Any], material: Material, *, simulated: bool, purpose: str = "") -> Any:
    """Build a valid instance of a JSON schema.

    Args:
        schema: JSON schema, with `$defs` or `definitions` where it has `$ref`.
        material: What the question offers.
        simulated: True fills every property and makes strings say that they are simulated; False leaves out
            optional properties to which the question gives no value.
        purpose: Name and description of what takes the instance.

    Raises:
        Rejected: If it is not a valid schema, or refers to itself without an end, so that nothing finite fits it.
    """
    try:
        return _Filler(schema, material, simulated=simulated, purpose=purpose).build(schema, "value", 0)
    except RecursionError:
        msg = "Invalid schema: it is nested too deeply, or refers to itself without an end."
        raise Rejected(msg, code="invalid_schema") from None
    except (AttributeError, LookupError, TypeError, ValueError):  # a keyword holds what it cannot hold
        msg = "Invalid schema: nothing can be built by it."
        raise Rejected(msg, code="invalid_schema") from None


class _Filler:
    """Builds one instance."""

    def __init__(self, root: Mapping[str, Any], material: Material, *, simulated: bool, purpose: str) -> None:
        self.root = root
        self.material = material
        self.simulated = simulated
        self.purpose = purpose
        self.by_type: Mapping[str, Callable[[dict[str, Any], str, int], Any]] = {
            "object": self.object,
            "array": self.array,
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
            said = (value for value in schema["enum"] if isinstance(value, str) and self.material.says(value))
            return next(said, schema["enum"][0])
        options = schema.pop("anyOf", None) or schema.pop("oneOf", None)
        if options:
            return self.build(_merged(schema, self.choose(options, depth)), name, depth)
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
        chosen = [key for key in properties if key in required or self.wants(key, depth)]
        chosen += [key for key in required if key not in properties]
        if not properties and isinstance(schema.get("additionalProperties"), dict) and self.simulated:
            return {"simulated": self.build(schema["additionalProperties"], name, depth + 1)}
        return {key: self.build(properties.get(key, {}), key, depth + 1) for key in chosen}

    def null(self, _schema: dict[str, Any], _name: str, _depth: int) -> None:
        """Build a null."""

    def wants(self, name: str, depth: int) -> bool:
        """Return whether an optional property is filled."""
        return depth < _DEEPEST if self.simulated else self.material.value_of(name) is not None

    def array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        """Build an array: one item, or one for each number or name the question has, within the limits."""
        fixed = [self.build(each, name, depth + 1) for each in schema.get("prefixItems", ())]
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        if fixed or schema.get("items") is False:
            return fixed
        each = self.resolve(schema.get("items"))
        offered = {"integer": self.material.numbers, "number": self.material.numbers, "string": self.material.names}
        wanted = 1 if "enum" in each else len(offered.get(_type_of(each), ())) or 1
        count = int(min(max(wanted if depth < _DEEPEST else 0, least), most))
        if schema.get("uniqueItems") and "enum" in each:
            return list(each["enum"][:count])
        return [self.build(each, name.removesuffix("s"), depth + 1) for _ in range(count)]

    def string(self, schema: dict[str, Any], name: str, _depth: int) -> str:
        """Build a string: what the question calls so, one of the right form, the whole question, or its next name."""
        said, text, names = self.material.value_of(name), self.material.text, self.material.names
        if schema.get("pattern"):
            spoken = [word.strip(".,;:!?()'\"`") for word in text.split()]
            return _first_match(schema["pattern"], [*([said] if said else []), *spoken, *_PATTERNED.split()])
        form = form_of(schema, name, self.purpose)
        if form:
            return said if said and "format" not in schema else form.value(text)
        value = said or (text if name.lower() in _WHOLE else names.pop(0) if names else "")
        if self.simulated or not value:
            value = f"simulated {name}: {value}" if value else f"simulated {name}"
        return value[: schema.get("maxLength")].ljust(schema.get("minLength", 0), ".")

    def number(self, schema: dict[str, Any], name: str, _depth: int) -> float:
        """Build a number: what the question calls so, its next number, the default, or the lowest allowed."""
        value = _as_number(self.material.value_of(name))
        if value is None and self.material.numbers:
            value = self.material.numbers.pop(0)
        if value is None:
            default = schema.get("default")
            value = default if isinstance(default, (int, float)) else 1
        return _within_limits(value, schema, whole=_type_of(schema) == "integer")

    def boolean(self, schema: dict[str, Any], name: str, _depth: int) -> bool:
        """Build a boolean: what the question calls so, else the default."""
        said = self.material.value_of(name)
        return said.lower() in {"true", "yes", "on", "1"} if said else schema.get("default") is True


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


def _within_limits(value: float, schema: Mapping[str, Any], *, whole: bool) -> float:
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


def _first_match(pattern: str, candidates: list[str]) -> str:
    """Return the first candidate that a pattern finds itself in, or the last resort, which does not fit."""
    try:
        return next((each for each in candidates if re.search(pattern, each)), "simulated")
    except re.error:
        return "simulated"


def _as_number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
