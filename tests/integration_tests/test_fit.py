"""A conversation too long for the fallback is made to fit, where `fit` says how, and for that attempt only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.ways import routing
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack import AllModelsFailedError, NovastackError, NovastackRouter
from langchain_novastack.errors import NovastackContextOverflowError

if TYPE_CHECKING:
    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

BUG = HumanMessage("Debug this function: def f(): pass")


def turns(count: int, words: int = 2_500) -> list[BaseMessage]:
    """Turns with a tool call each, of so many tokens."""
    found: list[BaseMessage] = []
    for number in range(count):
        call = {"name": "look", "args": {"at": number}, "id": f"call_{number}", "type": "tool_call"}
        asked = AIMessage("", tool_calls=[call, {**call, "id": f"also_{number}"}])
        results = [ToolMessage("seen", tool_call_id=id) for id in (f"call_{number}", f"also_{number}")]
        found += [HumanMessage("word " * words), asked, *results, AIMessage("done")]
    return found


def check_pairs(sent: list[dict[str, Any]]) -> None:
    """Check that every call has its results, and every result its call."""
    calls = [call["id"] for message in sent for call in message.get("tool_calls") or ()]
    assert calls == [message["tool_call_id"] for message in sent if message["role"] == "tool"]


async def test_the_fallback_answers(make: Any, ask: Ask, box: Sandbox) -> None:
    """150,000 tokens are more than Qwen takes; the next turn of DeepSeek is what it would have been."""
    given = [SystemMessage("Be brief."), *turns(48), BUG]
    before = [message.model_copy(deep=True) for message in given]
    router = make(max_retries=0, fit="trim")
    await ask(router, given)
    box.fail("deepseek", status=503, times=1)
    answer = await ask(router, given)
    await ask(router, given)
    record = routing(answer)
    assert (record["model"], record["fallback"], record["changed"][-1]) == ("qwen", True, "messages")
    first, _, trimmed, last = (request.body["messages"] for request in box.requests)
    assert (trimmed[0]["content"], trimmed[-1]["content"]) == ("Be brief.", BUG.content)
    assert trimmed[1]["role"] == "user"
    assert 400_000 < len(str(trimmed)) < len(str(first))
    check_pairs(trimmed)
    assert last == first
    assert given == before


async def test_one_message_may_stand_there_often(make: Any, run: Ask, box: Sandbox) -> None:
    """A list multiplied holds the same objects again."""
    box.fail("deepseek", status=503, times=1)
    await run(make(max_retries=0, fit="trim"), [*[HumanMessage("word " * 30_000), AIMessage("done")] * 6, BUG])
    assert 1 < len(box.requests[-1].body["messages"]) < 13
    assert box.requests[-1].status == 200


async def test_a_tool_loop_under_way(make: Any, run: Ask, box: Sandbox) -> None:
    """The request stays, and of the calls that follow it the latest, each with its results."""
    box.fail("deepseek", status=503, times=1)
    loop = [each for each in turns(6) if not isinstance(each, HumanMessage)]
    for message in loop:
        message.content = "x" * 120_000 if message.type == "tool" else ""
    await run(make(max_retries=0, fit="trim"), [*turns(2), BUG, *loop], model="deepseek")
    sent = box.requests[-1].body["messages"]
    assert [message["content"] for message in sent if message["role"] == "user"][-1] == BUG.content
    assert 2 < len([message for message in sent if message["role"] == "tool"]) < 12
    check_pairs(sent)


async def test_a_result_that_is_to_be_answered_is_not_left_out(make: Any, run: Ask, box: Sandbox) -> None:
    """Without it the model would ask for it again, and the tool would run once more."""
    box.fail("deepseek", status=503)
    call = {"name": "look", "args": {}, "id": "call_1", "type": "tool_call"}
    loop = [AIMessage("", tool_calls=[call]), ToolMessage("word " * 200_000, tool_call_id="call_1")]
    with pytest.raises(AllModelsFailedError, match="results of tools that are to be answered do not fit") as caught:
        await run(make(max_retries=0, fit="trim"), [BUG, *loop])
    assert [request.model for request in box.requests] == ["deepseek"]
    assert isinstance(caught.value, openai.InternalServerError)


async def test_what_is_no_result_may_be_left_out(make: Any, run: Ask, box: Sandbox) -> None:
    box.fail("deepseek", status=503)
    await run(make(max_retries=0, fit="trim"), [BUG, AIMessage("word " * 200_000)])
    assert [message["role"] for message in box.requests[-1].body["messages"]] == ["user"]


async def test_a_function_of_the_callers(make: Any, run: Ask, box: Sandbox) -> None:
    box.fail("deepseek", status=503, times=2)
    await run(make(max_retries=0, fit=lambda messages: messages[-1:]), [*turns(60), BUG])
    assert [message["content"] for message in box.requests[-1].body["messages"]] == [BUG.content]
    await run(make(max_retries=0, fit=lambda messages: messages[-1:]), [*turns(1), BUG])
    assert len(box.requests[-1].body["messages"]) == 6, "what fits is sent as it is"


async def test_without_it_there_is_no_fallback(make: Any, run: Ask, box: Sandbox) -> None:
    box.fail("deepseek", status=503)
    with pytest.raises(NovastackError):
        await run(make(max_retries=0), [*turns(60), BUG])
    with pytest.raises(NovastackContextOverflowError):
        await run(make(fit="trim"), [*turns(60), BUG], model="qwen")
    assert [request.model for request in box.requests] == ["deepseek"]


def test_what_it_may_be(make: Any) -> None:
    with pytest.raises(ValueError, match="`fit` must be"):
        make(fit="cut")
    assert isinstance(make(fit="trim").model_copy(), NovastackRouter)
