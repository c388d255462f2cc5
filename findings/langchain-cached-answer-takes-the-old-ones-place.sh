#!/usr/bin/env bash
# langchain-core 1.8.3 with langgraph 1.2.24: an answer from a model's cache has the message id of the answer that was put
# there, and LangGraph's `add_messages` replaces what has the same id. Where the model gives a thread the same answer
# twice, the second takes the place of the first, far up in the history, and the thread ends with the user's message.
# A good guess is wrong because a cache is expected to change the costs and not the result, because ids of messages look
# like ids of runs (`lc_run--...`, and each call is a run of its own), and because the same graph without a cache
# appends. `messages[-1]`, which is read as the answer nearly everywhere, is then what the user said.
# Seen 2026-11-30: no cache: human, ai, human, ai; cache: human, ai, human.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langchain-core==1.8.3 langgraph==1.2.24
cat >"$folder/see.py" <<'PY'
from langchain_core.caches import InMemoryCache
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph


class Echo(BaseChatModel):
    """Says what it is told."""

    @property
    def _llm_type(self):
        return "echo"

    def _generate(self, messages, *args, **kwargs):
        return ChatResult(generations=[ChatGeneration(message=AIMessage(messages[-1].content))])


def talk(llm):
    def answer(state):
        return {"messages": [llm.invoke(state["messages"][-1:])]}

    graph = StateGraph(MessagesState).add_node("answer", answer).add_edge(START, "answer")
    graph = graph.compile(checkpointer=InMemorySaver())
    for _ in range(2):
        state = graph.invoke({"messages": [("user", "Hello")]}, {"configurable": {"thread_id": "1"}})
    return [message.type for message in state["messages"]]


llm = Echo(cache=InMemoryCache())
first, second = llm.invoke("Hello"), llm.invoke("Hello")
print("ids of two runs, the second from the cache, are equal:", first.id == second.id, f"({first.id[:8]}...)")
without, with_cache = talk(Echo()), talk(Echo(cache=InMemoryCache()))
print("no cache:", without)
print("cache:", with_cache)
assert first.id == second.id and first.id.startswith("lc_run--")
assert without == ["human", "ai", "human", "ai"]
assert with_cache == ["human", "ai", "human"]
PY
cd "$folder" && timeout 60 "$folder/venv/bin/python" see.py
