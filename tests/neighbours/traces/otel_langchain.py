"""Traceloop's instrumentation of LangChain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.langchain import LangchainInstrumentor

from neighbours.traces.otel import kept

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    take = kept(lambda told: "gen_ai.request.model" in told or "gen_ai.response.model" in told)
    LangchainInstrumentor().instrument()
    return take
