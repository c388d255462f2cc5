"""A model goes by many names, and a router's default is for all that no task claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack import KeywordPolicy, NovastackRouter, Task
from langchain_novastack.cards import QWEN, ModelCard, Price

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]
    Model = Callable[..., ChatNovastack]

POEM, NOTHING = "Write a poem about rain.", "zxcv"


@pytest.mark.parametrize("policy", [None, KeywordPolicy()], ids=["none", "the built-in one"])
@pytest.mark.parametrize("default", ["claude", "deepseek", "Claude-Opus-4.7"])
def test_what_no_task_claims_goes_to_the_default(make: Make, default: str, policy: Any) -> None:
    router = make(default=default, policy=policy)
    assert router.models[router.route(NOTHING).model].model_name == router.model_name
    assert router.route(POEM).model == "claude"
    assert router.model_copy(update={"default": "qwen"}).route(NOTHING).model == "qwen"


def test_every_spelling_is_understood_at_construction(make: Make) -> None:
    task = Task(name="zap", model="anthropic/claude-opus-4.7", indicators=("zap",))
    router = make(
        default="qwen/qwen3-235b-a22b",
        fallbacks={"DeepSeek-V4-Pro": ["Qwen3-235B"]},
        prices={"deepseek-v4-pro": Price(input=1, output=2)},
        policy=KeywordPolicy(tasks=(task, Task(name="general", model="Qwen3-235B-A22B"))),
    )
    assert router.default == "qwen"
    assert {alias: branch.aliases for alias, branch in router.branches.items()}["deepseek"] == ("deepseek", "qwen")
    assert router.route("zap it").model == "claude"
    assert router.route(NOTHING).model == "qwen"


async def test_tasks_find_their_models_under_other_aliases(model: Model, box: Sandbox, ask: Ask) -> None:
    """Tasks and policies name the model; what a user calls it here is looked up."""
    models = {"fast": model("qwen"), "smart": model("claude")}
    router = NovastackRouter(models=models, default="fast")
    assert (await ask(router, POEM)).response_metadata["routing"]["model"] == "smart"
    named = NovastackRouter(models=models, default="fast", policy=lambda _: "claude")
    assert named.route(NOTHING).model == "smart"
    assert [request.model for request in box.requests] == ["claude"]


async def test_the_id_of_a_replaced_card_is_sent(model: Model, box: Sandbox, ask: Ask) -> None:
    card = QWEN.model_copy(update={"id": "qwen/Qwen3-235B-A22B"})
    assert (await ask(model("qwen", card=card), "Hello")).content
    assert [request.body["model"] for request in box.requests] == ["qwen/Qwen3-235B-A22B"]
    assert (await ask(model("qwen").model_copy(update={"card": card}), "Hello")).content
    assert box.requests[-1].body["model"] == "qwen/Qwen3-235B-A22B"
    assert model("mine", card=ModelCard(alias="mine", id="my-1")).model_name == "my-1"
    assert model("another", card=card).model_name == "another"


async def test_none_in_a_call_leaves_a_field_to_the_gateway(make: Make, box: Sandbox, ask: Ask) -> None:
    await ask(make(), "Hello", temperature=None, max_tokens=None)
    assert not {"temperature", "max_tokens"} & set(box.requests[0].body)


async def test_further_arguments_reach_the_models(make: Make, box: Sandbox, ask: Ask) -> None:
    await ask(make(frequency_penalty=0.5, presence_penalty=0.25), "Hello")
    assert (box.requests[0].body["frequency_penalty"], box.requests[0].body["presence_penalty"]) == (0.5, 0.25)


def test_a_system_message_does_not_end_a_tool_loop(make: Make) -> None:
    opener = AIMessage(
        "", tool_calls=[{"name": "t", "args": {}, "id": "1"}], response_metadata={"model_name": "DeepSeek-V4-Pro"}
    )
    loop = [HumanMessage(POEM), opener, ToolMessage("done", tool_call_id="1")]
    assert make().route([*loop, SystemMessage("Be brief.")]).model == "deepseek"


@pytest.mark.parametrize("record", ["junk", {"model": ["x"]}, {"model": None}, {"model": "gpt"}])
def test_a_strange_record_in_a_history_is_no_obstacle(make: Make, record: Any) -> None:
    call = [{"name": "t", "args": {}, "id": "1"}]
    opener = AIMessage("", tool_calls=call, response_metadata={"routing": record, "model_name": "DeepSeek-V4-Pro"})
    assert make().route([HumanMessage(POEM), opener, ToolMessage("done", tool_call_id="1")]).model == "deepseek"
