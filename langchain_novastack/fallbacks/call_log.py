"""What the log says of a call: who answered, each switch, who is skipped; the figures in `extra` too, no prompt."""

from __future__ import annotations

import json
import logging
import pkgutil
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage

from langchain_novastack.errors import describe, status_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_novastack.fallbacks.record import Record

logger = logging.getLogger("langchain_novastack")

_EVENTS = json.loads(pkgutil.get_data("langchain_novastack", "fallbacks/call_log.json") or "")


def log_answer(record: Record, shown: Sequence[Any], last: Any) -> None:
    """Log one line for an answer: who gave it and why, how long the call took, and what it used.

    `last` is the answer, or the end of the stream of which the rest was `shown`.
    """
    messages = [each for each in (*shown, last) if isinstance(each, AIMessage)]
    used: Any = next((each.usage_metadata for each in reversed(messages) if each.usage_metadata), {})
    said = {name: value for each in messages for name, value in each.response_metadata.items()}
    figures = {
        "model": record.model,
        "task": record.decided.task,
        "reason": record.decided.reason,
        "seconds": round(sum(attempt["seconds"] for attempt in record.attempts), 4),
        "tokens": used.get("total_tokens"),
        "input_tokens": used.get("input_tokens"),
        "output_tokens": used.get("output_tokens"),
        "dollars": said.get("cost", said.get("cost_estimate")),
        "fallback": record.fallback,
        "attempts": len(record.attempts),
        "finish_reason": said.get("finish_reason"),
    }
    parts = [f"{record.model} answered in {figures['seconds']:.3f} s"]
    parts += [] if figures["tokens"] is None else [f"{figures['tokens']} tokens"]
    parts += [] if figures["dollars"] is None else [f"{figures['dollars']:.6f} dollars"]
    parts += ["after a fallback"] if record.fallback else []
    _log(logging.INFO, f"{', '.join(parts)}. {record.decided.reason or ''}".rstrip(), figures)


def log_event(name: str, model: str, error: BaseException | None = None, **figures: Any) -> None:
    """Log what became of a model, in the words of `call_log.json`: who is asked instead, for how many seconds."""
    level, line = _EVENTS[name]
    if logger.isEnabledFor(level):
        failure = {"error": describe(error), "status": status_of(error)} if error else {}
        figures = {"model": model, **failure, **figures}
        _log(level, line.format_map(figures), figures)


def _log(level: int, line: str, figures: dict[str, Any]) -> None:
    logger.log(level, "%s", line, extra={f"novastack_{name}": value for name, value in figures.items()})
