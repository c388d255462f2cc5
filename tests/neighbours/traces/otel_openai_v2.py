"""OpenTelemetry's own instrumentation of the SDK; it writes answers only where it is told to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from neighbours.traces.otel import kept

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
    os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

    take = kept(lambda told: "gen_ai.request.model" in told)
    OpenAIInstrumentor().instrument()
    return take
