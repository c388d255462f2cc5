"""Counting and trimming offline, whatever asks for it."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from helpers.agent_parts import get_weather
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage, trim_messages

TALK: list[BaseMessage] = [
    SystemMessage("Be brief."),
    *[
        kind(f"Message {number} has about ten tokens, give or take one.")
        for number in range(6)
        for kind in (HumanMessage, AIMessage)
    ],
    HumanMessage("And now?"),
]


@pytest.fixture(autouse=True)
def _offline(llm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the network off, once the model is built."""

    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("no network was to be used")

    assert llm is not None
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_tokens_of_a_text(llm: Any) -> None:
    text = "four words are here"
    assert llm.get_num_tokens(text) == len(llm.get_token_ids(text)) == 5


def test_tokens_of_messages_and_tools(llm: Any) -> None:
    alone = llm.get_num_tokens_from_messages(TALK)
    assert alone > llm.get_num_tokens_from_messages(TALK[:3]) > 0
    assert llm.get_num_tokens_from_messages(TALK, tools=[get_weather]) > alone


def test_tokens_of_a_tool_loop(llm: Any) -> None:
    call: Any = {"name": "get_weather", "args": {"city": "Lisbon"}, "id": "1"}
    loop: list[BaseMessage] = [
        HumanMessage("Hm?"),
        AIMessage("", tool_calls=[call]),
        ToolMessage("Sunny", tool_call_id="1"),
    ]
    assert llm.get_num_tokens_from_messages(loop) > llm.get_num_tokens_from_messages(loop[:1])


@pytest.mark.parametrize("strategy", ["first", "last"])
def test_trimming(llm: Any, strategy: Any) -> None:
    kept = trim_messages(TALK, max_tokens=60, token_counter=llm, strategy=strategy)
    assert 0 < len(kept) < len(TALK)
    assert llm.get_num_tokens_from_messages(kept) <= 60


def test_trimming_that_keeps_the_system_message_and_starts_with_a_question(llm: Any) -> None:
    kept = trim_messages(TALK, max_tokens=60, token_counter=llm, include_system=True, start_on="human")
    assert (kept[0], kept[1].type, kept[-1]) == (TALK[0], "human", TALK[-1])


def test_a_trimmer_in_a_chain(llm: Any) -> None:
    trimmer = trim_messages(max_tokens=60, token_counter=llm, include_system=True)
    assert trimmer.invoke(TALK)[-1] == TALK[-1]
    bound = trimmer | llm.bind_tools([get_weather])
    assert bound.first is trimmer


def test_a_counter_of_ones_own(build: Any) -> None:
    llm = build(custom_get_token_ids=lambda text: [0] * len(text.split()))
    assert llm.get_num_tokens("four words are here") == 4
