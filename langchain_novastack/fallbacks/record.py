"""The routing record: what a call was taken for, which models were asked, which one answered; and the log.

The log says who answered, each switch, and who is skipped; the figures stand in `extra` too, no prompt.
What a new field needs stands in `docs/architecture.md`.
"""

from __future__ import annotations

import json
import logging
import pkgutil
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.messages import AIMessage

from langchain_novastack.errors import describe, status_of
from langchain_novastack.redaction import printable
from langchain_novastack.tracing import ROUTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_novastack.policies.decision import RouteDecision

logger = logging.getLogger("langchain_novastack")

_EVENTS = json.loads(pkgutil.get_data("langchain_novastack", "fallbacks/call_log.json") or "")


class Decided(NamedTuple):
    """What a record keeps of a decision: the decision itself would take ten times the memory while the call waits."""

    task: str | None = None
    policy: str | None = None
    confidence: float | None = None
    reason: str | None = None
    matched: Sequence[str] = ()

    @classmethod
    def of(cls, decision: RouteDecision) -> Decided:
        """Keep what a policy, or a rule above it, decided."""
        return cls._make(_read(decision))


_read = attrgetter(*Decided._fields)
_UNDECIDED = Decided()


@dataclass(slots=True)
class Record:
    """What happens to one call, noted while it happens."""

    decided: Decided = _UNDECIDED  # what was decided; that of a router in line once it has failed
    pinned: bool = False  # whether the model was named by the caller or by the tool loop under way, not by the policy
    model: str | None = None  # alias of the model that answered; None if none did
    fallback: bool = False  # whether the model that was asked last is another than the one decided for
    attempts: tuple[dict[str, Any], ...] = ()  # real requests: model, seconds, status, error (None for an answer)
    skipped: tuple[str, ...] = ()  # aliases of the models that were passed over for their health
    changed: tuple[str, ...] = ()  # names of the request fields that the card of the model that answered changed

    def begin(self, model: str, *, first: bool) -> None:
        """Note who is asked now, and whether it is the one decided for. One asked after all is not skipped."""
        self.fallback = not first
        if model in self.skipped:
            self.skipped = tuple(alias for alias in self.skipped if alias != model)

    def skip(self, *models: str) -> None:
        """Note who is passed over."""
        self.skipped += tuple(alias for alias in models if alias not in self.skipped)

    def note(self, model: str, seconds: float, status: int | None, error: BaseException | str | None) -> None:
        """Note one real request and how it went; those of a router in line are noted as it recorded them."""
        inner = getattr(error, ROUTING, None) or {}
        if inner.get("attempts"):
            self.attempts += tuple(inner["attempts"])
            self.decided = Decided._make(inner[name] for name in Decided._fields)
            return
        said = describe(error) if isinstance(error, BaseException) else error
        self.attempts += ({"model": model, "seconds": round(seconds, 4), "status": status, "error": said},)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON-able data; holds no text of the prompt."""
        decided = self.decided
        return {
            "task": decided.task,
            "model": self.model,
            "policy": decided.policy,
            "confidence": decided.confidence,
            "reason": decided.reason,
            "matched": list(decided.matched),
            "pinned": self.pinned,
            "fallback": self.model is not None and self.fallback,
            "attempts": [dict(attempt) for attempt in self.attempts],
            "skipped": list(self.skipped),
            "changed": list(self.changed),
        }

    def attach(self, output: Any) -> Any:
        """Return a message with this record on it; anything else as it is. The original stays as it was."""
        if not isinstance(output, AIMessage):
            return output
        record = self._around(output.response_metadata.get(ROUTING))
        return output.model_copy(update={"response_metadata": {**output.response_metadata, ROUTING: record}})

    def _around(self, inner: dict[str, Any] | None) -> dict[str, Any]:
        """Return this record, or that of a router in line, with the attempts before it."""
        if not inner:
            return self.as_dict()
        before = self.attempts[:-1]
        fallback = bool(before or self.skipped or inner["fallback"])
        skipped = [*self.skipped, *inner["skipped"]]
        return {**inner, "fallback": fallback, "attempts": [*before, *inner["attempts"]], "skipped": skipped}


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
        "reason": record.decided.reason and printable(record.decided.reason),
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
    _log(logging.INFO, f"{', '.join(parts)}. {figures['reason'] or ''}".rstrip(), figures)


def log_event(name: str, model: str, error: BaseException | None = None, **figures: Any) -> None:
    """Log what became of a model, in the words of `call_log.json`: who is asked instead, for how many seconds."""
    level, line = _EVENTS[name]
    if logger.isEnabledFor(level):
        failure = {"error": describe(error), "status": status_of(error)} if error else {}
        figures = {"model": model, **failure, **figures}
        _log(level, line.format_map(figures), figures)


def _log(level: int, line: str, figures: dict[str, Any]) -> None:
    logger.log(level, "%s", line, extra={f"novastack_{name}": value for name, value in figures.items()})
