"""Who is asked in a line of fallbacks is who the record, the trace and the health name, however it was named."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import ChatMessage, HumanMessage

from langchain_novastack import NovastackInvalidRequestError, NovastackRouter, RoutedResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]
    Model = Callable[..., ChatNovastack]

CODE = "Debug this function."
SCHEMA = {"title": "Report", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


class Names(BaseCallbackHandler):
    """Notes the runs that begin: their names, and the tags that name a model."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.runs: list[tuple[str, list[str]]] = []

    def on_chain_start(self, *_: Any, **kwargs: Any) -> None:
        self._note(kwargs)

    def on_chat_model_start(self, *_: Any, **kwargs: Any) -> None:
        self._note(kwargs)

    def _note(self, run: dict[str, Any]) -> None:
        self.runs.append((run["name"], [tag for tag in run["tags"] or () if tag.startswith("model:")]))


def _named(model: Model, how: str) -> tuple[Any, dict[str, Any]]:
    """Return a line whose first model is asked as deepseek, and the arguments of the call that say so."""
    if how == "bind":
        return model("qwen").bind(model="deepseek").with_fallbacks([model("claude")]), {}
    if how == "a schema":
        line = model("qwen").bind(model="deepseek").with_structured_output(SCHEMA)
        return line.with_fallbacks([model("claude")]), {}
    return model("qwen").with_fallbacks([model("claude")]), {"model": "deepseek-v4-pro"}


@pytest.mark.parametrize("how", ["bind", "call"])
async def test_the_model_that_is_named_is_the_one_in_the_books(model: Model, box: Sandbox, ask: Ask, how: str) -> None:
    line, kwargs = _named(model, how)
    seen = Names()
    message = await ask(line, "Hello", {"callbacks": [seen]}, **kwargs)
    assert [request.model for request in box.requests] == ["deepseek"]
    assert routing(message)["model"] == "deepseek"
    assert [attempt["model"] for attempt in routing(message)["attempts"]] == ["deepseek"]
    assert ("DeepSeek-V4-Pro", ["model:deepseek"]) in seen.runs


@pytest.mark.parametrize("how", ["bind", "call", "a schema"])
async def test_failures_are_those_of_the_model_that_was_asked(
    model: Model, make: Make, box: Sandbox, ask: Ask, how: str
) -> None:
    line, kwargs = _named(model, how)
    box.fail("deepseek", status=503, times=1)
    await ask(line, "Hello", **kwargs)
    health = make().health()
    assert (health["qwen"]["failures"], health["deepseek"]["failures"]) == (0, 1 if how != "call" else 0)
    assert [request.model for request in box.requests] == ["deepseek", "deepseek" if how == "call" else "claude"]


async def test_another_of_the_same_name_is_a_fallback_too(model: Model, box: Sandbox, ask: Ask) -> None:
    """A second key, or a longer timeout, makes it another model in line."""
    box.fail("qwen", status=503, times=1)
    message = await ask(model("qwen").with_fallbacks([model("qwen", timeout=7)]), "Hello")
    assert (routing(message)["model"], routing(message)["fallback"]) == ("qwen", True)
    assert RoutedResponse.from_message(message).fallback_triggered


async def test_a_router_in_a_line_keeps_its_name_and_its_tags(make: Make, model: Model, ask: Ask) -> None:
    seen = Names()
    await ask(make().with_fallbacks([model("qwen")]), CODE, {"callbacks": [seen]})
    assert [name for name, _ in seen.runs].count("NovastackRouter") == 1
    assert seen.runs[-1] == ("DeepSeek-V4-Pro", ["model:deepseek"])


async def test_what_a_router_decided_is_kept_when_another_answers(
    make: Make, model: Model, box: Sandbox, ask: Ask
) -> None:
    box.fail("*", status=503, times=2)
    message = await ask(make(max_retries=0).with_fallbacks([model("claude")]), CODE)
    record = routing(message)
    assert (record["model"], record["task"], record["policy"], record["fallback"]) == (
        "claude",
        "code",
        "KeywordPolicy",
        True,
    )
    assert [attempt["model"] for attempt in record["attempts"]] == ["deepseek", "qwen", "claude"]


async def test_what_was_never_sent_is_no_refusal(make: Make, box: Sandbox, ask: Ask) -> None:
    """A card's rule is not the gateway's word: nobody is to be warned of a misconfigured model."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            await ask(make(), [("user", "Write a poem."), ("ai", "Roses")])
    assert [request.model for request in box.requests] == ["qwen", "qwen"]


async def test_roles_by_any_name(make: Make, model: Model, box: Sandbox, ask: Ask) -> None:
    """`ChatMessage` says its role in words."""
    message = await ask(make(), [ChatMessage(role="user", content=CODE)])
    assert routing(message)["model"] == "deepseek"
    count = len(box.requests)
    with pytest.raises(NovastackInvalidRequestError):
        await ask(model("claude"), [HumanMessage("x"), ChatMessage(role="assistant", content="y")])
    assert len(box.requests) == count
