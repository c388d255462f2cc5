"""One LangChain chat model that routes each request to the right Novastack model, and falls back well.

Importing the package is cheap: what needs `openai` or langchain-openai is imported when its name is first used. Which
names there are, and where each lives, is written down once, in `__init__.pyi`.
"""

from __future__ import annotations

import pkgutil
import re
from typing import Any

from langchain_novastack._lazy import lazy, unpickled  # noqa: F401 - pickles name it

__version__ = "0.1.0"

_IMPORTS = re.findall(
    r"^from langchain_novastack\.(?!_)([\w.]+) import ([\w, ]+|\([^)]*\))$",
    (pkgutil.get_data(__name__, "__init__.pyi") or b"").decode(),
    re.MULTILINE,
)
_MODULES = {name: module for module, names in _IMPORTS for name in re.findall(r"\w+", names)}

__all__ = sorted(_MODULES)  # noqa: PLE0605 - the stub has them as literals

_find = lazy(__name__, _MODULES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    globals()[name] = value = _find(name)
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
