"""Listeners, retries, configs and bound arguments around a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.runnables import RunnableLambda

from langchain_novastack import ChatNovastack, NovastackRouter, NovastackServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox

QUESTION = "Why is the sky blue?"


class Tokens(BaseCallbackHandler):
    """Keeps what it is told about."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.starts = 0
        self.ends = 0

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self.starts += 1

    def on_llm_new_token(self, token: Any, **_: Any) -> None:
        self.tokens.append(token)

    def on_llm_end(self, *_: Any, **__: Any) -> None:
        self.ends += 1


class Starts(BaseCallbackHandler):
    """Keeps the tags and the metadata of each request."""

    def __init__(self) -> None:
        self.told: list[tuple[list[str], Any]] = []

    def on_chat_model_start(self, *_: Any, tags: Any = None, metadata: Any = None, **__: Any) -> None:
        self.told.append((tags, metadata.get("user")))


class AsyncTokens(AsyncCallbackHandler):
    """The same, asynchronously."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.starts = 0
        self.ends = 0

    async def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self.starts += 1

    async def on_llm_new_token(self, token: Any, **_: Any) -> None:
        self.tokens.append(token)

    async def on_llm_end(self, *_: Any, **__: Any) -> None:
        self.ends += 1


async def test_listeners_hear_the_start_and_the_end(llm: Any, ask: Ask) -> None:
    heard: list[tuple[str, Any]] = []
    listened = llm.with_listeners(
        on_start=lambda run: heard.append(("start", run.inputs)),
        on_end=lambda run: heard.append(("end", run.outputs)),
        on_error=lambda run: heard.append(("error", run.error)),
    )
    await ask(listened, QUESTION)
    assert [what for what, _ in heard] == ["start", "end"]
    assert "You asked" in str(heard[1][1])


async def test_listeners_hear_an_error(llm: Any, ask: Ask, box: Sandbox) -> None:
    heard: list[str] = []
    box.fail("qwen", status=401)
    with pytest.raises(openai.AuthenticationError):
        await ask(llm.with_listeners(on_error=lambda run: heard.append(str(run.error))), QUESTION)
    assert len(heard) == 1
    assert "401" in heard[0]


async def test_async_listeners(llm: Any) -> None:
    heard: list[str] = []

    async def start(_: Any) -> None:
        heard.append("start")

    async def end(_: Any) -> None:
        heard.append("end")

    listened: Any = RunnableLambda(llm.ainvoke).with_alisteners(on_start=start, on_end=end)
    assert "You asked" in (await listened.ainvoke(QUESTION)).text
    listened = llm.with_alisteners(on_start=start, on_end=end)
    assert "You asked" in (await listened.ainvoke(QUESTION)).text
    assert heard == ["start", "end"] * 2


@pytest.mark.parametrize("handler", [Tokens, AsyncTokens])
async def test_a_handler_hears_each_run_and_each_token_once(llm: Any, ask: Ask, handler: Callable[[], Tokens]) -> None:
    heard = handler()
    message = await ask(llm, QUESTION, {"callbacks": [heard]})
    assert (heard.starts, heard.ends) == (1, 1)
    assert "".join(heard.tokens) in {"", message.text}


async def test_a_handler_of_the_model_itself(build: Build, ask: Ask) -> None:
    heard = Tokens()
    await ask(build(callbacks=[heard]), QUESTION)
    assert (heard.starts, heard.ends) == (1, 1)


async def test_invoke_that_streams_under_the_hood(build: Build, box: Sandbox) -> None:
    heard = Tokens()
    llm = build(streaming=True)
    for message in (llm.invoke(QUESTION, {"callbacks": [heard]}), await llm.ainvoke(QUESTION, {"callbacks": [heard]})):
        assert "You asked" in message.text
    assert "".join(heard.tokens) == 2 * message.text
    assert [request.stream for request in box.requests] == [True, True]


async def test_a_retry_around_a_model(build: Build, box: Sandbox) -> None:
    box.fail("qwen", status=503, times=1)
    llm = build(max_retries=0).with_retry(
        retry_if_exception_type=(openai.InternalServerError,), stop_after_attempt=2, wait_exponential_jitter=False
    )
    assert "You asked" in llm.invoke(QUESTION).text
    box.fail("qwen", status=503, times=1)
    assert "You asked" in (await llm.ainvoke(QUESTION)).text
    assert [request.status for request in box.requests] == [503, 200, 503, 200]


async def test_a_retry_of_a_whole_chain_and_its_end(build: Build, box: Sandbox) -> None:
    box.fail("qwen", status=503)
    pipe = (RunnableLambda(lambda text: text) | build(max_retries=0)).with_retry(
        retry_if_exception_type=(NovastackServerError,), stop_after_attempt=2, wait_exponential_jitter=False
    )
    with pytest.raises(NovastackServerError):
        await pipe.ainvoke(QUESTION)
    assert len(box.requests) == 2


async def test_arguments_bound_and_given(llm: Any, ask: Ask, box: Sandbox) -> None:
    await ask(llm.bind(stop=["x9"], seed=3).with_config(tags=["mine"]), QUESTION)
    await ask(llm.bind(seed=3), QUESTION, seed=4)
    assert [(request.body.get("stop"), request.body["seed"]) for request in box.requests] == [(["x9"], 3), (None, 4)]


async def test_another_runnable_behind_it(llm: Any, ask: Ask, box: Sandbox) -> None:
    """While something waits behind the model, whatever it is, the SDK does not repeat the request."""
    box.fail("*", status=503)
    rescued = llm.with_fallbacks([RunnableLambda(lambda _: "a canned answer")])
    assert await ask(rescued, QUESTION) == "a canned answer"
    assert len(box.requests) == 1


async def test_a_models_own_listener_behind_a_router(box: Sandbox, ask: Ask) -> None:
    """It hears the tags and metadata of the call, of each call its own, though nothing listens to the router."""
    starts, given = Starts(), {"base_url": box.base_url, "api_key": box.api_key}
    router = NovastackRouter(models={"qwen": ChatNovastack(model="qwen", callbacks=[starts], **given)}, **given)
    for user in ("one", "two"):
        await ask(router, QUESTION, {"tags": [user], "metadata": {"user": user}})
    assert [(user in tags, user) for tags, user in starts.told] == [(True, "one"), (True, "two")]
