"""The log of calls: one line for each answer and each switch, the figures in `extra`, in all four ways."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.caches import InMemoryCache

from langchain_novastack import RouteDecision
from langchain_novastack.cards import Price

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import NovastackRouter
    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function: pelican."
SCHEMA = {"title": "Report", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


@pytest.fixture
def seen(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """Everything that the logger said so far: level, line, and figures without their prefix."""
    caplog.set_level(logging.DEBUG, "langchain_novastack")

    def read() -> list[dict[str, Any]]:
        records = [record for record in caplog.records if record.name == "langchain_novastack"]
        figures = [
            {name.removeprefix("novastack_"): value for name, value in vars(record).items() if "novastack_" in name}
            for record in records
        ]
        lines = [{"level": record.levelname, "line": record.getMessage()} for record in records]
        return [{**line, **figure} for line, figure in zip(lines, figures, strict=True)]

    return read


async def test_an_answer(make: Make, ask: Ask, seen: Any) -> None:
    message = await ask(make(), CODE)
    (said,) = seen()
    record = message.response_metadata["routing"]
    assert said["level"] == "INFO"
    assert said["line"].startswith(f"deepseek answered in {said['seconds']:.3f} s, {said['tokens']} tokens. ")
    assert said["line"].endswith(record["reason"])
    assert said["seconds"] == record["attempts"][0]["seconds"]
    assert said["tokens"] == message.usage_metadata["total_tokens"] > said["input_tokens"] > 0
    expected = {"model": "deepseek", "task": "code", "fallback": False, "attempts": 1, "finish_reason": "stop"}
    assert {name: said[name] for name in expected} == expected
    assert said["dollars"] is None


async def test_dollars(make: Make, ask: Ask, seen: Any) -> None:
    message = await ask(make(prices={"deepseek": Price(input=1, output=2)}), CODE)
    (said,) = seen()
    assert said["dollars"] == message.response_metadata["cost_estimate"]
    assert f"{said['dollars']:.6f} dollars" in said["line"]


async def test_a_switch(make: Make, box: Sandbox, ask: Ask, seen: Any) -> None:
    box.fail("deepseek", status=503)
    await ask(make(), CODE)
    switch, answer = seen()
    assert (switch["level"], switch["model"], switch["next"], switch["status"]) == ("WARNING", "deepseek", "qwen", 503)
    assert switch["line"] == f"deepseek failed ({switch['error']}); asking qwen instead."
    assert (answer["model"], answer["fallback"], answer["attempts"]) == ("qwen", True, 2)
    assert "after a fallback" in answer["line"]


async def test_no_text_of_the_prompt(make: Make, box: Sandbox, ask: Ask, seen: Any) -> None:
    box.fail("deepseek", status=400, message=f"Refused: {CODE}")
    await ask(make(), CODE)
    assert "pelican" not in str(seen())
    assert box.api_key not in str(seen())


async def test_one_line_for_one_answer(make: Make, ask: Ask, seen: Any) -> None:
    """Of a router in a line, of a branch alone, and of what is no message."""
    router = make()
    await ask(router.with_fallbacks([router]), CODE)
    await ask(router.branches["claude"], CODE)
    await ask(make().with_structured_output(SCHEMA), CODE)
    models = [model.with_structured_output(SCHEMA) for model in router.models.values()]
    await ask(models[0].with_fallbacks(models[1:]), CODE)
    assert [said["model"] for said in seen()] == ["deepseek", "claude", "deepseek", "qwen"]


def test_an_answer_out_of_a_cache(make: Make, seen: Any) -> None:
    router = make(cache=InMemoryCache())
    for _ in range(2):
        router.invoke(CODE)
    assert [said["attempts"] for said in seen()] == [1, 0]


async def test_a_level_that_is_off(make: Make, box: Sandbox, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "langchain_novastack")
    box.fail("deepseek", status=503)
    await ask(make(), CODE)
    assert [record for record in caplog.records if record.name == "langchain_novastack"] == []


async def test_what_a_policy_says_steers_no_terminal(make: Make, ask: Ask, seen: Any) -> None:
    reason = "\x1b[31mred\x07 \u202e"
    await ask(make(policy=lambda _: RouteDecision(model="claude", reason=reason)), "Hello")
    (line,) = seen()
    assert (line["line"].isprintable(), line["reason"]) == (True, "\\u001b[31mred\\u0007 \\u202e")
