"""Opik's callback handler; what it would send is kept here."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from neighbours.traces.collector import collect
from neighbours.traces.handlers import as_default

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT: dict[str, dict[str, Any]] = {}


def _keep(path: str, body: bytes) -> None:
    try:
        sent = json.loads(body or b"{}")
    except ValueError:
        return
    for span in sent.get("spans", [sent] if "spans/" in path else []):
        name = span.get("id") or path.rsplit("/", 1)[-1]
        KEPT.setdefault(name, {}).update({key: value for key, value in span.items() if value is not None})


def start() -> Callable[[], list[dict[str, Any]]]:
    os.environ.update(
        OPIK_URL_OVERRIDE=f"{collect(_keep)}/api",
        OPIK_SENTRY_ENABLE="false",
        OPIK_CHECK_TLS_CERTIFICATE="false",
    )
    from opik.integrations.langchain import OpikTracer

    tracer = OpikTracer()
    as_default(tracer)

    def take() -> list[dict[str, Any]]:
        tracer.flush()
        told = [span for span in KEPT.values() if span.get("type") == "llm"]
        KEPT.clear()
        return told

    return take
