"""What people see of the public classes: by `help()`, `?` in a notebook, completion, field descriptions."""

from __future__ import annotations

import inspect
import pydoc
from typing import TYPE_CHECKING

import pytest

from langchain_novastack import (
    Budget,
    ChatNovastack,
    EmbeddingPolicy,
    KeywordPolicy,
    LLMPolicy,
    NovastackRouter,
    RouteDecision,
    RoutedResponse,
    Task,
)
from langchain_novastack.cards import ModelCard, Price

if TYPE_CHECKING:
    from pydantic import BaseModel


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (NovastackRouter, ["models", "default", "policy", "fallbacks", "deadline", "skip_after", "api_key", "timeout"]),
        (ChatNovastack, ["model", "api_key", "base_url", "max_tokens", "card", "first_token_timeout", "fast"]),
        *[(kind, sorted(kind.model_fields.keys() - {"name"})) for kind in (EmbeddingPolicy, KeywordPolicy, LLMPolicy)],
        *[(kind, [*kind.model_fields]) for kind in (Budget, ModelCard, Price, RouteDecision, RoutedResponse, Task)],
    ],
)
def test_help_says_what_each_argument_means(kind: type[BaseModel], arguments: list[str]) -> None:
    text = pydoc.plain(pydoc.render_doc(kind))
    said = inspect.getdoc(kind) or ""
    for argument in arguments:
        assert f"\n    {argument}: " in said
        assert f"{argument}: " in text
    assert "  Raises:" not in said


def test_every_field_of_ours_has_its_meaning() -> None:
    for kind in (NovastackRouter, ChatNovastack):
        own = {name for each in kind.__mro__[:2] for name in inspect.get_annotations(each) if name[0] != "_"}
        fields = kind.model_fields
        assert [name for name in own & fields.keys() if not fields[name].description] == []


def test_completion_offers_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVASTACK_API_KEY", "k")
    offered = dir(NovastackRouter())
    assert "models" in offered
    assert "given_models" not in offered
