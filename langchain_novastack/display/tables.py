"""Tables as text and as HTML: what all views are made of.

Text fits into a number of columns. HTML is escaped, runs no script, and takes its colours from the page, so that
it reads well in light and dark notebooks.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from html import escape
from typing import Any, TypeAlias

from langchain_novastack.redaction import printable

Pairs: TypeAlias = list[tuple[str, Any]]  # names with their values, in the order in which they are shown
WIDTH = 80  # columns that text fits into
_MAX = 2000  # characters of a text that a cell shows
_FIGURE = re.compile(r"[-\d.,]*( \(estimate\))?")
_GAP = 2
_NARROW = 6  # columns that every column of a table may keep, however wide the others are
_LINE = "border-bottom:1px solid color-mix(in oklab, currentColor 30%, transparent)"  # the page's own colour, faint
_CELL = f"padding:4px 10px;vertical-align:top;white-space:pre-wrap;overflow-wrap:break-word;{_LINE}"
_TITLE = "caption-side:top;text-align:left;font-weight:bold;padding:4px 10px;color:inherit"


def repr_pretty(self: object, printer: Any, cycle: bool) -> None:  # noqa: ARG001, FBT001 - IPython's signature
    """Show an object's text in IPython, not its `repr`: the method `_repr_pretty_` of what has a view."""
    printer.text(str(self))


def cell(value: Any) -> str:
    """Return a value as a cell shows it: nothing for None, short figures, long text cut."""
    if value is None:
        return ""
    return f"{value:.3g}" if isinstance(value, float) else cut(printable(str(value)), _MAX)


def dollars(amount: float | None) -> str:
    """Return an amount of US dollars as a cell shows it, small ones to the millionth; nothing for None."""
    return "" if amount is None else f"{amount:,.2f}" if amount >= 1 else f"{amount:.6f}"


def cut(text: str, size: int) -> str:
    """Return a text with at most `size` characters, the last one an ellipsis if any is missing."""
    return text if len(text) <= size else text[: max(0, size - 1)] + "…"


def table_html(head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str) -> str:
    """Return a table as HTML; every cell is escaped. An empty `head` leaves the head out."""
    figures = _figures(head, rows)
    top = f"<thead>{_row_html('th', head, figures)}</thead>" if head else ""
    body = "".join(_row_html("td", row, figures) for row in rows)
    return (
        "<table style='border-collapse:collapse;color:inherit;max-width:60em'>"
        f"<caption style='{_TITLE}'>{escape(caption)}</caption>{top}<tbody>{body}</tbody></table>"
    )


def _row_html(tag: str, values: Sequence[Any], figures: list[bool]) -> str:
    aligned = zip(values, ("right" if figure else "left" for figure in figures), strict=True)
    cells = (f"<{tag} style='{_CELL};text-align:{side}'>{escape(cell(value))}</{tag}>" for value, side in aligned)
    return f"<tr>{''.join(cells)}</tr>"


def _figures(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[bool]:
    """Return whether the columns hold nothing but figures, which stand at the right."""
    return [
        all(value is None or isinstance(value, int | float) or _FIGURE.fullmatch(str(value)) for value in column)
        for column in zip(*rows, strict=True)
    ] or [False] * len(head)


def table_text(head: Sequence[str], rows: Sequence[Sequence[Any]], width: int = WIDTH) -> str:
    """Return a table as text; the widest columns are cut until its lines fit into `width` characters."""
    cells = [list(head), *([" ".join(cell(value).split()) for value in row] for row in rows)]
    widths = _narrowed([max(map(len, column)) for column in zip(*cells, strict=True)], width)
    sides = [">" if figure else "<" for figure in _figures(head, rows)]
    lines = ([f"{cut(text, n):{side}{n}}" for text, n, side in zip(row, widths, sides, strict=True)] for row in cells)
    return "\n".join((" " * _GAP).join(line).rstrip() for line in lines)


def _narrowed(widths: list[int], width: int) -> list[int]:
    room = width - _GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROW:
        widest = widths.index(max(widths))
        second = max([_NARROW, *(size for size in widths if size < widths[widest])])
        widths[widest] = max(second, widths[widest] - max(1, sum(widths) - room))
    return widths


class Tabled:
    """Shows itself as a table: as HTML in a notebook, elsewhere as text."""

    _repr_pretty_ = repr_pretty

    def _table(self) -> tuple[Sequence[str], Sequence[Sequence[Any]], str]:
        """Return the head, the rows and the caption, which text leaves out; names with values have no head."""
        return (), (), ""

    def __str__(self) -> str:
        """Return the table as text, at most 80 columns wide."""
        head, rows, caption = self._table()
        if head:
            return table_text(head, rows)
        indent = max((len(name) for name, _ in rows), default=0) + _GAP
        blocks = ((name, textwrap.indent(wrapped(cell(value), WIDTH - indent), " " * indent)) for name, value in rows)
        return "\n".join([caption, *(name + block[len(name) :] for name, block in blocks)])

    def _repr_html_(self) -> str:
        return table_html(*self._table())


def wrapped(text: str, width: int = WIDTH) -> str:
    """Return a text with its long lines broken to fit into `width` characters."""
    return "\n".join("\n".join(textwrap.wrap(line, width)) for line in printable(text).splitlines())
