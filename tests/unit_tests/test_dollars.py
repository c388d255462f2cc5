"""Dollars of an answer, by every shape of usage, are those of `genai-prices`, a package of Pydantic's makers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from genai_prices import Usage, extract_usage
from genai_prices.types import ModelPrice

from langchain_novastack.costs import CostTracker, Price, cost_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import NovastackRouter
    from langchain_novastack.sandbox import Sandbox

OPENAI, OPENROUTER, DEEPSEEK = ("openai", "chat"), ("openrouter", "chat"), ("deepseek", "chat")
ANTHROPIC, RESPONSES = ("anthropic", "default"), ("openai", "responses")


def counted(prompt: int, completion: int, *, cached: Any = None, written: Any = None, reasoning: Any = None) -> Any:
    """Return a usage as OpenAI and OpenRouter spell it."""
    details = {"cached_tokens": cached, "cache_write_tokens": written}
    known = {name: count for name, count in details.items() if count is not None}
    usage: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": completion}
    usage |= {"prompt_tokens_details": known} if known else {}
    usage |= {} if reasoning is None else {"completion_tokens_details": {"reasoning_tokens": reasoning}}
    return {**usage, "total_tokens": prompt + completion}


def anthropic(fresh: int, completion: int, **cached: int) -> Any:
    return {"input_tokens": fresh, "output_tokens": completion, **cached}


HIT = {"prompt_cache_hit_tokens": 1_920, "prompt_cache_miss_tokens": 80}
HALVES = {"input_tokens_details": {"cached_tokens": 900}, "output_tokens_details": {"reasoning_tokens": 64}}
SHAPES: dict[str, tuple[tuple[str, str] | Usage, dict[str, Any]]] = {
    "OpenAI": (OPENAI, counted(2_006, 300)),
    "OpenAI, cached": (OPENAI, counted(2_006, 300, cached=1_920)),
    "OpenAI, cached, reasoning": (OPENAI, counted(2_006, 1_300, cached=1_920, reasoning=1_024)),
    "OpenAI, cached and written": (OPENAI, counted(9_006, 1_300, cached=1_920, written=7_000)),
    "OpenAI, all cached": (OPENAI, counted(2_048, 1, cached=2_048)),
    "OpenAI Responses": (RESPONSES, anthropic(1_000, 100) | HALVES),
    "OpenRouter, cached": (OPENROUTER, counted(10_339, 60, cached=10_318)),
    "OpenRouter, written": (OPENROUTER, counted(10_339, 60, cached=0, written=10_318)),
    "OpenRouter, reasoning": (OPENROUTER, counted(14, 163, cached=0, reasoning=150)),
    "OpenRouter, cost unknown": (OPENROUTER, {**counted(194, 2), "cost": None}),
    "DeepSeek": (DEEPSEEK, counted(2_000, 70)),
    "DeepSeek, hits": (DEEPSEEK, {**counted(2_000, 70, cached=1_920), **HIT}),
    "DeepSeek, hits alone": (
        Usage(input_tokens=2_000, cache_read_tokens=1_920, output_tokens=70),
        {**counted(2_000, 70, reasoning=50), **HIT},
    ),
    "Anthropic": (ANTHROPIC, anthropic(2_095, 503)),
    "Anthropic, read": (ANTHROPIC, anthropic(50, 503, cache_read_input_tokens=100_000)),
    "Anthropic, written": (ANTHROPIC, anthropic(50, 503, cache_creation_input_tokens=100_000)),
    "Anthropic, read and written": (
        ANTHROPIC,
        anthropic(50, 503, cache_read_input_tokens=100_000, cache_creation_input_tokens=248),
    ),
    "Anthropic's counts in OpenAI's shape": (
        Usage(input_tokens=1_300, cache_read_tokens=1_000, cache_write_tokens=200, output_tokens=9),
        {**counted(1_300, 9), "cache_read_input_tokens": 1_000, "cache_creation_input_tokens": 200},
    ),
    "counts as text": (
        Usage(input_tokens=1_300, cache_read_tokens=1_000, output_tokens=9),
        {"prompt_tokens": "1300", "completion_tokens": "9", "prompt_tokens_details": {"cached_tokens": "1000"}},
    ),
}
PRICE = Price(input=5, output=25, cache_read=0.5, cache_write=6.25)
THEIRS = ModelPrice(
    input_mtok=Decimal(5), output_mtok=Decimal(25), cache_read_mtok=Decimal("0.5"), cache_write_mtok=Decimal("6.25")
)


def body(usage: dict[str, Any]) -> str:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Tea."}, "finish_reason": "stop"}
    return json.dumps({"model": "Claude-Opus-4.7", "choices": [choice], "usage": usage})


def theirs(read: tuple[str, str] | Usage, usage: dict[str, Any]) -> float:
    if isinstance(read, tuple):
        provider, flavor = read
        read = extract_usage({"usage": usage}, provider_id=provider, api_flavor=flavor).usage
    return float(THEIRS.calc_price(read)["total_price"])


@pytest.mark.parametrize("shape", SHAPES)
async def test_dollars_are_exact(ask: Ask, box: Sandbox, make: Callable[..., NovastackRouter], shape: str) -> None:
    read, usage = SHAPES[shape]
    box.fail("claude", kind="raw", body=body(usage))
    message = await ask(make(prices={"claude": PRICE}), "Write a poem.")
    assert message.response_metadata["cost_estimate"] == pytest.approx(theirs(read, usage), rel=0, abs=1e-9)
    assert "cost_estimate_note" not in message.response_metadata
    assert cost_of(message, PRICE) == cost_of(message)


async def test_without_a_cache_price_the_estimate_says_that_it_is_too_high(
    ask: Ask, box: Sandbox, make: Callable[..., NovastackRouter]
) -> None:
    """Half a dollar for six cents, at 98 % from the cache: said on the message, by `cost_of`, and in the sums."""
    plain, sums = Price(input=5, output=25), CostTracker()
    usage = counted(100_000, 400, cached=98_000)
    box.fail("claude", kind="raw", body=body(usage))
    message = await ask(make(prices={"claude": plain}), "Write a poem.")
    assert cost_of(message).dollars == pytest.approx(0.51)
    assert cost_of(message).cache_as_input
    assert "cached tokens" in message.response_metadata["cost_estimate_note"]
    known = cost_of(message, PRICE)
    assert known.dollars == pytest.approx(0.069)
    assert not known.cache_as_input
    sums.add(message)
    assert "1 cache as input" in sums._repr_html_()
    assert sums.models["Claude-Opus-4.7"].cache_share == 0.98


async def test_a_cost_of_the_gateway_wins_over_any_price(
    ask: Ask, box: Sandbox, make: Callable[..., NovastackRouter]
) -> None:
    box.fail("claude", kind="raw", body=body({**counted(2_006, 300, cached=1_920), "cost": 0.25}))
    message = await ask(make(prices={"claude": PRICE}), "Write a poem.")
    assert cost_of(message) == cost_of(message, PRICE) == (0.25, False, False)


@pytest.mark.parametrize("name", ["cache_read", "cache_write"])
def test_cache_prices_are_finite_and_not_negative(name: str) -> None:
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match=name):
            Price(**{"input": 1, "output": 1, name: wrong})
