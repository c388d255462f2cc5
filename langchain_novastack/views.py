"""Pictures of decisions, answers and routers, as text and as HTML; no scripts, no fixed colours.

Text fits into 80 columns. HTML is escaped, and takes its colours from the page, so that it reads well in light
and dark notebooks.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_novastack.compare import Comparison

_CELL = "padding:4px 10px;text-align:left;vertical-align:top;border-bottom:1px solid rgba(128,128,128,.35)"
_MAX = 400
"""Characters of an answer that a table shows."""


def table_html(head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "") -> str:
    """Return a table as HTML; every cell is escaped."""
    title = f"<caption style='text-align:left;font-weight:bold;padding:4px 0'>{escape(caption)}</caption>"
    top = "".join(f"<th style='{_CELL};font-weight:600'>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td style='{_CELL}'>{escape(show(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        "<table style='border-collapse:collapse;color:inherit;background:transparent'>"
        f"{title if caption else ''}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def table_text(head: Sequence[str], rows: Sequence[Sequence[Any]], width: int = 80) -> str:
    """Return a table as text; the last column is cut so that lines fit into `width` characters."""
    cells = [[" ".join(show(cell).split()) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in [list(head), *cells]) for at in range(len(head))]
    widths[-1] = max(len(head[-1]), min(widths[-1], width - sum(widths[:-1]) - 2 * (len(head) - 1)))
    lines = [[_cut(cell, size).ljust(size) for cell, size in zip(row, widths, strict=True)] for row in [head, *cells]]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: max(0, size - 1)] + "…"


def show(value: Any) -> str:
    """Return a value as a cell shows it: nothing for None, short figures, long text cut."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    return _cut(str(value), _MAX)


def _comparison_rows(comparison: Comparison) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for record in comparison.to_records():
        cost = show(record["cost"]) + (" (estimate)" if record["cost_is_estimate"] else "")
        said = record["content"] if record["error"] is None else record["error"]
        rows.append([record["model"], record["seconds"], record["total_tokens"], cost, said])
    return rows


_COMPARISON_HEAD = ("model", "seconds", "tokens", "USD", "answer or error")


def comparison_html(comparison: Comparison) -> str:
    """Return a comparison as a table."""
    return table_html(_COMPARISON_HEAD, _comparison_rows(comparison), "The same prompt to several models")


def comparison_text(comparison: Comparison) -> str:
    """Return a comparison as text."""
    return table_text(_COMPARISON_HEAD, _comparison_rows(comparison))
