"""Message history around a model, and a rate limiter in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.agent_parts import get_weather
from helpers.ways import routing
from langchain_core.chat_history import InMemoryChatMessageHistory
from langchain_core.messages import AIMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.rate_limiters import BaseRateLimiter, InMemoryRateLimiter
from langchain_core.runnables.history import RunnableWithMessageHistory

if TYPE_CHECKING:
    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SESSION: Any = {"configurable": {"session_id": "1"}}
QUESTION = "Why is the sky blue?"


@pytest.fixture
def history() -> InMemoryChatMessageHistory:
    """One conversation."""
    return InMemoryChatMessageHistory()


async def test_history_around_a_model(llm: Any, ask: Ask, box: Sandbox, history: InMemoryChatMessageHistory) -> None:
    talk = RunnableWithMessageHistory(llm, lambda: history, history_factory_config=[])
    await ask(talk, "I am Ada.")
    assert "You asked: Who am I?" in (await ask(talk, "Who am I?")).text
    assert [each["role"] for each in box.requests[-1].body["messages"]] == ["user", "assistant", "user"]
    assert [isinstance(message, AIMessage) for message in history.messages] == [False, True, False, True]


async def test_history_in_a_prompt(llm: Any, ask: Ask, box: Sandbox, history: InMemoryChatMessageHistory) -> None:
    prompt = ChatPromptTemplate([("system", "Be brief."), MessagesPlaceholder("past"), ("human", "{question}")])
    talk = RunnableWithMessageHistory(
        prompt | llm, lambda _: history, input_messages_key="question", history_messages_key="past"
    )
    await ask(talk, {"question": "I am Ada."}, SESSION)
    await ask(talk, {"question": "Who am I?"}, SESSION)
    assert [each["role"] for each in box.requests[-1].body["messages"]] == ["system", "user", "assistant", "user"]


async def test_what_is_kept_says_which_model_answered(make: Any, ask: Ask, history: InMemoryChatMessageHistory) -> None:
    """Exactly one record for each answer, streamed or not; and a short follow-up stays with its task's model."""
    talk = RunnableWithMessageHistory(make(), lambda: history, history_factory_config=[])
    await ask(talk, "Debug this: def f(x): retrun x")
    await ask(talk, "now make it faster")
    assert [routing(message)["model"] for message in history.messages[1::2]] == ["deepseek", "deepseek"]


class Counter(BaseRateLimiter):
    """Counts what is let through."""

    def __init__(self) -> None:
        self.let_through = 0

    def acquire(self, *, blocking: bool = True) -> bool:  # noqa: ARG002 - core's signature
        self.let_through += 1
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:  # noqa: ARG002 - core's signature
        self.let_through += 1
        return True


async def test_a_limiter_is_asked_once_for_each_request(build: Build, ask: Ask, box: Sandbox) -> None:
    limiter = Counter()
    llm = build(rate_limiter=limiter)
    await ask(llm, QUESTION)
    await ask(llm.bind_tools([get_weather]), "Use get_weather for Rome")
    assert limiter.let_through == len(box.requests) == 2


async def test_a_limiter_is_asked_for_each_attempt(make: Any, ask: Ask, box: Sandbox) -> None:
    limiter = Counter()
    box.fail("deepseek", status=503)
    await ask(make(rate_limiter=limiter), "Debug this: def f(x): retrun x")
    assert limiter.let_through == len(box.requests) == 2


async def test_langchains_own_limiter(build: Build, ask: Ask, box: Sandbox) -> None:
    limiter = InMemoryRateLimiter(requests_per_second=1_000, check_every_n_seconds=0.001, max_bucket_size=1)
    assert "You asked" in (await ask(build(rate_limiter=limiter), QUESTION)).text
    assert len(box.requests) == 1
