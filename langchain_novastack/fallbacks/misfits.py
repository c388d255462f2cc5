"""What does not count as an answer: half of one, an error at its end, calls that cannot be run.

A plain `ChatOpenAI` takes an error for the end of an answer. Structured output is its parser's to judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableBinding

from langchain_novastack.dialects import meaning
from langchain_novastack.errors import NovastackMisfitError, NovastackResponseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST = 64
"""Characters of a name that are quoted: OpenAI's reference allows a tool no more."""


def check_calls(answer: Any, runnable: Any, kwargs: Mapping[str, Any]) -> None:
    """Check that every tool call of an answer can be run, by the tools of the call or those bound to the runnable.

    An answer that a limit cut off, or that is not a message, is let through.

    Raises:
        NovastackMisfitError: If arguments are not a JSON object, or a tool is called that nobody bound.
    """
    if not isinstance(answer, AIMessage) or not (answer.tool_calls or answer.invalid_tool_calls) or is_cut(answer):
        return
    known = _names(_tools(runnable, kwargs))
    why = [f"the arguments for {_quoted(broken['name'])} are not a JSON object" for broken in answer.invalid_tool_calls]
    strange = (call["name"] for call in answer.tool_calls if known and call["name"] not in known)
    why += [f"it calls {_quoted(name)}, which is not among the tools" for name in strange]
    if why:
        raise misfit(why[0], answer)


def misfit(why: str, answer: AIMessage) -> NovastackMisfitError:
    """Return the error for an answer that does not fit, for a reason that quotes none of its text."""
    model = answer.response_metadata.get("model_name")
    return NovastackMisfitError(f"The answer does not fit what was asked: {why}.", model=model, status=200)


def is_cut(answer: AIMessage) -> bool:
    """Return whether an answer is only a part of one, because of a limit or a filter."""
    return meaning(answer.response_metadata.get("finish_reason")) in {"cut", "filtered"}


def _quoted(name: str | None) -> str:
    return repr((name or "")[:_LONGEST])


def _tools(runnable: Any, kwargs: Mapping[str, Any]) -> Any:
    """Return the tools of a call: its own, or those that are bound."""
    while "tools" not in kwargs and isinstance(runnable, RunnableBinding):
        runnable, kwargs = runnable.bound, runnable.kwargs
    return kwargs.get("tools") or ()


def _names(tools: Any) -> set[str]:
    """Return what tools are called; nothing where one of them is not a function, and may be called anything."""
    functions = [tool.get("function") if isinstance(tool, dict) else None for tool in tools]
    return {function["name"] for function in functions if function} if all(functions) else set()


def check_ended(output: Sequence[Any], model: str) -> None:
    """Check that an answer, a message or all chunks of one, has ended, and not with an error.

    Outputs that are not messages are let through.

    Raises:
        NovastackResponseError: If it ended without a `finish_reason`, or with an error.
    """
    if not any(isinstance(message, AIMessage) for message in output[-2:]):
        return
    last = next(filter(_end_of, reversed(output)), None)
    if last is None:
        msg = f"{model} sent an answer that ended without a finish reason."
        raise NovastackResponseError(msg, model=model)
    check_end(last, model)


def check_end(output: object, model: str) -> None:
    """Check that a message or chunk is not the end of an answer that failed.

    Raises:
        NovastackResponseError: If it is.
    """
    if _end_of(output) == "error":
        msg = f"{model} sent an answer that ended with an error."
        raise NovastackResponseError(msg, model=model)


def _end_of(output: object) -> str | None:
    """Return why a message or chunk says that the answer ended; the Responses API calls it `status`."""
    said = output.response_metadata if isinstance(output, AIMessage) else {}
    return said.get("finish_reason") or said.get("status")
