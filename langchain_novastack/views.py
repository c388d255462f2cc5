"""What the routing record of a message says, as text and as HTML.

Objects of this package show themselves: in a notebook as the last expression of a cell, elsewhere by `print`.
Messages are LangChain's own, so `show(message)` does it for them.
"""

from __future__ import annotations

from typing import Any

from langchain_novastack.display.tables import Pairs, dollars, pairs_html, pairs_text
from langchain_novastack.tracing import ROUTING
from langchain_novastack.validation import bad_argument


class View:
    """Something to look at: HTML in a notebook, text in a terminal."""

    def __init__(self, text: str, html: str) -> None:
        """Show `text` or `html`, whichever the place can show."""
        self._text, self._html = text, html

    def __str__(self) -> str:
        """Return the text, at most 80 columns wide."""
        return self._text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._html


def show(routed: Any) -> View:
    """Show what happened to a routed call: who answered, why, after which attempts, for how much.

    `routed` is a message of a router or a branch, an error of theirs, or a routing record itself; all else is a
    `ValueError`.
    """
    metadata = getattr(routed, "response_metadata", {})
    record = metadata.get(ROUTING) or getattr(routed, ROUTING, None) or (routed if isinstance(routed, dict) else None)
    if not isinstance(record, dict) or "attempts" not in record:
        raise bad_argument("routed", "carry a routing record", f"{type(routed).__name__} without one")
    pairs = _record_pairs(record) + _usage_pairs(getattr(routed, "usage_metadata", None), metadata)
    title = f"{record['model']} answered" if record["model"] else "No model answered"
    return View(f"{title}\n{pairs_text(pairs)}", pairs_html(pairs, title))


def _record_pairs(record: dict[str, Any]) -> Pairs:
    pairs: Pairs = [(name, record[name]) for name in ("reason", "task", "policy", "confidence")]
    pairs += [("matched", ", ".join(record["matched"]))]
    pairs += [("pinned", "yes: the caller or a tool loop named the model" if record["pinned"] else None)]
    pairs += [("fallback", "yes: another model than the one decided for answered" if record["fallback"] else None)]
    for at, attempt in enumerate(record["attempts"], 1):
        ended = f"{attempt['error'] or 'answered'} ({attempt['seconds']:.3f} s)"
        pairs.append((f"attempt {at}", f"{attempt['model']}: {ended}"))
    pairs += [("skipped", ", ".join(record["skipped"])), ("changed", ", ".join(record["changed"]))]
    return [(name, value) for name, value in pairs if value not in (None, "")]


def _usage_pairs(usage: Any, metadata: dict[str, Any]) -> Pairs:
    pairs: Pairs = [("tokens", f"{usage['input_tokens']} in, {usage['output_tokens']} out")] if usage else []
    for name, note in (("cost", ""), ("cost_estimate", " (estimate)")):
        if name in metadata:
            return [*pairs, ("cost", f"{dollars(metadata[name])} USD{note}")]
    return pairs
