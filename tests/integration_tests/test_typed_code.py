"""Typed code: mypy checks this file under `strict`, and it runs. What a user writes has the types he expects.

deepagents has its typed test in `consumers/test_deep_agents.py`, which Python 3.10 leaves out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from langchain.agents import create_agent
from langchain.agents.middleware import ModelFallbackMiddleware, SummarizationMiddleware
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel
from typing_extensions import assert_type

from langchain_novastack import (
    ChatNovastack,
    Comparison,
    KeywordPolicy,
    NovastackRouter,
    RouteDecision,
    RoutedResponse,
    Task,
)
from langchain_novastack.fallbacks import NovastackFallbacks
from langchain_novastack.router import RouterBinding

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable, RunnableConfig

    from langchain_novastack.sandbox import Sandbox


class Report(BaseModel):
    """A weather report."""

    city: str
    degrees: int


@tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}."


def length_of(model: BaseChatModel) -> int:
    """Stand for code that asks for a chat model."""
    return len(model.invoke("Why is the sky blue?").text)


def routed(box: Sandbox) -> NovastackRouter:
    """Return a router, by the arguments that users give."""
    return NovastackRouter(
        base_url=box.base_url,
        api_key=box.api_key,
        temperature=0.2,
        max_tokens=500,
        deadline=30,
        fallbacks={"claude": ["deepseek", "qwen"]},
        policy=KeywordPolicy(),
    )


async def test_the_four_ways(box: Sandbox) -> None:
    router = routed(box)
    message = assert_type(router.invoke("Why?"), AIMessage)
    assert_type(await router.ainvoke([HumanMessage("Why?")]), AIMessage)
    chunks = assert_type(router.stream("Why?"), Iterator[AIMessageChunk])
    achunks = assert_type(router.astream("Why?"), AsyncIterator[AIMessageChunk])
    assert_type(router.batch(["Why?"]), list[AIMessage])
    assert_type(await router.with_retry().abatch(["Why?"]), list[AIMessage])
    streamed = "".join(chunk.text for chunk in chunks)
    assert message.text == streamed == "".join([chunk.text async for chunk in achunks])


def test_where_a_chat_model_is_asked_for(box: Sandbox) -> None:
    router, model = routed(box), ChatNovastack(model="claude", base_url=box.base_url, api_key=box.api_key)
    assert length_of(router) > 0
    assert length_of(model) > 0
    assert_type(router.models, dict[str, ChatOpenAI])
    branches = assert_type(router.branches, dict[str, NovastackFallbacks[Any, AIMessage]])
    assert list(branches) == list(router.models)


async def test_what_only_a_router_does(box: Sandbox) -> None:
    router = routed(box)
    decision = assert_type(router.route("Refactor this function."), RouteDecision)
    assert_type(await router.aroute("Why?"), RouteDecision)
    compared = assert_type(router.compare("Why?", ["qwen", "claude"]), Comparison)
    response = assert_type(RoutedResponse.from_message(router.invoke("Why?")), RoutedResponse)
    assert assert_type(decision.model, str) == "deepseek"
    assert len(compared.to_records()) == 2
    assert assert_type(response.fallback_triggered, bool) is False


def test_bound_and_piped(box: Sandbox) -> None:
    router = routed(box)
    bound = assert_type(router.bind_tools([get_weather], tool_choice="any"), RouterBinding)
    pipe = ChatPromptTemplate.from_template("Why is the {thing} blue?") | router | StrOutputParser()
    config: RunnableConfig = {"configurable": {"novastack_model": "claude"}, "tags": ["mine"]}
    text = assert_type(pipe.invoke({"thing": "sky"}, config), str)
    assert "Why is the sky blue?" in text
    assert assert_type(bound.invoke("Use get_weather for Rome"), AIMessage).tool_calls


def test_structured_output(box: Sandbox) -> None:
    """A class gives its own instances; `include_raw`, and schemas that are dicts, give dicts."""
    for model in (routed(box), ChatNovastack(base_url=box.base_url, api_key=box.api_key)):
        chain = model.with_structured_output(Report)
        report: Report = chain.invoke("How is Lisbon?")
        raw: dict[str, Any] = model.with_structured_output(Report, include_raw=True).invoke("How is Lisbon?")
        assert report.city
        assert isinstance(raw["parsed"], Report)


def test_agents_and_middleware(box: Sandbox) -> None:
    router = routed(box)
    agent = create_agent(
        router,
        [get_weather],
        middleware=[SummarizationMiddleware(router, trigger=("fraction", 0.8)), ModelFallbackMiddleware(router)],
        response_format=Report,
    )
    state = agent.invoke({"messages": [HumanMessage("Use get_weather: how is Lisbon?")]})
    assert isinstance(state["structured_response"], Report)


def test_policies_of_ones_own(box: Sandbox) -> None:
    def decide(messages: list[Any]) -> RouteDecision:
        return RouteDecision(model="claude" if len(messages) > 1 else "qwen")

    mine = NovastackRouter(base_url=box.base_url, api_key=box.api_key, policy=decide)
    poems, rest = Task(name="poem", model="claude", indicators=["poem"]), Task(name="rest", model="qwen")
    tasks = KeywordPolicy(tasks=[poems, rest])
    theirs = NovastackRouter(base_url=box.base_url, api_key=box.api_key, policy=tasks)
    assert mine.route("Hello").model == "qwen"
    assert theirs.route("A poem, please").model == "claude"


def test_a_chat_model_and_its_fallbacks(box: Sandbox) -> None:
    model = ChatNovastack(model="deepseek", base_url=box.base_url, api_key=box.api_key, temperature=None, stop=["x9"])
    safe = assert_type(model.bind_tools([get_weather]).with_fallbacks([model]), NovastackFallbacks[Any, AIMessage])
    whole: Runnable[Any, Any] = safe
    assert whole.invoke("Use get_weather for Rome").tool_calls
