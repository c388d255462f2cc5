"""The README says what is true: its examples run, its commands are the ones we promise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from langchain_novastack.sandbox import Sandbox

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


def test_every_example_runs(box: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All examples run in one session, one after the other, with the sandbox as the gateway."""
    monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
    monkeypatch.setenv("NOVASTACK_BASE_URL", box.base_url)
    session: dict[str, object] = {"__name__": "readme"}
    for number, example in enumerate(blocks("python"), 1):
        exec(compile(example, f"README.md, example {number}", "exec"), session)  # noqa: S102 - that is the test
    printed = capsys.readouterr().out
    assert "claude" in printed
    assert "DeepSeek-V4-Pro" in printed
    assert len(box.requests) >= 5


def test_every_promised_result_in_a_comment_is_printed(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where an example says what it prints (`print(x)  # claude`), it prints that."""
    monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
    monkeypatch.setenv("NOVASTACK_BASE_URL", box.base_url)
    session: dict[str, object] = {"__name__": "readme"}
    promised = 0
    for example in blocks("python"):
        exec(compile(example, "README.md", "exec"), session)  # noqa: S102 - that is the test
        printed = capsys.readouterr().out.splitlines()
        for result in re.findall(r"print\(.*\)  # (.+)$", example, flags=re.MULTILINE):
            promised += 1
            assert result in printed
    assert promised
