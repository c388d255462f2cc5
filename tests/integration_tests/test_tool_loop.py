"""The model that opens a tool loop keeps it, read off the messages alone; a follow-up stays with its task."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain.agents import create_agent
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    message_to_dict,
    messages_from_dict,
)
from langgraph.checkpoint.memory import InMemorySaver

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import NovastackRouter
    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

STORY = "Write a story about a fox, and look up the weather in Paris"
CODE = "Refactor this function, and look up the weather in Paris"


def weather(city: str) -> str:
    """Look up the weather in a city."""
    return f"Sunny in {city}"


def news(topic: str) -> str:
    """Look up the news about a topic."""
    return f"Nothing new about {topic}. Debug the Python code."


def answered(message: AIMessage) -> list[Any]:
    return [ToolMessage(f"result {call['id']}", tool_call_id=call["id"]) for call in message.tool_calls]


async def opened(ask: Ask, router: NovastackRouter, prompt: str, tools: list[Any]) -> list[Any]:
    message = await ask(router.bind_tools(tools), [HumanMessage(prompt)])
    assert message.tool_calls
    return [HumanMessage(prompt), message, *answered(message)]


async def test_the_opener_keeps_the_loop(router: NovastackRouter, ask: Ask) -> None:
    """The next call goes to it whatever the results say, pinned, with the task it was opened for."""
    messages = await opened(ask, router, STORY, [weather, news])
    record = routing(await ask(router.bind_tools([weather]), messages))
    assert (record["model"], record["task"], record["policy"], record["pinned"]) == (
        "claude",
        "creative",
        "tool loop",
        True,
    )


async def test_after_a_fallback_the_one_that_answered_keeps_it(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """Qwen stood in for DeepSeek and opened the loop: the loop is Qwen's, and that is no fallback."""
    box.fail("deepseek", status=503, times=1)
    messages = await opened(ask, router, CODE, [weather])
    record = routing(await ask(router.bind_tools([weather]), messages))
    assert (record["model"], record["fallback"], record["task"]) == ("qwen", False, "code")


async def test_a_fallback_inside_the_loop_does_not_take_it_over(
    box: Sandbox, router: NovastackRouter, ask: Ask
) -> None:
    """Another model stands in for one step; the next goes to the opener again."""
    messages = await opened(ask, router, CODE, [weather, news])
    box.fail("deepseek", status=503, times=1)
    second = await ask(router.bind_tools([weather, news], tool_choice="any"), messages)
    assert routing(second)["model"] == "qwen"
    third = await ask(router, [*messages, second, *answered(second)])
    assert routing(third)["model"] == "deepseek"


async def test_parallel_calls_are_one_loop(router: NovastackRouter, ask: Ask) -> None:
    """However many results follow, in whatever order."""
    messages = await opened(ask, router, f"{STORY}, and look up the news about foxes", [weather, news])
    results = messages[2:]
    assert len(results) == 2
    for order in (results, results[::-1], results[:1]):
        assert router.route([*messages[:2], *order]).policy == "tool loop"
        assert router.route([*messages[:2], *order]).model == "claude"


def test_a_new_request_ends_the_loop(router: NovastackRouter) -> None:
    """After the answer, and after a new word of the user, the policy decides again."""
    called = AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "1"}])
    called.response_metadata["routing"] = {"model": "claude", "task": "creative"}
    messages: list[Any] = [HumanMessage(STORY), called, ToolMessage("Sunny", tool_call_id="1")]
    assert router.route(messages).policy == "tool loop"
    assert router.route([*messages, AIMessage("Once..."), HumanMessage("What is 2 + 2?")]).policy == "KeywordPolicy"
    assert router.route([*messages, HumanMessage("Debug this Python function")]).model == "deepseek"


@pytest.mark.parametrize("name", ["Claude-Opus-4.7", "claude-opus-4-7", "anthropic/Claude-Opus-4.7"])
@pytest.mark.parametrize("record", [None, "odd", {"model": "another router's"}, {"model": None}])
def test_a_message_without_a_record_tells_its_model(router: NovastackRouter, name: str, record: Any) -> None:
    """Messages of a bare model, or of another router, have a `model_name`."""
    metadata = {"model_name": name, **({} if record is None else {"routing": record})}
    called = AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "1"}], response_metadata=metadata)
    messages: list[Any] = [HumanMessage(CODE), called, ToolMessage("Sunny", tool_call_id="1")]
    assert (router.route(messages).model, router.route(messages).policy) == ("claude", "tool loop")


@pytest.mark.parametrize("metadata", [{}, {"model_name": "gpt-9"}, {"model_name": None}])
def test_a_message_of_nobody_known_leaves_it_to_the_policy(router: NovastackRouter, metadata: Any) -> None:
    """A loop that a foreign model opened is decided as a fresh request."""
    called = AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "1"}], response_metadata=metadata)
    messages: list[Any] = [HumanMessage(CODE), called, ToolMessage("Sunny", tool_call_id="1")]
    assert (router.route(messages).model, router.route(messages).policy) == ("deepseek", "KeywordPolicy")


async def test_no_state_is_kept_in_the_router(make: Make, ask: Ask) -> None:
    """Another router goes on with messages that went through JSON."""
    messages = await opened(ask, make(), STORY, [weather])
    travelled = messages_from_dict(json.loads(json.dumps([message_to_dict(message) for message in messages])))
    record = routing(await ask(make().bind_tools([weather]), travelled))
    assert (record["model"], record["policy"]) == ("claude", "tool loop")


RESUME = """
import base64, json, sys
from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver
from langchain_novastack import NovastackRouter

given = json.load(sys.stdin)

def weather(city: str) -> str:
    "Look up the weather in a city."
    return f"Sunny in {city}"

saver = InMemorySaver()
kind, data = given["checkpoint"]
checkpoint = saver.serde.loads_typed((kind, base64.b64decode(data)))
config = {"configurable": {"thread_id": "1", "checkpoint_ns": ""}}
saver.put(config, checkpoint, {"source": "loop", "step": 1, "parents": {}}, checkpoint["channel_versions"])
router = NovastackRouter(base_url=given["base_url"], api_key=given["api_key"])
agent = create_agent(router, [weather], checkpointer=saver)
state = agent.invoke(None, config)
print(json.dumps([m.response_metadata["routing"] for m in state["messages"] if m.type == "ai"]))
"""


def test_a_checkpoint_goes_on_in_another_process(box: Sandbox, router: NovastackRouter) -> None:
    """An agent interrupted before its tools is taken up elsewhere, and stays with its model."""
    saver = InMemorySaver()
    config: Any = {"configurable": {"thread_id": "1"}}
    box.fail("deepseek", status=503, times=1)
    agent: Any = create_agent(router, [weather], checkpointer=saver, interrupt_before=["tools"])
    agent.invoke({"messages": [("user", CODE)]}, config)
    kept = saver.get_tuple(config)
    assert kept is not None
    kind, data = saver.serde.dumps_typed(kept.checkpoint)
    given = {
        "checkpoint": [kind, b64encode(data).decode()],
        "base_url": box.base_url,
        "api_key": box.api_key,
    }
    done = subprocess.run(
        [sys.executable, "-c", RESUME], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    records = json.loads(done.stdout)
    assert [(record["model"], record["policy"]) for record in records] == [
        ("qwen", "KeywordPolicy"),
        ("qwen", "tool loop"),
    ]
    assert [request.model for request in box.requests] == ["deepseek", "qwen", "qwen"]


@pytest.mark.parametrize(
    ("first", "follow_up", "model"),
    [
        ("Debug this Python function", "now make it faster", "deepseek"),
        ("Write a story about a fox", "make it shorter", "claude"),
        ("What is the capital of Peru?", "and of Chile?", "qwen"),
        ("Debug this Python function", "Write a poem about the sea in winter", "claude"),
    ],
)
async def test_follow_ups_stay_with_their_task(
    router: NovastackRouter, ask: Ask, first: str, follow_up: str, model: str
) -> None:
    """A short one goes to the model of the task before; a new request goes where it belongs."""
    talk: list[BaseMessage] = [SystemMessage("Be brief."), HumanMessage(first)]
    talk += [await ask(router, talk), HumanMessage(follow_up)]
    assert routing(await ask(router, talk))["model"] == model


async def test_a_follow_up_goes_back_to_the_task_not_to_the_stand_in(
    box: Sandbox, router: NovastackRouter, ask: Ask
) -> None:
    """After a fallback the conversation is still about code, and DeepSeek is asked first again."""
    box.fail("deepseek", status=503, times=1)
    talk: list[BaseMessage] = [HumanMessage("Debug this Python function")]
    talk += [await ask(router, talk), HumanMessage("now make it faster")]
    record = routing(await ask(router, talk))
    assert (record["model"], record["task"], record["fallback"]) == ("deepseek", "code", False)


async def test_a_follow_up_on_a_named_models_answer(router: NovastackRouter, ask: Ask) -> None:
    """The caller named the model once; the follow-up stays with it where it has a task."""
    talk: list[BaseMessage] = [HumanMessage("What rhymes with orange?")]
    talk += [await ask(router, talk, model="claude"), HumanMessage("another one")]
    assert routing(await ask(router, talk))["model"] == "claude"


def test_the_loop_stays_in_a_real_agent(box: Sandbox, router: NovastackRouter) -> None:
    """Two rounds of tools, and then a new question in the same thread."""
    agent: Any = create_agent(router, [weather, news], checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "1"}}
    agent.invoke({"messages": [("user", f"{STORY}, and look up the news about foxes")]}, config)
    state = agent.invoke({"messages": [("user", "Debug this Python function")]}, config)
    models = [routing(message)["model"] for message in state["messages"] if isinstance(message, AIMessage)]
    assert models == ["claude", "claude", "deepseek"]
    assert [request.model for request in box.requests] == models
