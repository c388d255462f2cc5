"""Traceloop's instrumentation of the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.openai import OpenAIInstrumentor

from neighbours.traces.otel import kept

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    take = kept(lambda told: "gen_ai.request.model" in told)
    OpenAIInstrumentor().instrument()
    return take
