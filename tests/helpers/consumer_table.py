"""What a chat model is handed to, and what of it is tested for both classes: the table of `docs/langchain.md`, as data.

The tests stand in `integration_tests/consumers/`, one module for each row. `test_consumer_table.py` there checks
that no row is without tests and no module without a row.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "integration_tests" / "consumers"
BOTH = frozenset({"llm", "build", "agent", "cached"})
"""Fixtures that run a test for `ChatNovastack` and for `NovastackRouter`."""


class Consumer(NamedTuple):
    """One row."""

    name: str
    tested: str
    module: str

    @property
    def tests(self) -> list[str]:
        """Names of the tests that run for both classes."""
        tree = ast.parse((FOLDER / f"{self.module}.py").read_text(encoding="utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        return [
            function.name
            for function in functions
            if function.name.startswith("test_") and BOTH & {argument.arg for argument in function.args.args}
        ]


CONSUMERS: tuple[Consumer, ...] = (
    Consumer(
        "LCEL chains",
        "ten forms of input, prompts and parsers on both sides, parallel, branch, assign, pick, map, `as_tool`, "
        "`@chain`, `transform`, JSON and lists parsed while they stream",
        "test_lcel",
    ),
    Consumer(
        "Listeners, callbacks, retries",
        "`with_listeners`, `with_alisteners`, sync and async handlers, `with_retry`, `bind`, `with_fallbacks`",
        "test_listeners",
    ),
    Consumer(
        "Configurable models",
        "`configurable_fields` (key and base URL too), `configurable_alternatives`, with tools bound, in batches",
        "test_configurable",
    ),
    Consumer(
        "Batches",
        "`batch`, `abatch`, both `_as_completed`, `return_exceptions`, `generate` and `agenerate`",
        "test_batches",
    ),
    Consumer(
        "`create_agent`",
        "tool loops, checkpoints, names, every stream mode and lists of modes, agents in agents",
        "test_create_agent",
    ),
    Consumer(
        "Agents with a response format",
        "left to LangChain, by tool, by the provider; Pydantic, TypedDict, dataclass and JSON schema",
        "test_response_formats",
    ),
    Consumer(
        "Agent middleware",
        "summarization (by messages, tokens, fraction of the window), tool selection and emulation, model fallback and "
        "retry, human in the loop, call limits, dynamic model, settings and prompt, context editing, PII, to-do lists",
        "test_middleware",
    ),
    Consumer(
        "LangGraph and langgraph-supervisor",
        "nodes sync and async, checkpoints as JSON, interrupts, nodes side by side, `create_react_agent`, supervisors",
        "test_langgraph",
    ),
    Consumer(
        "deepagents",
        "files, subagents with and without a model of their own, response format, approval (Python 3.11 and newer)",
        "test_deep_agents",
    ),
    Consumer(
        "Classic chains",
        "`LLMChain`, stuff, map-reduce and refine summaries, `RetrievalQA` in four ways, retrieval chains, "
        "`MultiQueryRetriever`, history-aware retrieval, document filters, memory, evaluators",
        "test_classic_chains",
    ),
    Consumer(
        "Classic agents",
        "`AgentExecutor` with tool-calling, ReAct, JSON and structured chat agents",
        "test_classic_agents",
    ),
    Consumer(
        "Message history and rate limiters",
        "`RunnableWithMessageHistory`; a limiter is asked once for each request",
        "test_history_and_limits",
    ),
    Consumer(
        "Caches",
        "global and per model, sync and async: a hit sends nothing, each model has its own entries, streams pass by",
        "test_caches",
    ),
    Consumer(
        "Events, usage and traces",
        "`astream_events` v1 and v2, `stream_events` and `astream_events` v3, `get_usage_metadata_callback`, tracers",
        "test_events",
    ),
    Consumer(
        "Token counts",
        "`get_num_tokens`, messages with tools, `trim_messages`, all offline",
        "test_token_counts",
    ),
)
"""The rows, in the page's order."""
