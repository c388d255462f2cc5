"""Arize's instrumentation of the SDK, which hooks `OpenAI.request`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openinference.instrumentation.openai import OpenAIInstrumentor

from neighbours.traces.otel import PROVIDER, kept

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    take = kept(lambda told: told.get("openinference.span.kind") == "LLM")
    OpenAIInstrumentor().instrument(tracer_provider=PROVIDER)
    return take
