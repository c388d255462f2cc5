#!/usr/bin/env bash
# langgraph 1.2.24 with langgraph-checkpoint 4.3.2 and mcp 1.30.0: the `_meta` of an MCP result that is kept in a graph's
# state is gone once the graph has been paused. Its field `meta` is None then, at every level, and what is sent on has
# a key `meta`, which the protocol does not know, in place of `_meta`. The type is allowed, and nothing is raised.
# A good guess is wrong because the object comes back as its own class and all else in it is whole (`isError`,
# `structuredContent`), and because a run that is not paused hands the next node the very object, `_meta` and all.
# (Saved by names of fields and rebuilt by their aliases; `_meta` is the one alias there. mcp 2.3.0 takes both names,
# and keeps it; but langchain-mcp-adapters 0.3.2 asks for mcp below 2.)
# Seen 2026-11-30: straight through: {'_meta': {'ui': 'card'}, ...}; paused: {..., 'meta': {'ui': 'card'}}, `meta` None.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langgraph==1.2.24 langgraph-checkpoint==4.3.2 mcp==1.30.0
cat >"$folder/see.py" <<'PY'
from typing import TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import START, StateGraph
from mcp.types import CallToolResult

WIRE = {
    "_meta": {"ui": "card"},
    "content": [{"type": "text", "text": "Sunny.", "_meta": {"source": "sky"}}],
    "structuredContent": {"sky": "sunny"},
    "isError": False,
}


class State(TypedDict, total=False):
    result: CallToolResult


def call(_):
    return {"result": CallToolResult.model_validate(WIRE)}


def show(state):
    seen.append(state["result"])


def run(pause):
    serde = JsonPlusSerializer(allowed_msgpack_modules=[("mcp.types", "CallToolResult")])
    graph = StateGraph(State).add_node("call", call).add_node("show", show)
    graph = graph.add_edge(START, "call").add_edge("call", "show")
    graph = graph.compile(checkpointer=InMemorySaver(serde=serde), interrupt_before=["show"] if pause else None)
    config = {"configurable": {"thread_id": "1"}}
    graph.invoke({}, config)
    if pause:
        graph.invoke(None, config)
    return seen.pop()


seen = []
straight, paused = run(pause=False), run(pause=True)
for name, result in (("straight through", straight), ("paused", paused)):
    print(f"{name}: {type(result).__name__}, meta {result.meta}, of its text {result.content[0].meta}")
    print("   sent on:", result.model_dump(by_alias=True, exclude_none=True))
assert straight.model_dump(by_alias=True, exclude_none=True) == WIRE
assert (type(paused), paused.meta, paused.content[0].meta) == (CallToolResult, None, None)
assert paused.structuredContent == WIRE["structuredContent"]
sent = paused.model_dump(by_alias=True, exclude_none=True)
assert "_meta" not in sent and sent["meta"] == WIRE["_meta"]
PY
cd "$folder" && timeout 60 "$folder/venv/bin/python" see.py
