"""The pages: the README and what lies in `docs/`, with the examples in them.

The first line of an example says how it is run:

    ```python                   in the session of its page, one after the other
    ```python needs=litellm     as above, where that module is installed
    ```python file=test_x.py    written to a file of that name; pytest runs the files of a page together
    ```py                       by a test of its own
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_BLOCK = re.compile(r"^```(\w+)(?: (needs|file)=(\S+))?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
_PROMISE = re.compile(r"print\(.*\)  # (.+)$", flags=re.MULTILINE)


class Example(NamedTuple):
    """One block of code."""

    page: str
    line: int
    """Line of the page on which its code begins."""

    code: str
    needs: str = ""
    """Module without which it cannot run."""

    file: str = ""
    """Name of the file that it shows."""

    @property
    def promises(self) -> list[str]:
        """What its comments say that it prints, in order: `print(x)  # claude`."""
        return _PROMISE.findall(self.code)

    @property
    def can_run(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or _is_installed(self.needs)


def examples(page: Path, language: str = "python") -> list[Example]:
    """Return a page's blocks of a language, in order."""
    text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
    return [
        Example(name, text.count("\n", 0, found.start(4)) + 1, found[4], **({found[2]: found[3]} if found[2] else {}))
        for found in _BLOCK.finditer(text)
        if found[1] == language
    ]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # its package is not
        return False
