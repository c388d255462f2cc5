"""A LiteLLM proxy between the package and the sandbox: what another gateway makes of answers and failures.

Collected only where `litellm[proxy]` is installed (the row `py312-litellm` of `.ci/matrix`).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from helpers.agent_parts import QUESTION, Report, get_weather
from helpers.sandbox_client import CLAUDE, DEEPSEEK, QWEN
from helpers.ways import FAST, WAYS, Ask, Build, routing
from langchain.agents import create_agent
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
)

from langchain_novastack import ChatNovastack, NovastackError, NovastackRouter, StreamInterruptedError
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(240)

KEY = "sk-of-the-proxy"
STARTS_IN = 200
"""Seconds in which a proxy must answer; it imports for 10 s on an idle machine, for a minute on a busy one."""
CODE = "Debug this function: def f(): retrun 1"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sandbox]:
    """The sandbox behind the proxy."""
    with Sandbox() as box:
        yield box


@pytest.fixture(scope="module")
def proxy(gateway: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A proxy that knows our three models; it neither retries nor rests a model itself."""
    folder = tmp_path_factory.mktemp("litellm")
    upstream = {"api_base": gateway.base_url, "api_key": gateway.api_key, "max_retries": 0}
    config = {
        "model_list": [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", **upstream}}
            for name in (QWEN, DEEPSEEK, CLAUDE)
        ],
        "litellm_settings": {"telemetry": False, "num_retries": 0},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "general_settings": {"master_key": KEY},
    }
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("litellm")), "--config", str(folder / "config.yaml")]
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # or it looks for a newer one outside
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=log, stderr=log, env=environment
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/health/liveliness", process, folder / "log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait(10)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once `url` answers."""
    until = time.monotonic() + STARTS_IN
    while not answers(url):
        if time.monotonic() > until or process.poll() is not None:
            pytest.fail(f"The proxy did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.2)


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - a server of ours on loopback
    except OSError:
        return False
    return True


@pytest.fixture(params=["ChatNovastack", "NovastackRouter"])
def build(request: pytest.FixtureRequest, proxy: str, gateway: Sandbox) -> Build:
    """Build a model of either class on the proxy, before which nothing has failed."""
    gateway.clear()
    given = {"base_url": proxy, "api_key": KEY, "max_retries": 0, "timeout": 60, "fast": FAST}
    NovastackRouter(**given).reset_health()
    made = {"ChatNovastack": ChatNovastack, "NovastackRouter": NovastackRouter}[request.param]
    return lambda **settings: made(**{**given, **settings})


@pytest.fixture
def router(proxy: str, gateway: Sandbox) -> NovastackRouter:
    """A router on the proxy, before which nothing has failed."""
    gateway.clear()
    made = NovastackRouter(base_url=proxy, api_key=KEY, max_retries=0, timeout=60, fast=FAST)
    made.reset_health()
    return made


async def test_text(ask: Ask, build: Build) -> None:
    answer = await ask(build(), "What is a router?")
    assert answer.content.startswith(f"[simulated {QWEN}] You asked: What is a router?")
    assert answer.usage_metadata["output_tokens"] == 30
    assert answer.usage_metadata["total_tokens"] == 30 + answer.usage_metadata["input_tokens"]
    assert answer.response_metadata["finish_reason"] == "stop"
    assert answer.response_metadata["model_name"] == QWEN


async def test_reasoning_is_kept(ask: Ask, router: NovastackRouter) -> None:
    answer = await ask(router, CODE)
    assert routing(answer)["model"] == "deepseek"
    assert [block["type"] for block in answer.content_blocks] == ["reasoning", "text"]


async def test_an_answer_cut_by_length(ask: Ask, build: Build) -> None:
    answer = await ask(build(max_tokens=5), "What is a router?")
    assert answer.response_metadata["finish_reason"] == "length"
    assert answer.usage_metadata["output_tokens"] == 5


async def test_a_tool_is_called(ask: Ask, build: Build) -> None:
    answer = await ask(build().bind_tools([get_weather], tool_choice="any"), QUESTION)
    (call,) = answer.tool_calls
    assert call["name"] == "get_weather"
    assert isinstance(call["args"]["city"], str)
    assert answer.response_metadata["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
async def test_structured_output(ask: Ask, build: Build, method: str) -> None:
    llm = build().with_structured_output(Report, method=method)
    assert isinstance(await ask(llm, "Report as JSON how the weather in Lisbon is."), Report)


async def test_an_agent(run: Ask, build: Build) -> None:
    state = await run(create_agent(build(), [get_weather]), {"messages": [("user", QUESTION)]})
    assert [message.type for message in state["messages"]] == ["human", "ai", "tool", "ai"]


async def test_a_batch_of_20(build: Build) -> None:
    questions = [f"What is {number}?" for number in range(20)]
    for answers in (build().batch(questions), await build().abatch(questions)):
        assert all(question in answer.content for question, answer in zip(questions, answers, strict=True))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, ModelAuthenticationError),
        (403, ModelPermissionDeniedError),
        (404, ModelNotFoundError),
        (429, ModelRateLimitError),
        (500, ModelAPIError),
        (503, ModelAPIError),
    ],
)
async def test_errors_keep_their_kind(
    ask: Ask, build: Build, gateway: Sandbox, status: int, kind: type[NovastackError]
) -> None:
    gateway.fail("qwen", status=status)
    with pytest.raises(kind) as caught:
        await ask(build(), "What is a router?")
    assert isinstance(caught.value, NovastackError)
    assert caught.value.status == status


async def test_an_overflow_is_known(ask: Ask, proxy: str) -> None:
    llm = ChatNovastack(base_url=proxy, api_key=KEY, timeout=60, fast=FAST)
    with pytest.raises(ContextOverflowError):
        await ask(llm, "word " * 140_000)


async def test_a_key_that_the_proxy_does_not_know(ask: Ask, build: Build) -> None:
    """A proxy without a database answers 400 to it, and says that the database is missing."""
    with pytest.raises(NovastackError, match="No connected db") as caught:
        await ask(build(api_key="sk-unknown"), "What is a router?")
    assert caught.value.status == 400


async def test_the_next_model_answers(ask: Ask, router: NovastackRouter, gateway: Sandbox) -> None:
    gateway.fail("deepseek", status=503)
    record = routing(await ask(router, CODE))
    assert record["model"] == "qwen"
    assert [attempt["status"] for attempt in record["attempts"]] == [503, 200]


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_an_error_in_the_stream_before_any_text(way: str, router: NovastackRouter, gateway: Sandbox) -> None:
    gateway.fail("deepseek", kind="role_then_error")
    answer = await WAYS[way](router, CODE)
    assert routing(answer)["model"] == "qwen"


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_stream_cut_after_text(way: str, router: NovastackRouter, gateway: Sandbox) -> None:
    gateway.fail("deepseek", kind="cut_stream")
    with pytest.raises(StreamInterruptedError) as caught:
        await WAYS[way](router, CODE)
    assert caught.value.partial is not None


def test_each_model_is_asked_under_its_id(router: NovastackRouter, gateway: Sandbox) -> None:
    questions = {"What is a router?": "qwen", CODE: "deepseek", "Write a poem about rivers.": "claude"}
    for question in questions:
        router.invoke(question)
    assert [request.model for request in gateway.requests] == list(questions.values())
