"""Values that fit JSON schemas, or what a prompt asks for in JSON mode: typed defaults, and what the question offers.

The same question gives the same: its numbers, names, dates, addresses, SQL. `words.json` says what is looked for.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import reduce
from math import ceil, inf
from typing import Any

WORDS: Mapping[str, Any] = json.loads(pkgutil.get_data(__package__, "words.json") or "")
_FORMS: Mapping[str, Mapping[str, str]] = WORDS["forms"]
_BY_LAST_WORD = {word: form for form in _FORMS.values() for word in form.get("names", "").split()}
_WORD, _CAMEL, _NUMBER, _QUOTATION, _CAPITALISED = map(re.compile, WORDS["searched"].values())
_KEY = re.compile(WORDS["key"].replace("TYPE", rf"(?:an? )?({'|'.join(WORDS['types'])})\b"), re.IGNORECASE)
_IMPLIED = {"properties": "object", "required": "object", "items": "array", "prefixItems": "array"}  # without a `type`
_DEEPEST = 6  # nesting at which optional parts are left out, so that recursive schemas come to an end


class InvalidSchemaError(ValueError):
    """Nothing can be built by a schema."""


def message_text(content: Any) -> str:
    """Return the text of a message's content, its parts joined by line breaks; other parts count for nothing."""
    if isinstance(content, list):
        return "\n".join(str(part["text"]) for part in content if part.get("type") == "text")
    return content if isinstance(content, str) else ""


def words_of(text: str) -> list[str]:
    """Return the words of a text, or of a name in any style, in lower case."""
    return _WORD.findall(_CAMEL.sub(" ", text).lower())


def says(text: str, phrase: str) -> bool:
    """Return whether a text holds a word or phrase, in any case; underscores count as spaces."""
    spoken = rf"(?<!\w){re.escape(phrase)}(?!\w)".replace("_", "[ _-]")
    return bool(phrase) and re.search(spoken, text, re.IGNORECASE) is not None


def instance(schema: Mapping[str, Any], question: str, *, simulated: bool, purpose: str = "") -> Any:
    """Build a valid instance of a JSON schema; an `InvalidSchemaError` if it is none.

    Where it is `simulated`, every property is filled, and strings say so; otherwise optional properties to which the
    question gives no value are left out. `purpose` is the name and description of the tool that it is for.
    """
    try:
        return _Filler(schema, question.strip(), purpose, simulated=simulated).build(schema, "value", 0)
    except (AttributeError, LookupError, TypeError, ValueError):  # a keyword holds what it cannot hold
        raise InvalidSchemaError from None


class _Filler:
    def __init__(self, root: Mapping[str, Any], text: str, purpose: str, *, simulated: bool) -> None:
        self.root, self.text, self.purpose, self.simulated = root, text, purpose, simulated
        # Numbers and names are handed out in order, each once.
        self.numbers = [float(found.replace(",", "")) for found in _NUMBER.findall(text)]
        self.names = [next(filter(None, groups)).strip() for groups in _QUOTATION.findall(text)]
        self.names += _CAPITALISED.findall(_QUOTATION.sub(" ", text))

    def build(self, schema: Any, name: str, depth: int) -> Any:
        schema = self.resolve(schema, depth)
        kind = _type_of(schema)
        if (allowed := [schema["const"]] if "const" in schema else schema.get("enum")) is not None:
            return next((each for each in allowed if isinstance(each, str) and says(self.text, each)), allowed[0])
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            return [self.build(each, name.removesuffix("s"), depth + 1) for each in self.items(schema, depth)]
        if kind in {"integer", "number"}:
            return self.number(schema, name, whole=kind == "integer")
        if kind == "boolean":
            said = self.value_of(name)
            return said.lower() in {"true", "yes", "on", "1"} if said else schema.get("default") is True
        return None if kind == "null" else self.string(schema, name)

    def resolve(self, schema: Any, depth: int) -> dict[str, Any]:
        """Follow `$ref`, `allOf`, `anyOf` and `oneOf` until none is left."""
        resolved: dict[str, Any] = dict(schema) if isinstance(schema, dict) else {}
        parts = resolved.pop("allOf", [])
        if "$ref" in resolved:
            steps = filter(None, resolved.pop("$ref").lstrip("#").split("/"))
            parts = [reduce(lambda found, step: found.get(step.replace("~1", "/"), {}), steps, self.root), *parts]
        if options := resolved.pop("anyOf", None) or resolved.pop("oneOf", None):
            parts = [*parts, min(options, key=lambda option: self.rank(option, depth))]
        for part in parts:
            resolved = _merged(self.resolve(part, depth), resolved)
        return resolved

    def rank(self, option: Any, depth: int) -> tuple[bool, bool]:
        """Tell which of several schemas is used: the first that is not null, deep down a flat one."""
        kind = _type_of(self.resolve(option, depth))
        return depth >= _DEEPEST and kind in {"object", "array"}, kind == "null"

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        told = [key for key in properties if (depth < _DEEPEST if self.simulated else self.value_of(key))]
        keys = sorted({*told, *required}, key=[*properties, *required].index)
        return {key: self.build(properties.get(key, {}), key, depth + 1) for key in keys}

    def items(self, schema: dict[str, Any], depth: int) -> list[Any]:
        """Return schemas for an array's items: one, or one for each number or name the question has, within limits."""
        if "prefixItems" in schema:
            return [*schema["prefixItems"]]
        each = self.resolve(schema.get("items"), depth)
        offered = {"integer": self.numbers, "number": self.numbers, "string": self.names}
        wanted = 1 if "enum" in each else len(offered.get(_type_of(each), ())) or 1
        count = max(wanted if depth < _DEEPEST else 0, schema.get("minItems", 0))
        return [each] * int(min(count, schema.get("maxItems", inf)))

    def string(self, schema: dict[str, Any], name: str) -> str:
        """Build a string: what the question calls so, one of the right form, the whole question, or its next name."""
        said, text, names = self.value_of(name), self.text, self.names
        if schema.get("pattern"):
            spoken = [said, *(word.strip(".,;:!?()'\"`") for word in text.split())]
            candidates: list[str] = [*filter(None, spoken), *WORDS["fit_patterns"].split()]
            with suppress(re.error):
                return next((each for each in candidates if re.search(schema["pattern"], each)), candidates[-1])
        if (form := self.formed(schema, name)) is not None:
            return said if said and "format" not in schema else form
        value = said or (text if name.lower() in WORDS["whole"].split() else names.pop(0) if names else "")
        if self.simulated or not value:
            value = f"simulated {name}" + (value and f": {value}")
        return value[: schema.get("maxLength")].ljust(schema.get("minLength", 0), ".")

    def number(self, schema: dict[str, Any], name: str, *, whole: bool) -> float:
        numbers, default = self.numbers, schema.get("default")
        try:
            value = float(self.value_of(name))
        except ValueError:
            value = numbers.pop(0) if numbers else default if isinstance(default, (int, float)) else 1
        nudge = 1 if whole else 0.5
        low = max(schema.get("minimum", -inf), schema.get("exclusiveMinimum", -inf) + nudge)
        high = min(schema.get("maximum", inf), schema.get("exclusiveMaximum", inf) - nudge)
        value = min(max(value, low), high)
        if step := schema.get("multipleOf"):
            value = ceil(value / step) * step
        return int(value) if whole or float(value).is_integer() else value

    def value_of(self, name: str) -> str:
        """Return what the text gives a name with `name=value`, `name: value` or `name is value`, or ""."""
        spoken = re.escape(name).replace("_", "[ _-]")
        pattern = rf"(?<!\w){spoken}['\"`]?\s*(?:=|:|\bis\b)\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`|([^\s,;)]+))"
        found = re.search(pattern, self.text, re.IGNORECASE)
        return next((group for group in found.groups() if group), "").rstrip(".?!") if found else ""

    def formed(self, schema: Mapping[str, Any], name: str) -> str | None:
        """Return the first string of the form that `format` or the name tells, else its default; None: no form."""
        words = words_of(name) or [""]
        form = _FORMS.get(str(schema["format"])) if "format" in schema else _BY_LAST_WORD.get(words[-1])
        if words[-1] in {"query", "statement"} and "format" not in schema:
            database = {"sql", "database", "db", "table"}.intersection([*words, *words_of(self.purpose)])
            form = _FORMS["sql"] if database else None
        if form is None:
            return None
        found = re.search(form["pattern"], self.text, re.IGNORECASE) if "pattern" in form else None
        return found.group() if found else form["default"]


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Join two schemas; properties and required names of both count."""
    properties = {**base.get("properties", {}), **over.get("properties", {})}
    required = [*base.get("required", []), *over.get("required", [])]
    both = {"properties": properties, "required": required}
    return {**base, **over, **{name: value for name, value in both.items() if value}}


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type") or next((_IMPLIED[key] for key in _IMPLIED if key in schema), "string")
    return next((each for each in kind if each != "null"), "null") if isinstance(kind, list) else str(kind)


def json_answer(body: Mapping[str, Any], question: str) -> str | None:
    """Return the JSON that a request asks for, None if it does not."""
    form = body.get("response_format") or {}
    if form.get("type") not in {"json_schema", "json_object"}:
        return None
    prompt = "\n".join(message_text(message.get("content")) for message in body["messages"])
    schema = form["json_schema"]["schema"] if "json_schema" in form else _schema_in(prompt)
    if '"properties"' in question:  # a schema says nothing of what is to be filled in
        question = re.sub(r"\{.*\}", " ", question, flags=re.DOTALL)
    return json.dumps(instance(schema, question, simulated=True), ensure_ascii=False)


def _schema_in(prompt: str) -> dict[str, Any]:
    """Return a schema that stands in a prompt, else that of an example there, else one of the keys quoted there.

    Of several schemas the last counts: LangChain's parsers explain what a schema is by one, before they give theirs.
    """
    found = _objects_in(prompt)
    if schemas := [each for each in found if isinstance(each.get("properties"), dict)]:
        return {"type": "object", **schemas[-1]}
    if found:
        return _schema_of(max(found, key=lambda each: len(str(each))))
    keys = {quoted or bare: (told or kind).lower() for quoted, told, bare, kind in _KEY.findall(prompt)}
    numbers = {key: "number" for key in keys if key.lower() in WORDS["numbers"].split()}
    types = {key: WORDS["types"].get(told) or numbers.get(key, "string") for key, told in keys.items()}
    types = types or {"simulated": "string", "answer": "string"}
    return {"required": [*types], "properties": {key: {"type": known} for key, known in types.items()}}


def _schema_of(example: Any) -> dict[str, Any]:
    if isinstance(example, dict):
        return {"type": "object", "properties": {key: _schema_of(value) for key, value in example.items()}}
    if isinstance(example, list):
        return {"prefixItems": [_schema_of(value) for value in example]}
    return {"type": "string"} if isinstance(example, str) else {"const": example}


def _objects_in(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    end = 0
    while (start := text.find("{", end)) >= 0:
        end = start + 1
        with suppress(json.JSONDecodeError, RecursionError):
            value, end = json.JSONDecoder().raw_decode(text, start)
            found += [value] if value else []
    return found
