"""Agents that answer in the shape of a schema: chosen by LangChain, by tool, by the provider's own means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from helpers.agent_parts import QUESTION, Report, asked, get_weather
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langgraph.prebuilt import create_react_agent  # type: ignore[deprecated] # many still use it
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox


class ReportDict(TypedDict):
    """A weather report."""

    city: str
    degrees: int


@dataclass
class ReportData:
    """A weather report."""

    city: str
    degrees: int


SCHEMA = Report.model_json_schema()
FORMATS: dict[str, Any] = {
    "schema alone": Report,
    "tool": ToolStrategy(Report),
    "provider": ProviderStrategy(Report),
    "provider, strict": ProviderStrategy(Report, strict=True),
}


@pytest.mark.parametrize("form", list(FORMATS))
async def test_the_answer_has_the_shape(llm: Any, run: Ask, form: str) -> None:
    agent = create_agent(llm, [get_weather], response_format=FORMATS[form])
    state = await run(agent, asked(QUESTION))
    assert isinstance(state["structured_response"], Report)
    assert "Sunny in Lisbon" in str(state["messages"])


@pytest.mark.parametrize("form", list(FORMATS))
async def test_without_other_tools(llm: Any, run: Ask, form: str) -> None:
    state = await run(create_agent(llm, response_format=FORMATS[form]), asked("How is Lisbon?"))
    assert isinstance(state["structured_response"], Report)


async def test_left_to_langchain_it_is_the_providers_own_means(llm: Any, run: Ask, box: Sandbox) -> None:
    """The profile says that the models have structured output, and LangChain reads it."""
    await run(create_agent(llm, [get_weather], response_format=Report), asked(QUESTION))
    assert {request.body["response_format"]["type"] for request in box.requests} == {"json_schema"}


async def test_by_tool_the_choice_is_forced(llm: Any, run: Ask, box: Sandbox) -> None:
    await run(create_agent(llm, [get_weather], response_format=ToolStrategy(Report)), asked(QUESTION))
    assert {request.body["tool_choice"] for request in box.requests} == {"required"}


@pytest.mark.parametrize("schema", [ReportDict, ReportData, SCHEMA], ids=["TypedDict", "dataclass", "JSON schema"])
@pytest.mark.parametrize("strategy", [ToolStrategy, ProviderStrategy])
async def test_every_kind_of_schema(llm: Any, run: Ask, schema: Any, strategy: Any) -> None:
    state = await run(create_agent(llm, response_format=strategy(schema)), asked("How is Lisbon?"))
    found = state["structured_response"]
    assert set(found if isinstance(found, dict) else vars(found)) == {"city", "degrees"}


async def test_an_answer_that_does_not_fit_is_asked_for_again(llm: Any, run: Ask, box: Sandbox) -> None:
    box.answer("*", tool_calls=[{"name": "Report", "args": {"city": "Lisbon", "degrees": "many"}}])
    box.answer("*", tool_calls=[{"name": "Report", "args": {"city": "Lisbon", "degrees": 30}}])
    state = await run(create_agent(llm, response_format=ToolStrategy(Report)), asked("How is Lisbon?"))
    assert state["structured_response"] == Report(city="Lisbon", degrees=30)
    assert [request.status for request in box.requests] == [200, 200]


@pytest.mark.filterwarnings("ignore:create_react_agent")
async def test_a_prebuilt_agent_too(llm: Any, run: Ask) -> None:
    agent = create_react_agent(llm, [get_weather], response_format=Report)
    assert isinstance((await run(agent, asked(QUESTION)))["structured_response"], Report)
