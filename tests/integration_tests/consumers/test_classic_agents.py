"""langchain-classic: agents run by `AgentExecutor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.agent_parts import QUESTION, add, get_weather
from langchain_classic.agents import (
    AgentExecutor,
    create_json_chat_agent,
    create_openai_tools_agent,
    create_react_agent,
    create_structured_chat_agent,
    create_tool_calling_agent,
)
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_core.tools import tool

if TYPE_CHECKING:
    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TOOLS = [tool(get_weather), tool(add)]
PROMPT = ChatPromptTemplate(
    [("system", "Be brief."), ("human", "{input}"), ("placeholder", "{agent_scratchpad}")],
)
REACT = PromptTemplate.from_template(
    "Tools: {tools}, by name {tool_names}.\nQuestion: {input}\nThought: {agent_scratchpad}"
)
THOUGHT = "I should look.\nAction: get_weather\nAction Input: Lisbon"
FINAL = "I now know.\nFinal Answer: Sunny."


@pytest.mark.parametrize("create", [create_tool_calling_agent, create_openai_tools_agent])
async def test_agents_that_call_tools(llm: Any, run: Ask, box: Sandbox, create: Any) -> None:
    executor = AgentExecutor(agent=create(llm, TOOLS, PROMPT), tools=TOOLS, return_intermediate_steps=True)
    result = await run(executor, {"input": QUESTION})
    assert "Sunny in Lisbon" in result["output"]
    assert [action.tool for action, _ in result["intermediate_steps"]] == ["get_weather"]
    assert [request.status for request in box.requests] == [200, 200]


async def test_the_executor_streams_its_steps(llm: Any) -> None:
    executor: Any = AgentExecutor(agent=create_tool_calling_agent(llm, TOOLS, PROMPT), tools=TOOLS)
    given = {"input": QUESTION}
    for steps in (list(executor.stream(given)), [step async for step in executor.astream(given)]):
        assert [next(iter(step)) for step in steps] == ["actions", "steps", "output"]


async def test_an_agent_of_plain_text(llm: Any, run: Ask, box: Sandbox) -> None:
    """The text agent binds `stop`, and reads its actions from the answer."""
    box.answer("*", THOUGHT).answer("*", FINAL)
    executor = AgentExecutor(agent=create_react_agent(llm, TOOLS[:1], REACT), tools=TOOLS[:1])
    assert (await run(executor, {"input": "How is Lisbon?"}))["output"] == "Sunny."
    assert box.requests[0].body["stop"] == ["\nObservation"]
    assert "Observation: Sunny in Lisbon." in str(box.requests[1].body)


async def test_a_text_that_does_not_parse_is_no_failure_of_the_model(llm: Any, run: Ask, box: Sandbox) -> None:
    box.answer("*", "nonsense").answer("*", FINAL)
    executor = AgentExecutor(
        agent=create_react_agent(llm, TOOLS[:1], REACT), tools=TOOLS[:1], handle_parsing_errors=True
    )
    assert (await run(executor, {"input": "How is Lisbon?"}))["output"] == "Sunny."
    assert [request.model for request in box.requests] == ["qwen", "qwen"]


JSON_PROMPT = ChatPromptTemplate(
    [("system", "Tools: {tools}, by name {tool_names}."), ("human", "{input}"), ("placeholder", "{agent_scratchpad}")]
)
STRUCTURED_PROMPT = ChatPromptTemplate(
    [("system", "Tools: {tools}, by name {tool_names}."), ("human", "{input}\n{agent_scratchpad}")]
)


@pytest.mark.parametrize(
    ("create", "prompt"), [(create_json_chat_agent, JSON_PROMPT), (create_structured_chat_agent, STRUCTURED_PROMPT)]
)
async def test_agents_that_speak_json(llm: Any, run: Ask, box: Sandbox, create: Any, prompt: Any) -> None:
    argument = '"Lisbon"' if create is create_json_chat_agent else '{"city": "Lisbon"}'
    box.answer("*", f'```json\n{{"action": "get_weather", "action_input": {argument}}}\n```')
    box.answer("*", '```json\n{"action": "Final Answer", "action_input": "Sunny."}\n```')
    executor = AgentExecutor(agent=create(llm, TOOLS[:1], prompt), tools=TOOLS[:1])
    assert (await run(executor, {"input": "How is Lisbon?"}))["output"] == "Sunny."
    assert len(box.requests) == 2
