"""Models and routers travel: pickled, copied, dumped and loaded, into other processes; what travels still works."""

from __future__ import annotations

import copy
import inspect
import io
import json
import multiprocessing
import os
import pickle
import re
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle  # type: ignore[import-untyped] # it has no types
import openai
import pytest
from helpers.ways import routing
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.load import dumps, load, loads
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableBinding
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from langchain_novastack import (
    ChatNovastack,
    EmbeddingPolicy,
    KeywordPolicy,
    LLMPolicy,
    NovastackRouter,
    RouteDecision,
    RoutedResponse,
    Task,
)
from langchain_novastack._compat import httpx
from langchain_novastack.cards import CARDS, Price
from langchain_novastack.fallbacks import NovastackFallbacks
from langchain_novastack.policies import DEFAULT_VOCABULARY, Signal, Table, Vocabulary
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function for me"
OURS = ["langchain_novastack"]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Answer(BaseModel):
    """An answer."""

    text: str


def to_claude(_: list[Any]) -> str:
    return "claude"


def _pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))  # noqa: S301 - our own


def _cloudpickled(thing: Any) -> Any:
    return pickle.loads(cloudpickle.dumps(thing))  # noqa: S301 - our own


MOVES: dict[str, Callable[[Any], Any]] = {
    "pickle": _pickled,
    "pickle twice": lambda thing: _pickled(_pickled(thing)),
    "cloudpickle": _cloudpickled,
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "model_copy": lambda thing: thing.model_copy(),
    "deep model_copy": lambda thing: thing.model_copy(deep=True),
}


@pytest.fixture(params=list(MOVES))
def move(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    return MOVES[request.param]


async def test_a_router_travels(box: Sandbox, make: Make, move: Any) -> None:
    """With its key, its settings and its policy; used before and after, sync and async, streamed and not."""
    router = make(temperature=0.3, default="deepseek", fallbacks={"qwen": ["deepseek"]}, policy=to_claude, deadline=30)
    router.invoke(CODE)
    await router.ainvoke(CODE)
    there = move(router)
    assert type(there) is NovastackRouter
    for message in (
        there.invoke(CODE, model="qwen"),
        await there.ainvoke(CODE, model="qwen"),
        list(there.stream(CODE, model="qwen"))[-1],
        [chunk async for chunk in there.astream(CODE, model="qwen")][-1],
    ):
        assert routing(message)["model"] == "qwen"
        assert box.requests[-1].body["temperature"] == 0.3
    assert routing(there.invoke(CODE))["model"] == "claude"
    assert (there.default, there.deadline, list(there.branches["qwen"].aliases)) == (
        "deepseek",
        30,
        ["qwen", "deepseek"],
    )
    box.fail("qwen", status=503, times=1)
    assert routing(there.invoke(CODE, model="qwen"))["model"] == "deepseek"


async def test_a_model_travels(box: Sandbox, model: Callable[..., ChatNovastack], move: Any) -> None:
    """With its key and its settings."""
    claude = model("claude", max_tokens=77)
    claude.invoke("hi")
    there = move(claude)
    for message in (
        there.invoke("hi"),
        await there.ainvoke("hi"),
        list(there.stream("hi"))[-1],
        [chunk async for chunk in there.astream("hi")][-1],
    ):
        assert isinstance(message, AIMessage)
        assert (box.requests[-1].model, box.requests[-1].body["max_tokens"]) == ("claude", 77)
    assert dumps(there) == dumps(claude)


def test_what_is_made_of_them_travels(router: NovastackRouter, move: Any) -> None:
    """Bound tools, schemas, branches and chains."""
    assert move(router.bind_tools([add])).invoke("Refactor this, and add 1 and 2").tool_calls
    assert routing(move(router.branches["claude"]).invoke(CODE))["model"] == "claude"
    schema = {"title": "Answer", "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    assert "text" in move(router.with_structured_output(schema, method="function_calling")).invoke(CODE)


def test_copies_share_health(box: Sandbox, make: Make, move: Any) -> None:
    """What one has learned of a model, bound and copied ones know too."""
    router = make(skip_after=1)
    box.fail("deepseek", status=503, times=1)
    router.bind(stop=["x"]).invoke(CODE)
    for other in (router, router.bind_tools([add]), move(router), router.model_copy(update={"temperature": 0.1})):
        assert routing(other.invoke(CODE))["skipped"] == ["deepseek"]
    move(router).reset_health()
    assert routing(router.invoke(CODE))["skipped"] == []


def test_model_copy_with_an_update(box: Sandbox, make: Make) -> None:
    """Models and branches are built again; the original stays as it was."""
    router = make()
    changed = router.model_copy(update={"temperature": 0.1, "default": "claude", "policy": to_claude})
    assert routing(changed.invoke(CODE))["model"] == "claude"
    changed.invoke(CODE, model="deepseek")
    assert box.requests[-1].body["temperature"] == 0.1
    assert list(changed.branches["deepseek"].aliases) == ["deepseek", "qwen"]
    assert routing(router.invoke(CODE))["model"] == "deepseek"
    assert box.requests[-1].body["temperature"] == 0.7
    with pytest.raises(ValueError, match="`default`"):
        router.model_copy(update={"default": "gpt"})


def test_a_pickle_carries_the_key_and_a_dump_does_not(make: Make, box: Sandbox) -> None:
    """A worker must be able to call; a dump is for showing and storing."""
    router = make()
    model = router.models["claude"]
    for thing in (router, model):
        assert box.api_key.encode() in pickle.dumps(thing)
    things: list[Any] = [
        router,
        model,
        router.bind_tools([add]),
        router.branches["claude"],
        router.with_config(tags=["a"]),
    ]
    for thing in [*things, router | (lambda message: message)]:
        assert box.api_key not in dumps(thing)
        assert box.api_key not in repr(thing)


@pytest.mark.parametrize("source", ["secrets_map", "secrets_from_env"])
def test_dumps_and_loads(make: Make, box: Sandbox, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Core revives our classes when the caller lists them and their namespace, and hands the key back."""
    key: dict[str, Any] = {"secrets_map": {"NOVASTACK_API_KEY": box.api_key}}
    if source == "secrets_from_env":
        monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
        key = {"secrets_from_env": True}
    router = make(temperature=0.3, fallbacks={"claude": ["deepseek"]}, deadline=20, stop=["END"])
    allowed: list[Any] = [NovastackRouter, ChatNovastack, NovastackFallbacks, KeywordPolicy, RunnableBinding]

    def revived(thing: Any) -> Any:
        return loads(dumps(thing), allowed_objects=allowed, valid_namespaces=OURS, **key)

    there = revived(router)
    assert type(there) is NovastackRouter
    assert routing(there.invoke("Write a story about a fox"))["model"] == "claude"
    assert routing(there.invoke(CODE))["model"] == "deepseek"
    assert (box.requests[-1].body["temperature"], box.requests[-1].body["stop"]) == (0.3, ["END"])
    assert (there.fallbacks, there.deadline) == ({"claude": ["deepseek"]}, 20)
    model = revived(router.models["claude"])
    assert type(model) is ChatNovastack
    assert model.invoke("hi").response_metadata["model_name"] == "Claude-Opus-4.7"
    assert revived(router.bind_tools([add])).invoke("Refactor this, and add 1 and 2").tool_calls
    branch = revived(router.branches["claude"])
    box.fail("claude", status=503, times=1)
    assert routing(branch.invoke("hi"))["model"] == "deepseek"


def test_a_model_that_another_thread_uses_is_dumped(model: Callable[..., ChatNovastack]) -> None:
    """In a batch with callbacks each thread describes the model, and core writes down on it what it finds out once."""
    dumped, written = model("qwen"), count()

    def begin(frame: Any, _event: str, _arg: object) -> Any:
        reads = frame.f_code.co_name in {"__iter__", "<listcomp>"} and "pydantic" in frame.f_code.co_filename
        frame.f_trace_opcodes = reads
        return meanwhile if reads else begin

    def meanwhile(*_: object) -> Any:
        vars(dumped)[f"_{next(written)}"] = True  # as another thread may at any moment
        return meanwhile

    before, known = sys.gettrace(), dumps(dumped)
    sys.settrace(begin)
    try:
        assert dumps(dumped) == known
    finally:
        sys.settrace(before)
    assert next(written) > 0


def test_a_router_of_given_models_is_dumped_whole(make: Make, box: Sandbox) -> None:
    """Its models and its policy are in the dump, keys apart."""
    made = make().models
    router = NovastackRouter(models={"small": made["qwen"], "large": made["claude"]}, default="small")
    text = dumps(router)
    assert box.api_key not in text
    there = loads(
        text,
        allowed_objects=[NovastackRouter, ChatNovastack, KeywordPolicy],
        valid_namespaces=OURS,
        secrets_map={"NOVASTACK_API_KEY": box.api_key},
    )
    assert list(there.models) == ["small", "large"]
    assert routing(there.invoke("hi", model="large"))["model"] == "large"


@pytest.mark.parametrize("source", ["secrets_map", "secrets_from_env", "neither"])
def test_a_dump_from_elsewhere_carries_no_key_to_another_host_unnoticed(
    build: Any, box: Sandbox, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """The warning names both hosts, and no key; a dump that names the usual address is silent."""
    monkeypatch.setenv("NOVASTACK_API_KEY", "key-of-the-environment")
    monkeypatch.setenv("NOVASTACK_BASE_URL", "https://gateway.example/v1")
    how: dict[str, Any] = {"secrets_map": {"NOVASTACK_API_KEY": "key-of-mine"}, "secrets_from_env": True}
    how = {name: value for name, value in how.items() if name == source}
    text = dumps(build())
    allowed: dict[str, Any] = {"allowed_objects": [NovastackRouter, ChatNovastack], "valid_namespaces": OURS}
    text = text if how else re.sub(r'"(openai_)?api_key": {[^}]*}, ', "", text)
    with pytest.warns(UserWarning, match="This dump names the host 127.0.0.1") as told:
        loads(text, **allowed, **how)
    assert "gateway.example" in str(told[0].message)
    assert "key-of" not in str(told[0].message)
    monkeypatch.setenv("NOVASTACK_BASE_URL", box.base_url)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        loads(text, **allowed, **how)


def test_without_the_callers_list_nothing_is_revived(router: NovastackRouter) -> None:
    """Core refuses classes it was not told of; that is core's rule, and a clear error."""
    with pytest.raises(ValueError, match="not allowed"):
        loads(dumps(router), allowed_objects="core")


def test_the_openai_key_is_never_handed_to_a_loaded_model(
    model: Callable[..., ChatNovastack], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dump names `NOVASTACK_API_KEY`: with only `OPENAI_API_KEY` there, loading fails rather than send it."""
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    with pytest.raises(ValueError, match="NOVASTACK_API_KEY"):
        loads(dumps(model()), allowed_objects=[ChatNovastack], valid_namespaces=OURS, secrets_from_env=True)


def answer_there(router: Any, prompt: str) -> tuple[int, str, list[str]]:
    """Ask in another process; return its id, the model, and the attempts."""
    record = routing(router.invoke(prompt))
    return os.getpid(), record["model"], [attempt["model"] for attempt in record["attempts"]]


def test_into_a_process_pool(box: Sandbox, router: NovastackRouter) -> None:
    """Workers that share nothing with this process get a router, and call; faults there fall back there."""
    router.invoke(CODE)
    box.fail("claude", status=503, times=1)
    prompts = [CODE, "Write a story about a fox", "What is rain?"]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        answers = list(pool.map(answer_there, [router] * 3, prompts))
    assert os.getpid() not in {process for process, *_ in answers}
    assert [model for _, model, _ in answers] == ["deepseek", "qwen", "qwen"]
    assert answers[1][2] == ["claude", "qwen"]


def ask_often(router: NovastackRouter, name: str, connection: Any) -> None:
    """Ask ten questions; send what did not fit the question."""
    try:
        wrong = [at for at in range(10) if f"{name} {at}" not in str(router.invoke(f"Debug {name} {at}").content)]
        connection.send(wrong)
    except BaseException as error:  # noqa: BLE001 - the parent shall see it
        connection.send(repr(error))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_in_a_forked_child(box: Sandbox, router: NovastackRouter) -> None:
    """A child does not share its parent's connections: both ask at once, and each gets its own answers."""
    router.invoke(CODE)
    before = box.connections.total
    context: Any = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=ask_often, args=(router, "child", there))
    child.start()
    mine, theirs = context.Pipe()
    ask_often(router, "parent", theirs)
    assert mine.recv() == []
    assert here.poll(30)
    assert here.recv() == []
    child.join(30)
    assert child.exitcode == 0
    assert box.connections.total == before + 1


# ---- the user's own HTTP clients


async def test_the_users_http_clients_are_used(box: Sandbox, make: Make) -> None:
    """Sync and async requests go through the clients that were given, for every model built here."""
    seen: list[str] = []

    def note(request: Any) -> None:
        seen.append(f"sync {request.url.path}")

    async def anote(request: Any) -> None:
        seen.append(f"async {request.url.path}")

    with httpx.Client(event_hooks={"request": [note]}) as sync:
        async with httpx.AsyncClient(event_hooks={"request": [anote]}) as asynchronous:
            router = make(http_client=sync, http_async_client=asynchronous)
            router.invoke(CODE)
            list(router.stream("Write a story about a fox"))
            await router.ainvoke(CODE)
            assert routing([chunk async for chunk in router.astream(CODE)][-1])["model"] == "deepseek"
    path = "/router/v1/chat/completions"
    assert seen == [f"sync {path}"] * 2 + [f"async {path}"] * 2
    assert len(box.requests) == 4


def test_the_users_http_clients_stay_here(make: Make, model: Callable[..., ChatNovastack]) -> None:
    """They hold sockets, so a pickle says what to do instead; copies share them."""
    with httpx.Client() as client:
        for thing in (make(http_client=client), model(http_client=client)):
            for dump in (pickle.dumps, cloudpickle.dumps):
                with pytest.raises(ValueError, match="`http_client`"):
                    dump(thing)
            for copied in (copy.copy(thing), copy.deepcopy(thing), thing.model_copy()):
                assert copied.http_client is client
                assert copied.invoke("hi").content


def test_a_copied_router_of_plain_models(box: Sandbox) -> None:
    """Plain models cannot be pickled by themselves, but copies of a router on them work."""
    plain: Any = ChatOpenAI(model="Qwen3-235B-A22B", base_url=box.base_url, api_key=box.api_key)
    router = NovastackRouter(models={"qwen": plain})
    for copied in (copy.copy(router), copy.deepcopy(router), router.model_copy(), router.model_copy(deep=True)):
        assert routing(copied.invoke("hi"))["model"] == "qwen"


def test_decisions_and_errors_travel(box: Sandbox, make: Make, move: Any) -> None:
    """So that a worker's outcome reaches whoever asked."""
    decision = make().route(CODE)
    assert move(decision) == decision
    assert isinstance(decision, RouteDecision)
    box.fail("*", status=429, retry_after=7)
    with pytest.raises(openai.RateLimitError) as caught:
        make(max_retries=0).invoke(CODE)
    if move not in (MOVES["model_copy"], MOVES["deep model_copy"]):
        there = move(caught.value)
        assert isinstance(there, openai.RateLimitError)
        assert (str(there), there.routing, len(there.attempts)) == (  # type: ignore[attr-defined] # it has them
            str(caught.value),
            caught.value.routing,  # type: ignore[attr-defined] # it has it
            2,
        )


# ---- what is kept outlives the modules


DUMPS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "dumps_00af6d6.json").read_text())
"""What `dumps` made of public classes before the modules moved into their wings."""

LOADABLE = sorted(DUMPS.keys() - {"or_else", "structured"})  # which hold what was never made to be loaded

ALLOWED: list[Any] = [
    *(ChatNovastack, KeywordPolicy, NovastackFallbacks, NovastackRouter, Price, RunnableBinding),
    *(Signal, Table, Task, Vocabulary),
]


LOADING: dict[str, Any] = {
    "allowed_objects": ALLOWED,
    "valid_namespaces": OURS,
    "secrets_map": {"NOVASTACK_API_KEY": "sk-nope"},
}


@pytest.mark.parametrize("name", LOADABLE)
def test_dumps_made_before_the_modules_moved_load(name: str) -> None:
    there = load(DUMPS[name], **LOADING)
    assert not isinstance(there, dict)
    again = loads(dumps(there), **LOADING)
    assert dumps(again) == dumps(there)
    if isinstance(there, NovastackRouter):
        assert list(there.models) == list(CARDS)
        assert there.route(CODE).model == "deepseek"


PUBLIC = {
    *("langchain_novastack", "langchain_novastack.cards", "langchain_novastack.chat_models"),
    *("langchain_novastack.errors", "langchain_novastack.fallbacks", "langchain_novastack.policies"),
    *("langchain_novastack.policies.keyword", "langchain_novastack.policies.vocabulary"),
    *("langchain_novastack.router", "langchain_novastack.tasks"),
}
"""Modules that may be named where something is kept: what else there is may move."""


class Names(pickle.Unpickler):
    """Reads a pickle, and notes what of this package it names."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.found: set[tuple[str, str]] = set()

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("langchain_novastack"):
            self.found.add((module, name))
        return super().find_class(module, name)


def kept(box: Sandbox, router: NovastackRouter) -> dict[str, Any]:
    """Return what users keep or send elsewhere."""
    model = router.models["claude"]
    box.fail("deepseek", kind="error_after", times=1)
    with pytest.raises(openai.APIError) as interrupted:
        list(router.stream(CODE))
    box.fail("*", status=429, times=9)
    with pytest.raises(openai.RateLimitError) as failed:
        router.invoke(CODE)
    box.clear()
    schema = {"title": "Answer", "type": "object", "properties": {"text": {"type": "string"}}}
    unsure = KeywordPolicy().or_else(to_claude)
    return {
        "router": router,
        "router with a policy": router.model_copy(update={"policy": unsure}),
        "router of given models": NovastackRouter(models=router.models),
        "model": model,
        "model with a card": model.model_copy(update={"card": CARDS["claude"].model_copy(update={"price": PRICE})}),
        "bound": router.bind_tools([add]),
        "bound model": model.bind_tools([add]),
        "config": router.with_config(tags=["a"]),
        "branch": router.branches["claude"],
        "schema": router.with_structured_output(Answer),
        "raw": model.with_structured_output(schema, include_raw=True),
        "chain": router | RoutedResponse.from_message,
        "policies": [KeywordPolicy(), unsure, KeywordPolicy(tasks=DEFAULT_TASKS[:2], vocabulary=DEFAULT_VOCABULARY)],
        "asking policies": [LLMPolicy(llm=model), EmbeddingPolicy(embeddings=DeterministicFakeEmbedding(size=3))],
        "vocabulary": DEFAULT_VOCABULARY,
        "decisions": [router.route(CODE), router.route("hi", model="claude")],
        "message": router.invoke(CODE),
        "response": RoutedResponse.from_message(router.invoke(CODE)),
        "comparison": router.compare("hi"),
        "errors": [interrupted.value, failed.value],
    }


PRICE = Price(input=1.0, output=2.0)


def test_what_is_pickled_names_public_modules_only(box: Sandbox, make: Make) -> None:
    private: dict[str, set[tuple[str, str]]] = {}
    for name, thing in kept(box, make(max_retries=0)).items():
        names = Names(pickle.dumps(thing))
        names.load()
        private[name] = {found for found in names.found if found[0] not in PUBLIC}
    assert private == {name: set() for name in private}


def test_what_is_dumped_names_public_modules_only(box: Sandbox, make: Make) -> None:
    named: set[str] = set()

    def read(dumped: Any) -> None:
        if isinstance(dumped, dict) and dumped.get("type") in {"constructor", "not_implemented"}:
            named.add(".".join(dumped["id"][:-1]))
        for each in dumped.values() if isinstance(dumped, dict) else dumped if isinstance(dumped, list) else ():
            read(each)

    for thing in kept(box, make(max_retries=0)).values():
        read(json.loads(dumps(thing)))
    ours = {name for name in named if name.startswith("langchain_novastack")}
    assert ours >= {"langchain_novastack.router", "langchain_novastack.chat_models", "langchain_novastack.fallbacks"}
    assert ours <= PUBLIC


def test_the_source_of_the_two_classes_is_found() -> None:
    """IPython's `??` shows it."""
    for kind in (NovastackRouter, ChatNovastack):
        assert f"class {kind.__name__}(" in inspect.getsource(kind)
