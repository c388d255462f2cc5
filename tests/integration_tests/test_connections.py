"""Connections, counted at the server: models share them, whatever their settings; a client of the user's is used."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from helpers.raw_server import RawServer, well
from helpers.ways import FAST, WAYS

from langchain_novastack import NovastackConnectionError, NovastackRouter
from langchain_novastack._compat import httpx
from langchain_novastack.transport import pools

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from helpers.ways import Ask

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox

ALIASES = ("qwen", "deepseek", "claude")


SHARING = [way for way in WAYS if FAST or not way.endswith("stream")]
"""Ways that use a connection again. Streams of the SDK's own types may hang up at their end mark: that is the SDK's."""


@pytest.fixture(params=SHARING)
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask in each of them."""
    return WAYS[request.param]


async def test_three_models_share_a_connection(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    for alias in ALIASES * 2:
        await ask(router, "Name a river.", model=alias)
    assert [record.model for record in box.requests] == list(ALIASES * 2)
    assert box.connections.total == 1


SETTINGS: dict[str, Callable[[int], dict[str, Any]]] = {
    "seconds": lambda number: {"timeout": 20.0 + number},
    "an httpx.Timeout": lambda number: {"timeout": httpx.Timeout(20.0 + number, connect=5)},
    "limits for streams": lambda number: {"first_token_timeout": 10.0 + number},
    "headers": lambda number: {"default_headers": {"X-Number": str(number)}},
    "retries": lambda number: {"max_retries": number},
}


@pytest.mark.parametrize("name", list(SETTINGS))
async def test_so_do_models_with_settings_of_their_own(
    box: Sandbox, model: Callable[..., ChatNovastack], ask: Ask, name: str
) -> None:
    for number, alias in enumerate(ALIASES):
        await ask(model(alias, **SETTINGS[name](number)), "Name a river.")
    assert box.connections.total == 1


async def test_a_client_of_the_users_is_used(box: Sandbox, make: Callable[..., NovastackRouter], ask: Ask) -> None:
    """With its headers and limits; it stays open, for it is not ours to close."""
    with httpx.Client(headers={"X-Mine": "sync"}) as sync:
        async with httpx.AsyncClient(headers={"X-Mine": "async"}) as both:
            router = make(http_client=sync, http_async_client=both)
            for alias in ALIASES:
                await ask(router, "Name a river.", model=alias)
            assert [sync.is_closed, both.is_closed] == [False, False]
    assert len({record.headers["x-mine"] for record in box.requests}) == 1
    assert box.connections.total == 1


@pytest.mark.parametrize("way", [way for way in SHARING if way.startswith("a")])
def test_each_event_loop_has_connections_of_its_own(box: Sandbox, router: NovastackRouter, way: str) -> None:
    """The model decided for answers every time: a closed loop is no failure that another model could mend."""

    async def twice() -> None:
        for _ in range(2):
            if way == "ainvoke":
                await router.ainvoke("Debug this function.")
            else:
                assert [chunk async for chunk in router.astream("Debug this function.")]

    for _ in range(4):
        asyncio.run(twice())
    assert [record.model for record in box.requests] == ["deepseek"] * 8
    assert box.connections.total == 4
    assert box.wait_for(lambda box: box.connections.open == 0)


async def test_sixteen_at_once_use_no_more_connections_the_second_time(box: Sandbox, router: NovastackRouter) -> None:
    for _ in range(2):
        await asyncio.gather(*(router.ainvoke("Name a river.") for _ in range(16)))
    assert box.connections.total <= 16


NILE = 'data: {"choices": [{"index": 0, "delta": {"content": "Nile"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
RESTS: dict[str, dict[str, Any]] = {
    "never ends": {"pieces": [NILE, ": still here\n\n"], "delay": 2},
    "is cut": {"body": NILE, "cut": True},
}


@pytest.mark.parametrize("way", ["stream", "astream"])
@pytest.mark.parametrize("rest", list(RESTS))
async def test_what_follows_a_complete_answer_is_no_failure(
    box: Sandbox, model: Callable[..., ChatNovastack], rest: str, way: str
) -> None:
    """It is read, so that the connection can be used again; if it does not come, the connection is given up."""
    box.fail("qwen", kind="raw", content_type="text/event-stream", times=1, **RESTS[rest])
    for _ in range(2):
        assert (await WAYS[way](model(), "Name a river.")).content
    assert box.connections.total == 2


async def test_a_cookie_is_sent_back_as_long_as_it_holds(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """Gateways behind a load balancer set one, to keep a caller where it was."""
    for cookie in ("place=here; Path=/", "place=; Path=/; Max-Age=0"):
        box.fail("qwen", kind="length", headers={"Set-Cookie": cookie}, times=1)
        await ask(router, "Name a river.")
    await ask(router, "Name a river.")
    assert [record.headers.get("cookie") for record in box.requests] == [None, "place=here", None]


async def test_what_one_model_was_told_to_keep_no_other_sends(
    box: Sandbox, model: Callable[..., ChatNovastack], ask: Ask
) -> None:
    """Another model may be another tenant's."""
    box.fail("qwen", kind="length", headers={"Set-Cookie": "place=here; Path=/"}, times=1)
    first, second = model(), model()
    for one in (first, second, first):
        await ask(one, "Name a river.")
    assert [record.headers.get("cookie") for record in box.requests] == [None, None, "place=here"]


CLOSED: dict[str, Callable[[ChatNovastack], Any]] = {
    "a client": lambda model: model.root_client.close(),
    "a copy with another timeout": lambda model: model.root_client.with_options(timeout=3).close(),
    "its HTTP client": lambda model: model.root_client._client.close(),  # noqa: SLF001 - as users reach it
}


@pytest.mark.parametrize("name", list(CLOSED))
async def test_closing_one_closes_nothing_else(
    box: Sandbox, model: Callable[..., ChatNovastack], ask: Ask, name: str
) -> None:
    """Connections are the process's: models that were there, new ones, and routers go on."""
    first, other = model(), model(timeout=30.0)
    first.invoke("Name a river.")
    CLOSED[name](first)
    await first.root_async_client.close()
    for one in (other, model(timeout=40.0), NovastackRouter(base_url=box.base_url, api_key=box.api_key), first):
        assert (await ask(one, "Name a river.")).content


async def test_a_pool_that_was_closed_is_replaced(model: Callable[..., ChatNovastack], ask: Ask) -> None:
    await ask(model(), "Name a river.")
    pools.ProcessClient(pools.Route()).pool().close()
    await pools.LoopClient(pools.Route()).pool().aclose()
    assert (await ask(model(), "Name a river.")).content


# ---- what the environment says


async def test_certificates_are_those_that_are_named_now(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ask: Ask
) -> None:
    """Not those of the first call: a notebook names them where the first call has failed, and calls again."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with RawServer(well, tls=tls) as server:
        router = NovastackRouter(base_url=server.url, api_key="key", max_retries=0)
        with pytest.raises(NovastackConnectionError, match="certificate not trusted"):
            await ask(router, "Name a river.")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert (await ask(router, "Name a river.")).text == "Hello."
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        with pytest.raises(ValueError, match="`SSL_CERT_FILE` must name certificates that can be read"):
            await ask(router, "Name a river.")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_so_are_proxies(monkeypatch: pytest.MonkeyPatch, ask: Ask, name: str) -> None:
    for other in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    with RawServer(well) as direct, RawServer(well) as proxy:
        router = NovastackRouter(base_url=direct.url, api_key="key")
        await ask(router, "Name a river.")
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await ask(router, "Name a river.")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        await ask(router, "Name a river.")
    assert (len(direct.requests), len(proxy.requests)) == (2, 1)
    assert proxy.requests[0].line == f"POST {direct.url}/chat/completions HTTP/1.1"


async def test_a_router_takes_a_proxy(build: Callable[..., Any], ask: Ask) -> None:
    """So does a model; it is not shown, for its address may hold a password."""
    with RawServer(well) as proxy:
        address = f"http://bob:secretpw@127.0.0.1:{proxy.port}"
        asked = build(base_url="http://gateway.invalid/v1", openai_proxy=address, organization="org-1")
        assert (await ask(asked, "Name a river.")).text == "Hello."
        with pytest.raises(ValueError, match="`openai_proxy` must not be given beside an HTTP client"):
            build(openai_proxy=address, http_client=httpx.Client())
    assert proxy.requests[0].headers["openai-organization"] == "org-1"
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    assert "secretpw" not in repr(asked) + str(asked.to_json())


async def test_a_proxy_that_needs_a_package_names_it(
    monkeypatch: pytest.MonkeyPatch, build: Callable[..., Any], ask: Ask
) -> None:
    """At construction, and where the environment names such a proxy later; its address is not shown."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    address = "socks5://bob:secretpw@127.0.0.1:9"
    with pytest.raises(ValueError, match="unless the package `socksio` is installed") as early:
        build(openai_proxy=address)
    asked = build(base_url="http://gateway.invalid/v1")
    monkeypatch.setenv("ALL_PROXY", address)
    with pytest.raises(ValueError, match=r"`openai_proxy` must .* and so must `ALL_PROXY`") as late:
        await ask(asked, "Name a river.")
    for error in (early.value, late.value):
        assert "secretpw" not in "".join(traceback.format_exception(error))


async def test_a_router_takes_socket_options(box: Sandbox, make: Callable[..., NovastackRouter], ask: Ask) -> None:
    await ask(make(http_socket_options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]), "Name a river.")
    await ask(make(), "Name a river.")
    assert box.connections.total == 2, "connections with options of their own are not shared with others"
