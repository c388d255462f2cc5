"""The README's tables, made from the data they show.

    PYTHONPATH=tests python -m helpers.page_tables

rewrites them in place, each between its markers: `<!-- name -->` and `<!-- /name -->`. A test fails while one
differs. A new table is a function here and a line in `TABLES`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.consumer_table import CONSUMERS
from langchain_novastack.fallbacks.rules import CALLER, FAULTS, Fault
from langchain_novastack.sandbox import fault_table as sandbox_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

README = Path(__file__).parents[2] / "README.md"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Spell a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def faults_table() -> str:
    """Show whose fault each failure is, and what follows."""
    rows = [
        [fault.name, _statuses(fault), fault.whose, fault.then.value, "yes" if fault.counts else "no"]
        for fault in (*FAULTS, CALLER)
    ]
    return table(["failure", "HTTP status", "whose", "what happens", "counts against health"], rows)


def _statuses(fault: Fault) -> str:
    return ", ".join(
        str(span.start) if len(span) == 1 else f"{'other ' if span.start == 400 else ''}{span.start // 100}xx"
        for span in fault.statuses
    )


def consumers_table() -> str:
    """Show what takes a chat model, and what of it is tested for both classes."""
    rows = [[consumer.name, consumer.tested, f"`{consumer.module}.py`"] for consumer in CONSUMERS]
    return table(
        ["what takes a chat model", "what is tested, for `ChatNovastack` and for `NovastackRouter`", "in"], rows
    )


TABLES: Mapping[str, Callable[[], str]] = {
    "consumers": consumers_table,
    "faults": faults_table,
    "sandbox": sandbox_table,
}
"""Table by the name of its markers."""


def filled(text: str) -> str:
    """Return the README with every table as its data says.

    Raises:
        ValueError: If the markers of a table are not there exactly once.
    """
    for name, make in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if (text.count(begin), text.count(end)) != (1, 1):
            msg = f"The README must have {begin} and {end} once each."
            raise ValueError(msg)
        between = re.compile(rf"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
        made = f"\n{make()}\n\n"
        text = between.sub(lambda _, made=made: made, text)  # type: ignore[misc] # mypy cannot infer a default
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
