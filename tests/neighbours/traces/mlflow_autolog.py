"""`mlflow.langchain.autolog`, into a database of its own."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import mlflow

if TYPE_CHECKING:
    from collections.abc import Callable


def start() -> Callable[[], list[dict[str, Any]]]:
    mlflow.set_tracking_uri(f"sqlite:///{tempfile.mkdtemp()}/traces.db")
    experiment = mlflow.set_experiment("neighbours").experiment_id
    mlflow.langchain.autolog()
    known: set[str] = set()

    def take() -> list[dict[str, Any]]:
        mlflow.flush_trace_async_logging()
        found = mlflow.search_traces(locations=[experiment], return_type="list")
        fresh = [trace for trace in found if trace.info.trace_id not in known]
        known.update(trace.info.trace_id for trace in fresh)
        spans = [span for trace in fresh for span in trace.data.spans]
        return [span.to_dict() for span in spans if span.span_type in {"CHAT_MODEL", "LLM"}]

    return take
