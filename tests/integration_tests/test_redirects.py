"""Redirects: followed on the same host only, for a request carries the key; a client that was given has a rule."""

from __future__ import annotations

import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import openai
import pytest
import trustme
from helpers.raw_server import RawServer, head, well
from helpers.ways import FAST

from langchain_novastack import NovastackConnectionError, NovastackRouter
from langchain_novastack._compat import httpx
from langchain_novastack.fallbacks import breaker

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from helpers.raw_server import Received
    from helpers.ways import Ask

KEY = "sk-0123456789-abcdefghij"
CODE = "Debug this function."
STATUSES = (301, 302, 307, 308)


@pytest.fixture(autouse=True)
def _well_again() -> None:
    breaker._BREAKERS.clear()  # noqa: SLF001 - ports come back


def router(url: str, **settings: Any) -> NovastackRouter:
    return NovastackRouter(base_url=url, api_key=KEY, fast=FAST, **settings)


def to(location: str, status: int = 307) -> Any:
    def handle(_: Received, sock: socket.socket) -> None:
        sock.sendall(head(f"{status} Moved", content_length=0, location=location))

    return handle


@pytest.mark.parametrize("status", STATUSES)
async def test_another_port_gets_nothing(ask: Ask, status: int) -> None:
    """It is the gateway's fault: raised at once, for all models have the same gateway."""
    with RawServer(well) as other, RawServer(to(f"{other.url}/chat/completions", status)) as server:
        asked = router(server.url)
        with pytest.raises(
            NovastackConnectionError, match=f"redirects to another .* http://127.0.0.1:{other.port}"
        ) as got:
            await ask(asked, CODE)
    assert isinstance(got.value, openai.APIConnectionError)
    assert got.value.status == status
    assert (server.models, other.requests) == (["deepseek"], [])
    assert asked.health()["deepseek"]["failures"] == 0


@pytest.mark.parametrize(
    "location", ["http://localhost:{}/x", "//localhost:{}/x", "ftp://127.0.0.1/x", "https://a.invalid/"]
)
async def test_nor_does_another_host(ask: Ask, location: str) -> None:
    failed = pytest.raises(NovastackConnectionError, match="another host or port")
    with RawServer(well) as other, RawServer(to(location.format(other.port))) as server, failed:
        await ask(router(server.url), CODE)
    assert (server.models, other.requests) == (["deepseek"], [])


@pytest.mark.parametrize("status", STATUSES)
async def test_one_on_the_same_host_is_followed(ask: Ask, status: int) -> None:
    """With key, method and body."""

    def handle(request: Received, sock: socket.socket) -> None:
        (well if "/moved/" in request.line else to("/moved/chat/completions", status))(request, sock)

    with RawServer(handle) as server:
        assert (await ask(router(server.url), CODE)).text == "Hello."
    first, second = server.requests
    assert (first.body, first.headers["authorization"]) == (second.body, second.headers["authorization"])
    assert second.line == "POST /moved/chat/completions HTTP/1.1"


@pytest.mark.parametrize("status", STATUSES)
async def test_so_is_one_to_tls(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with RawServer(well, tls=tls) as safe, RawServer(to(f"{safe.url}/chat/completions", status)) as server:
        assert (await ask(router(server.url), CODE)).text == "Hello."
    assert safe.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_but_not_one_away_from_tls(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    failed = pytest.raises(NovastackConnectionError, match="another host or port")
    with RawServer(well) as plain, RawServer(to(f"{plain.url}/chat/completions"), tls=tls) as server, failed:
        await ask(router(server.url), CODE)
    assert plain.requests == []


async def test_a_circle_is_the_models_failure(ask: Ask) -> None:
    def handle(request: Received, sock: socket.socket) -> None:
        (to("/router/v1/chat/completions") if request.model == "deepseek" else well)(request, sock)

    with RawServer(handle) as server:
        asked = router(server.url)
        message = await ask(asked, CODE)
    assert message.response_metadata["routing"]["model"] == "qwen"
    assert asked.health()["deepseek"]["failures"] == 1


async def test_a_client_of_the_callers_keeps_its_own_rule(ask: Ask) -> None:
    with ExitStack() as stack:
        other = stack.enter_context(RawServer(well))
        server = stack.enter_context(RawServer(to(f"{other.url}/chat/completions")))
        sync = stack.enter_context(httpx.Client(follow_redirects=True))
        async with httpx.AsyncClient(follow_redirects=True) as both:
            assert await ask(router(server.url, http_client=sync, http_async_client=both), CODE)
    assert len(other.requests) == 1
