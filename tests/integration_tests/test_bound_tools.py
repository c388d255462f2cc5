"""`bind_tools`: converted once, and the same for every model that may answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.ways import routing
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from langchain_novastack.chat_models.bindings import NovastackBinding
from langchain_novastack.fallbacks import NovastackFallbacks

if TYPE_CHECKING:
    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}."


class Add(BaseModel):
    """Add two numbers."""

    a: int = Field(description="the first")
    b: int = Field(description="the second")


class Look(TypedDict):
    """Look at a place."""

    place: str


KINDS: dict[str, Any] = {
    "function": get_weather,
    "tool": tool(get_weather),
    "Pydantic class": Add,
    "TypedDict": Look,
    "JSON schema": {
        "title": "Find",
        "description": "Find it.",
        "type": "object",
        "properties": {"x": {"type": "string"}},
    },
    "wire format": convert_to_openai_tool(get_weather),
}
CALL = "Use get_weather for Lisbon"
FORCED = {"type": "function", "function": {"name": "get_weather"}}
CHOICES: list[tuple[Any, Any]] = [
    (None, None),
    ("auto", "auto"),
    ("none", "none"),
    ("any", "required"),
    ("required", "required"),
    (True, "required"),
    (False, None),
    ("get_weather", FORCED),
    (FORCED, FORCED),
]


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_tool_is_converted_when_it_is_bound(build: Build, box: Sandbox, kind: str) -> None:
    bound = build().bind_tools([KINDS[kind]])
    assert bound.kwargs["tools"] == json.loads(json.dumps(bound.kwargs["tools"]))
    bound.invoke("Hello")
    assert box.requests[-1].body["tools"] == bound.kwargs["tools"] == [convert_to_openai_tool(KINDS[kind])]


@pytest.mark.parametrize(("choice", "sent"), CHOICES, ids=[str(choice)[:20] for choice, _ in CHOICES])
async def test_every_form_of_choice(build: Build, ask: Ask, box: Sandbox, choice: Any, sent: Any) -> None:
    message = await ask(build().bind_tools([get_weather], tool_choice=choice), CALL)
    assert box.requests[-1].body.get("tool_choice") == sent
    assert bool(message.tool_calls) is (choice != "none")


@pytest.mark.parametrize("alias", ["qwen", "deepseek", "claude"])
async def test_every_model_gets_them(make: Any, ask: Ask, box: Sandbox, alias: str) -> None:
    bound = make().bind_tools([get_weather, Add], tool_choice="any", strict=True, parallel_tool_calls=False)
    message = await ask(bound, CALL, model=alias)
    body = box.requests[-1].body
    assert ([call["name"] for call in message.tool_calls], routing(message)["model"]) == (["get_weather"], alias)
    assert [each["function"]["strict"] for each in body["tools"]] == [True, True]
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", False)
    assert ("temperature" in body) is (alias != "claude")


async def test_the_model_that_stands_in_gets_the_same(make: Any, ask: Ask, box: Sandbox) -> None:
    box.fail("deepseek", status=503)
    message = await ask(make().bind_tools([get_weather]), f"{CALL}, then debug: def f(x): retrun x")
    assert routing(message)["fallback"]
    assert [call["args"]["city"] for call in message.tool_calls] == ["Lisbon"]
    first, second = (request.body for request in box.requests)
    assert (first["tools"], first["messages"]) == (second["tools"], second["messages"])


async def test_a_branch_binds_for_all_in_line(make: Any, ask: Ask, box: Sandbox) -> None:
    box.fail("claude", status=503)
    bound = make().branches["claude"].bind_tools([get_weather], tool_choice="any")
    assert isinstance(bound, NovastackFallbacks)
    message = await ask(bound, "Hello")
    assert [call["name"] for call in message.tool_calls] == ["get_weather"]
    assert [(request.model, request.body["tool_choice"]) for request in box.requests] == [
        ("claude", "required"),
        ("qwen", "required"),
    ]


async def test_plain_models_of_the_caller_get_them_too(make: Any, run: Ask, box: Sandbox) -> None:
    """Also no empty list, which they would send."""
    plain: Any = {"base_url": box.base_url, "api_key": box.api_key, "default_headers": {"Connection": "close"}}
    router = make(models={"one": ChatOpenAI(model="Qwen3-235B-A22B", **plain)}, default="one")
    assert (await run(router.bind_tools([get_weather]), CALL)).tool_calls
    assert (await run(router.bind_tools([]), "Hello")).text
    assert [len(request.body.get("tools", ())) for request in box.requests] == [1, 0]


async def test_no_tools_are_no_tools(build: Build, ask: Ask, box: Sandbox) -> None:
    await ask(build().bind_tools([], tool_choice="auto", parallel_tool_calls=False), "Hello")
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & set(box.requests[-1].body)


async def test_bound_once_more(build: Build, ask: Ask, box: Sandbox) -> None:
    """What was bound before stays; core's bindings would forget it."""
    bound = build().bind(seed=3).bind_tools([Add]).bind(stop=["x9"])
    await ask(bound, "Hello")
    body = box.requests[-1].body
    assert isinstance(bound, NovastackBinding)
    assert (body["seed"], body["stop"], body["tools"][0]["function"]["name"]) == (3, ["x9"], "Add")


async def test_a_model_named_before_the_tools(make: Any, ask: Ask, box: Sandbox) -> None:
    assert routing(await ask(make().bind(model="claude").bind_tools([get_weather]), CALL))["model"] == "claude"
    assert [request.model for request in box.requests] == ["claude"]


async def test_with_fallbacks_of_a_bound_model_is_ours(build: Build, ask: Ask, box: Sandbox) -> None:
    """A refused key stops at once; core's own would try the next model."""
    box.fail("qwen", status=401)
    bound = build().bind_tools([get_weather]).with_fallbacks([build().bind(seed=1)])
    assert isinstance(bound, NovastackFallbacks)
    with pytest.raises(openai.AuthenticationError):
        await ask(bound, CALL)
    assert len(box.requests) == 1


@pytest.mark.parametrize("wrong", [[3], ["get_weather"], [None]])
def test_what_is_no_tool_is_named(build: Build, wrong: Any) -> None:
    with pytest.raises(ValueError, match="`tools`"):
        build().bind_tools(wrong)


def test_a_choice_of_a_tool_that_is_not_there_goes_out_as_it_is(build: Build, box: Sandbox) -> None:
    """As in `ChatOpenAI`: the gateway says what is wrong, in a typed error."""
    nobody = {"type": "function", "function": {"name": "nobody"}}
    with pytest.raises(openai.BadRequestError):
        build().bind_tools([get_weather], tool_choice=nobody).invoke("Hello")
    assert len(box.requests) == 1
