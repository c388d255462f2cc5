"""deepagents: a planner with files and subagents. It needs Python 3.11; `conftest.py` leaves it out without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepagents import SubAgent, create_deep_agent
from helpers.agent_parts import Report, answers, asked, get_weather, models
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver

from langchain_novastack import NovastackRouter

if TYPE_CHECKING:
    from helpers.ways import Ask, Build
    from langchain_core.language_models import BaseChatModel

    from langchain_novastack.sandbox import Sandbox

SCOUT: Any = {
    "name": "scout",
    "description": "Knows the weather.",
    "system_prompt": "You know the weather.",
    "tools": [get_weather],
}
HAND_OVER: dict[str, Any] = {
    "name": "task",
    "args": {"description": "Use get_weather for Lisbon", "subagent_type": "scout"},
}


async def test_a_tool_and_a_file(llm: Any, run: Ask, box: Sandbox) -> None:
    box.answer("*", tool_calls=[{"name": "write_file", "args": {"file_path": "/plan.md", "content": "Look."}}])
    state = await run(create_deep_agent(llm, [get_weather]), asked("Write a plan."))
    assert "/plan.md" in state["files"]
    assert "simulated" in state["messages"][-1].text


async def test_a_subagent_does_its_task(llm: Any, run: Ask, box: Sandbox) -> None:
    box.answer("*", tool_calls=[HAND_OVER])
    state = await run(create_deep_agent(llm, subagents=[SCOUT]), asked("How is Lisbon?"))
    (result,) = (message for message in state["messages"] if isinstance(message, ToolMessage))
    assert "Sunny in Lisbon" in result.text
    assert [request.status for request in box.requests] == [200] * 4
    assert {answer.response_metadata["model_provider"] for answer in answers(state["messages"])} == {"novastack"}


def test_tokens_of_a_subagent_come_once(llm: Any, box: Sandbox) -> None:
    box.answer("*", tool_calls=[HAND_OVER])
    agent: Any = create_deep_agent(llm, subagents=[SCOUT])
    texts: dict[tuple[Any, ...], str] = {}
    for space, (part, _) in agent.stream(asked("How is Lisbon?"), stream_mode="messages", subgraphs=True):
        if isinstance(part, AIMessage):
            texts[space, part.id] = texts.get((space, part.id), "") + part.text
    assert sum("Sunny in Lisbon" in text for text in texts.values()) >= 1
    for question in ("How is Lisbon?", HAND_OVER["args"]["description"]):
        assert [text.count(f"You asked: {question}\n") for text in texts.values()].count(1) >= 1
        assert all(text.count(f"You asked: {question}\n") <= 1 for text in texts.values())


async def test_a_subagent_with_a_model_of_its_own(build: Build, run: Ask, box: Sandbox) -> None:
    box.answer("*", tool_calls=[HAND_OVER])
    subagents: Any = [{**SCOUT, "model": build(seed=2)}]
    state = await run(create_deep_agent(build(seed=1), subagents=subagents), asked("How is Lisbon?"))
    assert "Sunny in Lisbon" in str(state["messages"])
    assert [request.body["seed"] for request in box.requests] == [1, 2, 2, 1]


async def test_an_answer_in_the_shape_of_a_schema(llm: Any, run: Ask) -> None:
    state = await run(create_deep_agent(llm, response_format=Report), asked("How is Lisbon?"))
    assert isinstance(state["structured_response"], Report)


async def test_it_asks_before_it_acts(llm: Any, run: Ask, box: Sandbox) -> None:
    agent = create_deep_agent(llm, [get_weather], interrupt_on={"get_weather": True}, checkpointer=InMemorySaver())
    stopped = await run(agent, asked("Use get_weather for Rome"), {"configurable": {"thread_id": "1"}})
    assert stopped["__interrupt__"]
    assert len(box.requests) == 1


async def test_one_agent_says_which_models_answered(make: Any, run: Ask, box: Sandbox) -> None:
    """The planner goes where its task sends it, the subagent where its own does."""
    box.answer("*", tool_calls=[HAND_OVER])
    state = await run(create_deep_agent(make(), subagents=[SCOUT]), asked("Refactor this function: def f(x): return x"))
    assert models(state["messages"]) == ["DeepSeek-V4-Pro", "DeepSeek-V4-Pro"]
    assert [request.model for request in box.requests] == ["deepseek", "qwen", "qwen", "deepseek"]


def test_typed_code(box: Sandbox) -> None:
    """mypy checks this under `strict`: a router is what `create_deep_agent` asks for."""
    router: BaseChatModel = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
    scout: SubAgent = {
        "name": "scout",
        "description": "Knows the weather.",
        "system_prompt": "You know the weather.",
        "tools": [get_weather],
        "model": router,
    }
    agent = create_deep_agent(router, [get_weather], subagents=[scout], response_format=Report)
    state = agent.invoke({"messages": [HumanMessage("Use get_weather: how is Lisbon?")]})
    assert isinstance(state["structured_response"], Report)
