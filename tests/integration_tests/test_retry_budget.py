"""Retries are paid for: a tenth of the calls, and a small reserve. What is never mended is not repeated at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.raw_server import RawServer, reset, whole
from helpers.ways import FAST

from langchain_novastack import ChatNovastack, NovastackError, NovastackRouter
from langchain_novastack.transport import retry_budget

if TYPE_CHECKING:
    from helpers.ways import Ask

QUOTA = b'{"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": 429}}'
BROKEN: dict[str, Any] = {
    "a status": lambda sock: sock.sendall(whole(b"{}", "503 Service Unavailable", retry_after_ms=1)),
    "a limit": lambda sock: sock.sendall(whole(b"{}", "429 Too Many Requests", retry_after_ms=1)),
}


@pytest.fixture(params=["lone", "routed", "deadline"])
def last(request: pytest.FixtureRequest) -> Any:
    """Build a model that is the last that can answer."""

    def build(url: str, **settings: Any) -> Any:
        given = {"base_url": url, "api_key": "key", "fast": FAST, **settings}
        if request.param == "lone":
            return ChatNovastack(**given)
        return NovastackRouter(**given, fallbacks={}, **({"deadline": 60} if request.param == "deadline" else {}))

    return build


async def requests_of(ask: Ask, last: Any, how: Any, calls: int, **settings: Any) -> list[int]:
    """Return how many requests each of several calls made."""
    counts = []
    with RawServer(lambda _, sock: how(sock)) as server:
        retry_budget.refill(server.url)
        model = last(server.url, **settings)
        for _ in range(calls):
            before = len(server.requests)
            with pytest.raises(NovastackError):
                await ask(model, "Hello")
            counts.append(len(server.requests) - before)
    return counts


@pytest.mark.parametrize("name", ["a status", "a limit"])
async def test_in_an_outage_retries_end(ask: Ask, last: Any, name: str) -> None:
    """The reserve of five, and one more after each ten calls."""
    assert await requests_of(ask, last, BROKEN[name], 16) == [3, 3, 2, *[1] * 7, 2, *[1] * 5]


async def test_what_the_caller_asked_for_is_not_limited(ask: Ask, last: Any) -> None:
    assert await requests_of(ask, last, BROKEN["a status"], 6, max_retries=2) == [3] * 6


async def test_an_exhausted_quota_is_not_asked_again(ask: Ask, last: Any) -> None:
    spent = whole(QUOTA, "429 Too Many Requests", retry_after_ms=1)
    with (
        RawServer(lambda _, sock: sock.sendall(spent)) as server,
        pytest.raises(openai.RateLimitError, match="quota") as caught,
    ):
        await ask(last(server.url, max_retries=2), "Hello")
    assert len(server.requests) == 1
    assert getattr(caught.value, "status", None) == 429


@pytest.mark.parametrize("max_retries", [None, 1])
async def test_broken_connections_draw_on_it_too(ask: Ask, last: Any, max_retries: int | None) -> None:
    """With nothing left they are raised as ever."""
    with RawServer(lambda _, sock: reset(sock)) as server:
        retry_budget.refill(server.url)
        while retry_budget.draw(server.url):
            pass
        with pytest.raises(openai.APIConnectionError):
            await ask(last(server.url, max_retries=max_retries), "Hello")
    assert len(server.requests) == 1 + (max_retries or 0)
