"""What is sent fits the model that gets it; what was changed is in the routing record."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import FAST, Ask, routing
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel

from langchain_novastack import ChatNovastack, NovastackError
from langchain_novastack.cards import CARDS
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {alias: card.id for alias, card in CARDS.items()}
CALL = {"name": "pour", "args": {"cups": 2}, "type": "tool_call"}


class Cup(BaseModel):
    """A cup."""

    size: int


def pour(cups: int) -> str:
    """Pour tea."""
    return f"{cups} cups"


def sent(box: Sandbox) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = box.requests[-1].body["messages"]
    return messages


def turn(id: str, by: str | None = None, **more: Any) -> list[BaseMessage]:
    """A tool call and its result, as a model wrote them."""
    metadata = {"model_name": by} if by else {}
    call = AIMessage("", tool_calls=[{**CALL, "id": id}], response_metadata=metadata, **more)
    return [HumanMessage("Pour."), call, ToolMessage("2 cups", tool_call_id=id)]


# ---- DeepSeek


async def test_deepseek_gets_text_for_lists_of_text(make: Any, box: Sandbox, ask: Ask) -> None:
    parts: list[Any] = [{"type": "text", "text": "Refactor"}, {"type": "text", "text": "this."}]
    message = await ask(make(), [SystemMessage(parts), HumanMessage(parts)], model="deepseek")
    assert [each["content"] for each in sent(box)] == ["Refactor\nthis."] * 2
    assert "messages" in routing(message)["changed"]
    loose: list[Any] = ["Refactor", parts[1]]
    await ask(
        make(),
        [HumanMessage(loose), AIMessage([{"type": "refusal", "refusal": "No."}]), HumanMessage("Do.")],
        model="deepseek",
    )
    assert [each["content"] for each in sent(box)] == ["Refactor\nthis.", "No.", "Do."]
    await ask(make(), [HumanMessage(parts)], model="qwen")
    assert sent(box)[0]["content"] == parts


@pytest.mark.parametrize("forced", ["any", "pour"])
async def test_deepseek_is_not_forced_while_it_thinks(make: Any, box: Sandbox, ask: Ask, forced: str) -> None:
    message = await ask(make().bind_tools([pour], tool_choice=forced), "Pour 2 cups.", model="deepseek")
    body = box.requests[-1].body
    assert body["thinking"] == {"type": "disabled"}
    assert message.tool_calls
    assert "thinking" in routing(message)["changed"]


async def test_structured_output_by_a_tool_is_deepseeks_own(make: Any, box: Sandbox, run: Ask) -> None:
    answer = await run(make().with_structured_output(Cup, method="function_calling"), "Debug this function.")
    assert isinstance(answer, Cup)
    assert [request.model for request in box.requests] == ["deepseek"]


@pytest.mark.parametrize(
    "off", [{"enable_thinking": False}, {"thinking": {"type": "disabled"}}, {"reasoning_effort": "none"}]
)
def test_thinking_that_is_off_stays_as_it_was_said(
    model: Callable[..., Any], box: Sandbox, off: dict[str, Any]
) -> None:
    model("deepseek").bind_tools([pour], tool_choice="any").invoke("Pour 2 cups.", extra_body=off)
    body = box.requests[-1].body
    assert {name: body[name] for name in off} == off
    assert body["tool_choice"] == "required"
    assert len({"thinking", "enable_thinking", "reasoning_effort"} & body.keys()) == 1


def test_a_caller_who_wants_it_to_think_wins(model: Callable[..., Any], box: Sandbox) -> None:
    thinking = {"thinking": {"type": "enabled"}}
    model("deepseek").bind_tools([pour], tool_choice="any").invoke("Pour 2 cups.", extra_body=thinking)
    assert (box.requests[-1].body["thinking"], box.requests[-1].body["tool_choice"]) == (thinking["thinking"], "auto")


@pytest.mark.parametrize(
    ("by", "given"), [("DeepSeek-V4-Pro", "Hm."), ("deepseek-v4-pro-0813", "Hm."), (None, "Hm."), (NAMES["qwen"], "")]
)
def test_deepseek_gets_its_own_reasoning_back(
    model: Callable[..., Any], box: Sandbox, by: str | None, given: str
) -> None:
    model("deepseek").invoke(turn("a", by, additional_kwargs={"reasoning_content": "Hm."}))
    assert sent(box)[1]["reasoning_content"] == given


# ---- Claude


async def test_claude_gets_ids_that_it_takes(make: Any, box: Sandbox, ask: Ask) -> None:
    """The same for a call and its result, the next time too, and different ones for different calls."""
    ids = ["functions.pour:0", "functions.pour:1", "functions_pour_0", "x" * 80]
    await ask(make(), [message for id in ids for message in turn(id)], model="claude")
    calls = [message["tool_calls"][0]["id"] for message in sent(box) if message["role"] == "assistant"]
    assert calls == [message["tool_call_id"] for message in sent(box) if message["role"] == "tool"]
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", id) for id in calls)
    assert len(set(calls)) == len(ids)
    assert calls[2] == ids[2]
    await ask(make(), turn(ids[0]), model="claude")
    assert sent(box)[1]["tool_calls"][0]["id"] == calls[0]
    await ask(make(), turn(ids[0]), model="qwen")
    assert sent(box)[1]["tool_calls"][0]["id"] == ids[0]


async def test_claude_gets_no_empty_text(make: Any, box: Sandbox, ask: Ask) -> None:
    parts: list[Any] = [{"type": "text", "text": " "}, {"type": "text", "text": "Hello"}]
    history = [HumanMessage("Hello"), AIMessage(""), HumanMessage(parts)]
    await ask(make(), [history[0], AIMessage([]), *history[2:]], model="claude")
    assert len(sent(box)) == 2
    await ask(make(), history, model="claude")
    assert sent(box) == [
        {"role": "user", "content": "Hello"},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
    ]
    await ask(make(), history, model="qwen")
    assert [message["content"] for message in sent(box)] == ["Hello", "", parts]


@pytest.mark.parametrize("alias", ["claude", "qwen"])
async def test_system_messages_stand_at_the_front_as_one(make: Any, box: Sandbox, ask: Ask, alias: str) -> None:
    history = [SystemMessage("One."), HumanMessage("a"), AIMessage("b"), SystemMessage("Two."), HumanMessage("c")]
    message = await ask(make(), history, model=alias)
    assert [each["role"] for each in sent(box)] == ["system", "user", "assistant", "user"]
    assert sent(box)[0]["content"] == "One.\n\nTwo."
    assert "messages" in routing(message)["changed"]
    marked: Any = [{"type": "text", "text": "Two."}]
    await ask(make(), [*history[:3], SystemMessage(marked), history[4]], model=alias)
    assert sent(box)[0]["content"] == [{"type": "text", "text": "One."}, *marked]
    await ask(make(), history, model="deepseek")
    assert [each["role"] for each in sent(box)] == ["system", "user", "assistant", "system", "user"]


# ---- every model


BROKEN = {"name": "pour", "args": '{"cups": ', "id": "t1", "error": None, "type": "invalid_tool_call"}


@pytest.mark.parametrize("alias", list(NAMES))
async def test_broken_arguments_are_not_sent_again(make: Any, box: Sandbox, ask: Ask, alias: str) -> None:
    message: Any = AIMessage("", invalid_tool_calls=[BROKEN])
    history = [HumanMessage("Pour."), message, ToolMessage("not JSON", tool_call_id="t1", status="error")]
    answer = await ask(make(), history, model=alias)
    assert json.loads(sent(box)[1]["tool_calls"][0]["function"]["arguments"]) == {"invalid_arguments": '{"cups": '}
    assert "messages" in routing(answer)["changed"]


async def test_a_broken_call_without_an_answer_is_left_out(make: Any, box: Sandbox, ask: Ask) -> None:
    """An agent ends on one, and the next turn must not be refused."""
    message: Any = AIMessage("I pour.", invalid_tool_calls=[BROKEN])
    await ask(make(), [HumanMessage("Pour."), message, HumanMessage("Well?")], model="qwen")
    assert [set(each) for each in sent(box)] == [{"role", "content"}] * 3
    await ask(
        make(), [HumanMessage("Pour."), message.model_copy(update={"content": ""}), HumanMessage("Well?")], model="qwen"
    )
    assert [each["role"] for each in sent(box)] == ["user", "user"]


@pytest.mark.parametrize("alias", list(NAMES))
async def test_thinking_of_other_makers_is_not_sent(make: Any, box: Sandbox, ask: Ask, alias: str) -> None:
    blocks: list[Any] = [
        {"type": "thinking", "thinking": "Hm.", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "reasoning", "reasoning": "Hm."},
        {"type": "text", "text": "Tea."},
    ]
    await ask(make(), [HumanMessage("What?"), AIMessage(blocks), HumanMessage("And?")], model=alias)
    assert json.dumps(sent(box)[1]["content"]).count("text") <= 2
    assert "Hm" not in json.dumps(sent(box))


DETAILS = [{"type": "reasoning.encrypted", "data": "e", "index": 0}]


@pytest.mark.parametrize(("by", "back"), [(NAMES["claude"], True), (None, True), (NAMES["deepseek"], False)])
async def test_structured_reasoning_goes_back_to_its_model(
    make: Any, box: Sandbox, ask: Ask, by: str | None, *, back: bool
) -> None:
    await ask(make(), turn("a", by, additional_kwargs={"reasoning_details": DETAILS}), model="claude")
    assert sent(box)[1].get("reasoning_details") == (DETAILS if back else None)


def test_a_wrong_card_shows() -> None:
    """Without its card a model gets what was said, and refuses what it was reported to refuse."""
    parts: Any = [{"type": "text", "text": "a"}]
    late = [HumanMessage("a"), SystemMessage("s"), HumanMessage("b")]
    refused: dict[str, list[tuple[str, Any]]] = {
        "deepseek": [("expected a string", [HumanMessage(parts)])],
        "claude": [("non-empty", [HumanMessage("a"), AIMessage(""), HumanMessage("b")]), ("pattern", turn("a:0"))],
        "qwen": [("at the beginning", late)],
    }
    with Sandbox(qwen_system_trap=True) as box:
        there: dict[str, Any] = {"base_url": box.base_url, "api_key": box.api_key, "max_retries": 0, "fast": FAST}
        for alias, cases in refused.items():
            for words, messages in cases:
                with pytest.raises(NovastackError, match=words):
                    ChatNovastack(model=alias, card=None, temperature=None, **there).invoke(messages)
                ChatNovastack(model=alias, **there).invoke(messages)
        with pytest.raises(NovastackError, match="tool_choice"):
            ChatNovastack(model="deepseek", card=None, **there).bind_tools([pour], tool_choice="any").invoke("Pour.")
