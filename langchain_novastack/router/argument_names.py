"""Arguments by the names that `ChatOpenAI` gives them: which a router takes, and what to use instead of the others."""

from __future__ import annotations

import json
import pkgutil
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_DATA = pkgutil.get_data("langchain_novastack", "router/argument_names.json") or ""
_TABLE: dict[str, dict[str, str]] = json.loads(_DATA)

PASSED_ON: Mapping[str, str] = _TABLE["passed on"]
"""What arguments mean that go to the models as they are."""

_OTHER_NAMES, _INSTEAD = _TABLE["other names"], _TABLE["instead"]


def by_own_names(given: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Return the arguments of a router by the names it gives them, which win over others, as in `ChatOpenAI`.

    Raises:
        ValueError: If one is not among the `known`; it says what to use instead.
    """
    named = {_OTHER_NAMES.get(name, name): value for name, value in given.items()}
    for name in named.keys() - set(known):
        raise _unknown(name, known)
    return named | {name: value for name, value in given.items() if name in named}


def _unknown(name: str, known: Collection[str]) -> ValueError:
    if instead := _INSTEAD.get(name):
        return bad_argument(name, f"be left out: {instead}")
    near = get_close_matches(name, [*known, *_OTHER_NAMES, *_INSTEAD], 1)
    hint = f"did you mean `{near[0]}`?" if near else "`models={...}` takes models that may have it."
    return ValueError(f"`{name}` must be an argument of `NovastackRouter`: {hint}")
