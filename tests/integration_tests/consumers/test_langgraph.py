"""LangGraph: nodes that ask a model, checkpoints, prebuilt agents, supervisors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from helpers.agent_parts import INTERRUPTIBLE, QUESTION, add, answers, asked, get_weather, models
from helpers.ways import WAYS
from langchain_core.messages import AIMessage, ToolMessage, message_to_dict, messages_from_dict
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode, create_react_agent, tools_condition  # type: ignore[deprecated] # still used
from langgraph.types import Command, Send, interrupt
from langgraph_supervisor import create_supervisor
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:create_react_agent")
THREAD = {"configurable": {"thread_id": "1"}}


class State(TypedDict):
    """What the graphs here hand on."""

    messages: Annotated[list[Any], add_messages]


def node(llm: Any) -> Any:
    """Return a node that asks a model, sync and async, as LangGraph's pages show it."""

    def call(state: State) -> dict[str, Any]:
        return {"messages": [llm.invoke(state["messages"])]}

    return call


def loop(llm: Any, **compiled: Any) -> Any:
    """Return a hand-made tool loop."""
    graph = StateGraph(MessagesState)
    graph.add_node("model", node(llm.bind_tools([get_weather, add])))
    graph.add_node("tools", ToolNode([get_weather, add]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    return graph.compile(**compiled)


async def test_a_tool_loop_made_by_hand(llm: Any, run: Ask) -> None:
    messages = (await run(loop(llm), asked(QUESTION)))["messages"]
    assert "Sunny in Lisbon" in messages[-1].text
    assert models(messages) == ["Qwen3-235B-A22B"] * 2


async def test_an_async_node_hands_its_config_down(llm: Any, box: Sandbox) -> None:
    async def call(state: State, config: RunnableConfig) -> dict[str, Any]:
        return {"messages": [await llm.ainvoke(state["messages"], config)]}

    call.__annotations__["config"] = RunnableConfig  # LangGraph looks at the hint itself
    graph: Any = StateGraph(State).add_node("model", call).add_edge(START, "model").compile()
    parts = [part async for part, _ in graph.astream(asked("Why is the sky blue?"), stream_mode="messages")]
    assert "".join(part.text for part in parts).count("You asked") == 1
    assert len(parts) > 5
    assert box.requests[-1].stream


async def test_a_model_is_a_node_itself(llm: Any, run: Ask) -> None:
    pipe = (lambda state: state["messages"]) | llm | (lambda message: {"messages": [message]})
    graph = StateGraph(State).add_node("model", pipe).add_edge(START, "model").compile()
    assert "You asked: Why?" in (await run(graph, asked("Why?")))["messages"][-1].text


async def test_a_checkpoint_is_plain_data(llm: Any, run: Ask) -> None:
    """Messages with their records survive JSON, and the loop goes on from what came back."""
    saver = InMemorySaver()
    graph = loop(llm, checkpointer=saver, interrupt_before=["tools"])
    await run(graph, asked(QUESTION), THREAD)
    kept = json.loads(json.dumps([message_to_dict(each) for each in graph.get_state(THREAD).values["messages"]]))
    revived = messages_from_dict(kept)
    assert revived[-1].response_metadata == graph.get_state(THREAD).values["messages"][-1].response_metadata
    other = loop(llm, checkpointer=InMemorySaver(), interrupt_before=["tools"])
    other.update_state(THREAD, {"messages": revived}, as_node="model")
    state = await run(other, None, THREAD)
    assert "Sunny in Lisbon" in state["messages"][-1].text


async def test_a_thread_resumes(llm: Any, run: Ask, box: Sandbox) -> None:
    graph = loop(llm, checkpointer=InMemorySaver(), interrupt_before=["tools"])
    await run(graph, asked(QUESTION), THREAD)
    assert graph.get_state(THREAD).next == ("tools",)
    assert "Sunny in Lisbon" in (await run(graph, None, THREAD))["messages"][-1].text
    assert [request.status for request in box.requests] == [200, 200]


@pytest.mark.parametrize("way", INTERRUPTIBLE)
async def test_an_interrupt_inside_a_node(llm: Any, box: Sandbox, way: str) -> None:
    def call(state: State) -> dict[str, Any]:
        return {"messages": [llm.invoke(f"{interrupt('which city?')}: {state['messages'][-1].content}")]}

    graph = StateGraph(State).add_node("model", call).add_edge(START, "model").compile(checkpointer=InMemorySaver())
    run = WAYS[way]
    await run(graph, asked("Why so sunny?"), THREAD)
    assert box.requests == []
    state = await run(graph, Command(resume="Lisbon"), THREAD)
    assert "You asked: Lisbon: Why so sunny?" in state["messages"][-1].text


async def test_nodes_side_by_side(llm: Any, run: Ask, box: Sandbox) -> None:
    def spread(_: State) -> list[Send]:
        return [Send("model", asked(f"What is {number}?")) for number in range(4)]

    graph = StateGraph(State).add_node("model", node(llm)).add_conditional_edges(START, spread, ["model"])
    state = await run(graph.add_edge("model", END).compile(), {"messages": []})
    first_lines = sorted(message.text.partition("\n")[0] for message in state["messages"] if message.type == "ai")
    assert first_lines == [f"[simulated Qwen3-235B-A22B] You asked: What is {number}?" for number in range(4)]
    assert len(box.requests) == 4


def test_tokens_of_nodes_side_by_side_are_kept_apart(llm: Any) -> None:
    graph: Any = StateGraph(State)
    for name in ("left", "right"):
        graph.add_node(name, node(llm)).add_edge(START, name)
    texts: dict[tuple[str, str], str] = {}
    for part, meta in graph.compile().stream(asked("Why?"), stream_mode="messages"):
        if isinstance(part, AIMessage):
            key = (meta["langgraph_node"], str(part.id))
            texts[key] = texts.get(key, "") + part.text
    assert sorted(name for name, _ in texts) == ["left", "right"]
    assert all(text.count("You asked: Why?") == 1 for text in texts.values())


async def test_a_prebuilt_agent(llm: Any, run: Ask, box: Sandbox) -> None:
    agent = create_react_agent(llm, [get_weather, add], prompt="Be brief.", checkpointer=InMemorySaver())
    messages = (await run(agent, asked(QUESTION), THREAD))["messages"]
    assert "Sunny in Lisbon" in messages[-1].text
    assert models(messages) == ["Qwen3-235B-A22B"] * 2
    assert box.requests[0].body["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_a_prebuilt_agent_of_a_bound_model(llm: Any, run: Ask) -> None:
    agent = create_react_agent(llm.bind_tools([get_weather]), [get_weather])
    assert "Sunny in Lisbon" in (await run(agent, asked(QUESTION)))["messages"][-1].text


async def test_a_prebuilt_agent_that_chooses_its_model(llm: Any, run: Ask) -> None:
    agent = create_react_agent(lambda _state, _runtime: llm.bind_tools([get_weather]), [get_weather])
    assert "Sunny in Lisbon" in (await run(agent, asked(QUESTION)))["messages"][-1].text


async def test_a_supervisor_hands_over_and_gets_back(llm: Any, run: Ask, box: Sandbox) -> None:
    scout = create_react_agent(llm, [get_weather], name="scout")
    team = create_supervisor([scout], model=llm, prompt="Hand over to the scout.").compile()
    box.answer("*", tool_calls=[{"name": "transfer_to_scout", "args": {}}])
    messages = (await run(team, asked(QUESTION)))["messages"]
    names = [answer.name for answer in answers(messages)]
    assert names[0] == "supervisor"
    assert {"scout", "supervisor"} == set(names)
    assert any(isinstance(message, ToolMessage) and message.name == "transfer_to_scout" for message in messages)
    assert "simulated" in messages[-1].text
    assert len(box.requests) == 4
