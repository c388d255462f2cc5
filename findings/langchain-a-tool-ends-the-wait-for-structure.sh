#!/usr/bin/env bash
# langchain 1.5.2 with langgraph 1.2.24: a `create_agent` whose `response_format` is a `ToolStrategy`, and whose model
# answers in plain text, asks the model again if the agent has no tools, and ends if it has one, though nobody calls
# it: `structured_response` is None then, and nothing is raised. `handle_errors` has no say in either.
# A good guess is wrong because a tool that is never called is expected to change nothing, and because "the answer is
# not of the schema" is one case for `handle_errors`, whatever the tools. A model's server that does not hold to
# `tool_choice` (see llama-cpp-drops-tools.sh) works well in a trial without tools and gives None beside real ones.
# The model is asked again with its own text as the last message, and without a word of what was wrong with it.
# Seen 2026-11-30: no tools: asked 3 times, degrees=21; one tool: asked once, None; the same with handle_errors=False.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langchain==1.5.2 langchain-core==1.8.3 langgraph==1.2.24
cat >"$folder/see.py" <<'PY'
from langchain.agents import create_agent
from langchain.agents.structured_output import ToolStrategy
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import BaseModel

called = {"name": "Weather", "args": {"degrees": 21}, "id": "1"}
asked = []


class Slow(BaseChatModel):
    """Answers twice in plain text, and then as it was told."""

    @property
    def _llm_type(self):
        return "slow"

    def bind_tools(self, tools, *, tool_choice=None, **kwargs):
        return self.bind(tool_choice=tool_choice)

    def _generate(self, messages, *args, tool_choice=None, **kwargs):
        asked.append(([message.type for message in messages], tool_choice))
        answer = AIMessage("It is warm.") if len(asked) < 3 else AIMessage("", tool_calls=[called])
        return ChatResult(generations=[ChatGeneration(message=answer)])


class Weather(BaseModel):
    """The weather."""

    degrees: int


def ring(times: int) -> str:
    """Ring the bell."""
    raise AssertionError("nobody calls this")


def run(tools, **options):
    asked.clear()
    agent = create_agent(Slow(), tools, response_format=ToolStrategy(Weather, **options))
    state = agent.invoke({"messages": [("user", "How warm is it?")]}, {"recursion_limit": 12})
    return list(asked), state["structured_response"]


for options in ({}, {"handle_errors": False}):
    seen = {name: run(tools, **options) for name, tools in (("no tools", []), ("one tool", [ring]))}
    for name, (asked_with, response) in seen.items():
        print(f"{name}, {options}: asked {len(asked_with)} times, {response!r}; the last time with {asked_with[-1]}")
    assert seen["no tools"] == ([(["human"] + ["ai"] * n, "any") for n in range(3)], Weather(degrees=21))
    assert seen["one tool"] == ([(["human"], "any")], None)
PY
cd "$folder" && timeout 60 "$folder/venv/bin/python" see.py
