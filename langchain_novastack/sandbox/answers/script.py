"""One scripted answer: the arguments of `Sandbox.answer`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from langchain_novastack.sandbox.validation.arguments import Arguments, Json, JsonObject, Times


class ScriptedCall(Arguments):
    """One tool call. A LangChain `ToolCall` fits: what else it holds is ignored."""

    model_config = ConfigDict(extra="ignore")

    name: str
    args: Json = Field(default_factory=dict)
    """An object; or a string that is sent as it is, valid JSON or not."""

    id: str | None = None


def _as_dict(call: Any) -> Any:
    return dict(call) if isinstance(call, Mapping) else call


_GivenCall = Annotated[ScriptedCall, BeforeValidator(_as_dict)]


class ScriptedAnswer(Arguments):
    """What a model shall answer; what is None is as usual."""

    text: str | None = None
    tool_calls: list[_GivenCall] | tuple[_GivenCall, ...] = ()
    reasoning: str | None = None
    usage: JsonObject | None = None
    finish_reason: str | None = None
    times: Times | None = 1
