"""What the routing record of a message says, as text and as HTML.

Objects of this package show themselves: in a notebook as the last expression of a cell, elsewhere by `print`.
Messages are LangChain's own, so `show(message)` does it for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langchain_novastack.display.tables import Pairs, Tabled, dollars
from langchain_novastack.tracing import ROUTING
from langchain_novastack.validation import bad_argument


@dataclass(frozen=True, repr=False)
class View(Tabled):
    """Something to look at: HTML in a notebook, text of at most 80 columns in a terminal."""

    title: str
    pairs: Pairs

    __repr__ = Tabled.__str__

    def _table(self) -> tuple[tuple[()], Pairs, str]:
        return (), self.pairs, self.title


def show(routed: Any) -> View:
    """Show what happened to a routed call: who answered, why, after which attempts, for how much.

    `routed` is a message of a router or a branch, an error of theirs, or a routing record itself; all else is a
    `ValueError`.
    """
    metadata = getattr(routed, "response_metadata", {})
    record = metadata.get(ROUTING) or getattr(routed, ROUTING, None) or routed
    if not isinstance(record, dict) or "attempts" not in record:
        raise bad_argument("routed", "carry a routing record", f"{type(routed).__name__} without one")
    pairs = _record_pairs(record) + _usage_pairs(getattr(routed, "usage_metadata", None), metadata)
    return View(f"{record['model']} answered" if record["model"] else "No model answered", pairs)


def _record_pairs(record: dict[str, Any]) -> Pairs:
    shown = {**record, **{name: ", ".join(record[name]) for name in ("matched", "skipped", "changed")}}
    shown["pinned"] = record["pinned"] and "yes: the caller or a tool loop named the model"
    shown["fallback"] = record["fallback"] and "yes: another model than the one decided for answered"
    for at, attempt in enumerate(record["attempts"], 1):
        shown[f"attempt {at}"] = f"{attempt['model']}: {attempt['error'] or 'answered'} ({attempt['seconds']:.3f} s)"
    attempts = (name for name in shown if name.startswith("attempt "))
    names = ("reason", "task", "policy", "confidence", "matched", "pinned", "fallback", *attempts, "skipped", "changed")
    return [(name, shown[name]) for name in names if shown[name] not in (None, "", False)]


def _usage_pairs(usage: Any, metadata: dict[str, Any]) -> Pairs:
    pairs: Pairs = [("tokens", f"{usage['input_tokens']} in, {usage['output_tokens']} out")] if usage else []
    note = "" if "cost" in metadata else " (estimate)"
    cost = metadata.get("cost", metadata.get("cost_estimate"))
    return pairs if cost is None else [*pairs, ("cost", f"{dollars(cost)} USD{note}")]
