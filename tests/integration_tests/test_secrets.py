"""The key is nowhere, whatever fails and whoever looks; the prompt only where LangChain itself records inputs."""

from __future__ import annotations

import copy
import html
import json
import logging
import pickle
import time
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import FAST, WAYS
from langchain_core.load import dumps
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tracers.base import BaseTracer
from pydantic import ValidationError

import langchain_novastack
from langchain_novastack import ChatNovastack, NovastackError, NovastackRouter
from langchain_novastack.sandbox import Sandbox
from langchain_novastack.sandbox.faults import KINDS
from langchain_novastack.sandbox.validation.problems import ENVELOPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.ways import Ask
    from langchain_core.tracers.schemas import Run

KEY = "sk-AbC123/def+456=GHI789"
HEADER = "header-value-5f3a9c"
PROXY = "proxy-password-77"
ADDRESS = "address-password-88"
SECRETS = (KEY, HEADER, PROXY, ADDRESS)
PACKAGE = str(Path(langchain_novastack.__file__).parent)  # frames of its own show in reports that list locals
PROMPT = 'Debug this function: the "code"\n of the vault: "swordfish" für forty-two'
ECHO = f'Refused: Authorization: Bearer {KEY}, X-Secret: {HEADER}, key={KEY}; you sent "{PROMPT}"'
FAULTS: list[dict[str, Any]] = [
    *(
        {"status": status, "envelope": envelope, "message": ECHO}
        for status in (400, 401, 429, 503)
        for envelope in ENVELOPES
    ),
    *(
        {"kind": kind, "envelope": envelope, "message": ECHO}
        for kind in ("error_body", "choice_error", "role_then_error", "error_after")
        for envelope in ENVELOPES
    ),
    *(
        {"status": status, "body": body}
        for status in (402, 403, 404, 422, 500)
        for body in (ECHO, {"error": ECHO}, {"detail": ECHO}, {"error": {"code": KEY, "message": ECHO, "type": PROMPT}})
    ),
    {"status": 400, "message": f"{'x ' * 140}{ECHO}"},
    {"status": 400, "message": f"{KEY} " * 100},
    *({"status": 400, "message": f"{KEY} " * 60 + " " * (2_000 - many) + ECHO} for many in range(0, 200, 23)),
    *({"status": 400, "message": PROMPT * 30 + ECHO[many:]} for many in range(0, 120, 17)),
    {"status": 400, "message": json.dumps({"messages": [{"content": PROMPT}], "key": KEY})},
    {"status": 400, "message": json.dumps([PROMPT], ensure_ascii=False)},
    {"status": 400, "message": json.dumps({"error": json.dumps({"message": PROMPT})})},
    {"status": 400, "message": PROMPT.upper()},
    {"status": 400, "message": html.escape(PROMPT)},
    {"kind": "html", "body": f"<html>{ECHO}</html>"},
    {"kind": "html", "status": 502, "body": f"<html>{ECHO}</html>"},
    {"kind": "raw", "body": ECHO},
    {"kind": "raw", "body": f"data: {ECHO}\n\n"},
    {"kind": "raw", "body": json.dumps(ECHO)},
    *({"kind": kind} for kind in sorted(set(KINDS) - {"raw", "stall", "stall_after", "silent", "slow"})),
]


@pytest.fixture(scope="module")
def secret_box() -> Iterator[Sandbox]:
    with Sandbox(api_key=KEY) as running:
        yield running


@pytest.fixture
def sealed(secret_box: Sandbox) -> NovastackRouter:
    secret_box.clear()
    headers = {"X-Secret": HEADER}
    settings: dict[str, Any] = {"base_url": secret_box.base_url, "api_key": KEY, "default_headers": headers}
    return NovastackRouter(max_retries=0, skip_after=None, fast=FAST, **settings)


class Recorder(BaseTracer):
    """Keeps the runs as a tracing service would get them."""

    def __init__(self) -> None:
        super().__init__()
        self.roots: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.roots.append(run)

    def runs(self) -> Iterator[Run]:
        waiting = list(self.roots)
        while waiting:
            run = waiting.pop()
            waiting += run.child_runs
            yield run


def hidden(text: str, *, prompt: bool = True) -> None:
    """Assert that a text has no secret in it, nor a good piece of one; and no piece of the prompt if `prompt`."""
    for secret in SECRETS:
        assert secret not in text
        assert secret[4:14] not in text
    assert not prompt or "swordfish" not in text.lower()


def family(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, the attempts in it, and everything it came from."""
    waiting, seen = [error], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        waiting += [one for one in (each.__cause__, each.__context__, *getattr(each, "attempts", ())) if one]
        yield each


def check_error(error: BaseException) -> None:
    for each in family(error):
        notes = "".join(getattr(each, "__notes__", ()))
        hidden(f"{each!s}{each!r}{each.args!r}{notes}{''.join(traceback.format_exception(each))}")
        told = {name: value for name, value in vars(each).items() if name not in {"partial", "attempts"}}
        hidden(repr(told))
        ours = [frame for frame, _ in traceback.walk_tb(each.__traceback__) if PACKAGE in frame.f_code.co_filename]
        hidden("".join(repr(value) for frame in ours for value in frame.f_locals.copy().values()), prompt=False)
        for name in ("request", "response"):
            wire = getattr(each, name, None)
            assert wire is None or (not dict(wire.headers) and not wire.content)
        assert getattr(each, "body", None) is None
    partial = getattr(error, "partial", None) is not None  # an answer, and this sandbox's answers quote the question
    for copied in (pickle.dumps(error), pickle.dumps(copy.copy(error))):
        hidden(copied.decode("latin-1"), prompt=not partial)
    hidden(repr(vars(pickle.loads(pickle.dumps(error))).keys()))  # noqa: S301 - our own


@pytest.mark.parametrize("way", WAYS)
async def test_no_failure_shows_a_secret(
    secret_box: Sandbox, sealed: NovastackRouter, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    failures = 0
    model: Any = sealed.models["deepseek"]
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for fault in FAULTS:
            for runnable in (model, sealed):
                secret_box.clear().fail("*", **fault)
                recorder = Recorder()
                try:
                    await WAYS[way](runnable, PROMPT, config={"callbacks": [recorder]})
                except NovastackError as error:
                    failures += 1
                    check_error(error)
                    check_runs(recorder)
    assert failures > len(FAULTS)
    hidden("".join(str(each.message) for each in warned))
    hidden(caplog.text, prompt=False)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("langchain_novastack")]
    assert ours
    hidden("".join(ours))


def check_runs(recorder: Recorder) -> None:
    """LangChain records inputs and outputs; nothing else of a run has the prompt, and nothing at all a secret."""
    assert recorder.roots
    for run in recorder.runs():
        hidden(f"{run.inputs!r}{run.outputs!r}", prompt=False)
        hidden(f"{run.serialized!r}{run.extra!r}{run.name}{run.tags!r}{run.error}")


async def test_no_picture_shows_a_secret(secret_box: Sandbox, sealed: NovastackRouter) -> None:
    """Nor does anything that is made to be looked at or written down, by itself or with a failure in it."""
    secret_box.fail("claude", status=400, message=ECHO.replace(PROMPT, ""))
    answer = await sealed.ainvoke("Write a poem.", config={"callbacks": [recorder := Recorder()]})
    comparison = await sealed.acompare("Say hi.")
    check_runs(recorder)
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    model: Any = sealed.models["qwen"]
    objects: list[Any] = [
        sealed,
        model,
        *sealed.branches.values(),
        sealed.bind_tools([tool]),
        sealed.with_structured_output({"title": "A", "type": "object", "properties": {}}),
        model.bind(stop=["x"]),
        model.bind_tools([tool]),
        model.with_fallbacks([sealed.models["claude"]]),
        model.root_client,
        sealed.route(PROMPT),
        answer,
        answer.response_metadata["routing"],
        comparison,
        *comparison.answers,
        comparison.to_records(),
        sealed.health(),
        sealed.get_graph().draw_mermaid(),
        secret_box,
        secret_box.requests,
    ]
    for each in objects:
        hidden(f"{each!r}{each!s}")
        if hasattr(each, "_repr_html_"):
            hidden(each._repr_html_())
        if hasattr(each, "model_dump"):
            assert KEY not in repr(each.model_dump())
        hidden(str(_tried(lambda each=each: dumps(each))))
    for each in (answer, sealed.route(PROMPT), comparison, answer.response_metadata["routing"]):
        hidden(pickle.dumps(each).decode("latin-1"))


def _tried(call: Any) -> Any:
    """Call; what cannot be written as JSON at all shows nothing."""
    try:
        return call()
    except (TypeError, ValueError) as error:
        return str(error)


async def test_a_key_in_a_header_of_the_answer_is_masked(secret_box: Sandbox, sealed: NovastackRouter) -> None:
    secret_box.fail("*", status=503, headers={"x-request-id": KEY, "retry-after": KEY})
    with pytest.raises(NovastackError) as caught:
        await sealed.ainvoke(PROMPT)
    check_error(caught.value)


@pytest.mark.parametrize("kind", [ChatNovastack, NovastackRouter])
def test_no_setting_is_shown_that_may_hold_a_secret(kind: Any) -> None:
    """Headers, proxies with a password, queries, and an address with one in it."""
    given: dict[str, Any] = {
        "api_key": KEY,
        "base_url": f"http://user:{ADDRESS}@127.0.0.1:9/v1",
        "default_headers": {"X-Secret": HEADER},
        "default_query": {"token": HEADER},
        "model_kwargs": {"extra_headers": {"X-Secret": HEADER}},
    }
    if kind is ChatNovastack:
        given["openai_proxy"] = f"http://user:{PROXY}@127.0.0.1:9"
    built = kind(**given)
    for text in (repr(built), str(built), dumps(built), repr(built.model_dump().get("api_key"))):
        hidden(text)
    if kind is NovastackRouter:
        hidden(built._repr_html_() + repr(built.branches) + dumps(built.branches["claude"]) + repr(built.health()))


async def test_no_trace_shows_headers_of_a_call(secret_box: Sandbox, sealed: NovastackRouter) -> None:
    recorder = Recorder()
    bound = sealed.bind(extra_headers={"X-Secret": HEADER})
    assert await bound.ainvoke("Say hi.", config={"callbacks": [recorder]})
    assert secret_box.requests[-1].headers["x-secret"] == HEADER
    check_runs(recorder)


@pytest.mark.parametrize("way", WAYS)
async def test_a_callable_key_is_masked_as_well(secret_box: Sandbox, way: str) -> None:
    for key in (lambda: KEY, KEY):
        secret_box.clear().fail("*", status=400, message=ECHO)
        headers = {"X-Secret": HEADER}
        router = NovastackRouter(base_url=secret_box.base_url, api_key=key, default_headers=headers, fallbacks={})
        hidden(f"{router!r}{dumps(router)}")
        with pytest.raises(NovastackError) as caught:
            await WAYS[way](router, PROMPT)
        check_error(caught.value)


ARGUMENT = "the launch code is tangerine forty-two"


@pytest.mark.parametrize("said", [ARGUMENT, json.dumps({"a": {"b": [ARGUMENT]}})])
async def test_arguments_of_tools_are_the_prompt_s_too(secret_box: Sandbox, ask: Ask, said: str) -> None:
    call = {"name": "f", "args": {"a": {"b": [ARGUMENT]}}, "id": "1"}
    talk = [HumanMessage("Hello"), AIMessage("", tool_calls=[call]), ToolMessage("done", tool_call_id="1")]
    secret_box.heal().fail("*", status=400, message=f"Invalid arguments: {said}")
    model = ChatNovastack(model="qwen", base_url=secret_box.base_url, api_key=secret_box.api_key)
    with pytest.raises(NovastackError, match="Invalid arguments") as caught:
        await ask(model, talk)
    assert "tangerine" not in str(caught.value)


async def test_a_piece_of_the_key_is_masked(secret_box: Sandbox, ask: Ask) -> None:
    """Gateways like to quote the beginning and the end of what they refuse."""
    secret_box.heal().fail("*", status=401, message=f"Incorrect key {KEY[:12]}**** or ****{KEY[-10:]}")
    model = ChatNovastack(model="qwen", base_url=secret_box.base_url, api_key=KEY)
    with pytest.raises(NovastackError, match=r"key \[key\]\*\*\*\* or \*\*\*\*\[key\]"):
        await ask(model, "Hello")


def test_bad_arguments_do_not_show_the_key_beside_them() -> None:
    for bad in (
        {"temperature": "hot"},
        {"default": "nope"},
        {"deadline": -1},
        {"max_retries": -1},
        {"timeout": "x"},
        {"base_url": "x"},
    ):
        for kind in (ChatNovastack, NovastackRouter):
            if kind is ChatNovastack and bad.keys() & {"default", "deadline"}:
                continue
            with pytest.raises(ValueError, match=next(iter(bad))) as caught:
                kind(api_key=KEY, default_headers={"X-Secret": HEADER}, **bad)
            hidden(f"{caught.value!s}{caught.value!r}{''.join(traceback.format_exception(caught.value))}")
            assert isinstance(caught.value, ValidationError)
            hidden(f"{caught.value.errors()}{caught.value.json()}{caught.value.__context__!r}")


async def test_a_very_long_prompt_is_masked_without_holding_up_the_event_loop(secret_box: Sandbox) -> None:
    """A message that agrees with a million characters almost everywhere once took twenty seconds to look through."""
    prompt = "a" * 1_000_000 + PROMPT
    secret_box.clear().fail("*", status=400, message=("a" * 15 + "b") * 120 + ECHO)
    began = time.process_time()
    model = ChatNovastack(model="deepseek", base_url=secret_box.base_url, api_key=KEY)
    with pytest.raises(NovastackError) as caught:
        await model.ainvoke(prompt)
    assert time.process_time() - began < 15
    check_error(caught.value)


ROUTING_HEADERS = {"X-Portkey-Provider": "openai", "X-Env": "production", "X-Author": "overloaded", "X-Kind": "model"}
SECRET_HEADERS = ("X-API-Key", "apikey", "X-Auth-Token", "Cookie", "Cf-Access-Client-Secret", "Subscription-Key")


async def test_words_of_ordinary_headers_are_left_in_the_gateways_message(secret_box: Sandbox, ask: Ask) -> None:
    """They say where a request goes; only a header whose name says so holds a secret."""
    words = "openai error: the production deployment of model gpt is overloaded"
    secret_box.clear().fail("*", status=400, message=words)
    settings: dict[str, Any] = {"base_url": secret_box.base_url, "api_key": KEY, "default_headers": ROUTING_HEADERS}
    with pytest.raises(NovastackError) as caught:
        await ask(NovastackRouter(**settings, fallbacks={}), "Hello")
    assert str(caught.value).endswith(words)


@pytest.mark.parametrize("name", SECRET_HEADERS)
async def test_values_of_secret_headers_are_not(secret_box: Sandbox, ask: Ask, name: str) -> None:
    """Those of a call neither."""
    secret_box.clear().fail("*", status=400, message=f"{HEADER} is not known")
    router = NovastackRouter(base_url=secret_box.base_url, api_key=KEY, fallbacks={})
    for asked in (
        router.model_copy(update={"default_headers": {name: HEADER}}),
        router.bind(extra_headers={name: HEADER}),
    ):
        with pytest.raises(NovastackError) as caught:
            await ask(asked, "Hello")
        assert str(caught.value).endswith("[key] is not known")
