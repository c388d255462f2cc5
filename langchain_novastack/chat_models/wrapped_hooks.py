"""What wraps the hooks of `ChatOpenAI`, which are not called otherwise, sees a call and adds to it all the same.

OpenTelemetry's `opentelemetry-instrumentation-langchain` sends a trace on by such a wrapper. `ChatOpenAI`'s hook, as it
is wrapped, gets a copy of the model, in which our own way of asking stands where the SDK's client does. Streams are
left out: `ChatOpenAI`'s hooks for these change errors on their way out, and nothing is known that wraps them.
"""

from __future__ import annotations

from copy import copy
from inspect import getattr_static
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from langchain_openai.chat_models.base import ChatOpenAI

from langchain_novastack.tracing import untouched

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.outputs import ChatResult


def wrapped_hook(model: ChatOpenAI, name: str, ask: Callable[..., Any]) -> Any:
    """Return `ChatOpenAI`'s `_generate` or `_agenerate` as it is wrapped, made to call `ask`; None if nothing wraps it.

    `ask` gets the messages, `stop` and a dict of the other arguments, and returns a `ChatResult`, or awaits one.
    """
    if untouched(getattr(ChatOpenAI, name)):
        return None

    def create(asked: Any) -> Any:
        return _answer(lambda: ask(*asked))

    async def acreate(asked: Any) -> Any:
        try:
            result = await ask(*asked)
        except Exception as error:  # noqa: BLE001 - raised below, behind where `ChatOpenAI` makes others of its errors
            failure = error
            return _answer(lambda: _throw(failure))
        return _answer(lambda: result)

    copied: Any = copy(model)
    for client, call in (("client", create), ("async_client", acreate)):
        vars(copied)[client] = SimpleNamespace(with_raw_response=SimpleNamespace(create=call))
    vars(copied)["_get_request_payload"] = lambda messages, stop=None, **kwargs: {"asked": (messages, stop, kwargs)}
    vars(copied)["_create_chat_result"] = lambda end, _=None: end()
    return getattr_static(ChatOpenAI, name).__get__(copied, type(copied))


def _answer(end: Callable[[], ChatResult]) -> SimpleNamespace:
    return SimpleNamespace(parse=lambda: end)


def _throw(error: Exception) -> ChatResult:
    raise error
