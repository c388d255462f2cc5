"""`logfire.instrument_openai`, which hooks the SDK's clients; a streamed answer is a log of its own beside the span."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import logfire
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from neighbours.traces.otel import KEPT, flat

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[SimpleSpanProcessor(KEPT)])
    logfire.instrument_openai()

    def take() -> list[dict[str, Any]]:
        told = [flat(span) for span in KEPT.get_finished_spans()]
        KEPT.clear()
        spans = [each for each in told if each.get("logfire.span_type") == "span"]
        logs = [each for each in told if each.get("logfire.span_type") == "log"]
        for span, log in zip(spans[-len(logs) :], logs, strict=False):
            span["streamed"] = log
        return spans

    return take
