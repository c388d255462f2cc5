"""Every bad argument is a `ValueError` that names it, or a typed error, in all four ways, before anything is sent."""

from __future__ import annotations

import asyncio
import threading
import time
from math import inf, nan
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import WAYS, Ask
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI

from langchain_novastack import (
    ChatNovastack,
    DeadlineExceededError,
    KeywordPolicy,
    NovastackError,
    NovastackRouter,
    RouteDecision,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.sandbox import Sandbox

KEY = "sk-not-to-be-shown"
PLAIN = ChatOpenAI(model="m", api_key="k", base_url="http://localhost/v1")

SHARED: dict[str, list[Any]] = {
    "api_key": ["", "  ", 5, b"key", "sk-\u00e9", "sk-a\nb"],
    "base_url": [5, "not a url", "ftp://host/v1", "http://[bad", "http://", "https:///v1", "http://host:99999999/v1"],
    "default_headers": [5, {"X": 5}, {"X": "\u00e9"}, {"X\n": "1"}, {"X": "a\r\nb"}],
    "extra_body": [5, "x"],
    "first_token_timeout": [0, -1, nan, inf, True, "x"],
    "http_async_client": [5],
    "http_client": [5],
    "max_retries": [-1, True, 1.5, "x"],
    "max_tokens": [0, -1, True, 1.5, "x"],
    "openai_proxy": ["::x", "localhost:80", "http://", "http://[bad", "ftp://host", 5],
    "stop": [5, [5]],
    "stream_chunk_timeout": [nan, inf, True, "x"],
    "temperature": ["hot", nan, inf, True],
    "timeout": ["x", 0, -1, nan, True, (1, -2)],
    "top_p": ["x", nan, True],
}
ROUTERS: dict[str, list[Any]] = {
    "deadline": [0, -1, nan, inf, True, "x"],
    "default": ["nope", "", 5, None],
    "fallbacks": [5, ["qwen"], {"nope": ["qwen"]}, {"qwen": ["nope"]}, {"qwen": "claude"}, {"qwen": ["qwen"]}],
    "models": [5, [PLAIN], {}, {"qwen": 5}, {"qwen": "qwen"}, {"other": PLAIN}, {5: PLAIN}],
    "nonsense": [1],
    "policy": [5, "keyword", [], KeywordPolicy, KeywordPolicy(tasks=(Task(name="t", model="nope", description="d"),))],
    "skip_after": [0, -1, 1.5, True, nan, "x"],
    "skip_for": [-1, nan, inf, True, "x"],
}
MODELS: dict[str, list[Any]] = {
    "card": [5, "x", {}],
    "model": [5, None, "", "  "],
    "n": [0, "x", True],
    "use_responses_api": [True, "x"],
}
NAMES = {"models": "models|default", "default": "default", "http_async_client": "http_async_client"}


def cases(*tables: dict[str, list[Any]]) -> list[Any]:
    pairs = [(name, value) for table in tables for name, values in table.items() for value in values]
    return [pytest.param(name, value, id=f"{name}-{number}") for number, (name, value) in enumerate(pairs)]


def check_construction(build: Callable[..., Any], name: str, value: Any) -> None:
    """The error names the argument and shows no key."""
    given = {"api_key": KEY, "base_url": "http://127.0.0.1:9/v1", name: value}
    with pytest.raises(ValueError, match=NAMES.get(name, name)) as caught:
        build(**given)
    assert KEY not in f"{caught.value!s}{caught.value!r}"
    assert not (isinstance(value, str) and len(value) > 3 and name == "api_key" and value in str(caught.value))


@pytest.mark.parametrize(("name", "value"), cases(SHARED, ROUTERS))
def test_bad_arguments_of_a_router(name: str, value: Any) -> None:
    check_construction(NovastackRouter, name, value)


@pytest.mark.parametrize(("name", "value"), cases(SHARED, MODELS))
def test_bad_arguments_of_a_model(name: str, value: Any) -> None:
    check_construction(ChatNovastack, name, value)


LATER: dict[str, list[Any]] = {name: values for name, values in ROUTERS.items() if name != "nonsense"} | {
    "budget": [3, "x", {"dollars": -1}],
    "cache": [3],
    "callbacks": [3],
    "fit": [3, "cut"],
    "health": [3],
    "max_wait": [-1, nan, "x"],
    "metadata": [3],
    "model_kwargs": [3],
    "name": [3],
    "prices": [3, {"nope": {"input": 1, "output": 1}}, {"qwen": 3}],
    "tags": [3],
}


@pytest.mark.parametrize("how", ["assign", "copy"])
@pytest.mark.parametrize(("name", "value"), cases(SHARED, LATER))
def test_bad_values_after_construction(name: str, value: Any, how: str) -> None:
    """The same errors as at construction, for the arguments that can be assigned; the router stays as it was."""
    router = NovastackRouter(api_key=KEY, base_url="http://127.0.0.1:9/v1")
    before, field = dict(vars(router)), {"models": "given_models", "health": "given_health"}.get(name, name)

    def build(**given: Any) -> None:
        if how == "copy":
            router.model_copy(update={name: given[name]})
        else:
            setattr(router, field, given[name])

    check_construction(build, name, value)
    assert vars(router) == before


def test_values_after_construction_are_read_as_at_construction() -> None:
    router = NovastackRouter(api_key=KEY, base_url="http://127.0.0.1:9/v1")
    router.max_wait, router.prices = "3", {"qwen": {"input": 1, "output": 2}}  # type: ignore[assignment,dict-item] # on purpose
    copied = router.model_copy(update={"max_wait": "4"})
    assert (router.max_wait, router.prices["qwen"].output, copied.max_wait) == (3.0, 2.0, 4.0)


def test_a_model_twice_in_one_line_is_named() -> None:
    with pytest.raises(ValueError, match="`fallbacks` must not have a model twice in a line, got 'claude'"):
        NovastackRouter(api_key=KEY, fallbacks={"claude": ["qwen", "deepseek", "qwen"]})


@pytest.mark.parametrize(
    ("variable", "value"), [("NOVASTACK_BASE_URL", "nowhere"), ("NOVASTACK_API_KEY", "sk-\u00e9\u00e9")]
)
def test_bad_variables_are_named_too(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv("NOVASTACK_API_KEY", KEY)
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=variable) as caught:
        NovastackRouter()
    assert value not in str(caught.value)


async def test_white_space_around_a_key_is_not_part_of_it(box: Sandbox) -> None:
    assert await ChatNovastack(api_key=f" {box.api_key}\n", base_url=box.base_url).ainvoke("Hi.")


INPUTS = [None, 5, [], [5], [None], [("human",)], [{"role": "alien", "content": "x"}], [{"x": 1}], {"a": 1}, b"bytes"]
UNSENDABLE = [[HumanMessage([{"type": "text", "text": object()}])], "half a pair: \ud800"]
CALLS: dict[str, list[Any]] = {
    "model": ["nope", "", 5, ["qwen"]],
    "fallback": ["no", 0, None],
    "timeout": ["x", -1, nan, True],
    "extra_headers": [5, {"X": "\u00e9"}],
    "extra_body": [5],
    "stream_options": [5],
    "temperature": [nan],
    "logit_bias": [object()],
    "tools": [[{"type": "function", "function": {"name": "f", "parameters": {"x": object()}}}]],
}


@pytest.mark.parametrize("input", INPUTS, ids=[f"{number}" for number in range(len(INPUTS))])
async def test_bad_inputs_of_a_router(router: NovastackRouter, box: Sandbox, ask: Ask, input: Any) -> None:
    with pytest.raises(ValueError, match=r"(?i)input|message"):
        await ask(router, input)
    assert not box.requests


@pytest.mark.parametrize("input", INPUTS[:2] + INPUTS[3:7], ids=[f"{number}" for number in range(6)])
async def test_bad_inputs_of_a_model(model: Callable[..., ChatNovastack], box: Sandbox, ask: Ask, input: Any) -> None:
    with pytest.raises(ValueError, match=r"(?i)input|message"):
        await ask(model(), input)
    assert not box.requests


@pytest.mark.parametrize("input", UNSENDABLE, ids=["not JSON", "not Unicode"])
async def test_inputs_that_cannot_be_sent(router: NovastackRouter, box: Sandbox, ask: Ask, input: Any) -> None:
    with pytest.raises(ValueError, match="`messages`") as caught:
        await ask(router, input)
    assert (
        "half a pair"
        not in f"{caught.value!r}{caught.value.args}{caught.value.__cause__!r}{caught.value.__context__!r}"
    )
    assert not box.requests


@pytest.mark.parametrize(("name", "value"), cases(CALLS))
async def test_bad_arguments_of_a_call(router: NovastackRouter, box: Sandbox, ask: Ask, name: str, value: Any) -> None:
    if name == "stream_options" and ask is WAYS["invoke"]:
        value = object()  # only streams have options, but only a dict is sent
    with pytest.raises(ValueError, match=f"`{name}`"):
        await ask(router, "Say hi.", **{name: value})
    assert not box.requests


@pytest.mark.parametrize("name", ["nope", "", 5])
async def test_a_config_that_names_an_unknown_model(router: NovastackRouter, box: Sandbox, ask: Ask, name: Any) -> None:
    """Other keys have other owners: LangGraph and chains put theirs into the same dict."""
    with pytest.raises(ValueError, match="qwen, deepseek, claude"):
        await ask(router, "Say hi.", config={"configurable": {"novastack_model": name}})
    assert not box.requests
    assert await ask(router, "Say hi.", config={"configurable": {"thread_id": "1"}})


async def test_arguments_that_the_gateway_refuses_are_typed_errors(
    make: Callable[..., NovastackRouter], ask: Ask
) -> None:
    router = make(fallbacks={})
    for bad in ({"no_such_argument": 1}, {"temperature": "hot"}, {"tools": 5}, {"stop": 5}):
        with pytest.raises(NovastackError) as caught:
            await ask(router, "Say hi.", **bad)
        assert caught.value.status == 400


async def test_a_prefill_that_opus_refuses_is_not_sent(
    model: Callable[..., ChatNovastack], router: NovastackRouter, box: Sandbox, ask: Ask
) -> None:
    prefilled = [HumanMessage("Give me JSON."), AIMessage("{")]
    for runnable, more in ((model("claude"), {}), (router, {"model": "claude", "fallback": False})):
        with pytest.raises(NovastackError, match=r"last of `messages`") as caught:
            await ask(runnable, prefilled, **more)
        assert not caught.value.is_retryable
    assert not box.requests


@pytest.mark.parametrize("tools", [5, None, "abc", [5], [None], [{}], [object()]], ids=range(7))
def test_tools_that_are_not_tools(router: NovastackRouter, model: Callable[..., ChatNovastack], tools: Any) -> None:
    for runnable in (router, model(), router.branches["claude"]):
        with pytest.raises(ValueError, match=r"`tools`|Unsupported function"):
            runnable.bind_tools(tools)


@pytest.mark.parametrize("schema", [5, None, "x", [], object()], ids=range(5))
def test_what_is_not_a_schema(router: NovastackRouter, model: Callable[..., ChatNovastack], schema: Any) -> None:
    for runnable in (router, model()):
        with pytest.raises(ValueError, match=r"(?i)schema|Unsupported function"):
            runnable.with_structured_output(schema)


@pytest.mark.parametrize("fallbacks", [5, None, [5]], ids=range(3))
def test_fallbacks_that_are_not_runnables(
    router: NovastackRouter, model: Callable[..., ChatNovastack], fallbacks: Any
) -> None:
    for runnable in (router, model(), model().bind(stop=["x"])):
        with pytest.raises(ValueError, match="fallbacks"):
            runnable.with_fallbacks(fallbacks)


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"models": 5}, "models"),
        ({"models": "qwen"}, "models"),
        ({"models": ["nope"]}, "nope"),
        ({"models": [5]}, "model"),
        ({"model": "qwen"}, "model"),
        ({"fallback": True}, "fallback"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
    ],
    ids=range(8),
)
async def test_bad_arguments_of_a_comparison(router: NovastackRouter, box: Sandbox, bad: Any, named: str) -> None:
    given = {"input": "Say hi.", **bad}
    with pytest.raises(ValueError, match=named):
        router.compare(**given)
    with pytest.raises(ValueError, match=named):
        await router.acompare(**given)
    assert not box.requests


# ---- policies


def raising(error: BaseException) -> Any:
    def policy(_messages: Any) -> str:
        raise error

    return policy


async def asynchronous(_messages: Any) -> str:
    return "qwen"


RAISING: list[BaseException] = [RuntimeError("r"), ValueError("v"), KeyError("k"), TimeoutError("t"), TypeError("t")]
NONSENSE: list[Any] = [
    lambda _: None,
    lambda _: 5,
    lambda _: {},
    lambda _: "nope",
    lambda messages: messages[0].content,
    lambda _: RouteDecision(model="nope"),
    lambda: "qwen",
    RunnableLambda(lambda _: 5),
    int,
]


@pytest.mark.parametrize("deadline", [None, 30])
@pytest.mark.parametrize("policy", [*map(raising, RAISING), *NONSENSE], ids=range(len(RAISING) + len(NONSENSE)))
async def test_policies_that_raise_or_answer_nonsense(
    make: Callable[..., NovastackRouter], box: Sandbox, ask: Ask, policy: Any, deadline: Any
) -> None:
    with pytest.raises(ValueError, match="policy") as caught:
        await ask(make(policy=policy, deadline=deadline), "My very own prompt.")
    assert "very own" not in str(caught.value)
    assert not box.requests


async def test_an_async_policy_needs_an_async_call(make: Callable[..., NovastackRouter], ask: Ask) -> None:
    router = make(policy=asynchronous)
    if ask in {WAYS["ainvoke"], WAYS["astream"]}:
        assert await ask(router, "Hi.")
        return
    with pytest.raises(ValueError, match="asynchronous answered an awaitable"):
        await ask(router, "Hi.")


async def test_a_policy_that_hangs_ends_with_the_deadline(
    make: Callable[..., NovastackRouter], box: Sandbox, ask: Ask
) -> None:
    over = threading.Event()
    began = time.monotonic()
    try:
        with pytest.raises(DeadlineExceededError, match="policy"):
            await ask(make(policy=lambda _: over.wait(60), deadline=0.2), "Hi.")
    finally:
        over.set()
    assert time.monotonic() - began < 30
    assert not box.requests


def test_a_policy_that_hangs_does_not_hold_up_the_end_of_an_event_loop(
    make: Callable[..., NovastackRouter],
) -> None:
    over = threading.Event()
    began = time.monotonic()
    try:
        with pytest.raises(DeadlineExceededError, match="policy"):
            asyncio.run(make(policy=lambda _: over.wait(60), deadline=0.2).ainvoke("Hi."))
    finally:
        over.set()
    assert time.monotonic() - began < 30
