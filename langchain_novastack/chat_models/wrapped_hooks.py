"""What wraps or replaces the hooks of `ChatOpenAI`, which are not called otherwise, sees a call all the same.

OpenTelemetry's `opentelemetry-instrumentation-langchain` sends a trace on by such a wrapper, and tests replace hooks by
mocks. `ChatOpenAI`'s hook as it stands is called then, and where it would ask the SDK, it asks our own way. Streams are
left out: `ChatOpenAI`'s hooks for these change errors on their way out, and nothing is known that wraps them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from langchain_openai.chat_models.base import ChatOpenAI

from langchain_novastack.tracing import untouched

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.outputs import ChatResult

ASK = "novastack_ask"
"""Argument of `ChatOpenAI`'s hook by which the request that it builds, and the client, know whose it is."""


class _StandIn:
    """Some names of another object, and all others as they are there."""

    def __init__(self, stands_for: Any, **names: Any) -> None:
        vars(self).update(names, stands_for=stands_for)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stands_for, name)


class Ended:
    """How a request ended: told where `ChatOpenAI` reads an answer, behind where it makes other errors of the SDK's."""

    def __init__(self, outcome: ChatResult | Exception) -> None:
        """Take a result, or the error in its place."""
        self._outcome = outcome

    def parse(self) -> Ended:
        """Return itself, as the SDK's raw responses return what is in them."""
        return self

    def result(self) -> ChatResult:
        """Return the result, or raise the error."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def is_wrapped(name: str) -> bool:
    """Tell whether something stands in place of `ChatOpenAI`'s hook of that name."""
    return not untouched(getattr(ChatOpenAI, name))


def make_ready(model: Any) -> None:
    """Let the clients that `ChatOpenAI`'s hooks use ask our own way where the request says so."""
    for client, create in (("client", _create), ("async_client", _acreate)):
        real = vars(model)[client]
        if real is not None and not isinstance(real, _StandIn):
            raw = real.with_raw_response
            stand_in = _StandIn(raw, create=partial(create, raw.create))
            vars(model)[client] = _StandIn(real, with_raw_response=stand_in)


def _create(real: Callable[..., Any], **payload: Any) -> Any:
    if ASK not in payload:
        return real(**payload)
    ask, asked = payload[ASK]
    try:
        return Ended(ask(*asked))
    except Exception as error:  # noqa: BLE001 - raised by `Ended`
        return Ended(error)


async def _acreate(real: Callable[..., Any], **payload: Any) -> Any:
    if ASK not in payload:
        return await real(**payload)
    ask, asked = payload[ASK]
    try:
        return Ended(await ask(*asked))
    except Exception as error:  # noqa: BLE001 - raised by `Ended`
        return Ended(error)
