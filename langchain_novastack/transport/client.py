"""The `openai` SDK as this package uses it: its HTTP library, and clients that ignore `OPENAI_*`.

The only place, with `streams`, that touches private names of the SDK, and the reasons. `_custom_headers`: the SDK reads
`OPENAI_CUSTOM_HEADERS` in its constructor, which can replace the Authorization header, and offers no switch.
`_fields_set`: see `SKIP_FIELDS_SET`. `_make_sse_decoder`: see `events`.
`_send_request`, which the SDK calls for every try: where a connection that was closed while it was idle is told from a
failure, and an answer from one without end; it skips the SDK's exchange of keys for other kinds of accounts.
`tests/unit_tests/test_environment.py` and `tests/integration_tests/test_fuzz_streams.py` break when this stops working.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import openai

from langchain_novastack.transport import size_limits
from langchain_novastack.transport.connection_errors import broke_unanswered
from langchain_novastack.transport.events import EventDecoder
from langchain_novastack.transport.pools import FRESH
from langchain_novastack.transport.size_limits import MAX_ANSWER_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_novastack._compat import httpx

SKIP_FIELDS_SET: dict[str, Any] = {"_fields_set": set()}
"""An option for every request: the SDK keeps three sets with the names of the request's options for as long as the
request is under way, 0.7 kB each, and reads none of them. With this, which pydantic's `model_construct` takes, they
are empty. `tests/unit_tests/test_upstream.py` breaks when this stops working."""


_TOLD = ("Lang", "Package-Version", "OS", "Arch", "Runtime", "Runtime-Version", "Async")
_OMITTED_HEADERS: dict[str, Any] = {f"X-Stainless-{name}": openai.Omit() for name in _TOLD}
"""Headers that tell OpenAI about the user's machine. This gateway is not OpenAI and reads none of them, and each
passes through five layers on its way out: together 45 us of a call's 1,100."""


def _forget_environment(client: openai.OpenAI | openai.AsyncOpenAI, given: dict[str, Any]) -> None:
    """Put back what the SDK's constructor filled in from `OPENAI_*` variables, and what it tells of the machine.

    Also runs after `with_options` and `copy`, which construct a new client from the old one's settings.
    """
    client.organization = given.get("organization")
    client.project = given.get("project")
    client.webhook_secret = given.get("webhook_secret")
    client.admin_api_key = None
    client._custom_headers = {**_OMITTED_HEADERS, **(given.get("default_headers") or {})}  # noqa: SLF001 - see the module's docstring


_RETRIES: ContextVar[int | None] = ContextVar("novastack_retries", default=None)


@contextmanager
def retrying(most: int | None) -> Iterator[None]:
    """Let the SDK repeat what is sent inside at most so many times; None: as often as the client was told.

    `with_options(max_retries=...)` does that with a copy of the client, of which instrumentation knows nothing.
    """
    token = _RETRIES.set(most)
    try:
        yield
    finally:
        _RETRIES.reset(token)


class _Retrying:
    """Mixin: the client's `max_retries`, unless `retrying` says otherwise."""

    @property
    def max_retries(self) -> int:
        """Number of times that the SDK repeats a failed request."""
        most = _RETRIES.get()
        return self._max_retries if most is None else most

    @max_retries.setter
    def max_retries(self, most: int) -> None:
        self._max_retries = most


class NovastackClient(_Retrying, openai.OpenAI):
    """An `openai.OpenAI` that takes nothing from the environment."""

    max_answer_bytes = MAX_ANSWER_BYTES

    def __init__(self, **options: Any) -> None:
        """Take the same options as `openai.OpenAI`; `api_key` and `base_url` are required here."""
        super().__init__(**options)
        _forget_environment(self, options)

    def _make_sse_decoder(self) -> Any:
        return EventDecoder(self.max_answer_bytes)

    def _send_request(self, request: httpx.Request, *, stream: bool, **how: Any) -> httpx.Response:
        try:
            response = self._client.send(request, stream=True, **how)
        except Exception as error:
            if not broke_unanswered(error):
                raise
            request.extensions[FRESH] = True
        if FRESH in request.extensions:
            response = self._client.send(request, stream=True, **how)
        return response if stream else size_limits.read(response, self.max_answer_bytes)


class AsyncNovastackClient(_Retrying, openai.AsyncOpenAI):
    """An `openai.AsyncOpenAI` that takes nothing from the environment."""

    max_answer_bytes = MAX_ANSWER_BYTES

    def __init__(self, **options: Any) -> None:
        """Take the same options as `openai.AsyncOpenAI`; `api_key` and `base_url` are required here."""
        super().__init__(**options)
        _forget_environment(self, options)

    def _make_sse_decoder(self) -> Any:
        return EventDecoder(self.max_answer_bytes)

    async def _send_request(self, request: httpx.Request, *, stream: bool, **how: Any) -> httpx.Response:
        try:
            response = await self._client.send(request, stream=True, **how)
        except Exception as error:
            if not broke_unanswered(error):
                raise
            request.extensions[FRESH] = True
        if FRESH in request.extensions:
            response = await self._client.send(request, stream=True, **how)
        return response if stream else await size_limits.aread(response, self.max_answer_bytes)
