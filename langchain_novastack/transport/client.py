"""The `openai` SDK as this package uses it: clients that ignore `OPENAI_*`, and requests as the SDK builds them.

The only place, with `send` and `events`, that touches private names of the SDK. `_custom_headers`: its constructor
reads `OPENAI_CUSTOM_HEADERS`, which can replace the Authorization header. `_make_sse_decoder`: see `events`. `_client`:
its HTTP client. `_prepare_options`, `_build_request`: what `post` does. `_send_request`: called for every try.
`tests/unit_tests/test_upstream.py` and `tests/unit_tests/test_environment.py` break when one moves.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import openai
from openai._client import AsyncOpenAI, OpenAI  # `openai.OpenAI` may be a test's, when the first router is built
from openai._models import FinalRequestOptions

from langchain_novastack._compat import httpx
from langchain_novastack.transport import retry_budget, streams
from langchain_novastack.transport.attempt_context import current
from langchain_novastack.transport.both_ways import run, step
from langchain_novastack.transport.chat_request import MAX_ANSWER_BYTES
from langchain_novastack.transport.connection_errors import broke_unanswered
from langchain_novastack.transport.error_words import read_error
from langchain_novastack.transport.events import EventDecoder
from langchain_novastack.transport.pools import FRESH, PooledClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_novastack.transport.chat_request import Request

_TOLD = ("Lang", "Package-Version", "OS", "Arch", "Runtime", "Runtime-Version", "Async")
_OMITTED_HEADERS: dict[str, Any] = {f"X-Stainless-{name}": openai.Omit() for name in _TOLD}
"""Headers that tell OpenAI about the user's machine. This gateway is not OpenAI and reads none of them, and each
passes through five layers on its way out: together 45 us of a call's 1,100."""

_EXPRESSED = {"timeout", "max_retries"}  # options of a request that a template can express
_READ_TIMEOUT = "x-stainless-read-timeout"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode  # as the SDK's

_SENT_ONCE: ContextVar[bool] = ContextVar("novastack_sent_once", default=False)


@contextmanager
def without_retries() -> Iterator[None]:
    """Let the SDK repeat nothing that is sent inside; instrumentation knows nothing of a copy with `with_options`."""
    token = _SENT_ONCE.set(True)
    try:
        yield
    finally:
        _SENT_ONCE.reset(token)


class Template:
    """What the requests of a client have in common, as the SDK built the first of them."""

    __slots__ = ("_headers", "_read", "_url", "state")

    def __init__(self, client: Any, first: httpx.Request) -> None:
        """Take all of a request but its body and what belongs to one request alone."""
        self.state, self._url = tuple(dict(it) if isinstance(it, dict) else it for it in _state(client)), first.url
        self._headers = httpx.Headers(first.headers)
        for name in ("content-length", "cookie"):
            self._headers.pop(name, None)
        self._read = self._headers.get(_READ_TIMEOUT)

    def request(self, client: Any, body: dict[str, Any], timeouts: dict[str, Any]) -> httpx.Request:
        """Return a request like the first; raise TypeError for a body that only the SDK can write as JSON."""
        content, read, timing = _JSON(body).encode(), timeouts["read"], {"timeout": timeouts}
        stream = httpx.ByteStream(content)
        made = httpx.Request("POST", self._url, headers=self._headers, stream=stream, extensions=timing)
        made.headers["content-length"] = str(len(content))
        if read is None:
            made.headers.pop(_READ_TIMEOUT, None)
        elif str(read) != self._read:
            made.headers[_READ_TIMEOUT] = str(read)
        made.read()  # as one that is built of its content, which a redirect sends again
        if client._client.cookies:  # noqa: SLF001 - see the module's docstring
            client._client.cookies.set_cookie_header(made)  # noqa: SLF001 - as above
        return made


def _state(client: Any) -> tuple[Any, ...]:
    """Return what of a client shows in its requests."""
    shown = client.api_key, client.base_url, client.organization, client.project
    return *shown, client._custom_headers, client._custom_query, client.timeout, client._client  # noqa: SLF001 - as above


class _Client:
    """Mixin: what our sync and async clients have in common."""

    max_answer_bytes = MAX_ANSWER_BYTES
    budget: str | None = None
    """Base URL whose budget repeats draw on; None: they draw on none."""
    _template: Template | None = None  # before the first request, and where the SDK builds each anew

    def __init__(self, **options: Any) -> None:
        """Take the options of the SDK's client; `api_key` and `base_url` are required here.

        Also runs after `with_options` and `copy`, which construct a new client from the old one's settings; what the
        SDK's constructor fills in from `OPENAI_*` variables, and what it tells of the machine, is put back.
        """
        super().__init__(**options)
        given = {name: options.get(name) for name in ("organization", "project", "webhook_secret")}
        headers = {**_OMITTED_HEADERS, **(options.get("default_headers") or {})}
        vars(self).update(given, admin_api_key=None, _custom_headers=headers)
        self._key_stays = isinstance(options.get("api_key"), str)

    @property
    def max_retries(self) -> int:
        """Number of times that the SDK repeats a failed request."""
        return 0 if _SENT_ONCE.get() else self._max_retries

    @max_retries.setter
    def max_retries(self, most: int) -> None:
        self._max_retries = most

    def _should_retry(self, response: httpx.Response) -> bool:
        """Repeat what the SDK would within the budget, but nothing that has to wait for its turn or has no quota."""
        repeats: bool = super()._should_retry(response)  # type: ignore[misc] # the SDK's
        if response.status_code == 429:  # noqa: PLR2004 - a status
            attempt, quota = current(), read_error(response.text).quota
            attempt.crowded = not quota and attempt.turns is not None and attempt.turns.is_crowded()
            repeats = repeats and not (quota or attempt.crowded)
        return repeats and retry_budget.draw(self.budget)

    def _make_sse_decoder(self) -> Any:
        return EventDecoder(self.max_answer_bytes)

    async def build(self: Any, request: Request, timeouts: dict[str, Any]) -> httpx.Request:
        """Return a request as the SDK builds it, unsent: by the template where that can express it."""
        plain = request.options.keys() <= _EXPRESSED
        template: Template | None = self._template
        if plain and template is not None and template.state == _state(self):
            with suppress(TypeError):
                return template.request(self, request.body, timeouts)
        url = f"{str(self.base_url).rstrip('/')}/chat/completions"  # whole, which spares the SDK from taking it apart
        given = {**request.options, "timeout": httpx.Timeout(**timeouts)}
        options = FinalRequestOptions.construct(method="post", url=url, json_data=request.body, **given)
        built: httpx.Request = self._build_request(await step(self._prepare_options(options)))
        if plain and self._key_stays and isinstance(self._client, PooledClient):
            self._template = Template(self, built)
        return built

    async def exchange(self: Any, request: httpx.Request, *, stream: bool, **how: Any) -> httpx.Response:
        """Send a request, again where an idle connection turns out to be closed; read all but a stream's answer."""
        try:
            response: httpx.Response = await step(self._client.send(request, stream=True, **how))
        except Exception as error:
            if not broke_unanswered(error):
                raise
            request.extensions[FRESH] = True
        if FRESH in request.extensions:
            response = await step(self._client.send(request, stream=True, **how))
        return response if stream and response.is_success else await streams.read_whole(response, self.max_answer_bytes)


class NovastackClient(_Client, OpenAI):
    """An `openai.OpenAI` that takes nothing from the environment."""

    def _send_request(self, request: httpx.Request, **how: Any) -> httpx.Response:
        return run(self.exchange(request, **how))


class AsyncNovastackClient(_Client, AsyncOpenAI):
    """An `openai.AsyncOpenAI` that takes nothing from the environment."""

    async def _send_request(self, request: httpx.Request, **how: Any) -> httpx.Response:
        return await self.exchange(request, **how)
