"""What each field of a class means, shown where people look: by `help()`, by `?` in notebooks, and on the field."""

from __future__ import annotations

import inspect
import re
import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

Class = TypeVar("Class", bound="type[BaseModel]")

_FIELD = re.compile(r'^    (\w+): [^\n]*(?:\n     [^\n]*|\n    \))*\n    """(.+?)"""$', re.MULTILINE | re.DOTALL)
"""A field with its docstring below it."""


def documented(kind: Class, said: Mapping[str, str] | None = None) -> Class:
    """Add to a class's docstring what those of its fields, or `said`, say; each field has its own as `description`.

    Pydantic's `use_attribute_docstrings` does the latter by searching all modules there are, at 70 ms for each class.
    """
    model: type[BaseModel] = kind
    said = dict(said or {})
    for each in reversed(model.__mro__):
        if each.__module__.startswith("langchain_novastack."):
            found = _FIELD.findall(_source(each.__module__))
            said.update({name: " ".join(text.split()) for name, text in found})
    lines = []
    for name, field in model.model_fields.items():
        field.description = said.get(name) or field.description
        if field.description:
            lines.append(f"    {min(name, field.alias or name, key=len)}: {field.description}")
    kind.__doc__ = "\n".join([inspect.cleandoc(kind.__doc__ or ""), "", "Args:", *lines])
    return kind


def _source(module: str) -> str:
    spec = sys.modules[module].__spec__
    read = getattr(spec.loader, "get_source", None) if spec else None
    return (read(module) if read else None) or ""
