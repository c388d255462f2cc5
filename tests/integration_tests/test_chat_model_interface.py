"""What LangChain asks of a chat model beside answers: names, parameters, pictures, retries, prompts, blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import FAST, routing
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.prompt_values import ChatPromptValue, StringPromptValue
from langchain_core.runnables import Runnable

from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_novastack.cards import CARDS
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function for me"


def lookup(city: str) -> str:
    """Look up the weather in a city."""
    return f"Sunny in {city}"


def test_it_is_a_chat_model(router: NovastackRouter) -> None:
    """And hence a Runnable; nothing that checks for one turns it away."""
    assert isinstance(router, BaseChatModel)
    assert isinstance(router, Runnable)
    assert router.get_name() == "NovastackRouter"


def test_model_name_is_the_defaults_id(make: Make) -> None:
    """Whatever reads a model's name gets one that the gateway knows."""
    assert make().model_name == "Qwen3-235B-A22B"
    assert make(default="claude").model_name == "Claude-Opus-4.7"


@pytest.mark.parametrize("name", ["Claude-Opus-4.7", "claude", "gpt-9", "", None, 7])
def test_ls_params_report_the_model_and_never_raise(router: NovastackRouter, name: Any) -> None:
    """Known or not; without one it is the default."""
    params = router._get_ls_params(model=name)  # noqa: SLF001 - LangChain calls it
    assert params["ls_provider"] == "novastack"
    assert params["ls_model_name"] == (str(name) if name else "Qwen3-235B-A22B")
    assert router._get_ls_params(stop=["x"])["ls_stop"] == ["x"]  # noqa: SLF001 - LangChain calls it


def test_the_profile_is_what_all_models_can(make: Make) -> None:
    """The smallest window, and shared abilities; a profile that was given stands."""
    profile = make().profile
    assert profile is not None
    assert profile["max_input_tokens"] == min(card.profile["max_input_tokens"] for card in CARDS.values())
    assert (profile["image_inputs"], profile["tool_calling"]) == (False, True)
    claude = NovastackRouter(models={"claude": make().models["claude"]}, default="claude").profile
    assert claude is not None
    assert (claude["image_inputs"], claude["max_input_tokens"]) == (True, 1_000_000)
    assert make(profile={"max_input_tokens": 5}).profile == {"max_input_tokens": 5}


def test_the_graph_shows_the_branches(router: NovastackRouter) -> None:
    """Each alias is in the picture, in Mermaid, in the router's own graph and in that of a chain."""
    picture = router.get_graph().draw_mermaid()
    for alias in CARDS:
        assert alias in picture.lower()
    assert "NovastackFallbacks" not in picture
    assert router.bind_tools([lookup]).get_graph().nodes
    assert (router | (lambda message: message)).get_graph().draw_mermaid()
    for branch in router.branches.values():
        assert branch.get_graph().nodes


async def test_with_retry(box: Sandbox, make: Make, ask: Ask) -> None:
    """It retries what is retryable, the whole line again."""
    router = make(max_retries=0)
    box.fail("deepseek", status=503, times=1).fail("qwen", status=503, times=1)
    retrying = router.with_retry(stop_after_attempt=2, wait_exponential_jitter=False)
    if ask.__name__.endswith("stream"):  # core's retry does not cover streams
        with pytest.raises(Exception, match="All models failed"):
            await ask(retrying, CODE)
        return
    assert routing(await ask(retrying, CODE))["model"] == "deepseek"
    assert [request.model for request in box.requests] == ["deepseek", "qwen", "deepseek"]


async def test_generate_prompt(router: NovastackRouter, box: Sandbox) -> None:
    """Each prompt is routed by itself; usage is summed in `llm_output`."""
    prompts = [StringPromptValue(text=CODE), ChatPromptValue(messages=[HumanMessage("Write a story about a fox")])]
    for result in (router.generate_prompt(prompts), await router.agenerate_prompt(prompts)):
        messages: list[Any] = [each[0].message for each in result.generations]  # type: ignore[union-attr] # of chats
        assert [routing(message)["model"] for message in messages] == ["deepseek", "claude"]
        assert all(each[0].text for each in result.generations)
        assert result.llm_output is not None
        assert result.llm_output["token_usage"]["total_tokens"] == sum(
            message.usage_metadata["total_tokens"] for message in messages
        )
    assert len(box.requests) == 4


@pytest.mark.parametrize("given", [[], "", None, 7, [["nobody", "hi"]]])
async def test_a_bad_input_is_an_error_before_any_request(
    router: NovastackRouter, box: Sandbox, ask: Ask, given: Any
) -> None:
    """An empty string is a prompt like any other; nothing at all is none."""
    if given == "":
        assert (await ask(router, given)).content
        return
    with pytest.raises(ValueError, match=r"input|message"):
        await ask(router, given)
    assert box.requests == []


def test_all_input_forms_are_routed_alike(router: NovastackRouter) -> None:
    """A string, messages, pairs, dicts and prompt values."""
    forms: list[Any] = [
        CODE,
        [HumanMessage(CODE)],
        [("user", CODE)],
        [{"role": "user", "content": CODE}],
        StringPromptValue(text=CODE),
        [("system", "Write stories and poems."), ("user", [{"type": "text", "text": CODE}])],
    ]
    assert [routing(router.invoke(form))["model"] for form in forms] == ["deepseek"] * len(forms)


# ---- content blocks, in both of LangChain's output versions


@pytest.fixture
def thinking() -> Any:
    with Sandbox(reasoning=CARDS) as box:
        yield box


@pytest.mark.parametrize("version", ["v0", "v1"])
@pytest.mark.parametrize("alias", [*CARDS])
async def test_reasoning_is_a_content_block(thinking: Sandbox, ask: Ask, version: str, alias: str) -> None:
    """`content_blocks` has it before the text, which is free of it; in v1 `content` is the blocks."""
    router = NovastackRouter(base_url=thinking.base_url, api_key=thinking.api_key, fast=FAST, output_version=version)
    for asked in (router.bind(model=alias), router.models[alias]):
        message = await ask(asked, "hello there")
        assert [block["type"] for block in message.content_blocks] == ["reasoning", "text"]
        assert message.content_blocks[0]["reasoning"].startswith("(simulated reasoning of")
        assert "(simulated reasoning" not in message.text
        assert isinstance(message.content, list if version == "v1" else str)


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_a_tool_call_is_a_content_block(thinking: Sandbox, ask: Ask, version: str) -> None:
    """Beside the reasoning, one for each call, and the loop goes on from such a message for every model."""
    router = NovastackRouter(base_url=thinking.base_url, api_key=thinking.api_key, fast=FAST, output_version=version)
    bound = router.bind_tools([lookup, now])
    for alias in CARDS:
        question = HumanMessage("Look up the weather in a city, Rome, with lookup, and tell the time with now")
        message = await ask(bound, [question], model=alias)
        blocks = [block for block in message.content_blocks if block["type"] != "text"]
        assert [block["type"] for block in blocks] == ["reasoning", "tool_call", "tool_call"]
        assert [block["name"] for block in blocks[1:]] == [call["name"] for call in message.tool_calls]
        results = [{"role": "tool", "content": "42", "tool_call_id": call["id"]} for call in message.tool_calls]
        answer = await ask(bound, [question, message, *results])
        assert (routing(answer)["model"], bool(answer.text)) == (alias, True)


def now() -> str:
    """Tell the time."""
    return "noon"


async def test_a_loop_may_change_its_model(thinking: Sandbox, ask: Ask) -> None:
    """What one model reasoned is not sent to another that would refuse it."""
    router = NovastackRouter(base_url=thinking.base_url, api_key=thinking.api_key, fast=FAST, output_version="v1")
    bound = router.bind_tools([lookup])
    question = HumanMessage("Look up the weather in Rome with lookup")
    for opener in CARDS:
        called = await ask(bound, [question], model=opener)
        results = [{"role": "tool", "content": "42", "tool_call_id": call["id"]} for call in called.tool_calls]
        for other in CARDS:
            message = await ask(bound, [question, called, *results], model=other, fallback=False)
            assert isinstance(message, AIMessage)
            assert routing(message)["model"] == other


def test_streaming_models_invoke_by_streaming(make: Make, box: Sandbox) -> None:
    """`streaming=True` reaches the models, and the answer is the same."""
    router = make(streaming=True)
    message = router.invoke(CODE)
    assert box.requests[-1].stream
    assert (message.content, routing(message)["model"]) == (make().invoke(CODE).content, "deepseek")


def test_both_classes_say_what_they_are(make: Make, model: Callable[..., ChatNovastack], box: Sandbox) -> None:
    """Types and parameters for logs, caches and callbacks; never the key."""
    for thing, kind in ((make(), "novastack-router"), (model(), "novastack-chat")):
        assert thing._llm_type == kind  # noqa: SLF001 - LangChain reads it
        assert box.api_key not in str(thing._identifying_params)  # noqa: SLF001 - LangChain reads it
        assert box.api_key not in f"{thing!r}{thing}"
