"""Whose fault a failure is decides who is asked next: overflow, refusals, the gateway, and the caller's own affairs."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openai
import pytest
from helpers.failing_listener import Raises
from helpers.ways import WAYS, Ask, routing
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langgraph.errors import GraphInterrupt

from langchain_novastack import ChatNovastack, NovastackRouter, RouteMisconfiguredWarning
from langchain_novastack._compat import httpx
from langchain_novastack.cards import CARDS
from langchain_novastack.errors import NovastackConnectionError, NovastackContextOverflowError
from langchain_novastack.fallbacks import NovastackFallbacks

if TYPE_CHECKING:
    from langchain_novastack.sandbox import Sandbox

QUESTION = "Debug this function."
Make = Callable[..., NovastackRouter]
Model = Callable[..., ChatNovastack]
OVERFLOW = "This model's maximum context length is 1000 tokens."
WINDOWS = {"qwen": 1_000, "deepseek": 2_000, "claude": 3_000}


def asked(box: Sandbox) -> list[str | None]:
    return [request.model for request in box.requests]


# ---- context overflow


@pytest.fixture
def windows(model: Model) -> dict[str, ChatNovastack]:
    """Three models with windows of their own."""
    return {alias: model(alias, profile={"max_input_tokens": window}) for alias, window in WINDOWS.items()}


OVERFLOWS = [
    {"status": 400, "message": OVERFLOW},
    {"status": 413, "message": OVERFLOW},
    {"kind": "error_body", "message": OVERFLOW},
]


@pytest.mark.parametrize("how", OVERFLOWS, ids=["400", "413", "in a 200"])
async def test_an_overflow_moves_only_to_a_larger_window(
    box: Sandbox, windows: dict[str, ChatNovastack], ask: Ask, how: dict[str, Any]
) -> None:
    router = NovastackRouter(models=windows, fallbacks={"deepseek": ["qwen", "claude"]})
    box.fail("deepseek", **how)
    record = routing(await ask(router, QUESTION))
    assert asked(box) == ["deepseek", "claude"]
    assert (record["model"], record["skipped"]) == ("claude", [])
    assert router.health()["deepseek"]["failures"] == 0


@pytest.mark.parametrize("how", OVERFLOWS, ids=["400", "413", "in a 200"])
async def test_an_overflow_that_no_window_holds_is_raised(
    box: Sandbox, windows: dict[str, ChatNovastack], ask: Ask, how: dict[str, Any]
) -> None:
    router = NovastackRouter(models=windows, fallbacks={"deepseek": ["qwen"]})
    box.fail("deepseek", **how)
    with pytest.raises(NovastackContextOverflowError) as caught:
        await ask(router, QUESTION)
    assert asked(box) == ["deepseek"]
    assert not caught.value.is_retryable
    assert isinstance(caught.value, openai.BadRequestError)


# ---- the gateway


@pytest.fixture
def nobody() -> Iterator[str]:
    """A base URL where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/router/v1"


@pytest.mark.parametrize("plain", [False, True], ids=["ChatNovastack", "ChatOpenAI"])
async def test_when_the_gateway_is_not_there_nobody_else_is_asked(
    nobody: str, make: Make, ask: Ask, log: pytest.LogCaptureFixture, *, plain: bool
) -> None:
    """All models live behind the same door."""
    router = make(base_url=nobody)
    if plain:
        given: dict[str, Any] = {"base_url": nobody, "api_key": "any", "max_retries": 0}
        router = NovastackRouter(
            models={alias: ChatOpenAI(model=CARDS[alias].id, **given) for alias in ("qwen", "deepseek")}
        )
    with pytest.raises(openai.APIConnectionError) as caught:
        await ask(router, QUESTION)
    assert isinstance(caught.value, NovastackConnectionError) is not plain
    assert log.records == [], "nobody was asked instead"
    assert router.health()["deepseek"]["failures"] == 0


async def test_a_name_that_does_not_exist(make: Make, ask: Ask) -> None:
    with pytest.raises(NovastackConnectionError) as caught:
        await ask(make(base_url="http://no-such-host.invalid/router/v1", max_retries=0), QUESTION)
    assert (caught.value.model, caught.value.status, caught.value.is_retryable) == ("deepseek", None, True)


@pytest.mark.parametrize("status", [401, 402])
async def test_a_wrong_key_behind_a_failure_stops_too(box: Sandbox, make: Make, ask: Ask, status: int) -> None:
    """What is the account's fault ends the line wherever it shows."""
    box.fail("deepseek", status=503).fail("qwen", status=status)
    with pytest.raises(openai.APIStatusError):
        await ask(make(fallbacks={"deepseek": ["qwen", "claude"]}), QUESTION)
    assert asked(box) == ["deepseek", "qwen"]


async def test_a_wrong_key_for_real(box: Sandbox, make: Make, ask: Ask) -> None:
    with pytest.raises(openai.AuthenticationError):
        await ask(make(api_key="wrong"), QUESTION)
    assert [request.status for request in box.requests] == [401]


# ---- refusals that hide a misconfigured route


async def _warnings_of(asking: list[Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for ask, *args in asking:
            await ask(*args)
    return [str(each.message) for each in caught if issubclass(each.category, RouteMisconfiguredWarning)]


async def test_the_second_identical_refusal_warns_once(box: Sandbox, make: Make, ask: Ask) -> None:
    """A route that only ever answers by falling back is misconfigured, and should not stay hidden."""
    box.fail("deepseek", status=404)
    router = make()
    assert await _warnings_of([(ask, router, QUESTION)]) == []
    (said,) = await _warnings_of([(ask, router, QUESTION)])
    assert "deepseek" in said
    assert "404" in said
    assert await _warnings_of([(ask, router, QUESTION)] * 3) == []
    assert asked(box) == ["deepseek", "qwen"] * 5


async def test_the_warning_points_to_the_line_of_the_caller(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("deepseek", status=404)
    router = make()
    await ask(router, QUESTION)
    with pytest.warns(RouteMisconfiguredWarning) as caught:
        await ask(router, QUESTION)
    assert [Path(each.filename).name for each in caught] == ["ways.py"]


@pytest.mark.parametrize("first_two", [[404, 403], [400, 500], [404, 200]], ids=str)
async def test_other_pairs_do_not_warn(box: Sandbox, make: Make, ask: Ask, first_two: list[int]) -> None:
    """Different statuses, a failure of another kind between them, or an answer: nothing is said."""
    router = make()
    for status in (*first_two, first_two[0]):
        if status != 200:
            box.fail("deepseek", status=status, times=1)
        assert await _warnings_of([(ask, router, QUESTION)]) == []


async def test_after_an_answer_it_may_warn_again(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make()
    for _ in range(2):
        box.fail("deepseek", status=404, times=2)
        assert len(await _warnings_of([(ask, router, QUESTION)] * 2)) == 1
        await ask(router, QUESTION)


async def test_refusals_without_a_fallback_do_not_warn(box: Sandbox, make: Make, ask: Ask) -> None:
    """They are raised, which says enough."""
    box.fail("deepseek", status=404)
    router = make()

    async def refused() -> None:
        with pytest.raises(openai.NotFoundError):
            await ask(router, QUESTION, fallback=False)

    assert await _warnings_of([(refused,)] * 3) == []


# ---- the log


async def test_each_switch_is_one_warning(box: Sandbox, make: Make, ask: Ask, log: pytest.LogCaptureFixture) -> None:
    box.fail("deepseek", status=503).fail("claude", status=429)
    router = make(fallbacks={"deepseek": ["claude", "qwen"]})
    with log.at_level(logging.DEBUG, "langchain_novastack"):
        await ask(router, QUESTION)
    *switches, answered = log.records
    assert [(each.name, each.levelno) for each in switches] == [("langchain_novastack", logging.WARNING)] * 2
    assert answered.levelno == logging.INFO
    first, second = (each.getMessage() for each in switches)
    assert first.startswith("deepseek failed (NovastackServerError: deepseek answered HTTP 503")
    assert first.endswith("asking claude instead.")
    assert second.startswith("claude failed (NovastackRateLimitError")
    assert QUESTION not in log.text


async def test_an_answer_or_a_stop_is_no_switch(
    box: Sandbox, make: Make, ask: Ask, log: pytest.LogCaptureFixture
) -> None:
    router = make()
    await ask(router, QUESTION)
    box.fail("deepseek", status=401)
    with pytest.raises(openai.AuthenticationError):
        await ask(router, QUESTION)
    assert [each for each in log.records if each.name == "langchain_novastack"] == []


# ---- event loops


@pytest.mark.parametrize("way", ["ainvoke", "astream"])
@pytest.mark.parametrize("kind", ["ours", "ours, own HTTP client", "plain", "plain, own HTTP client", "plain, retries"])
def test_several_event_loops_in_one_process(box: Sandbox, way: str, kind: str) -> None:
    """What an earlier loop left behind is nobody's fault: the same model answers, on a fresh connection."""
    given: dict[str, Any] = {"base_url": box.base_url, "api_key": box.api_key}
    if "own" in kind:
        given["http_async_client"] = httpx.AsyncClient()
    if "retries" not in kind:
        given["max_retries"] = 0
    build: Any = ChatNovastack if kind.startswith("ours") else ChatOpenAI
    router = NovastackRouter(
        models={alias: build(model=CARDS[alias].id, **given) for alias in ("qwen", "deepseek")}, skip_after=1
    )
    for _ in range(4):
        record = routing(asyncio.run(WAYS[way](router, QUESTION)))  # type: ignore[arg-type] # a coroutine
        assert record["model"] == "deepseek"
        assert [(each["model"], each["status"]) for each in record["attempts"]] == [("deepseek", 200)]
    assert set(asked(box)) == {"deepseek"}
    assert router.health()["deepseek"]["failures"] == 0


async def test_a_loop_that_stays_closed_is_the_callers_error(model: Model, ask: Ask) -> None:
    """It is tried twice, and never answered by somebody else."""
    tries: list[str] = []

    def closed(_: object) -> None:
        tries.append("tried")
        msg = "Event loop is closed"
        raise RuntimeError(msg)

    line: NovastackFallbacks[Any, Any] = NovastackFallbacks(runnable=RunnableLambda(closed), fallbacks=[model()])
    with pytest.raises(RuntimeError, match="Event loop is closed"):
        await ask(line, QUESTION)
    assert len(tries) == 2


# ---- the caller's own affairs


async def test_an_interrupt_of_the_graph_is_no_failure(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make()
    with pytest.raises(GraphInterrupt):
        await ask(router, QUESTION, config={"callbacks": [Raises(GraphInterrupt())]})
    assert box.requests == []
    assert router.health()["deepseek"]["failures"] == 0


async def test_an_interrupt_in_a_line_of_runnables_is_no_failure(box: Sandbox, model: Model, ask: Ask) -> None:
    def interrupt(_: object) -> None:
        raise GraphInterrupt

    line: NovastackFallbacks[Any, Any] = NovastackFallbacks(runnable=RunnableLambda(interrupt), fallbacks=[model()])
    with pytest.raises(GraphInterrupt):
        await ask(line, QUESTION)
    assert box.requests == []


@pytest.mark.parametrize("kind", [ValueError, KeyError, AssertionError, OSError])
async def test_an_error_in_a_line_of_runnables_is_raised(
    box: Sandbox, model: Model, ask: Ask, kind: type[Exception]
) -> None:
    def fail(_: object) -> None:
        msg = "mine"
        raise kind(msg)

    line: NovastackFallbacks[Any, Any] = NovastackFallbacks(runnable=RunnableLambda(fail), fallbacks=[model()])
    with pytest.raises(kind, match="mine"):
        await ask(line, QUESTION)
    assert box.requests == []


@pytest.mark.parametrize(("status", "expected"), [(429, ["deepseek", "qwen"]), (503, ["deepseek"])])
async def test_exceptions_to_handle_narrows_the_rules(
    box: Sandbox, model: Model, ask: Ask, status: int, expected: list[str]
) -> None:
    line = model("deepseek").with_fallbacks([model()], exceptions_to_handle=(openai.RateLimitError,))
    box.fail("deepseek", status=status)
    if len(expected) == 1:
        with pytest.raises(openai.InternalServerError):
            await ask(line, QUESTION)
    else:
        assert routing(await ask(line, QUESTION))["model"] == "qwen"
    assert asked(box) == expected


async def test_exceptions_to_handle_never_widens_them(box: Sandbox, model: Model, ask: Ask) -> None:
    """A wrong key is everybody's, whatever the caller asks to handle."""
    line = model("deepseek").with_fallbacks([model()], exceptions_to_handle=(openai.APIError, ValueError))
    box.fail("deepseek", status=401)
    with pytest.raises(openai.AuthenticationError):
        await ask(line, QUESTION)
    assert asked(box) == ["deepseek"]


# ---- the caller's own code, with errors of the wire's own classes

THEIRS: tuple[Callable[[], Exception], ...] = (
    lambda: httpx.ConnectError("mine"),
    lambda: httpx.ReadTimeout("mine"),
    lambda: openai.APIConnectionError(message="mine", request=httpx.Request("GET", "http://127.0.0.1/")),
    lambda: ValueError("mine"),
)


@pytest.mark.parametrize("error", THEIRS, ids=lambda error: type(error()).__name__)
async def test_what_gives_the_key_fails_as_the_callers_code(box: Sandbox, make: Make, ask: Ask, error: Any) -> None:
    """It may ask a server of its own for the key: no other model is tried, none is blamed, and the error is its own."""

    def key() -> str:
        raise error()

    router = make(api_key=key)
    with pytest.raises(type(error()), match="mine"):
        await ask(router, QUESTION)
    assert box.requests == []
    assert {health["failures"] for health in router.health().values()} == {0}


@pytest.mark.parametrize("error", THEIRS, ids=lambda error: type(error()).__name__)
@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_listener_that_fails_is_nobodys_fault(box: Sandbox, make: Make, way: str, error: Any) -> None:
    router = make()
    with pytest.raises(type(error()), match="mine"):
        await WAYS[way](router, QUESTION, config={"callbacks": [Raises(error(), at="on_llm_new_token")]})
    assert [request.model for request in box.requests] == ["deepseek"]
    assert {health["failures"] for health in router.health().values()} == {0}


async def begun(model: Any, messages: Any) -> None:
    """Ask for a stream, and stop reading after its first chunk."""
    stream = model.stream(messages)
    next(stream)
    stream.close()


def ill(box: Sandbox, *models: str, status: int = 503) -> None:
    for model in models:
        box.fail(model, status=status)


LET_GO: dict[str, Callable[[Sandbox], None]] = {
    "another answers": lambda box: ill(box, "deepseek"),
    "a router in line fails": lambda box: ill(box, "deepseek", "qwen"),
    "all fail": lambda box: ill(box, *CARDS),
    "stopped at once": lambda box: ill(box, "deepseek", status=401),
}


# Not `ainvoke`: core's `agenerate` keeps a list of errors, in a frame that they hold. So does contextlib before 3.11 of
# the `GeneratorExit` that closes a stream.
_LETTING_GO = ["invoke", "stream", "astream", *(["begun"] if sys.version_info >= (3, 11) else [])]


@pytest.mark.parametrize("way", _LETTING_GO)
@pytest.mark.parametrize("case", LET_GO)
async def test_a_failed_attempt_holds_nothing_after_the_call(
    make: Make, model: Model, box: Sandbox, case: str, way: str
) -> None:
    """Its error, and with that the prompt, goes with the call: no collector has to come by first."""
    line = make(skip_after=None).with_fallbacks([model("claude", max_retries=0)])
    LET_GO[case](box)
    ask: Ask = {**WAYS, "begun": begun}[way]
    with suppress(openai.APIError):
        await ask(line, QUESTION)
    messages = [HumanMessage(QUESTION)]
    prompt = weakref.ref(messages[0])
    gc.collect()
    gc.disable()
    try:
        with suppress(openai.APIError):
            await ask(line, messages)
        del messages
        assert prompt() is None
    finally:
        gc.enable()
