"""Arize's instrumentation of LangChain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openinference.instrumentation.langchain import LangChainInstrumentor

from neighbours.traces.otel import PROVIDER, kept

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    take = kept(lambda told: told.get("openinference.span.kind") == "LLM")
    LangChainInstrumentor().instrument(tracer_provider=PROVIDER)
    return take
