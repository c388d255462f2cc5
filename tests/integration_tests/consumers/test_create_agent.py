"""`create_agent`: the tool loop, every stream mode, checkpoints, and which model answered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.agent_parts import QUESTION, add, answers, asked, get_weather, models
from helpers.ways import total
from langchain.agents import create_agent
from langchain.tools import ToolRuntime
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver

if TYPE_CHECKING:
    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox


async def _stream(agent: Any, *args: Any, **kwargs: Any) -> list[Any]:
    return list(agent.stream(*args, **kwargs))


async def _astream(agent: Any, *args: Any, **kwargs: Any) -> list[Any]:
    return [part async for part in agent.astream(*args, **kwargs)]


@pytest.fixture(params=[_stream, _astream], ids=["stream", "astream"])
def stream(request: pytest.FixtureRequest) -> Any:
    """Stream an agent's run, sync and async."""
    return request.param


@pytest.fixture
def agent(llm: Any) -> Any:
    """An agent with two tools."""
    return create_agent(llm, [get_weather, add], system_prompt="Be brief.")


async def test_a_tool_is_called_and_its_result_answered(agent: Any, run: Ask, box: Sandbox) -> None:
    messages = (await run(agent, asked(QUESTION)))["messages"]
    assert [type(message) for message in messages] == [HumanMessage, AIMessage, ToolMessage, AIMessage]
    assert "Sunny in Lisbon" in messages[-1].text
    assert models(messages) == ["Qwen3-235B-A22B"] * 2
    assert [request.status for request in box.requests] == [200, 200]


async def test_two_tools_at_once(agent: Any, run: Ask) -> None:
    messages = (await run(agent, asked("Use get_weather for Lisbon, and add 3 and 4.")))["messages"]
    assert sorted(str(message.name) for message in messages if isinstance(message, ToolMessage)) == [
        "add",
        "get_weather",
    ]
    assert "7" in messages[-1].text


async def test_without_tools(llm: Any, run: Ask) -> None:
    messages = (await run(create_agent(llm), asked("Why is the sky blue?")))["messages"]
    assert "You asked: Why is the sky blue?" in messages[-1].text


async def test_a_system_message_and_a_name(llm: Any, run: Ask, box: Sandbox) -> None:
    agent = create_agent(llm, [get_weather], system_prompt=SystemMessage("Be brief."), name="scout")
    messages = (await run(agent, asked(QUESTION)))["messages"]
    assert [answer.name for answer in answers(messages)] == ["scout", "scout"]
    assert box.requests[-1].body["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_the_answer_says_which_model_gave_it(agent: Any, run: Ask) -> None:
    """Both classes say it in LangChain's field; the router adds its record, on every answer of the loop."""
    found = answers(
        (await run(agent, asked("Debug this Python function and use get_weather for Rome: def f(x): retrun x")))[
            "messages"
        ]
    )
    is_router = any("routing" in answer.response_metadata for answer in found)
    assert {answer.response_metadata["model_provider"] for answer in found} == {"novastack"}
    if is_router:
        assert [answer.response_metadata["routing"]["model"] for answer in found] == ["deepseek", "deepseek"]
        assert [answer.response_metadata["routing"]["pinned"] for answer in found] == [False, True]


async def test_values_mode(agent: Any, stream: Any) -> None:
    states = await stream(agent, asked(QUESTION), stream_mode="values")
    assert [len(state["messages"]) for state in states] == [1, 2, 3, 4]
    assert "Sunny in Lisbon" in states[-1]["messages"][-1].text


async def test_updates_mode(agent: Any, stream: Any) -> None:
    updates = await stream(agent, asked(QUESTION), stream_mode="updates")
    assert [next(iter(update)) for update in updates] == ["model", "tools", "model"]


async def test_messages_mode_shows_every_token_once(agent: Any, stream: Any) -> None:
    parts = await stream(agent, asked(QUESTION), stream_mode=["messages", "values"])
    final = answers([part for mode, part in parts if mode == "values"][-1]["messages"])
    shown: dict[str | None, list[Any]] = {}
    for mode, part in parts:
        if mode == "messages" and isinstance(part[0], AIMessage):
            shown.setdefault(part[0].id, []).append(part[0])
    assert list(shown) == [answer.id for answer in final]
    for answer in final:
        whole = total(shown[answer.id])
        assert (whole.text, whole.tool_calls) == (answer.text, answer.tool_calls)
        assert whole.usage_metadata == answer.usage_metadata


def test_messages_mode_comes_in_pieces(agent: Any) -> None:
    """Async, this needs Python 3.11, where LangGraph can hand its config down."""
    parts = [part for part, _ in agent.stream(asked(QUESTION), stream_mode="messages")]
    pieces = [part for part in parts if isinstance(part, AIMessageChunk) and part.text]
    assert len(pieces) > 10
    assert len({part.id for part in pieces}) == 1


def test_messages_mode_says_where_tokens_come_from(agent: Any) -> None:
    kept = [meta for part, meta in agent.stream(asked(QUESTION), stream_mode="messages") if isinstance(part, AIMessage)]
    assert {meta["langgraph_node"] for meta in kept} == {"model"}
    assert {meta["ls_provider"] for meta in kept} == {"novastack"}
    assert {meta["ls_model_name"] for meta in kept} == {"Qwen3-235B-A22B"}


async def test_custom_mode(llm: Any, stream: Any) -> None:
    def look_up(city: str, runtime: ToolRuntime) -> str:
        """Look up a city."""
        runtime.stream_writer({"looking at": city})
        return f"{city} is large."

    # LangChain reads the hints, and the one for `runtime` is known only here.
    look_up.__annotations__ = {"city": str, "runtime": ToolRuntime, "return": str}
    parts = await stream(create_agent(llm, [look_up]), asked("Use look_up for Oslo"), stream_mode="custom")
    assert parts == [{"looking at": "Oslo"}]


@pytest.mark.parametrize("mode", ["debug", "tasks", "checkpoints"])
async def test_modes_for_looking_inside(llm: Any, stream: Any, mode: str) -> None:
    agent = create_agent(llm, [get_weather], checkpointer=InMemorySaver())
    parts = await stream(agent, asked(QUESTION), {"configurable": {"thread_id": "1"}}, stream_mode=mode)
    assert "Sunny in Lisbon" in str(parts[-1])


async def test_a_list_of_modes(agent: Any, stream: Any) -> None:
    parts = await stream(agent, asked(QUESTION), stream_mode=["updates", "messages", "custom", "values"])
    assert {mode for mode, _ in parts} == {"updates", "messages", "values"}


async def test_a_conversation_goes_on_from_its_checkpoint(llm: Any, run: Ask, box: Sandbox) -> None:
    agent = create_agent(llm, [get_weather], checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    await run(agent, asked(QUESTION), thread)
    messages = (await run(agent, asked("And which city was that?"), thread))["messages"]
    assert len(messages) == 6
    assert "which city was that" in messages[-1].text
    assert len(box.requests[-1].body["messages"]) == 5


async def test_usage_is_counted_once(agent: Any, run: Ask, box: Sandbox) -> None:
    counter = UsageMetadataCallbackHandler()
    config = {"callbacks": [counter]}
    messages = (await run(agent, asked(QUESTION), config))["messages"]
    sent = sum(request.usage["total_tokens"] for request in box.requests if request.usage)
    assert sum(answer.usage_metadata["total_tokens"] for answer in answers(messages) if answer.usage_metadata) == sent
    counted: dict[str, int] = {name: used["total_tokens"] for name, used in counter.usage_metadata.items()}
    # Async, LangGraph hands callbacks down from Python 3.11 on.
    assert counted == {"Qwen3-235B-A22B": sent} or (not counted and sys.version_info < (3, 11))


async def test_a_failure_is_the_models_own_error(agent: Any, run: Ask, box: Sandbox) -> None:
    box.fail("qwen", status=401)
    with pytest.raises(openai.AuthenticationError):
        await run(agent, asked(QUESTION))
    assert len(box.requests) == 1


async def test_many_agents_in_a_batch(agent: Any) -> None:
    questions = [asked(f"Use get_weather: how is {city}?") for city in ("Rome", "Oslo", "Graz")]
    for states in (agent.batch(questions), await agent.abatch(questions)):
        texts = [state["messages"][-1].text for state in states]
        assert all(f"Sunny in {city}" in text for city, text in zip(("Rome", "Oslo", "Graz"), texts, strict=True))


async def test_an_agent_as_a_tool_of_another(llm: Any, run: Ask) -> None:
    inner: Any = create_agent(llm, [get_weather])

    def ask_scout(question: str) -> str:
        """Ask the scout about the weather."""
        return str(inner.invoke(asked(question))["messages"][-1].text)

    messages = (await run(create_agent(llm, [ask_scout]), asked("Use ask_scout about get_weather in Rome")))["messages"]
    assert "Sunny in" in messages[-1].text
