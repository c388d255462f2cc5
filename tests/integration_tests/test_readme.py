"""The README says what is true: its examples run, its commands are the ones we promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = (
    """pip install . && python -m langchain_novastack \
"Debug this Python function: def f(x, acc=[]): acc.append(x); return acc\"""",
    'pip install -e ".[test]" && pytest',
)


def blocks(language: str) -> list[str]:
    """Return the README's code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_two_commands_stand_there_verbatim() -> None:
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    assert [line for line in lines if line in COMMANDS] == list(COMMANDS)


def test_the_first_example_has_at_most_15_lines() -> None:
    assert len(blocks("python")[0].splitlines()) <= 15


@pytest.fixture
def session(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Names that the examples share, with the sandbox as the gateway; what they start is closed in the end."""
    monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
    monkeypatch.setenv("NOVASTACK_BASE_URL", box.base_url)
    names: dict[str, Any] = {"__name__": "readme"}
    yield names
    for each in names.values():
        if isinstance(each, Sandbox):
            each.close()


def test_every_example_runs_and_prints_what_its_comments_promise(
    box: Sandbox, session: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """All run in one session, one after the other. Where one says what it prints (`print(x)  # claude`), it does."""
    promised = 0
    for number, example in enumerate(blocks("python"), 1):
        exec(compile(example, f"README.md, example {number}", "exec"), session)  # noqa: S102 - that is the test
        printed = capsys.readouterr().out.splitlines()
        for result in re.findall(r"print\(.*\)  # (.+)$", example, flags=re.MULTILINE):
            promised += 1
            assert result in printed
    assert promised
    assert len(box.requests) >= 5
