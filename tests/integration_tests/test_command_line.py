"""`python -m langchain_novastack`, run as a user runs it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from langchain_novastack.__main__ import main

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


@pytest.mark.parametrize("ways", [(), ("--compare",)])
def test_a_gateway_that_cannot_be_reached_is_one_line(ways: tuple[str, ...]) -> None:
    """Nobody listens at a base URL without a path: exit code 1, no traceback, no key."""
    done = run("Hello", *ways, NOVASTACK_API_KEY="key-of-nobody", NOVASTACK_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["NovastackConnectionError: Cannot connect to the gateway for qwen."]
    assert "key-of-nobody" not in done.stdout


def test_an_impossible_base_url_is_bad_usage() -> None:
    done = run("Hello", NOVASTACK_API_KEY="key-of-nobody", NOVASTACK_BASE_URL="nonsense")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "base_url" in done.stderr


def test_signs_a_terminal_cannot_show_are_replaced() -> None:
    """An answer is never lost for the sake of one sign."""
    done = run("Write a poem about M\u00fcller \u2713", "--sandbox", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "poem about M?ller ?" in done.stdout


def test_bytes_that_are_no_text_are_replaced() -> None:
    command = [sys.executable, "-m", "langchain_novastack", "--sandbox"]
    done = subprocess.run(command, input=b"Write a poem \xff\xfe", capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"Write a poem" in done.stdout


def test_an_interrupt_ends_it_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while it waits for standard input: no traceback, and the code that shells give for it."""

    class Interrupted(io.StringIO):
        def read(self, _: int | None = -1) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupted())
    assert main(["-"]) == 130


def test_compare_and_route_only_exclude_each_other() -> None:
    done = run("Hello", "--compare", "--route-only", "--sandbox")
    assert done.returncode == 2
    assert "not allowed with" in done.stderr


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
