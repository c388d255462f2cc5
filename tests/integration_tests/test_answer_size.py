"""How large an answer, or one event of a stream, may be, counted after decompression; more is the model's failure."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from helpers.raw_server import RawServer, answer, whole
from helpers.ways import WAYS

from langchain_novastack import ChatNovastack, NovastackError, NovastackResponseError, NovastackRouter
from langchain_novastack._compat import httpx
from langchain_novastack.fallbacks import breaker

if TYPE_CHECKING:
    import socket

    from helpers.raw_server import Received
    from helpers.ways import Ask

LIMIT = 20_000
CODE = "Debug this function."


@pytest.fixture(autouse=True)
def _well_again() -> None:
    breaker._BREAKERS.clear()  # noqa: SLF001 - ports come back


def chunked(request: Received, text: str) -> bytes:
    """Return an answer whose head does not tell its length."""
    first, _, body = answer(request, text).partition(b"\r\n\r\n")
    label = "text/event-stream" if b"event-stream" in first else "application/json"
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n" % label.encode() + sent


def zipped(request: Received, text: str) -> bytes:
    """Return an answer that is small on the wire."""
    first, _, body = answer(request, text).partition(b"\r\n\r\n")
    label = "text/event-stream" if b"event-stream" in first else "application/json"
    return whole(gzip.compress(body), content_type=label, content_encoding="gzip")


SENT = {"told": answer, "chunked": chunked, "zipped": zipped}


def large_from_deepseek(how: str) -> Any:
    def handle(request: Received, sock: socket.socket) -> None:
        sock.sendall(SENT[how](request, "x" * (LIMIT if request.model == "deepseek" else 10)))

    return handle


@pytest.mark.parametrize("settings", [{}, {"fast": False}, {"deadline": 30}], ids=str)
@pytest.mark.parametrize("how", list(SENT))
async def test_more_is_the_models_failure(ask: Ask, how: str, settings: dict[str, Any]) -> None:
    with RawServer(large_from_deepseek(how)) as server:
        router = NovastackRouter(base_url=server.url, api_key="key", max_answer_bytes=LIMIT, **settings)
        message = await ask(router, CODE)
    assert message.text == "x" * 10
    assert server.models == ["deepseek", "qwen"]
    assert router.health()["deepseek"]["failures"] == 1


async def test_it_is_typed_and_not_asked_for_again(ask: Ask) -> None:
    with RawServer(large_from_deepseek("chunked")) as server:
        model = ChatNovastack(model="deepseek", base_url=server.url, api_key="key", max_answer_bytes=LIMIT)
        with pytest.raises(NovastackResponseError, match="20,000 bytes"):
            await ask(model, CODE)
    assert len(server.requests) == 1


async def test_with_a_client_of_the_callers_too(ask: Ask) -> None:
    with RawServer(large_from_deepseek("zipped")) as server, httpx.Client() as sync:
        async with httpx.AsyncClient() as both:
            given: dict[str, Any] = {"http_client": sync, "http_async_client": both, "max_answer_bytes": LIMIT}
            await ask(NovastackRouter(base_url=server.url, api_key="key", **given), CODE)
    assert server.models == ["deepseek", "qwen"]


@pytest.mark.parametrize("way", ["stream", "astream"])
@pytest.mark.parametrize("fast", [True, False])
async def test_a_stream_of_many_events_may_be_larger(way: str, *, fast: bool) -> None:
    def handle(_: Received, sock: socket.socket) -> None:
        deltas = [{"index": 0, "delta": {"content": "word "}}] * 2000
        ends = [{"index": 0, "delta": {}, "finish_reason": "stop"}]
        events = [b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n" for choice in [*deltas, *ends]]
        sock.sendall(whole(b"".join(events), content_type="text/event-stream"))

    with RawServer(handle) as server:
        model = ChatNovastack(base_url=server.url, api_key="key", max_answer_bytes=200, fast=fast)
        assert (await WAYS[way](model, CODE)).text == "word " * 2000


@pytest.mark.parametrize("way", ["stream", "astream"])
@pytest.mark.parametrize("event", [b"data: " + b"x" * 300, b"data: x\n" * 60, b"id: " + b"x" * 300, b"x" * 300])
async def test_an_event_that_does_not_end(way: str, event: bytes) -> None:
    """In one line, in many, and without a line of data."""

    def handle(_: Received, sock: socket.socket) -> None:
        sock.sendall(whole(event * 10 + b"\n\n", content_type="text/event-stream"))

    with RawServer(handle) as server:
        model = ChatNovastack(base_url=server.url, api_key="key", max_answer_bytes=200, max_retries=0)
        with pytest.raises(NovastackResponseError, match="max_answer_bytes"):
            await WAYS[way](model, CODE)


@pytest.mark.parametrize("fast", [True, False])
async def test_an_error_keeps_its_status(ask: Ask, *, fast: bool) -> None:
    """Of its body is read as much as an answer may have."""

    def handle(_: Received, sock: socket.socket) -> None:
        sock.sendall(
            whole(b"No capacity. " + b"x" * 3 * LIMIT, status="503 Service Unavailable", content_type="text/plain")
        )

    with RawServer(handle) as server:
        given: dict[str, Any] = {"max_answer_bytes": LIMIT, "max_retries": 0, "fast": fast}
        with pytest.raises(NovastackError, match="HTTP 503: No capacity") as raised:
            await ask(ChatNovastack(base_url=server.url, api_key="key", **given), CODE)
    assert raised.value.status == 503
