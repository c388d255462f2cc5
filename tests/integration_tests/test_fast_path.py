"""The fast wire path gives what the SDK's typed path gives, message for message and chunk for chunk."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import uuid4

import openai
import pytest
from langchain_core.callbacks import BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.globals import set_debug
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnablePassthrough, RunnableSequence
from langchain_openai import ChatOpenAI
from langsmith.wrappers import wrap_openai
from openai.resources.chat.completions import AsyncCompletions, Completions
from pydantic import BaseModel

from langchain_novastack import ChatNovastack, DeadlineExceededError, NovastackError, NovastackRouter
from langchain_novastack._compat import httpx
from langchain_novastack.chat_models import AnswerParser
from langchain_novastack.sandbox import Sandbox
from langchain_novastack.sandbox.faults import KINDS

QUESTION = "Name three rivers."
Dress = Callable[[Any], Any]


class City(BaseModel):
    """A city."""

    name: str
    people: int


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return city


class Case(NamedTuple):
    """An answer of the sandbox: how it comes about."""

    dress: Dress = lambda model: model
    """What is done to the model."""

    model: str = "qwen"
    settings: Mapping[str, Any] = {}
    fault: Mapping[str, Any] = {}
    script: Mapping[str, Any] = {}
    plain: bool = True
    """Whether `ChatOpenAI` gives the same, but for what `OURS` names."""


def structured(method: str, schema: Any = City) -> Dress:
    """Return what makes a model answer by a schema."""
    return lambda model: model.with_structured_output(schema, method=method, include_raw=True)


def _parsed(model: Any, method: str) -> Any:
    return model.with_structured_output(City, method=method)


USAGE = {
    "prompt_tokens": 7,
    "completion_tokens": 5,
    "total_tokens": 12,
    "prompt_tokens_details": {"cached_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 2},
    "cost": 0.002,
}
PATIENCE = {"timeout": 0.15, "first_token_timeout": 0.15, "stream_chunk_timeout": 0.15}
SLOW = {"silent", "stall", "stall_after"}
WHOLE = {"refusal", "content_filter", "length", "slow", "raw"}
"""Faults that are answers."""

ANSWERS: dict[str, Case] = {
    "text": Case(),
    "reasoning": Case(model="deepseek"),
    "usage with details": Case(script={"text": "Nile", "usage": USAGE}),
    "no text": Case(script={"text": ""}),
    "unicode": Case(script={"text": "Łódź 川 \U0001f30a"}),
    "tools": Case(lambda model: model.bind_tools([get_weather])),
    "a tool that must be called": Case(lambda model: model.bind_tools([get_weather], tool_choice="any")),
    "two tool calls": Case(
        lambda model: model.bind_tools([get_weather]),
        script={"tool_calls": [{"name": "get_weather", "args": {"city": c}} for c in ("Lyon", "Nice")]},
    ),
    "a broken tool call": Case(
        lambda model: model.bind_tools([get_weather]), script={"tool_calls": [{"name": "get_weather", "args": "{"}]}
    ),
    "log probabilities": Case(lambda model: model.bind(logprobs=True, top_logprobs=2)),
    "two choices": Case(lambda model: model.bind(n=2), plain=False),
    "headers of the response": Case(settings={"include_response_headers": True}),
    "further fields of the body": Case(settings={"extra_body": {"enable_thinking": False}}),
    "headers and queries of the request": Case(
        settings={"default_headers": {"X-Team": "tide"}, "default_query": {"team": "tide"}}
    ),
    "a schema": Case(structured("json_schema"), plain=False),
    "a schema as a dict": Case(structured("json_schema", City.model_json_schema())),
    "a schema by a tool": Case(structured("function_calling")),
    "a schema by JSON mode": Case(structured("json_mode")),
    **{
        f"an object by {method}": Case(functools.partial(_parsed, method=method), plain=False)
        for method in ("json_schema", "function_calling")
    },
}
"""Answers, and whatever else is no failure."""

FAILURES: dict[str, Case] = {
    **{f"HTTP {status}": Case(fault={"status": status}) for status in (400, 401, 402, 403, 404, 408, 409, 413, 422)},
    **{f"HTTP {status}": Case(fault={"status": status, "retry_after": 7}) for status in (429, 500, 503, 524)},
    **{
        kind: Case(fault={"kind": kind}, settings=PATIENCE if kind in SLOW else {})
        for kind in KINDS
        if kind not in WHOLE | {"status"}
    },
}

PARTS = [{"delta": {"content": [{"type": "text", "text": "Nile"}]}, "finish_reason": "stop"}]
REFUSALS = "".join(
    f"data: {json.dumps({'choices': [{'delta': {'content': 'N', 'refusal': refusal}, 'finish_reason': reason}]})}\n\n"
    for refusal, reason in (("No", None), (5, "stop"))
)
FAULTY_ANSWERS: dict[str, Case] = {
    "parts": Case(fault={"kind": "raw", "body": "data: " + json.dumps({"choices": PARTS}) + "\n\n"}, plain=False),
    "a refusal that is no text": Case(fault={"kind": "raw", "body": REFUSALS}, plain=False),
    "refusal": Case(fault={"kind": "refusal"}, plain=False),
    "content_filter": Case(fault={"kind": "content_filter"}),
    "length": Case(fault={"kind": "length"}),
    "slow": Case(fault={"kind": "slow", "delay": 0.01}),
}
CASES = {**ANSWERS, **FAULTY_ANSWERS, **FAILURES}
NEW = {"id", "created", "date", "x-request-id", "seconds"}
"""Fields that differ from one request to the next."""

OURS = {"model_provider", "cost", "reasoning_content"}
"""Fields that `ChatOpenAI` lacks or fills in for another provider."""


def seen(value: Any, without: set[str] = NEW) -> Any:
    """Return messages, chunks, objects and errors as plain data, without some fields and without empty ones."""
    if isinstance(value, BaseModel):
        kind = type(value).__name__
        value = {"kind": kind, **(dict(value) if isinstance(value, BaseMessage) else value.model_dump())}
    if isinstance(value, Mapping):
        return {k: seen(v, without) for k, v in value.items() if k not in without and v is not None}
    if isinstance(value, list | tuple):
        return [seen(item, without) for item in value]
    return repr(value) if isinstance(value, BaseException) else value


async def outcome(runnable: Any, way: str, without: set[str] = NEW) -> Any:
    """Return what a way of asking gives: a message, all chunks of a stream, or an error."""
    try:
        if way == "invoke":
            return seen(runnable.invoke(QUESTION), without)
        if way == "ainvoke":
            return seen(await runnable.ainvoke(QUESTION), without)
        if way == "stream":
            return [seen(chunk, without) for chunk in runnable.stream(QUESTION)]
        return [seen(chunk, without) async for chunk in runnable.astream(QUESTION)]
    except NovastackError as error:
        return type(error), str(error), error.status, error.code, error.retry_after, repr(error.__cause__)


Outcome = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def boxes() -> Any:
    """One sandbox for all."""
    with Sandbox(cost=True) as running:
        yield [running]


@pytest.fixture
def box(boxes: list[Sandbox]) -> Sandbox:
    """The sandbox, healed."""
    return boxes[0].clear()


@pytest.fixture
def answer(box: Sandbox) -> Outcome:
    """Return the outcome of a case for a class of models, and the bodies that were sent for it."""

    async def get(kind: type[Any], case: Case, way: str, without: set[str] = NEW, **more: Any) -> Any:
        box.clear()
        if case.fault:
            box.fail(case.model, **case.fault)
        if case.script:
            box.answer(case.model, **case.script)
        given = {"model": case.model, "base_url": box.base_url, "api_key": box.api_key, "max_retries": 0}
        result = await outcome(case.dress(kind(**{**given, **case.settings, **more})), way, without)
        sent = [(record.path, record.body) for record in box.requests]
        if (case.fault or {}).get("kind") in {"disconnect", "reset"}:
            del sent[:-1]  # over a connection that was used before, the first is asked once more
        return result, sent

    return get


WAYS = ("invoke", "ainvoke", "stream", "astream")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", list(CASES))
async def test_both_paths_send_and_give_the_same(answer: Outcome, name: str, way: str) -> None:
    fast = await answer(ChatNovastack, CASES[name], way)
    slow = await answer(ChatNovastack, CASES[name], way, fast=False)
    assert fast == slow
    assert fast[1]
    assert isinstance(fast[0], tuple) == (name in FAILURES)


@pytest.mark.parametrize("way", ["ainvoke", "astream"])
@pytest.mark.parametrize("name", list(CASES))
async def test_a_client_over_aiohttp_gives_the_same(answer: Outcome, name: str, way: str) -> None:
    """What the extra `fast` brings: the SDK's own client over another HTTP library."""
    later = {"timeout": 0.4} if name in SLOW else {}  # than the limits of chunks, or either comes first
    ours, sent = await answer(ChatNovastack, CASES[name], way, **later)
    async with openai.DefaultAioHttpClient() as client:
        result, also = await answer(ChatNovastack, CASES[name], way, http_async_client=client, **later)
    assert also == sent
    if name in FAILURES:
        *ours, _ = ours  # what lies at the bottom is another library's
        *result, _ = result
    assert result == ours


PLAIN = [
    (name, way)
    for name, case in CASES.items()
    for way in WAYS
    if case.plain and name not in FAILURES and not (("schema" in name or "broken" in name) and "stream" in way)
]
"""`ChatOpenAI` streams an answer by a schema in one piece, and half a tool call as a whole one."""


@pytest.mark.parametrize(("name", "way"), PLAIN)
async def test_plain_chat_openai_gives_the_same_answers(box: Sandbox, answer: Outcome, name: str, way: str) -> None:
    """But for the provider's name, and what `ChatOpenAI` drops: reasoning and cost."""
    case = CASES[name]
    settings = {"temperature": 0.7, "max_tokens": 4096, "stream_usage": True, "model": ID[case.model]}
    async with httpx.AsyncClient() as client:  # its own would be one for all event loops
        theirs, _ = await answer(ChatOpenAI, case, way, NEW | OURS, http_async_client=client, **settings)
    ours, _ = await answer(ChatNovastack, case, way, NEW | OURS)
    assert len(box.requests) == 1
    if "stream" in way:
        theirs, ours = ([chunk for chunk in chunks if _says(chunk)] for chunks in (theirs, ours))
    assert ours == theirs


ID = {"qwen": "Qwen3-235B-A22B", "deepseek": "DeepSeek-V4-Pro"}


def _says(chunk: Any) -> bool:
    """Tell whether a chunk holds anything: ours hold reasoning where `ChatOpenAI` has empty chunks."""
    return bool(chunk.get("content") or chunk.get("tool_call_chunks") or chunk.get("usage_metadata") or "raw" in chunk)


# ---- instrumentation


def _on_the_class(monkeypatch: pytest.MonkeyPatch, _: ChatNovastack, seen_by: list[Any]) -> None:
    for kind in (Completions, AsyncCompletions):
        monkeypatch.setattr(kind, "create", _spy(kind.create, seen_by))


def _on_the_client(_: pytest.MonkeyPatch, model: ChatNovastack, seen_by: list[Any]) -> None:
    for client in (model.root_client, model.root_async_client):
        client.chat.completions.create = _spy(client.chat.completions.create, seen_by)


def _by_descriptor(monkeypatch: pytest.MonkeyPatch, _: ChatNovastack, seen_by: list[Any]) -> None:
    """As OpenTelemetry does: what stands on the class is no function, but an object that binds itself."""
    for kind in (Completions, AsyncCompletions):
        monkeypatch.setattr(kind, "create", Bound(kind.create, seen_by))


class Bound:
    """A wrapper that looks like what it wraps."""

    def __init__(self, wrapped: Any, seen_by: list[Any]) -> None:
        self.__wrapped__ = wrapped
        self.__code__ = wrapped.__code__
        self._seen_by = seen_by

    def __get__(self, owner: Any, kind: type[Any]) -> Any:
        return _spy(self.__wrapped__.__get__(owner, kind), self._seen_by)


def _spy(wrapped: Any, seen_by: list[Any]) -> Any:
    @functools.wraps(wrapped)
    def create(*args: Any, **kwargs: Any) -> Any:
        seen_by.append([message["content"] for message in kwargs["messages"]])
        return wrapped(*args, **kwargs)

    return create


PATCHES = {"class": _on_the_class, "client": _on_the_client, "descriptor": _by_descriptor}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("patch", list(PATCHES))
async def test_instrumentation_sees_the_messages(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, patch: str, way: str
) -> None:
    """Whatever replaces the SDK's `create`, the typed path is taken by itself, and the answer is the same."""
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    seen_by: list[Any] = []
    plain = await outcome(model, way)
    PATCHES[patch](monkeypatch, model, seen_by)
    assert await outcome(model, way) == plain
    assert seen_by == [[QUESTION]]


@pytest.mark.parametrize("way", WAYS[:2])
@pytest.mark.parametrize("status", [200, 400, 503])
async def test_what_wraps_the_hooks_of_chat_openai_adds_to_our_requests_too(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, status: int, way: str
) -> None:
    """As one of OpenTelemetry's does, to send on a trace; it wraps no streams. Answers and errors stay as they are."""
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key, max_retries=0)
    if status != 200:
        box.fail("qwen", status=status, message="context_length_exceeded")
    plain = await outcome(model, way)
    for name in ("_generate", "_agenerate"):
        monkeypatch.setattr(ChatOpenAI, name, _with_header(getattr(ChatOpenAI, name)))
    assert await outcome(model, way) == plain
    assert [record.headers.get("traceparent") for record in box.requests] == [None, "00-1-2-01"]


@pytest.mark.parametrize("way", WAYS[:2])
async def test_what_replaces_the_hooks_of_chat_openai_answers_for_our_models_too(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """As tests of users do, with something that is not bound to the model."""

    def replaced(*_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage("mocked"))])

    async def areplaced(*_: Any, **__: Any) -> ChatResult:
        return replaced()

    monkeypatch.setattr(ChatOpenAI, "_generate", functools.partial(replaced))
    monkeypatch.setattr(ChatOpenAI, "_agenerate", functools.partial(areplaced))
    for model in [kind(api_key="k") for kind in (ChatOpenAI, ChatNovastack, NovastackRouter)]:
        assert (await outcome(model, way))["content"] == "mocked"
    assert not box.requests


@pytest.mark.parametrize("way", WAYS[:2])
async def test_what_wraps_the_hooks_may_do_with_the_model_what_it_likes(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    seen_by: list[Any] = []
    private = {name: f"_{name}" for name in ("generate", "agenerate", "stream", "astream", "get_request_payload")}
    generate, agenerate = (getattr(ChatOpenAI, private[name]) for name in ("generate", "agenerate"))

    def changed(model: Any, messages: Any, said: str) -> Any:
        seen_by.append((model, said, getattr(model, private["get_request_payload"])(messages)["temperature"]))
        return model.model_copy(update={"temperature": 0.1})

    def wrapped(model: Any, messages: Any, **kwargs: Any) -> Any:
        said = "".join(chunk.text for chunk in getattr(model, private["stream"])(messages))
        return generate(changed(model, messages, said), messages, **kwargs)

    async def awrapped(model: Any, messages: Any, **kwargs: Any) -> Any:
        said = "".join([chunk.text async for chunk in getattr(model, private["astream"])(messages)])
        return await agenerate(changed(model, messages, said), messages, **kwargs)

    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    plain = await outcome(model, way)
    monkeypatch.setattr(ChatOpenAI, private["generate"], wrapped)
    monkeypatch.setattr(ChatOpenAI, private["agenerate"], awrapped)
    assert await outcome(model, way) == plain
    ((given, said, temperature),) = seen_by
    assert given is model
    assert (said, temperature) == (plain["content"], 0.7)
    assert [record.body["temperature"] for record in box.requests] == [0.7, 0.7, 0.1]


def _with_header(hook: Any) -> Any:
    @functools.wraps(hook)
    def wrapped(model: Any, *args: Any, **kwargs: Any) -> Any:
        assert "run_manager" in kwargs
        return hook(model, *args, **kwargs, extra_headers={"traceparent": "00-1-2-01"})

    return wrapped


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("patch", list(PATCHES))
async def test_an_instrumented_model_does_not_retry_while_another_waits(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, patch: str, way: str
) -> None:
    seen_by: list[Any] = []
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
    PATCHES[patch](monkeypatch, router.models["deepseek"], seen_by)  # type: ignore[arg-type] # they are ours
    router.reset_health()
    box.fail("deepseek", status=503)
    await outcome(router.bind(model="deepseek"), way)
    assert [record.model for record in box.requests] == ["deepseek", "qwen"]
    assert seen_by[0] == [QUESTION]


def _by_request(monkeypatch: pytest.MonkeyPatch, _: Any, seen_by: list[Any]) -> None:
    """As OpenInference and logfire do: with the body in the options, and the answer in what comes back."""
    for kind in (openai.OpenAI, openai.AsyncOpenAI):
        monkeypatch.setattr(kind, "request", _reader(kind.request, seen_by))


def _by_request_of_a_client(_: pytest.MonkeyPatch, model: Any, seen_by: list[Any]) -> None:
    for client in (model.root_client, model.root_async_client):
        client.request = _reader(client.request, seen_by)


def _by_post(monkeypatch: pytest.MonkeyPatch, _: Any, seen_by: list[Any]) -> None:
    for kind in (openai.OpenAI, openai.AsyncOpenAI):
        monkeypatch.setattr(kind, "post", _reader(kind.post, seen_by))


def _by_subclass(_: pytest.MonkeyPatch, model: Any, seen_by: list[Any]) -> None:
    for client in (model.root_client, model.root_async_client):
        kind = type(client)
        client.__class__ = type("Seen", (kind,), {"request": _reader(kind.request, seen_by)})


def _reader(wrapped: Any, seen_by: list[Any]) -> Any:
    @functools.wraps(wrapped)
    def look(*args: Any, **kwargs: Any) -> Any:
        given = [*args, *kwargs.values()]
        assert given[1] is not httpx.Response
        bodies = [getattr(each, "json_data", each) for each in given]
        seen_by.append(next(body["messages"][0]["content"] for body in bodies if isinstance(body, dict)))
        return wrapped(*args, **kwargs)

    return look


DEEPER = {
    "request": _by_request,
    "request of a client": _by_request_of_a_client,
    "post": _by_post,
    "subclass": _by_subclass,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("patch", list(DEEPER))
async def test_instrumentation_below_create_sees_the_messages(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, patch: str, way: str
) -> None:
    """Whether it comes before the first request or after: each is seen once, with what was asked."""
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    seen_by: list[Any] = []
    plain = await outcome(model, way)
    DEEPER[patch](monkeypatch, model, seen_by)
    if patch == "post":  # which the SDK's resources look up when they are made
        model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    assert await outcome(model, way) == plain
    assert seen_by == [QUESTION]


class Both:
    """A stream as some instrumentation gives it in place of the SDK's: one class for sync and for async calls."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.response = getattr(stream, "response", None)

    def __iter__(self) -> Both:
        return self

    def __aiter__(self) -> Both:
        return self

    def __next__(self) -> Any:
        return next(self._stream)

    async def __anext__(self) -> Any:
        return await anext(self._stream)

    def close(self) -> Any:
        return self._stream.close()


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_stream_of_both_kinds_is_read_as_the_one_it_is(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    plain = await outcome(model, way)
    create, acreate = Completions.create, AsyncCompletions.create

    async def awrapped(*args: Any, **kwargs: Any) -> Both:
        return Both(await acreate(*args, **kwargs))

    monkeypatch.setattr(Completions, "create", lambda *args, **kwargs: Both(create(*args, **kwargs)))
    monkeypatch.setattr(AsyncCompletions, "create", awrapped)
    assert await outcome(model, way) == plain


WATCHED = """
import asyncio
import sys
from openai.resources.chat.completions import AsyncCompletions, Completions

def watch(kind):
    create = kind.create

    def watched(*args, **kwargs):
        seen.append(kind)
        return create(*args, **kwargs)

    kind.create = watched

seen = []
if "before the import" in sys.argv:
    watch(Completions), watch(AsyncCompletions)
from langchain_novastack import NovastackRouter
from langchain_novastack.sandbox import Sandbox
if "before the first router" in sys.argv:
    watch(Completions), watch(AsyncCompletions)

async def awaited():
    return (await router.ainvoke("Hi"), [part async for part in router.astream("Hi")])

with Sandbox() as box:
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
    (router.invoke("Hi"), list(router.stream("Hi"))), asyncio.run(awaited())
    print(*(kind.__name__ for kind in seen))
"""


@pytest.mark.parametrize("when", ["before the import", "before the first router"])
def test_a_wrapper_without_a_signature_sees_all_four_ways(when: str) -> None:
    done = subprocess.run([sys.executable, "-c", WATCHED, when], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Completions"] * 2 + ["AsyncCompletions"] * 2


# ---- what requests have in common


async def sent(box: Sandbox, model: Any, way: str) -> dict[str, str]:
    """Return the headers of the last request that a model sends."""
    assert isinstance(await outcome(model, way), dict | list)
    return {name: value for name, value in box.requests[-1].headers.items() if name != "content-length"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("settings", [{}, {"timeout": 9.0}, {"timeout": None}, {"organization": "tide"}], ids=str)
async def test_every_request_has_the_headers_of_the_sdks(box: Sandbox, settings: dict[str, Any], way: str) -> None:
    given: dict[str, Any] = {"base_url": box.base_url, "api_key": box.api_key, **settings}
    slow, fast = ChatNovastack(**given, fast=False), ChatNovastack(**given)
    theirs = await sent(box, slow, way)
    theirs.pop("x-stainless-raw-response", None)
    for _ in range(3):
        assert await sent(box, fast, way) == theirs


CHANGES: dict[str, tuple[Any, str, str | None]] = {
    "key": (lambda client: setattr(client, "api_key", "another"), "authorization", "Bearer another"),
    "organisation": (lambda client: setattr(client, "organization", "ebb"), "openai-organization", "ebb"),
    "timeout": (lambda client: setattr(client, "timeout", 17.0), "x-stainless-read-timeout", "17.0"),
    "header": (lambda client: vars(client)["_custom_headers"].update({"X-Team": "ebb"}), "x-team", "ebb"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", list(CHANGES))
async def test_a_client_that_is_changed_sends_what_it_says_now(box: Sandbox, change: str, way: str) -> None:
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    await sent(box, model, way)
    apply, header, value = CHANGES[change]
    for client in (model.root_client, model.root_async_client):
        apply(client)
    await outcome(model, way)
    assert box.requests[-1].headers.get(header) == value


@pytest.mark.parametrize("way", WAYS)
async def test_keys_are_asked_for_at_every_request(box: Sandbox, way: str) -> None:
    keys = iter([box.api_key, "second", "third"])
    model = ChatNovastack(base_url=box.base_url, api_key=lambda: next(keys), max_retries=0)
    for key in (box.api_key, "second", "third"):
        await outcome(model, way)
        assert box.requests[-1].headers["authorization"] == f"Bearer {key}"


@pytest.mark.parametrize("way", WAYS)
async def test_arguments_of_one_call_are_sent_with_that_call_alone(box: Sandbox, way: str) -> None:
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    bound = model.bind(extra_headers={"X-Once": "1"}, extra_body={"enable_thinking": False}, timeout=5)
    for each, once in ((model, False), (bound, True), (model, False), (bound, True)):
        headers = await sent(box, each, way)
        record = box.requests[-1]
        assert (headers.get("x-once") == "1", "enable_thinking" in record.body) == (once, once)
        assert headers["x-stainless-read-timeout"].startswith("5") == once


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("way", WAYS)
async def test_what_the_sdk_would_repeat_is_repeated(box: Sandbox, way: str, *, fast: bool) -> None:
    """With the number of each try, the same body, and no more of them than were asked for."""
    box.fail("qwen", status=429, headers={"retry-after-ms": "1"}, times=2)
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key, fast=fast)
    assert isinstance(await outcome(model, way), dict | list)
    assert [record.headers["x-stainless-retry-count"] for record in box.requests] == ["0", "1", "2"]
    assert box.requests[0].body == box.requests[2].body
    box.fail("qwen", status=429, headers={"retry-after-ms": "1"})
    assert isinstance(await outcome(model.model_copy(), way), tuple)
    assert len(box.requests) == 6


@pytest.mark.parametrize("way", WAYS)
async def test_langsmith_can_wrap_the_clients(box: Sandbox, way: str) -> None:
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    plain = await outcome(model, way)
    wrap_openai(model.root_client)
    wrap_openai(model.root_async_client)
    assert await outcome(model, way) == plain


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("way", WAYS)
async def test_a_deadline_holds_on_both_paths(box: Sandbox, way: str, *, fast: bool) -> None:
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key, fast=fast, deadline=0.6)
    assert isinstance(await outcome(router, way), dict | list)
    assert len(box.requests) == 1
    box.fail("qwen", kind="stall")
    result = await outcome(router, way)
    assert result[0] is DeadlineExceededError


# ---- with and without listeners


class Quiet(BaseCallbackHandler):
    """A listener that does nothing."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [*ANSWERS, *FAULTY_ANSWERS, "HTTP 429", "error_body", "cut_stream"])
async def test_what_nobody_listens_to_is_the_same(answer: Outcome, name: str, way: str) -> None:
    alone = await answer(ChatNovastack, CASES[name], way)
    assert alone == await answer(ChatNovastack, CASES[name], way, callbacks=[Quiet()])


@pytest.mark.parametrize("argument", [{"model": 5}, {"callbacks": []}, {"tags": ["tide"]}], ids=str)
async def test_arguments_that_are_no_models_fail_the_same(box: Sandbox, ask: Any, argument: dict[str, Any]) -> None:
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    with pytest.raises((TypeError, ValueError, NovastackError)) as alone:
        await ask(model, QUESTION, **argument)
    with pytest.raises(alone.type) as heard:
        await ask(model, QUESTION, {"callbacks": [Quiet()]}, **argument)
    assert str(alone.value) == str(heard.value)


def _count(monkeypatch: pytest.MonkeyPatch, kind: Any, name: str) -> list[str]:
    """Let a method count its calls, as instrumentation does."""
    calls: list[str] = []
    wrapped = getattr(kind, name)

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return wrapped(*args, **kwargs)

    monkeypatch.setattr(kind, name, counting)
    return calls


HOOKS = {
    "invoke": ("invoke", "generate_prompt", "generate", "_generate_with_cache", "_generate"),
    "ainvoke": ("ainvoke", "agenerate_prompt", "agenerate", "_agenerate_with_cache", "_agenerate"),
    "stream": ("stream", "_stream"),
    "astream": ("astream", "_astream"),
}
PATCHED = [
    (kind, name, way)
    for way, names in HOOKS.items()
    for name in names
    for kind in (BaseChatModel, ChatOpenAI, ChatNovastack)
    if kind is ChatNovastack or not name.startswith(("_generate", "_agenerate", "_stream", "_astream"))
]
"""What we replace ourselves is looked for on our own class."""


@pytest.mark.parametrize(("kind", "name", "way"), PATCHED, ids=[f"{k.__name__}.{n}" for k, n, _ in PATCHED])
async def test_whatever_is_patched_sees_every_call(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, kind: type[Any], name: str, way: str
) -> None:
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
    plain = await outcome(router.models["qwen"], way)
    calls = _count(monkeypatch, kind, name)
    assert await outcome(router.models["qwen"], way) == plain
    assert calls == [name]
    await outcome(router, way)
    assert calls == [name] * 2 or kind is BaseChatModel


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
@pytest.mark.parametrize("kind", [RunnableSequence, AnswerParser])
async def test_a_patched_chain_sees_every_structured_call(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, kind: type[Any], way: str
) -> None:
    chain = NovastackRouter(base_url=box.base_url, api_key=box.api_key).with_structured_output(City)
    plain = await outcome(chain, way)
    calls = _count(monkeypatch, kind, way)
    assert await outcome(chain, way) == plain
    assert calls == [way]


@pytest.mark.parametrize("name", ["generate_prompt", "generate", "_generate_with_cache", "_generate", "invoke"])
def test_what_is_patched_on_a_model_sees_every_call(box: Sandbox, name: str) -> None:
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key)
    calls: list[str] = []
    method = getattr(model, name)

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return method(*args, **kwargs)

    object.__setattr__(model, name, counting)
    model.invoke(QUESTION)
    assert calls == [name]


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_listens_is_told(box: Sandbox, capsys: pytest.CaptureFixture[str], way: str) -> None:
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
    with get_usage_metadata_callback() as told:
        await outcome(router, way)
    assert list(told.usage_metadata) == [ID["qwen"]]
    set_debug(True)
    try:
        await outcome(router, way)
    finally:
        set_debug(False)
    assert "llm/start" in capsys.readouterr().out


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_listener_that_comes_before_the_first_chunk_is_told(box: Sandbox, way: str) -> None:
    chunks = getattr(ChatNovastack(base_url=box.base_url, api_key=box.api_key), way)(QUESTION)
    with get_usage_metadata_callback() as heard:
        _ = list(chunks) if way == "stream" else [chunk async for chunk in chunks]
    assert heard.usage_metadata


@pytest.mark.parametrize("way", WAYS)
async def test_an_empty_manager_is_nobody(box: Sandbox, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Which every chain and agent hands on: no run is opened for it, and the answer is the same."""
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
    chain: Any = RunnablePassthrough() | router
    plain = await outcome(router, way)
    monkeypatch.setattr(BaseChatModel, "_get_ls_params_with_defaults", None)  # of which every run of core begins
    assert await outcome(chain, way) == plain


async def test_the_id_of_a_run_is_that_of_its_message(box: Sandbox, ask: Any) -> None:
    model, run_id = ChatNovastack(base_url=box.base_url, api_key=box.api_key), uuid4()
    message = await ask(model, QUESTION, {"run_id": run_id})
    assert str(run_id) in message.id
