"""`cache_prompts`: marks for Claude alone, and a prefix that stays the same from turn to turn, in the sandbox's log."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask, Build

    from langchain_novastack import NovastackRouter
    from langchain_novastack.sandbox import Sandbox

POEM = "Write a poem."
MARK = {"cache_control": {"type": "ephemeral"}}
SYSTEM, ASKED, CALL = SystemMessage("Be brief."), HumanMessage(POEM), {"name": "look_up", "args": {"word": "tea"}}


def look_up(word: str) -> str:
    """Look up a word."""
    return f"{word} is a word."


def marks_in(value: Any) -> int:
    """Count the marks anywhere in a request."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, dict) and "cache_control" in value) + sum(map(marks_in, inside))


def unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: unmarked(inner) for name, inner in value.items() if name != "cache_control"}
    return [unmarked(inner) for inner in value] if isinstance(value, list) else value


def sent(box: Sandbox, model: str) -> list[Any]:
    """Return the bodies of the requests to a model, in order."""
    return [request.body for request in box.requests if request.model == model]


@pytest.mark.parametrize("streaming", [False, True])
async def test_fifty_turns_of_an_agent_send_the_same_prefix(
    run: Ask, box: Sandbox, make: Callable[..., NovastackRouter], *, streaming: bool
) -> None:
    for turn in range(49):
        box.answer("claude", "" if turn % 2 else "I look it up.", tool_calls=[CALL])
    agent: Any = create_agent(make(cache_prompts=True, streaming=streaming), [look_up], system_prompt="Be brief.")
    config = {"recursion_limit": 200, "configurable": {"novastack_model": "claude"}}
    await run(agent, {"messages": [("user", POEM)]}, config)
    bodies = sent(box, "claude")
    assert len(bodies) == len(box.requests) == 50
    assert {marks_in(body) for body in bodies} == {3}
    for body in bodies:
        assert MARK.items() <= body["messages"][-1]["content"][-1].items()
        assert MARK.items() <= body["messages"][0]["content"][-1].items()
        assert MARK.items() <= body["tools"][-1].items()
    texts = [json.dumps(unmarked(body["messages"])) for body in bodies]
    assert all(later.startswith(text[:-1]) for text, later in itertools.pairwise(texts))
    assert len({json.dumps(unmarked(body["tools"])) for body in bodies}) == 1


async def test_claude_gets_marks_and_says_so_the_others_get_none(ask: Ask, box: Sandbox, build: Build) -> None:
    messages = [SYSTEM, ASKED, AIMessage("Tea."), HumanMessage("Another.")]
    for model in ("claude", "qwen", "deepseek"):
        await ask(build(cache_prompts=True), messages, model=model)
    assert [marks_in(request.body) for request in box.requests] == [2, 0, 0]
    assert [message["content"] for message in sent(box, "qwen")[0]["messages"]] == [m.content for m in messages]
    assert sent(box, "claude")[0]["messages"][2]["content"] == "Tea."


async def test_changed_names_the_marks(ask: Ask, box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    """Those that were added, and those that a model does not get: the caller's, and ours after a fallback."""
    router, marked = make(cache_prompts=True), [HumanMessage([{"type": "text", "text": POEM, **MARK}])]
    assert "cache_control" in routing(await ask(router, POEM))["changed"]
    assert "cache_control" in routing(await ask(make(), marked, model="qwen"))["changed"]
    assert "cache_control" in routing(await ask(make(), marked, model="deepseek"))["changed"]
    box.fail("claude", status=503)
    fallen = [await ask(router, request) for request in (marked, POEM, POEM, POEM)]
    assert [routing(each)["model"] for each in fallen] == ["qwen"] * 4
    assert [routing(each)["changed"].count("cache_control") for each in fallen] == [1] * 4
    assert routing(fallen[-1])["skipped"] == ["claude"]
    for request, others in (("Hello", router), ("Debug this function.", router), (POEM, make())):
        assert "cache_control" not in routing(await ask(others, request))["changed"], "none were due"
    assert {marks_in(body) for body in (*sent(box, "qwen"), *sent(box, "deepseek"))} == {0}
    assert marked[0].content == [{"type": "text", "text": POEM, **MARK}], "the caller's own is as it was"


async def test_marks_of_the_caller_count_among_the_four(ask: Ask, box: Sandbox, build: Build) -> None:
    """The newest stay, as they are; where nothing is to be cached, Claude gets what the caller set."""
    hour = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    messages = [SYSTEM, *(HumanMessage([{"type": "text", "text": f"{n}", **hour}]) for n in range(6))]
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    await ask(build(cache_prompts=True), messages, model="claude", tools=tools)
    await ask(build(), messages, model="claude")
    first, second = (body["messages"] for body in sent(box, "claude"))
    assert [marks_in(message) for message in first] == [1, 0, 0, 0, 0, 1, 1]
    assert first[-1]["content"][0]["cache_control"]["ttl"] == "1h"
    assert [marks_in(message) for message in second] == [0, 1, 1, 1, 1, 1, 1]
    assert second[0]["content"] == SYSTEM.content


@pytest.mark.parametrize("role", ["system", "user"])
async def test_a_mark_before_one_of_an_hour_lasts_an_hour(ask: Ask, box: Sandbox, build: Build, role: str) -> None:
    """The maker's API takes no five minutes in front of an hour: tools come first, then the system message."""
    hour = {"type": "ephemeral", "ttl": "1h"}
    marked = {"role": role, "content": [{"type": "text", "text": "A long document.", "cache_control": hour}]}
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    messages = [*([] if role == "system" else [SYSTEM]), marked, AIMessage("Tea."), HumanMessage("Another.")]
    await ask(build(cache_prompts=True), messages, model="claude", tools=tools)
    (body,) = sent(box, "claude")
    blocks = [block for message in body["messages"] for block in message["content"] if isinstance(block, dict)]
    marks = [each["cache_control"] for each in (*body["tools"], *blocks) if "cache_control" in each]
    assert marks == [hour] * (len(marks) - 1) + [MARK["cache_control"]]


async def test_claude_caches_what_is_marked_alone(ask: Ask, build: Build) -> None:
    """In the sandbox as at the maker's: without marks nothing; what is read and what is written is in the usage."""
    messages = [SystemMessage("long " * 2_000), ASKED, AIMessage("Tea."), HumanMessage("Another.")]
    plain = await ask(build(), messages, model="claude")
    first = await ask(build(cache_prompts=True), messages[:2], model="claude")
    second = await ask(build(cache_prompts=True), messages, model="claude")
    kept = [message.usage_metadata["input_token_details"] for message in (plain, first, second)]
    assert (kept[0]["cache_read"], kept[0].get("cache_creation")) == (0, None)
    assert 0 < kept[1]["cache_creation"] < 20
    assert kept[2]["cache_read"] > 2_000
    assert kept[2]["cache_read"] + kept[2]["cache_creation"] == second.usage_metadata["input_tokens"]


async def test_nothing_empty_is_marked(ask: Ask, box: Sandbox, build: Build) -> None:
    """The maker's server refuses marks on empty text: the last that says something has the mark."""
    call = {**CALL, "id": "call_1"}
    messages = [ASKED, AIMessage("", tool_calls=[call]), ToolMessage("", tool_call_id="call_1")]
    await ask(build(cache_prompts=True), messages, model="claude")
    first, _, last = sent(box, "claude")[0]["messages"]
    assert (marks_in(first), last["content"]) == (1, "")


async def test_images_and_plain_strings_in_lists_can_be_last(ask: Ask, box: Sandbox, build: Build) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    await ask(build(cache_prompts=True), [HumanMessage([{"type": "text", "text": "Look."}, image])], model="claude")
    (message,) = sent(box, "claude")[0]["messages"]
    assert [marks_in(part) for part in message["content"]] == [0, 1]


async def test_a_prompt_cache_key_is_passed_on(ask: Ask, box: Sandbox, build: Build) -> None:
    await ask(build(model_kwargs={"prompt_cache_key": "app"}), "Hello", model="qwen")
    await ask(build(), "Hello", model="qwen", prompt_cache_key="thread")
    assert [body["prompt_cache_key"] for body in sent(box, "qwen")] == ["app", "thread"]
