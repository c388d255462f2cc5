"""What people see of the public classes: by `help()`, `?` in a notebook, completion, field descriptions."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys
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


@pytest.mark.parametrize("module", ["", ".evaluation", ".evaluation.calibrate", ".policies.keyword"])
def test_every_command_says_what_it_takes(module: str) -> None:
    command = [sys.executable, "-m", f"langchain_novastack{module}"]
    shown = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "--" in shown.stdout.partition("options:")[2]
    wrong = subprocess.run([*command, "--no-such-option"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr
    assert wrong.stderr.startswith("usage: ")
