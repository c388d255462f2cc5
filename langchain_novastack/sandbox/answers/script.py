"""One scripted answer: the arguments of `Sandbox.answer`."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from langchain_novastack.sandbox.validation.arguments import Arguments, Json, JsonObject, Times


class ScriptedCall(Arguments):
    """One tool call. A LangChain `ToolCall` fits: what else it holds is ignored."""

    model_config = ConfigDict(extra="ignore")

    name: str
    args: Json = Field(default_factory=dict)
    """An object; or a string that is sent as it is, valid JSON or not."""

    id: str | None = None


class ScriptedAnswer(Arguments):
    """What a model shall answer; what is None is as usual."""

    text: str | None = None
    tool_calls: list[ScriptedCall] | tuple[ScriptedCall, ...] = ()
    reasoning: str | None = None
    usage: JsonObject | None = None
    finish_reason: str | None = None
    times: Times | None = 1
