"""Who is asked: the caller's word, what the models can take, and which rule wins."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.recording_tracer import Tracer
from helpers.ways import routing
from langchain.agents import create_agent
from langchain_core.exceptions import ContextOverflowError, ModelInvalidRequestError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.runnables import ConfigurableField

from langchain_novastack import AllModelsFailedError, NovastackError, NovastackRouter, RouteDecision

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function for me"
STORY = "Write a story about a fox"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = "JVBERi0xLjEKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZz4+ZW5kb2JqCnRyYWlsZXI8PC9Sb290IDEgMCBSPj4KJSVFT0YK"

IMAGES: dict[str, dict[str, Any]] = {
    "langchain v1, base64": {"type": "image", "base64": PNG, "mime_type": "image/png"},
    "langchain v1, url": {"type": "image", "url": f"data:image/png;base64,{PNG}"},
    "langchain v0": {"type": "image", "source_type": "base64", "data": PNG, "mime_type": "image/png"},
    "openai": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    "anthropic": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
}
"""Images in the forms that reach the gateway."""

OTHER_IMAGES: dict[str, dict[str, Any]] = {
    "openai, plain url": {"type": "image_url", "image_url": "https://example.com/fox.png"},
    "openai responses, image": {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
    "an image in a file": {"type": "file", "base64": PNG, "mime_type": "image/png"},
    "anthropic tool result": {"type": "tool_result", "tool_use_id": "1", "content": [IMAGES["anthropic"]]},
}

PDFS: dict[str, dict[str, Any]] = {
    "langchain v1": {"type": "file", "base64": PDF, "mime_type": "application/pdf", "filename": "a.pdf"},
    "langchain v0": {
        "type": "file",
        "source_type": "base64",
        "data": PDF,
        "mime_type": "application/pdf",
        "filename": "a.pdf",
    },
    "openai": {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}},
}
"""PDFs in the forms that reach the gateway."""

OTHER_PDFS: dict[str, dict[str, Any]] = {
    "langchain v1, url": {"type": "file", "url": "https://example.com/a.pdf?page=3"},
    "openai, name alone": {"type": "file", "file": {"filename": "REPORT.PDF", "file_data": PDF}},
    "openai responses": {"type": "input_file", "file_data": f"data:application/pdf;base64,{PDF}"},
    "anthropic": {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}},
    "anthropic, url": {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
}

LONG = "Summarize this report. " + "The harvest was good this year. " * 20_000
"""About 160,000 tokens: more than qwen's window, less than the others'."""

TOO_LONG = "The harvest was good this year. " * 150_000
"""About 1,200,000 tokens: more than any window."""


def asks(*blocks: dict[str, Any], text: str = "What is this?") -> list[Any]:
    return [HumanMessage([{"type": "text", "text": text}, *blocks])]


# ---- the caller's word


@pytest.mark.parametrize(
    "name",
    [
        "claude",
        "Claude-Opus-4.7",
        "claude-opus-4-7",
        "CLAUDE-OPUS-4.7",
        "anthropic/claude-opus-4.7",
        "anthropic.claude-opus-4-7",
    ],
)
def test_every_spelling_names_the_model(box: Sandbox, router: NovastackRouter, name: str) -> None:
    """Alias, id, other published spellings, any case, a vendor's prefix: one model, and its id is sent."""
    assert routing(router.invoke(CODE, model=name))["model"] == "claude"
    assert box.requests[-1].body["model"] == "Claude-Opus-4.7"


def _as_argument(router: NovastackRouter, name: Any) -> Any:
    return router, {"model": name}, None


def _as_bound(router: NovastackRouter, name: Any) -> Any:
    return router.bind(model=name), {}, None


def _in_config(router: NovastackRouter, name: Any) -> Any:
    return router, {}, {"configurable": {"novastack_model": name}}


def _with_config(router: NovastackRouter, name: Any) -> Any:
    return router.with_config(configurable={"novastack_model": name}), {}, None


def _with_tools(router: NovastackRouter, name: Any) -> Any:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    return router.bind_tools([tool], model=name), {}, None


NAMING = [_as_argument, _as_bound, _in_config, _with_config, _with_tools]


@pytest.mark.parametrize("naming", NAMING)
async def test_the_caller_names_the_model(router: NovastackRouter, ask: Ask, naming: Any) -> None:
    """By argument, bound, or in the config; the policy is not asked, and the model's own name is not sent on."""
    runnable, kwargs, config = naming(router, "claude")
    record = routing(await ask(runnable, CODE, config, **kwargs))
    assert (record["model"], record["policy"], record["pinned"]) == ("claude", "caller", True)


@pytest.mark.parametrize("naming", NAMING)
@pytest.mark.parametrize("name", ["gpt-9", "", 7])
async def test_an_unknown_name_is_a_value_error(
    box: Sandbox, router: NovastackRouter, ask: Ask, naming: Any, name: Any
) -> None:
    """It lists the known ones, and nothing is sent."""
    runnable, kwargs, config = naming(router, name)
    with pytest.raises(ValueError, match=r"`model`.*qwen, deepseek, claude"):
        await ask(runnable, CODE, config, **kwargs)
    assert box.requests == []


def test_the_argument_wins_over_the_config(router: NovastackRouter) -> None:
    """The nearer word is the stronger one."""
    config: Any = {"configurable": {"novastack_model": "claude"}}
    assert routing(router.invoke(CODE, config, model="qwen"))["model"] == "qwen"
    assert routing(router.bind(model="claude").invoke(CODE, model="qwen"))["model"] == "qwen"


@pytest.mark.parametrize("way", ["invoke", *(["ainvoke"] if sys.version_info >= (3, 11) else [])])
async def test_an_agent_passes_the_config_on(router: NovastackRouter, way: str) -> None:
    """`novastack_model` in an agent's config holds for every call in it, as does a bound model."""
    config: Any = {"configurable": {"novastack_model": "claude"}}
    given: Any = {"messages": [("user", CODE)]}
    bound: Any = router.bind(model="claude")
    for agent, own in ((create_agent(router, []), config), (create_agent(bound, []), None)):
        state = agent.invoke(given, own) if way == "invoke" else await agent.ainvoke(given, own)
        assert routing(state["messages"][-1])["model"] == "claude"


def test_fields_can_be_configured(make: Make, box: Sandbox) -> None:
    """The router's settings are fields, so a config can change them for one call."""
    router = make().configurable_fields(
        temperature=ConfigurableField(id="temperature"), default=ConfigurableField(id="default")
    )
    router.invoke("What is rain?", {"configurable": {"temperature": 0.1}})
    assert (box.requests[-1].model, box.requests[-1].body["temperature"]) == ("qwen", 0.1)
    message: Any = router.invoke("What is rain?", {"configurable": {"default": "deepseek", "temperature": 0.2}})
    assert (box.requests[-1].body["temperature"], routing(message)["model"]) == (0.2, "deepseek")
    router.invoke("What is rain?")
    assert box.requests[-1].body["temperature"] == 0.7


def test_alternatives_can_be_configured(make: Make) -> None:
    """A router can stand beside other models, and be chosen by config."""
    router = make()
    either = router.configurable_alternatives(
        ConfigurableField(id="which"), default_key="routed", plain=router.models["claude"]
    )
    assert routing(either.invoke(CODE))["model"] == "deepseek"
    chosen: Any = either.invoke(CODE, {"configurable": {"which": "plain"}})
    assert (chosen.response_metadata["model_name"], "routing" in chosen.response_metadata) == ("Claude-Opus-4.7", False)


async def test_fallback_false_gives_that_models_own_error(box: Sandbox, make: Make, ask: Ask) -> None:
    """For a named model and for a routed one; no other model is asked."""
    router = make(max_retries=0)
    for kwargs, prompt in (({}, CODE), ({"model": "deepseek"}, STORY)):
        box.clear()
        box.fail("deepseek", status=503)
        with pytest.raises(openai.InternalServerError) as caught:
            await ask(router, prompt, fallback=False, **kwargs)
        assert not isinstance(caught.value, AllModelsFailedError)
        assert isinstance(caught.value, NovastackError)
        assert caught.value.model == "deepseek"
        assert [request.model for request in box.requests] == ["deepseek"]


async def test_a_named_model_falls_back(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """Naming a model chooses who is asked first; fallback stays on."""
    box.fail("claude", status=503, times=1)
    record = routing(await ask(router, CODE, model="claude"))
    assert (record["model"], record["fallback"], record["policy"]) == ("qwen", True, "caller")


def test_route_is_the_code_path_of_invoke(router: NovastackRouter, box: Sandbox) -> None:
    """`route` takes what `invoke` takes, and asks no model."""
    config: Any = {"configurable": {"novastack_model": "claude"}}
    assert [
        router.route(CODE).model,
        router.route(CODE, model="qwen").model,
        router.route(CODE, config).model,
        router.route(asks(IMAGES["openai"])).model,
    ] == ["deepseek", "qwen", "claude", "claude"]
    assert box.requests == []


# ---- what the models can take


@pytest.mark.parametrize("form", [*IMAGES, *(f"{form} pdf" for form in PDFS)])
async def test_media_go_to_a_model_that_takes_them(router: NovastackRouter, ask: Ask, form: str) -> None:
    """Images and PDFs reach claude, and the decision says why."""
    pdf = form.endswith(" pdf")
    block = PDFS[form.removesuffix(" pdf")] if pdf else IMAGES[form]
    record = routing(await ask(router, asks(block)))
    assert (record["model"], record["task"], record["fallback"]) == ("claude", "general", False)
    assert record["reason"] == f"qwen does not take {'PDFs' if pdf else 'images'}, so claude answers."
    assert timeless_models(record) == ["claude"]


def timeless_models(record: dict[str, Any]) -> list[str]:
    return [attempt["model"] for attempt in record["attempts"]]


@pytest.mark.parametrize("form", [*OTHER_IMAGES, *OTHER_PDFS])
async def test_media_in_other_forms_are_seen_too(router: NovastackRouter, form: str) -> None:
    """Forms that another provider's code leaves in a conversation are routed by what they are."""
    block = {**OTHER_IMAGES, **OTHER_PDFS}[form]
    for decision in (router.route(asks(block)), await router.aroute(asks(block))):
        assert decision.model == "claude"
        assert ("images" if form in OTHER_IMAGES else "PDFs") in decision.reason


def test_media_anywhere_in_the_conversation_count(router: NovastackRouter) -> None:
    """An image of an earlier turn, or in a tool's result, is sent along, so it decides too."""
    earlier = [*asks(IMAGES["openai"]), AIMessage("A fox."), HumanMessage(CODE)]
    called = AIMessage("", tool_calls=[{"name": "look", "args": {}, "id": "1"}])
    result = ToolMessage([IMAGES["langchain v1, base64"]], tool_call_id="1")
    assert router.route(earlier).model == "claude"
    assert router.route([HumanMessage(CODE), called, result]).model == "claude"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "audio", "base64": "AAAA", "mime_type": "audio/wav"},
        {"type": "video", "base64": "AAAA", "mime_type": "video/mp4"},
        {"type": "file", "base64": "AAAA", "mime_type": "text/csv"},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "text-plain", "text": "hello", "mime_type": "text/plain"},
    ],
)
def test_other_media_are_left_to_the_gateway(router: NovastackRouter, block: dict[str, Any]) -> None:
    """They do not move a decision."""
    assert router.route(asks(block, text=CODE)).model == "deepseek"


async def test_a_long_prompt_goes_to_a_larger_window(box: Sandbox, router: NovastackRouter) -> None:
    """Longer than qwen's window: another model answers, and the decision says so in numbers."""
    for message in (router.invoke(LONG), await router.ainvoke([SystemMessage("Be brief."), HumanMessage(LONG)])):
        record = routing(message)
        assert (record["model"], record["task"], record["fallback"]) == ("deepseek", "general", False)
        assert record["reason"].startswith("qwen takes 131,072 tokens, and this prompt has about 16")
    assert {request.model for request in box.requests} == {"deepseek"}


async def test_fallbacks_leave_out_models_that_cannot(box: Sandbox, make: Make, ask: Ask) -> None:
    """An image that claude fails on does not go to qwen: claude's own error is raised."""
    router = make(max_retries=0)
    box.fail("claude", status=503, times=1)
    with pytest.raises(openai.InternalServerError) as caught:
        await ask(router, asks(IMAGES["openai"]))
    assert not isinstance(caught.value, AllModelsFailedError)
    assert [request.model for request in box.requests] == ["claude"]


@pytest.mark.parametrize("form", [*IMAGES, *OTHER_IMAGES, *PDFS, *OTHER_PDFS])
def test_large_media_are_no_long_prompt(router: NovastackRouter, form: str) -> None:
    """Three megabytes of base64 are not a million tokens; text beside them counts as ever."""
    block = {**IMAGES, **OTHER_IMAGES, **PDFS, **OTHER_PDFS}[form]
    large: Any = json.loads(json.dumps(block).replace(PNG, PNG * 40_000).replace(PDF, PDF * 40_000))
    assert router.route(asks(large)).model == "claude"
    assert router.get_num_tokens_from_messages(asks(large)) < 1_000
    with pytest.raises(ContextOverflowError):
        router.route(asks(large, text=TOO_LONG), model="claude")


def test_length_counts_wherever_it_is(router: NovastackRouter) -> None:
    """In text blocks, in the arguments of tool calls and in their results, and spread over many messages."""
    called = AIMessage("", tool_calls=[{"name": "f", "args": {"text": LONG}, "id": "1"}])
    conversations: list[list[Any]] = [
        asks(text=LONG),
        [HumanMessage("Go on."), called, ToolMessage("done", tool_call_id="1")],
        [HumanMessage("Go on."), AIMessage("", tool_calls=[]), HumanMessage(["What is this?", LONG])],
        [message for _ in range(200) for message in (HumanMessage(LONG[:4_000]), AIMessage("Yes."))],
    ]
    assert [router.route(messages).model for messages in conversations] == ["deepseek"] * 4


def test_a_long_prompt_falls_back_to_a_larger_window_only(box: Sandbox, make: Make) -> None:
    """Qwen is left out of the line, claude is not."""
    router = make(fallbacks={"deepseek": ["qwen", "claude"]})
    box.fail("deepseek", status=503, times=1)
    assert timeless_models(routing(router.invoke(LONG, model="deepseek"))) == ["deepseek", "claude"]


async def test_if_none_can_nothing_is_sent(box: Sandbox, make: Make, ask: Ask) -> None:
    """One typed error that names each model and why, before any request."""
    models = make().models
    blind = NovastackRouter(models={alias: models[alias] for alias in ("qwen", "deepseek")})
    with pytest.raises(ModelInvalidRequestError, match=r"qwen does not take images; deepseek does not take images"):
        await ask(blind, asks(IMAGES["openai"]))
    with pytest.raises(ContextOverflowError, match=r"No model can take this request: qwen takes 131,072 tokens"):
        await ask(blind, TOO_LONG)
    assert box.requests == []


async def test_a_named_model_that_cannot_is_an_error(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """The caller's word is never moved."""
    with pytest.raises(ModelInvalidRequestError, match="deepseek does not take images"):
        await ask(router, asks(IMAGES["openai"]), model="deepseek")
    with pytest.raises(ContextOverflowError, match="qwen takes 131,072 tokens"):
        await ask(router, LONG, model="qwen")
    assert box.requests == []


# ---- which rule wins, pair by pair


def loop(opened_by: str, *, result: Any = "42", text: str = CODE) -> list[Any]:
    called = AIMessage(
        "",
        tool_calls=[{"name": "look", "args": {}, "id": "1"}],
        response_metadata={"routing": {"model": opened_by, "task": "code"}},
    )
    return [HumanMessage(text), called, ToolMessage(result, tool_call_id="1")]


def test_the_caller_beats_abilities(router: NovastackRouter) -> None:
    """An image for a model that takes none is an error, not another model."""
    with pytest.raises(NovastackError):
        router.route(asks(IMAGES["openai"]), model="qwen")
    assert router.route(asks(IMAGES["openai"]), model="claude").policy == "caller"


def test_the_caller_beats_the_tool_loop(router: NovastackRouter) -> None:
    """A named model takes over in the middle of a loop."""
    decision = router.route(loop("deepseek"), model="claude")
    assert (decision.model, decision.policy) == ("claude", "caller")


def test_the_caller_beats_the_policy(make: Make) -> None:
    """The policy is not even asked."""

    def policy(messages: list[Any]) -> str:
        raise AssertionError(messages)

    assert make(policy=policy).route(CODE, model="qwen").model == "qwen"


def test_abilities_beat_the_tool_loop(router: NovastackRouter) -> None:
    """A tool that brings an image moves the loop to a model that takes it, and the decision says so."""
    for opened_by in ("qwen", "deepseek"):
        decision = router.route(loop(opened_by, result=[IMAGES["openai"]], text=STORY))
        assert decision.model == "claude"
        assert decision.reason == f"{opened_by} does not take images, so claude answers."


def test_abilities_beat_the_policy(make: Make) -> None:
    """Whatever decided, a model that cannot take the request is not asked."""
    decided = RouteDecision(model="deepseek", task="code", reason="Because.", policy="mine", confidence=0.9)
    moved = make(policy=lambda _: decided).route(asks(IMAGES["openai"]))
    assert moved == decided.model_copy(
        update={"model": "claude", "reason": "deepseek does not take images, so claude answers."}
    )


def test_the_tool_loop_beats_the_policy(router: NovastackRouter) -> None:
    """The question looks like code, and yet the loop stays with the one that opened it."""
    decision = router.route(loop("claude"))
    assert (decision.model, decision.task, decision.policy) == ("claude", "code", "tool loop")
    assert router.route(loop("claude")[:1]).model == "deepseek"


# ---- policies


async def test_a_policy_may_answer_a_task_an_alias_or_a_decision(make: Make, ask: Ask) -> None:
    """As a function, sync or async, or as a Runnable."""

    async def later(_: list[Any]) -> str:
        return "creative"

    answers: list[tuple[Any, str, str | None]] = [
        (lambda _: "code", "deepseek", "code"),
        (lambda _: "claude", "claude", None),
        (lambda _: "Qwen3-235B-A22B", "qwen", None),
        (lambda _: RouteDecision(model="claude", task="anything"), "claude", "anything"),
    ]
    for policy, model, task in answers:
        record = routing(await ask(make(policy=policy), "hello"))
        assert (record["model"], record["task"]) == (model, task)
    assert (await make(policy=later).aroute("hello")).model == "claude"


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_model_inside_a_policy_is_traced_under_the_router(
    make: Make, model: Callable[..., Any], ask: Ask, *, asynchronous: bool
) -> None:
    """A plain function that calls a model need not pass the config on."""
    judge = model("qwen")

    def policy(messages: list[Any]) -> str:
        judge.invoke(messages)
        return "claude"

    async def apolicy(messages: list[Any]) -> str:
        await judge.ainvoke(messages)
        return "claude"

    tracer = Tracer()
    router = make(policy=apolicy if asynchronous else policy)
    if asynchronous:
        await router.ainvoke("hello", {"callbacks": [tracer]})
    else:
        await ask(router, "hello", {"callbacks": [tracer]})
    assert tracer.tree() == (
        "chain NovastackRouter\n  llm ChatNovastack\n  chain NovastackFallbacks\n    llm Claude-Opus-4.7"
    )
