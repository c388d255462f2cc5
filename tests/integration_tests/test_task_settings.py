"""Settings of a task: sent on its route, under the caller's own, with the effort in each model's own words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import ValidationError

from langchain_novastack import KeywordPolicy, RouteDecision, Task
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import NovastackRouter
    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function."


def policy(**settings: Any) -> KeywordPolicy:
    """Return the default policy with settings for code."""
    code, *others = DEFAULT_TASKS
    return KeywordPolicy(tasks=(code.model_copy(update={"settings": settings}), *others))


def sent(box: Sandbox, *names: str) -> list[Any]:
    """Return fields of the last request."""
    return [box.requests[-1].body.get(name) for name in names]


async def test_settings_are_sent_on_their_route_alone(make: Make, box: Sandbox, ask: Ask) -> None:
    router = make(policy=policy(temperature=0, max_tokens=7))
    await ask(router, CODE)
    assert sent(box, "temperature", "max_tokens") == [0, 7]
    await ask(router, "What is the capital of France?")
    assert sent(box, "temperature", "max_tokens") == [0.7, 4096]
    assert "settings" not in routing(await ask(router, CODE))


async def test_the_callers_own_win(make: Make, box: Sandbox, ask: Ask) -> None:
    router = make(policy=policy(temperature=0, max_tokens=7))
    await ask(router, CODE, temperature=0.3)
    assert sent(box, "temperature", "max_tokens") == [0.3, 7]
    await ask(router.bind(max_tokens=9), CODE)
    assert sent(box, "temperature", "max_tokens") == [0, 9]


async def test_the_callers_own_win_by_either_name(make: Make, box: Sandbox, ask: Ask) -> None:
    await ask(make(policy=policy(max_tokens=500)), CODE, max_completion_tokens=30)
    assert sent(box, "max_tokens", "max_completion_tokens") == [30, None]
    await ask(make(policy=policy(max_completion_tokens=500)), CODE, max_tokens=30)
    assert sent(box, "max_tokens", "max_completion_tokens") == [30, None]


async def test_a_model_that_the_caller_names_has_no_settings(make: Make, box: Sandbox, ask: Ask) -> None:
    await ask(make(policy=policy(max_tokens=7)), CODE, model="deepseek")
    assert sent(box, "max_tokens") == [4096]


async def test_effort_is_told_in_the_models_own_words(make: Make, box: Sandbox, ask: Ask) -> None:
    """Also after a fallback, where the one who is asked is another."""
    router = make(policy=policy(reasoning_effort="xhigh"))
    record = routing(await ask(router, CODE))
    assert sent(box, "reasoning_effort", "thinking") == ["max", {"type": "enabled"}]
    assert record["changed"] == ["reasoning_effort", "thinking"]
    box.fail("deepseek", status=503)
    await ask(router, CODE)
    assert sent(box, "reasoning_effort", "enable_thinking") == [None, True]


async def test_the_callers_effort_is_sent_as_given_to_the_model_decided_on(make: Make, box: Sandbox, ask: Ask) -> None:
    router = make(policy=policy(reasoning_effort="xhigh"))
    await ask(router, CODE, reasoning_effort="low")
    assert sent(box, "reasoning_effort", "thinking") == ["low", None]
    box.fail("deepseek", status=503)
    await ask(router, CODE, reasoning_effort="none")
    assert sent(box, "reasoning_effort", "enable_thinking") == [None, False]


async def test_settings_hold_through_a_tool_loop(make: Make, box: Sandbox, ask: Ask) -> None:
    router = make(policy=policy(max_tokens=7))
    call = {"name": "run", "args": {}, "id": "call_1"}
    box.answer("deepseek", tool_calls=[call])
    opener = await ask(router, CODE)
    await ask(router, [HumanMessage(CODE), opener, ToolMessage("ok", tool_call_id="call_1")])
    assert sent(box, "max_tokens") == [7]


async def test_a_policys_own_decision_may_have_settings(make: Make, box: Sandbox, ask: Ask) -> None:
    decision = RouteDecision(model="qwen", settings={"max_tokens": 11})
    await ask(make(policy=lambda _: decision), "Hello")
    assert sent(box, "max_tokens") == [11]


@pytest.mark.parametrize("settings", [{"model": "qwen"}, {"stream": True}, {"temperature": float("nan")}])
def test_bad_settings_are_named(settings: dict[str, Any]) -> None:
    for build in (partial(Task, name="x"), RouteDecision):
        with pytest.raises(ValidationError, match=r"`(settings|temperature)` must"):
            build(model="qwen", settings=settings)


# ---- sticky conversations

POEM = "Write a poem about rain."


def answered(task: str, model: str) -> AIMessage:
    return AIMessage("...", response_metadata={"routing": {"task": task, "model": model}})


def test_a_sticky_conversation_keeps_its_model() -> None:
    loose, sticky = KeywordPolicy(), KeywordPolicy(sticky=True)
    history = [SystemMessage("Be brief."), HumanMessage(POEM), answered("creative", "claude")]
    question = HumanMessage("Please look at the numbers of last year.")
    assert loose([*history, question]).model == "qwen"
    assert sticky([*history, question]).model == "claude"
    assert sticky([HumanMessage(POEM), AIMessage("..."), question]).model == "claude"  # without a record, too
    assert "stays" in sticky([*history, question]).reason


def test_a_surely_other_request_leaves_it() -> None:
    sticky = KeywordPolicy(sticky=True)
    history = [HumanMessage(POEM), answered("creative", "claude")]
    surely = HumanMessage("Debug this Python traceback:\n```python\nraise KeyError('x')\n```\nTypeError: x")
    assert KeywordPolicy()([surely]).confidence >= 0.9
    assert sticky([*history, surely]).model == "deepseek"


def test_the_first_request_decides_by_itself() -> None:
    sticky = KeywordPolicy(sticky=True)
    for prompt in (POEM, "Debug this function.", "Hello"):
        for before in ([], [SystemMessage("You write poems.")]):
            assert sticky([*before, HumanMessage(prompt)]) == KeywordPolicy()(prompt)
