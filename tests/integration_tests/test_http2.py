"""A client of the caller's that speaks HTTP/2: the end of one answer leaves the others of its connection alone."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from helpers.http2_server import Http2Server

from langchain_novastack import ChatNovastack, NovastackError, NovastackTimeoutError
from langchain_novastack._compat import httpx

if TYPE_CHECKING:
    from helpers.http2_server import Answer

WORDS = 60


def handle(body: dict[str, Any], answer: Answer) -> None:
    """Write words for a second and a half; or what the prompt asks for: silence, a late end, or words without end."""
    prompt = body["messages"][0]["content"]
    answer.begin()
    if "silence" in prompt:
        sleep(3)
        answer.end()
        return
    for _ in range(3 if "short" in prompt else WORDS):
        answer.say("word ")
        sleep(0.025)
    answer.say("", "stop")
    answer.send(b"data: [DONE]\n\n")
    sleep(0.6 if "late end" in prompt else 0)
    answer.end()


def taken(model: ChatNovastack, prompt: str) -> Any:
    try:
        return len("".join(chunk.text for chunk in model.stream(prompt)).split())
    except NovastackError as error:
        return type(error)


async def ataken(model: ChatNovastack, prompt: str) -> Any:
    try:
        return len("".join([chunk.text async for chunk in model.astream(prompt)]).split())
    except NovastackError as error:
        return type(error)


ENDS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "its body ends late": ("short, late end", {}, 3),
    "no first token comes": ("silence", {"first_token_timeout": 0.8}, NovastackTimeoutError),
    "it takes too long between two chunks": ("silence", {"stream_chunk_timeout": 0.8}, NovastackTimeoutError),
}
"""What is asked beside the others, with which settings, and what comes of it."""


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("name", list(ENDS))
def test_sync(name: str, *, fast: bool) -> None:
    prompt, settings, wanted = ENDS[name]
    with Http2Server(handle) as server, httpx.Client(http2=True, verify=server.trust) as client:
        given: dict[str, Any] = {"base_url": server.url, "api_key": "key", "http_client": client, "fast": fast}
        others, one = ChatNovastack(**given), ChatNovastack(**given, **settings, max_retries=0)
        assert taken(others, "short") == 3
        with ThreadPoolExecutor(4) as pool:
            waiting = []
            for _ in range(3):  # one after the other: the HTTP library may mix up the numbers of streams begun at once
                waiting.append(pool.submit(taken, others, "Hello"))
                sleep(0.1)
            assert taken(one, prompt) == wanted
            assert [other.result() for other in waiting] == [WORDS] * 3
    assert server.connections == 1


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("name", list(ENDS))
async def test_async(name: str, *, fast: bool) -> None:
    prompt, settings, wanted = ENDS[name]
    with Http2Server(handle) as server:
        async with httpx.AsyncClient(http2=True, verify=server.trust) as client:
            given: dict[str, Any] = {
                "base_url": server.url,
                "api_key": "key",
                "http_async_client": client,
                "fast": fast,
            }
            others, one = ChatNovastack(**given), ChatNovastack(**given, **settings, max_retries=0)
            assert await ataken(others, "short") == 3
            waiting = [asyncio.create_task(ataken(others, "Hello")) for _ in range(3)]
            await asyncio.sleep(0.2)
            assert await ataken(one, prompt) == wanted
            assert await asyncio.gather(*waiting) == [WORDS] * 3
    assert server.connections == 1
