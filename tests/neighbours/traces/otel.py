"""Spans kept in memory, for whatever instruments through OpenTelemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan

PROVIDER = TracerProvider()
KEPT = InMemorySpanExporter()


def kept(is_call: Callable[[dict[str, Any]], bool]) -> Callable[[], list[dict[str, Any]]]:
    """Keep spans from now on; return what takes the spans of calls of a model, as told by their attributes."""
    PROVIDER.add_span_processor(SimpleSpanProcessor(KEPT))
    trace.set_tracer_provider(PROVIDER)

    def take() -> list[dict[str, Any]]:
        spans = KEPT.get_finished_spans()
        KEPT.clear()
        return [flat(span) for span in spans if is_call(dict(span.attributes or {}))]

    return take


def flat(span: ReadableSpan) -> dict[str, Any]:
    """Return a span's attributes and those of its events."""
    events = {
        f"{event.name}.{name}": value for event in span.events for name, value in (event.attributes or {}).items()
    }
    return {**dict(span.attributes or {}), **events, "status": span.status.status_code.name}
