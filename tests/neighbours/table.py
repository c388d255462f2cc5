"""The neighbours: what is installed for each, and which module looks at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple


class Neighbour(NamedTuple):
    """One package."""

    package: str
    """What it is called on an index; its version is told."""

    folder: str
    """`traces` or `uses`."""

    module: str
    what: str
    """What it is looked at for."""

    more: tuple[str, ...] = ()
    """What else is installed."""

    python: str = "3.12"


def _traces(package: str, module: str, what: str, *more: str) -> Neighbour:
    return Neighbour(package, "traces", module, what, more)


def _uses(package: str, module: str, what: str, *more: str) -> Neighbour:
    return Neighbour(package, "uses", module, what, more)


_OTEL = "opentelemetry-sdk"

NEIGHBOURS: dict[str, Neighbour] = {
    "otel-langchain": _traces("opentelemetry-instrumentation-langchain", "otel_langchain", "spans of LangChain", _OTEL),
    "otel-openai": _traces("opentelemetry-instrumentation-openai", "otel_openai", "spans of the SDK", _OTEL),
    "otel-openai-v2": _traces(
        "opentelemetry-instrumentation-openai-v2",
        "otel_openai_v2",
        "spans of the SDK",
        _OTEL,
        "opentelemetry-util-genai==1.1b0",
    ),
    "openinference-langchain": _traces(
        "openinference-instrumentation-langchain", "openinference_langchain", "spans of LangChain", _OTEL
    ),
    "openinference-openai": _traces(
        "openinference-instrumentation-openai", "openinference_openai", "spans of the SDK", _OTEL
    ),
    "logfire": _traces("logfire", "logfire_openai", "spans of the SDK"),
    "langfuse": _traces("langfuse", "langfuse_handler", "its callback handler", "langchain"),
    "mlflow": _traces("mlflow", "mlflow_autolog", "`mlflow.langchain.autolog`", "langchain"),
    "sentry": _traces("sentry-sdk", "sentry", "spans of LangChain and the SDK"),
    "ddtrace": _traces("ddtrace", "datadog", "spans for LLM observability"),
    "opik": _traces("opik", "opik_tracer", "its callback handler"),
    "ragas": _uses("ragas", "ragas_metrics", "faithfulness, relevancy", "langchain-community<0.4.2", "pillow"),
    "trulens": _uses(
        "trulens-apps-langchain", "trulens_chain", "a recorded chain, feedback functions", "trulens-feedback"
    ),
    "deepeval": _uses("deepeval", "deepeval_metric", "a model of its own made of ours, G-Eval"),
    "openevals": _uses("openevals", "openevals_judge", "a judge, sync and async"),
    "agentevals": _uses("agentevals", "agentevals_judge", "a judge of trajectories"),
    "nemo": _uses("nemoguardrails", "nemo_rails", "rails around a model, sync and async", "langchain"),
    "langmem": _uses("langmem", "langmem_memory", "memories extracted from a conversation"),
    "trustcall": _uses("trustcall", "trustcall_extractor", "an extractor, and a patch of what is there"),
    "mcp": _uses("langchain-mcp-adapters", "mcp_tools", "tools of a server, in an agent", "langchain", "mcp"),
    "langserve": _uses(
        "langserve",
        "langserve_routes",
        "invoke, stream, batch, schema with the model's name",
        "fastapi",
        "sse-starlette",
        "uvicorn",
        "httpx",
    ),
    "fastapi": _uses("fastapi", "fastapi_app", "a route that streams", "uvicorn", "httpx"),
    "langgraph-dev": _uses(
        "langgraph-cli", "langgraph_dev", "`langgraph dev` serves a graph", "langgraph-cli[inmem]", "langchain", "httpx"
    ),
    "chainlit": _uses("chainlit", "chainlit_handler", "its callback handler", "langchain"),
    "gradio": _uses("gradio", "gradio_chat", "a chat that streams"),
    "streamlit": _uses("streamlit", "streamlit_app", "a page that streams, and one that caches the model"),
    "joblib": _uses("joblib", "joblib_workers", "calls in processes, a model cached on disk", "cloudpickle"),
    "dask": _uses("dask", "dask_workers", "calls in worker processes", "distributed"),
    "community": _uses(
        "langchain-community",
        "community",
        "SQLite cache, counting callback, SQL agent",
        "langchain",
        "langchain-classic",
    ),
    "experimental": _uses("langchain-experimental", "experimental", "graph transformer, data generation", "langchain"),
}
"""All of them, by the name that `.ci/neighbours` takes."""

RESULTS = Path(__file__).with_name("results.json")


def seen() -> dict[str, dict[str, Any]]:
    """Return what was seen last, by name."""
    found: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def keep(name: str, path: str) -> None:
    """Keep the row that `look.py` printed last into a file."""
    row = json.loads(Path(path).read_text(encoding="utf-8").splitlines()[-1])
    kept = {**seen(), name: row}
    ordered = {known: kept[known] for known in NEIGHBOURS if known in kept}
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
