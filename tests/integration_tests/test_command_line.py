"""`python -m langchain_novastack`, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from langchain_novastack.sandbox import Sandbox

BUG = "Debug this Python function: def f(x, acc=[]): acc.append(x); return acc"


def run(*arguments: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, without the machine's keys."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NOVASTACK", "OPENAI"))}
    command = [sys.executable, "-m", "langchain_novastack", *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, env={**clean, **env}, timeout=60, check=False
    )


def test_without_a_key_the_sandbox_answers_and_says_so() -> None:
    """The README's command: an answer on stdout; the model, the reason and the sandbox on stderr."""
    done = run(BUG)
    assert done.returncode == 0
    assert "simulated" in done.stdout
    told = done.stderr.splitlines()
    assert "sandbox" in told[0]
    assert told[1].startswith("deepseek answered. ")
    assert len(told) == 2


def test_a_key_is_used_and_never_shown(box: Sandbox) -> None:
    """With a key the gateway of the environment answers."""
    done = run("Write a story.", NOVASTACK_API_KEY=box.api_key, NOVASTACK_BASE_URL=box.base_url)
    assert done.returncode == 0
    assert "claude answered" in done.stderr
    assert "sandbox" not in done.stderr
    assert [request.model for request in box.requests] == ["claude"]
    assert box.api_key not in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [("-",), ()], ids=["dash", "pipe"])
def test_standard_input_is_read(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--sandbox", stdin="Write a poem about rain.")
    assert done.returncode == 0
    assert "claude answered" in done.stderr


def test_model_is_obeyed() -> None:
    done = run("Write a poem.", "--model", "deepseek", "--sandbox")
    assert "deepseek answered" in done.stderr


def test_route_only_asks_nobody() -> None:
    done = run("Write a poem.", "--route-only", "--sandbox")
    assert done.stdout == "claude\n"
    assert "would answer" in done.stderr
    decision = json.loads(run("Write a poem.", "--route-only", "--sandbox", "--json").stdout)
    assert decision["model"] == "claude"
    assert decision["reason"]


def test_compare_shows_all() -> None:
    records = json.loads(run("Hello", "--compare", "--sandbox", "--json").stdout)
    assert [record["model"] for record in records] == ["qwen", "deepseek", "claude"]
    table = run("Hello", "--compare", "--sandbox").stdout
    assert all(alias in table for alias in ("qwen", "deepseek", "claude"))
    assert max(len(line) for line in table.splitlines()) <= 80


def test_json_is_one_object_with_the_record() -> None:
    answer = json.loads(run(BUG, "--sandbox", "--json").stdout)
    assert answer["routing"]["model"] == "deepseek"
    assert "simulated" in answer["content"]


def test_failing_models_exit_with_1(box: Sandbox) -> None:
    """A wrong key is one line on stderr, no traceback, and exit code 1."""
    done = run("Hello", NOVASTACK_API_KEY="wrong-key-value", NOVASTACK_BASE_URL=box.base_url)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "401" in done.stderr
    assert "wrong-key-value" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [("",), ("-",), ("Hello", "--modell", "x"), ("Hello", "--model", "gpt", "--sandbox")]
)
def test_bad_usage_exits_with_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, stdin="")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
