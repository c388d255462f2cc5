"""LangChain's agent middleware, which reads the model's profile, counts tokens and asks it for structured output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.agent_parts import INTERRUPTIBLE, QUESTION, add, answers, asked, get_weather
from helpers.ways import WAYS
from langchain.agents import create_agent
from langchain.agents.middleware import (
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    HumanInTheLoopMiddleware,
    LLMToolEmulator,
    LLMToolSelectorMiddleware,
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    ModelRetryMiddleware,
    PIIMiddleware,
    SummarizationMiddleware,
    TodoListMiddleware,
    ToolCallLimitMiddleware,
    dynamic_prompt,
    wrap_model_call,
)
from langchain.agents.middleware.types import ModelRequest, ModelResponse  # noqa: TC002 - LangChain reads the hints
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox

THREAD = {"configurable": {"thread_id": "1"}}
LONG = [
    HumanMessage("Tell me about tides. " * 40),
    AIMessage("Tides rise and fall. " * 40),
    HumanMessage("And about waves. " * 40),
    AIMessage("Waves come and go. " * 40),
    HumanMessage("Why is the sky blue?"),
]


@pytest.mark.parametrize("trigger", [("messages", 4), ("tokens", 300), ("fraction", 0.001)])
async def test_summarization(llm: Any, run: Ask, box: Sandbox, trigger: Any) -> None:
    """A fraction is one of the window that the model's profile names."""
    middleware = SummarizationMiddleware(llm, trigger=trigger, keep=("messages", 1))
    state = await run(create_agent(llm, middleware=[middleware]), {"messages": LONG})
    assert len(state["messages"]) == 3
    assert "summary" in state["messages"][0].text
    assert "You asked: Why is the sky blue?" in state["messages"][-1].text
    assert len(box.requests) == 2


async def test_summarization_waits_for_its_fraction(llm: Any, run: Ask, box: Sandbox) -> None:
    middleware = SummarizationMiddleware(llm, trigger=("fraction", 0.9), keep=("fraction", 0.5))
    state = await run(create_agent(llm, middleware=[middleware]), {"messages": LONG})
    assert len(state["messages"]) == len(LONG) + 1
    assert len(box.requests) == 1


async def test_tool_selection(llm: Any, run: Ask, box: Sandbox) -> None:
    agent = create_agent(llm, [get_weather, add], middleware=[LLMToolSelectorMiddleware(max_tools=1)])
    box.answer("*", '{"tools": ["get_weather"]}')
    state = await run(agent, asked(QUESTION))
    assert "Sunny in Lisbon" in str(state["messages"])
    offered = [[tool["function"]["name"] for tool in request.body.get("tools", ())] for request in box.requests]
    assert ["get_weather"] in offered
    assert ["get_weather", "add"] not in offered


async def test_tool_emulation(llm: Any, run: Ask) -> None:
    agent = create_agent(llm, [get_weather], middleware=[LLMToolEmulator(model=llm)])
    (result,) = (m for m in (await run(agent, asked(QUESTION)))["messages"] if isinstance(m, ToolMessage))
    assert "[simulated" in result.text
    assert "Sunny" not in result.text


async def test_model_fallback(build: Build, run: Ask, box: Sandbox) -> None:
    """LangChain's own fallback catches what ours lets through: here the default model, with nobody behind it."""
    box.fail("qwen", status=503, times=1)
    middleware = ModelFallbackMiddleware(build(seed=2))
    agent = create_agent(build(max_retries=0, seed=1), [get_weather], middleware=[middleware])
    assert "Sunny in Lisbon" in (await run(agent, asked(QUESTION)))["messages"][-1].text
    assert [(request.status, request.body["seed"]) for request in box.requests] == [(503, 1), (200, 2), (200, 1)]


async def test_model_retry(build: Build, run: Ask, box: Sandbox) -> None:
    box.fail("qwen", status=503, times=1)
    middleware = ModelRetryMiddleware(max_retries=1, initial_delay=0.0, jitter=False)
    state = await run(create_agent(build(max_retries=0), [get_weather], middleware=[middleware]), asked(QUESTION))
    assert "Sunny in Lisbon" in state["messages"][-1].text
    assert [request.status for request in box.requests] == [503, 200, 200]


async def test_model_retry_leaves_alone_what_no_retry_mends(llm: Any, run: Ask, box: Sandbox) -> None:
    """It asks `is_retryable`, which our errors answer."""
    box.fail("qwen", status=401)
    middleware = ModelRetryMiddleware(max_retries=3, initial_delay=0.0, jitter=False, on_failure="error")
    with pytest.raises(openai.AuthenticationError):
        await run(create_agent(llm, middleware=[middleware]), asked(QUESTION))
    assert len(box.requests) == 1


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ({"type": "approve"}, "Sunny in Lisbon"),
        ({"type": "edit", "edited_action": {"name": "get_weather", "args": {"city": "Oslo"}}}, "Sunny in Oslo"),
        ({"type": "reject", "message": "Not today."}, "Not today."),
    ],
)
@pytest.mark.parametrize("way", INTERRUPTIBLE)
async def test_human_in_the_loop(llm: Any, box: Sandbox, way: str, decision: Any, said: str) -> None:
    """The interrupt is no failure of the model, and the loop goes on where it stopped."""
    middleware = HumanInTheLoopMiddleware({"get_weather": True})
    agent = create_agent(llm, [get_weather], middleware=[middleware], checkpointer=InMemorySaver())
    run = WAYS[way]
    stopped = await run(agent, asked(QUESTION), THREAD)
    (interrupt,) = stopped["__interrupt__"]
    assert interrupt.value["action_requests"][0]["name"] == "get_weather"
    assert len(box.requests) == 1
    state = await run(agent, Command(resume={"decisions": [decision]}), THREAD)
    assert said in str(state["messages"])
    assert [request.status for request in box.requests] == [200, 200]


async def test_model_call_limit(llm: Any, run: Ask, box: Sandbox) -> None:
    agent = create_agent(llm, [get_weather], middleware=[ModelCallLimitMiddleware(run_limit=1)])
    assert "limit" in (await run(agent, asked(QUESTION)))["messages"][-1].text
    assert len(box.requests) == 1


async def test_tool_call_limit(llm: Any, run: Ask) -> None:
    agent = create_agent(llm, [get_weather], middleware=[ToolCallLimitMiddleware(run_limit=0, exit_behavior="end")])
    state = await run(agent, asked(QUESTION))
    assert "Sunny" not in str(state["messages"])


async def test_a_model_chosen_for_each_call(build: Build, box: Sandbox) -> None:
    first, later = build(seed=1), build(seed=2)

    @wrap_model_call
    def choose(request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]) -> ModelResponse:
        return handler(request.override(model=later if len(request.messages) > 1 else first))

    @wrap_model_call
    async def achoose(
        request: ModelRequest, handler: Callable[[ModelRequest], Awaitable[ModelResponse]]
    ) -> ModelResponse:
        return await handler(request.override(model=later if len(request.messages) > 1 else first))

    sync: Any = create_agent(first, [get_weather], middleware=[choose])
    sync.invoke(asked(QUESTION))
    asynchronous: Any = create_agent(first, [get_weather], middleware=[achoose])
    await asynchronous.ainvoke(asked(QUESTION))
    assert [request.body["seed"] for request in box.requests] == [1, 2, 1, 2]


async def test_settings_and_tool_choice_for_each_call(llm: Any, box: Sandbox) -> None:
    @wrap_model_call
    def force(request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]) -> ModelResponse:
        return handler(request.override(tool_choice="get_weather", model_settings={"seed": 7}))

    agent: Any = create_agent(llm, [get_weather, add], middleware=[force])
    agent.invoke(asked("How is Lisbon?"))
    body = box.requests[0].body
    assert body["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}
    assert body["seed"] == 7


async def test_a_prompt_for_each_call(llm: Any, run: Ask, box: Sandbox) -> None:
    @dynamic_prompt
    def brief(request: ModelRequest) -> str:
        return f"Message {len(request.messages)}."

    await run(create_agent(llm, [get_weather], middleware=[brief]), asked(QUESTION))
    assert [request.body["messages"][0]["content"] for request in box.requests] == ["Message 1.", "Message 3."]


async def test_context_editing_by_the_models_own_count(llm: Any, run: Ask, box: Sandbox) -> None:
    edit = ClearToolUsesEdit(trigger=1, keep=0, placeholder="[cleared]")
    middleware = ContextEditingMiddleware(edits=[edit], token_count_method="model")  # noqa: S106 - no secret
    await run(create_agent(llm, [get_weather], middleware=[middleware]), asked(QUESTION))
    (result,) = (message for message in box.requests[-1].body["messages"] if message["role"] == "tool")
    assert result["content"] == "[cleared]"


async def test_personal_data_is_redacted_before_it_is_sent(llm: Any, run: Ask, box: Sandbox) -> None:
    agent = create_agent(llm, [get_weather], middleware=[PIIMiddleware("email", strategy="redact")])
    await run(agent, asked("I am ada@example.org. Why is the sky blue?"))
    assert "ada@example.org" not in str(box.requests[-1].body)
    assert "[REDACTED_EMAIL]" in str(box.requests[-1].body)


async def test_a_list_of_things_to_do(llm: Any, run: Ask, box: Sandbox) -> None:
    todos = [{"content": "look", "status": "in_progress"}]
    box.answer("*", tool_calls=[{"name": "write_todos", "args": {"todos": todos}}])
    state = await run(create_agent(llm, middleware=[TodoListMiddleware()]), asked("Plan it."))
    assert state["todos"] == todos


async def test_several_at_once(llm: Any, run: Ask, box: Sandbox) -> None:
    middleware: list[Any] = [
        SummarizationMiddleware(llm, trigger=("fraction", 0.8)),
        ModelRetryMiddleware(max_retries=1, initial_delay=0.0),
        ModelCallLimitMiddleware(run_limit=5),
        PIIMiddleware("email"),
    ]
    state = await run(create_agent(llm, [get_weather], middleware=middleware), asked(QUESTION))
    assert "Sunny in Lisbon" in answers(state["messages"])[-1].text
    assert len(box.requests) == 2
