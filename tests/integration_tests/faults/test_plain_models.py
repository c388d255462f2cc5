"""Plain `ChatOpenAI` models in a router: the same table, and their own errors, unchanged."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import openai
import pytest
from helpers.failing_listener import Raises
from helpers.fault_rows import CUT, NEXT, STOP, TABLE, Row
from helpers.ways import WAYS, Ask, routing
from langchain_openai import ChatOpenAI

from langchain_novastack import AllModelsFailedError, ChatNovastack, NovastackError, NovastackRouter
from langchain_novastack import StreamInterruptedError as Interrupted
from langchain_novastack.cards import CARDS

if TYPE_CHECKING:
    from langchain_novastack.sandbox import Sandbox

QUESTION = "Debug this function."
Plain = Callable[..., ChatOpenAI]


@pytest.fixture
def plain(box: Sandbox) -> Plain:
    """Build a `ChatOpenAI` on the sandbox."""

    def build(alias: str, **settings: Any) -> ChatOpenAI:
        given = {"base_url": box.base_url, "api_key": box.api_key, "max_retries": 0, **settings}
        return ChatOpenAI(model=CARDS[alias].id, **given)

    return build


def two(plain: Plain, row: Row | None = None, **settings: Any) -> NovastackRouter:
    """Return a router over two of them, the first impatient where that is what is tested."""
    kind = row.how.get("kind") if row else None
    waits: dict[str, Any] = {"timeout": 0.15} if kind == "silent" else {}
    return NovastackRouter(models={"qwen": plain("qwen"), "deepseek": plain("deepseek", **waits, **settings)})


def rows() -> list[str]:
    """Return what a plain model can show; keep-alive comments keep it waiting by its own settings."""
    return [name for name, row in TABLE.items() if row.how.get("kind") != "stall_after"]


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("name", rows())
async def test_the_same_table_holds(box: Sandbox, plain: Plain, name: str, way: str) -> None:
    row = TABLE[name]
    then = row.streamed if "stream" in way else row.whole
    box.fail("deepseek", **row.how)
    router = two(plain, row)
    if then in {STOP, CUT}:
        with pytest.raises(Interrupted if then == CUT else openai.APIStatusError) as caught:
            await WAYS[way](router, QUESTION)
        assert isinstance(caught.value, NovastackError) is (then == CUT)
        assert then == CUT or isinstance(caught.value, row.openai or Exception)
    else:
        record = routing(await WAYS[way](router, QUESTION))
        expected = [("deepseek", row.status), ("qwen", 200)] if then == NEXT else [("deepseek", 200)]
        assert [(attempt["model"], attempt["status"]) for attempt in record["attempts"]] == expected
        assert record["fallback"] is (then == NEXT)
    assert [request.model for request in box.requests] == (["deepseek", "qwen"] if then == NEXT else ["deepseek"])


@pytest.mark.parametrize("name", ["error in a 200 body", "HTML with a 200", "half of the JSON", "503", "429"])
async def test_their_errors_come_out_as_they_are(box: Sandbox, plain: Plain, ask: Ask, name: str) -> None:
    """Without a fallback the error is what the model alone raises."""
    box.fail("*", **TABLE[name].how)
    expected = (ValueError, openai.APIError)
    with pytest.raises(expected) as alone:
        await ask(plain("deepseek"), QUESTION)
    with pytest.raises(expected) as routed:
        await ask(two(plain), QUESTION, fallback=False)
    assert (type(routed.value), str(routed.value)) == (type(alone.value), str(alone.value))


@pytest.mark.parametrize(
    "travel",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],  # noqa: S301 - our own
)
async def test_what_they_failed_with_says_whose_it_is_wherever_it_goes(
    box: Sandbox, plain: Plain, ask: Ask, travel: Callable[[Any], Any]
) -> None:
    """Errors of the SDK do not pickle; what stands for them has the alias, also after a second journey."""
    box.fail("*", status=503)
    with pytest.raises(AllModelsFailedError) as caught:
        await ask(two(plain), QUESTION)
    again = travel(travel(caught.value))
    assert [(each.model, each.status) for each in again.attempts] == [("deepseek", 503), ("qwen", 503)]
    assert (again.model, again.__cause__) == (None, again.attempts[0])


@pytest.mark.parametrize("name", ["error in a 200 body", "no choices", "half of the JSON", "reset without an answer"])
async def test_when_all_of_them_fail(box: Sandbox, plain: Plain, ask: Ask, name: str) -> None:
    """The error names each of them, matches its cause's class and survives a pickle."""
    box.fail("*", **TABLE[name].how)
    with pytest.raises(AllModelsFailedError) as caught:
        await ask(two(plain), QUESTION)
    error = caught.value
    assert str(error).startswith("All models failed: deepseek: ")
    assert "; qwen: " in str(error)
    assert error.is_retryable
    assert error.__cause__ is error.attempts[0]
    assert isinstance(error, type(error.attempts[0]))
    again: Any = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.routing, again.is_retryable) == (str(error), error.routing, True)


async def test_a_rate_limit_behind_a_bad_request_is_the_cause(box: Sandbox, plain: Plain, ask: Ask) -> None:
    """The first retryable error is the cause, with its status and what it asks for."""
    box.fail("deepseek", status=400).fail("qwen", status=429, retry_after=7)
    with pytest.raises(openai.RateLimitError) as caught:
        await ask(two(plain), QUESTION)
    error = caught.value
    assert isinstance(error, AllModelsFailedError)
    first, second = error.attempts
    assert isinstance(first, openai.BadRequestError)
    assert isinstance(second, openai.RateLimitError)
    assert error.__cause__ is error.attempts[1]
    assert (error.status, error.is_retryable) == (429, True)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert issubclass(type(again), openai.RateLimitError)
    assert [attempt.status for attempt in again.attempts] == [400, 429]


KINDS = (ValueError, TypeError, IndexError, RuntimeError, json.JSONDecodeError)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ours", [True, False], ids=["ChatNovastack", "ChatOpenAI"])
async def test_an_error_in_the_callers_code_is_nobodys_fault(
    box: Sandbox, plain: Plain, model: Callable[..., ChatNovastack], ask: Ask, kind: Any, *, ours: bool
) -> None:
    """The same classes that a broken answer raises: raised at once here, and no model's health suffers."""
    build: Any = model if ours else plain
    error = kind("mine", "", 0) if kind is json.JSONDecodeError else kind("mine")
    router = NovastackRouter(models={"qwen": build("qwen"), "deepseek": build("deepseek")})
    with pytest.raises(kind, match="mine"):
        await ask(router, QUESTION, config={"callbacks": [Raises(error)]})
    assert box.requests == []
    assert {health["failures"] for health in router.health().values()} == {0}


async def test_arguments_no_model_takes_are_the_callers(box: Sandbox, plain: Plain, ask: Ask) -> None:
    with pytest.raises(TypeError, match="no_such_argument"):
        await ask(two(plain), QUESTION, no_such_argument=1)
    assert box.requests == []


async def test_their_retry_after_counts_for_their_health(box: Sandbox, plain: Plain, ask: Ask) -> None:
    box.fail("deepseek", status=429, retry_after=500)
    router = two(plain)
    for _ in range(3):
        await ask(router, QUESTION)
    assert 400 < router.health()["deepseek"]["retry_in"] <= 500


class Refusing(ChatOpenAI):
    """A model of the user's own, which raises an error that was made by hand."""

    kind: type[openai.APIStatusError]

    def _generate(self, *_: Any, **__: Any) -> Any:
        raise self.kind("busy", response=Mock(status_code=429), body=None)

    async def _agenerate(self, *_: Any, **__: Any) -> Any:
        self._generate()

    _stream = _astream = _generate


class Busy(openai.RateLimitError):
    """An error that says how long to wait."""

    retry_after = 500


@pytest.mark.parametrize("kind", [openai.RateLimitError, Busy])
async def test_errors_made_by_hand(box: Sandbox, plain: Plain, ask: Ask, kind: type[openai.APIStatusError]) -> None:
    """Tests of users raise errors with a mock for a response; what one says of a wait is kept."""
    refusing = Refusing(model=CARDS["deepseek"].id, base_url=box.base_url, api_key=box.api_key, kind=kind)
    router = NovastackRouter(models={"qwen": plain("qwen"), "deepseek": refusing})
    for _ in range(3):
        assert "You asked" in (await ask(router, QUESTION)).text
    assert (router.health()["deepseek"]["retry_in"] > 400) is (kind is Busy)
