"""What counts as an answer of a plain `ChatOpenAI`, which takes an error for the end of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage

from langchain_novastack.errors import NovastackResponseError

if TYPE_CHECKING:
    from collections.abc import Sequence


def check(output: Sequence[Any], model: str) -> None:
    """Check that an answer has ended, and not with an error.

    Args:
        output: The message, or all chunks read; outputs that are not messages are let through.
        model: Alias for the error.

    Raises:
        NovastackResponseError: If it ended without a `finish_reason`, or with an error.
    """
    if not any(isinstance(message, AIMessage) for message in output[-2:]):
        return
    last = next(filter(_end_of, reversed(output)), None)
    if last is None:
        msg = f"{model} sent an answer that ended without a finish reason."
        raise NovastackResponseError(msg, model=model)
    check_chunk(last, model)


def check_chunk(output: object, model: str) -> None:
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
