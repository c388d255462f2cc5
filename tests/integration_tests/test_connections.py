"""Connections, counted at the server: models share them, whatever their settings; a client of the user's is used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import FAST, WAYS

from langchain_novastack._compat import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import ChatNovastack, NovastackRouter
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
