"""What does not count as an answer: half of one, an error at its end, calls that cannot be run.

A plain `ChatOpenAI` takes an error for the end of an answer. Structured output is its parser's to judge.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableBinding

from langchain_novastack.dialects import meaning
from langchain_novastack.errors import NovastackMisfitError, NovastackResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_JSON = "it is not the JSON that was asked for"
_LONGEST = 64  # characters of a name that are quoted: OpenAI's reference allows a tool no more


def check_calls(answer: Any, runnable: Any, kwargs: Mapping[str, Any]) -> None:
    """Check that every tool call of an answer can be run, by the tools of the call or those bound to the runnable.

    Raise a `NovastackMisfitError` if not. An answer that a limit cut off, or that is not a message, is let through.
    """
    if not isinstance(answer, AIMessage) or not (answer.tool_calls or answer.invalid_tool_calls) or is_cut(answer):
        return
    known, broken = _names(runnable, kwargs), [call["name"] or "" for call in answer.invalid_tool_calls]
    strange = [call["name"] for call in answer.tool_calls if known and call["name"] not in known]
    why = [f"the arguments for {name[:_LONGEST]!r} are not a JSON object" for name in broken]
    why += [f"it calls {name[:_LONGEST]!r}, which is not among the tools" for name in strange]
    if why:
        raise misfit(why[0], answer)


def check_format(answer: Any, runnable: Any, kwargs: Mapping[str, Any]) -> None:
    """Check that an answer is JSON with the fields of the schema that was asked for by `response_format`, if any was.

    Raise a `NovastackMisfitError` if not. What is no text (calls, a refusal), or was cut off, is let through.
    """
    asked = _given("response_format", runnable, kwargs)
    schema = asked.get("json_schema") if isinstance(asked, dict) else None
    if not schema or not isinstance(answer, AIMessage) or answer.tool_calls or not answer.text or is_cut(answer):
        return
    try:
        said = json.loads(answer.text)
    except (RecursionError, ValueError):
        raise misfit(NOT_JSON, answer) from None
    wanted = (schema.get("schema") or {}).get("required")
    for name in wanted if isinstance(wanted, list) else ():
        if not isinstance(said, dict) or name not in said:
            why = f"it has no {name!r}"
            raise misfit(why, answer)


def misfit(why: str, answer: AIMessage) -> NovastackMisfitError:
    """Return the error for an answer that does not fit, for a reason that quotes none of its text."""
    model = answer.response_metadata.get("model_name")
    return NovastackMisfitError(f"The answer does not fit what was asked: {why}.", model=model, status=200)


def is_cut(answer: AIMessage) -> bool:
    """Return whether an answer is only a part of one, because of a limit or a filter."""
    return meaning(answer.response_metadata.get("finish_reason")) in {"cut", "filtered"}


def _names(runnable: Any, kwargs: Mapping[str, Any]) -> set[str]:
    """Return what the tools of a call, or those bound, are called; nothing where one may be called anything."""
    tools = _given("tools", runnable, kwargs) or ()
    functions = [tool.get("function") if isinstance(tool, dict) else None for tool in tools]
    return {function["name"] for function in functions if function} if all(functions) else set()


def _given(name: str, runnable: Any, kwargs: Mapping[str, Any]) -> Any:
    """Return an argument of the call, or one that is bound to the runnable."""
    while name not in kwargs and isinstance(runnable, RunnableBinding):
        runnable, kwargs = runnable.bound, runnable.kwargs
    return kwargs.get(name)


def check_ended(output: Sequence[Any], model: str, *, whole: bool = True) -> None:
    """Check that an answer, a message or chunks of one, has not ended with an error; if it is whole, that it has ended.

    Raise a `NovastackResponseError` if not. Outputs that are not messages are let through.
    """
    if not any(isinstance(message, AIMessage) for message in output[-2:]):
        return
    end = next(filter(None, map(_end_of, reversed(output))), None)
    if end == "error" or (whole and end is None):
        msg = f"{model} sent an answer that ended {'with an error' if end else 'without a finish reason'}."
        raise NovastackResponseError(msg, model=model)


def _end_of(output: object) -> str | None:
    """Return why a message or chunk says that the answer ended; the Responses API calls it `status`."""
    said = output.response_metadata if isinstance(output, AIMessage) else {}
    return said.get("finish_reason") or said.get("status")
