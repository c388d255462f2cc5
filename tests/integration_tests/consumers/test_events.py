"""Events, usage callbacks and traces: every token, every run, every usage once, under the model that answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.agent_parts import QUESTION, asked, get_weather
from helpers.recording_tracer import Tracer
from helpers.ways import total
from langchain.agents import create_agent
from langchain_core.callbacks import UsageMetadataCallbackHandler, get_usage_metadata_callback
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:astream_events version:DeprecationWarning", "ignore:The v3 streaming")
SKY = "Why is the sky blue?"
PROMPT = ChatPromptTemplate.from_template("{question}")
CODE = "Debug this: def f(x): retrun x"


async def collect(events: AsyncIterator[Any]) -> list[Any]:
    """Return all events."""
    return [event async for event in events]


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_events_of_a_model(llm: Any, version: str) -> None:
    events = await collect(llm.astream_events(SKY, version=version))
    streamed = [event for event in events if event["event"] == "on_chat_model_stream"]
    names = [event["event"] for event in events]
    assert names.count("on_chat_model_start") == names.count("on_chat_model_end") == 1
    assert total([event["data"]["chunk"] for event in streamed]).text.count(f"You asked: {SKY}") == 1
    if version == "v2":  # the first version does not carry what a model says of itself
        assert streamed[0]["metadata"]["ls_provider"] == "novastack"


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_events_of_a_chain(llm: Any, version: str) -> None:
    pipe = (PROMPT | llm | StrOutputParser()).with_config(run_name="pipe")
    events = await collect(pipe.astream_events({"question": SKY}, version=version))
    streamed = [event["data"]["chunk"] for event in events if event["event"] == "on_chat_model_stream"]
    parsed = [event["data"]["chunk"] for event in events if event["event"] == "on_parser_stream"]
    assert total(streamed).text == "".join(parsed)
    assert (events[-1]["name"], events[-1]["event"]) == ("pipe", "on_chain_end")
    assert f"You asked: {SKY}" in events[-1]["data"]["output"]


async def test_events_of_one_kind(llm: Any) -> None:
    events = await collect(llm.astream_events(SKY, version="v2", include_types=["chat_model"]))
    assert {event["event"] for event in events} == {"on_chat_model_start", "on_chat_model_stream", "on_chat_model_end"}
    assert len({event["run_id"] for event in events}) == 1


async def test_events_of_an_agent(llm: Any) -> None:
    agent: Any = create_agent(llm, [get_weather])
    events = await collect(agent.astream_events(asked(QUESTION), version="v2"))
    names = [event["event"] for event in events]
    assert names.count("on_tool_start") == names.count("on_tool_end") == 1
    assert "Sunny in Lisbon" in str(events[-1]["data"]["output"])


def test_the_third_version_sync(llm: Any, box: Sandbox) -> None:
    stream = llm.stream_events(SKY, version="v3")
    text = "".join(stream.text)
    assert text.count(f"You asked: {SKY}") == 1
    assert (stream.output.text, stream.output.response_metadata["model_name"]) == (text, "Qwen3-235B-A22B")
    assert len(box.requests) == 1


async def test_the_third_version_async(llm: Any, box: Sandbox) -> None:
    stream = await llm.astream_events(SKY, version="v3")
    text = "".join([piece async for piece in stream.text])
    assert text.count(f"You asked: {SKY}") == 1
    assert (await stream.output).usage_metadata["total_tokens"] > 0
    assert len(box.requests) == 1


def test_the_third_version_calls_tools(llm: Any) -> None:
    stream = llm.bind_tools([get_weather]).stream_events(QUESTION, version="v3")
    assert [(call["name"], call["args"]) for call in stream.output.tool_calls] == [("get_weather", {"city": "Lisbon"})]


def test_the_third_version_of_an_agent(llm: Any) -> None:
    agent: Any = create_agent(llm, [get_weather])
    texts = ["".join(message.text) for message in agent.stream_events(asked(QUESTION), version="v3").messages]
    assert len(texts) == 2
    assert texts[1].count("Sunny in Lisbon") == 1


async def test_usage_of_everything_inside_a_block(llm: Any, ask: Ask, box: Sandbox) -> None:
    with get_usage_metadata_callback() as counter:
        await ask(llm, SKY)
        await ask(PROMPT | llm, {"question": SKY})
    sent = sum(request.usage["total_tokens"] for request in box.requests if request.usage)
    assert {name: used["total_tokens"] for name, used in counter.usage_metadata.items()} == {"Qwen3-235B-A22B": sent}


async def test_usage_is_counted_for_the_model_that_answered(make: Any, ask: Ask, box: Sandbox) -> None:
    counter = UsageMetadataCallbackHandler()
    box.fail("deepseek", status=503, times=1)
    await ask(make(), CODE, {"callbacks": [counter]})
    assert list(counter.usage_metadata) == ["Qwen3-235B-A22B"]
    await ask(make(), CODE, {"callbacks": [counter]})
    used = {name: usage["total_tokens"] for name, usage in counter.usage_metadata.items()}
    sent = {request.body["model"]: (request.usage or {}).get("total_tokens") for request in box.requests}
    assert used == {"Qwen3-235B-A22B": sent["Qwen3-235B-A22B"], "DeepSeek-V4-Pro": sent["DeepSeek-V4-Pro"]}


async def test_usage_in_a_batch(llm: Any, box: Sandbox) -> None:
    counter = UsageMetadataCallbackHandler()
    llm.batch([SKY, CODE], {"callbacks": [counter]})
    await llm.abatch([SKY, CODE], {"callbacks": [counter]})
    sent = sum(request.usage["total_tokens"] for request in box.requests if request.usage)
    assert sum(used["total_tokens"] for used in counter.usage_metadata.values()) == sent


async def test_a_trace_of_a_chain(llm: Any, ask: Ask) -> None:
    tracer = Tracer()
    await ask(PROMPT | llm | StrOutputParser(), {"question": SKY}, {"callbacks": [tracer]})
    (run,) = tracer.llm_runs
    assert tracer.unended() == []
    assert run.extra["metadata"]["ls_model_name"] == "Qwen3-235B-A22B"
    assert run.extra["metadata"]["ls_provider"] == "novastack"
    assert (run.outputs or {})["generations"][0][0]["message"]["kwargs"]["usage_metadata"]["total_tokens"] > 0


async def test_a_trace_of_an_agent(llm: Any, box: Sandbox) -> None:
    tracer = Tracer()
    agent: Any = create_agent(llm, [get_weather])
    agent.invoke(asked(QUESTION), {"callbacks": [tracer]})
    assert len(tracer.llm_runs) == len(box.requests) == 2
    assert tracer.unended() == []
    assert box.api_key not in str([(run.inputs, run.outputs, run.extra, run.serialized) for run in tracer.runs])
