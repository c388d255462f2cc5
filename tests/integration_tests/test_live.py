"""A few questions to the real gateway: run with a key, for example `NOVASTACK_API_KEY=... pytest -k live`.

Nothing here was ever seen to pass: nobody who wrote it had a key. It asks for what any gateway of this kind gives.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from helpers.ways import routing, total
from langchain_core.messages import HumanMessage, ToolMessage

from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_novastack.cards import CARDS
from langchain_novastack.errors import NovastackError

KEY = os.environ.get("NOVASTACK_API_KEY", "")
"""Read when tests are collected: while they run, the machine's own keys are out of their sight."""

BASE_URL = os.environ.get("NOVASTACK_BASE_URL")

pytestmark = pytest.mark.skipif(not KEY, reason="no key")


def add(a: int, b: int) -> int:
    """Add two whole numbers."""
    return a + b


@pytest.fixture
def live() -> NovastackRouter:
    return NovastackRouter(api_key=KEY, base_url=BASE_URL, timeout=60, max_tokens=512)


@pytest.mark.parametrize("alias", [*CARDS])
def test_every_model_answers(live: NovastackRouter, alias: str) -> None:
    """By itself, without fallback, with text or reasoning, and usage."""
    message = live.invoke("Answer with the word yes.", model=alias, fallback=False)
    assert message.text or message.content_blocks
    assert message.usage_metadata is not None
    assert routing(message)["model"] == alias


async def test_a_stream_has_usage_and_one_record(live: NovastackRouter) -> None:
    """Sync and async."""
    for message in (
        total(list(live.stream("Count from 1 to 5."))),
        total([chunk async for chunk in live.astream("Count from 1 to 5.")]),
    ):
        assert message.text
        assert message.usage_metadata
        assert routing(message)["attempts"][-1]["status"] == 200


@pytest.mark.parametrize("alias", [*CARDS])
def test_a_tool_loop_ends(live: NovastackRouter, alias: str) -> None:
    """A forced call, and the answer to its result: DeepSeek wants its reasoning back here."""
    question = HumanMessage("What is 17 + 25? Use the tool.")
    called: Any = live.bind_tools([add]).invoke([question], model=alias, fallback=False)
    assert called.tool_calls
    results = [ToolMessage(str(add(**call["args"])), tool_call_id=call["id"]) for call in called.tool_calls]
    answer = live.bind_tools([add]).invoke([question, called, *results], fallback=False)
    assert routing(answer)["model"] == alias


def test_a_wrong_key_is_an_authentication_error() -> None:
    """And says neither the key nor the prompt."""
    with pytest.raises(NovastackError) as caught:
        ChatNovastack(api_key="not-a-key", base_url=BASE_URL, timeout=60).invoke("hello")
    assert caught.value.status in {401, 403}
    assert "not-a-key" not in str(caught.value)
