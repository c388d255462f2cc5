"""Langfuse's callback handler; its spans are kept here instead of being sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from neighbours.traces.handlers import as_default
from neighbours.traces.otel import PROVIDER, kept

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    from langfuse import Langfuse
    from langfuse.langchain import CallbackHandler

    take = kept(lambda told: told.get("langfuse.observation.type") == "generation")
    Langfuse(
        public_key="pk",
        secret_key="sk",
        base_url="http://127.0.0.1:9",
        tracer_provider=PROVIDER,
        span_exporter=InMemorySpanExporter(),
    )
    as_default(CallbackHandler())

    def taken() -> list[dict[str, Any]]:
        PROVIDER.force_flush()
        return take()

    return taken
