"""`python -m langchain_novastack`, run as a user runs it."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any

import pytest

from langchain_novastack.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_novastack.sandbox import Sandbox

BUG = "Debug this Python function: def f(x, acc=[]): acc.append(x); return acc"


def run(*arguments: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, without the machine's keys; without `stdin` there is nothing to read."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NOVASTACK", "OPENAI"))}
    command = [sys.executable, "-m", "langchain_novastack", *arguments]
    given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    return subprocess.run(
        command, **given, capture_output=True, text=True, env={**clean, **env}, timeout=60, check=False
    )


def run_in_shell(tail: str) -> subprocess.CompletedProcess[str]:
    """Run the command with redirections."""
    command = f"{shlex.quote(sys.executable)} -m langchain_novastack --sandbox {tail}"
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)  # noqa: S607


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
    "arguments",
    [
        ("",),
        ("-",),
        ("Hello", "--modell", "x"),
        ("Hello", "--model", "gpt", "--sandbox"),
        ("Hello", "--model", "", "--sandbox"),
        ("Hello", "--model", "", "--sandbox", "--compare"),
    ],
)
def test_bad_usage_exits_with_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, stdin="")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


@pytest.mark.parametrize("arguments", ["", "-"], ids=["nothing", "dash"])
def test_without_standard_input_there_must_be_a_prompt(arguments: str) -> None:
    """Started with standard input closed, as some schedulers do."""
    done = run_in_shell(f"{arguments} <&-")
    assert done.returncode == 2
    assert "nothing to ask" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_prompt_needs_no_standard_input() -> None:
    done = run_in_shell("'Write a poem.' <&-")
    assert done.returncode == 0
    assert "poem" in done.stdout


@pytest.mark.parametrize("ways", ["", "--json"])
def test_an_answer_that_cannot_be_written_is_one_line(ways: str) -> None:
    """A full disk: exit code 1, no traceback."""
    done = run_in_shell(f"Hello {ways} </dev/null >/dev/full")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "No space left" in done.stderr


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    done = run_in_shell("Hello </dev/null | true")
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def asked(box: Sandbox, stdin: IO[bytes] | int) -> tuple[str, str]:
    """Ask with this as standard input; return what the model was asked, and stderr."""
    env = {**os.environ, "NOVASTACK_API_KEY": box.api_key, "NOVASTACK_BASE_URL": box.base_url}
    command = [sys.executable, "-m", "langchain_novastack", "Summarize"]
    done = subprocess.run(command, stdin=stdin, capture_output=True, text=True, env=env, timeout=60, check=True)
    return box.requests[-1].body["messages"][-1]["content"], done.stderr


def test_what_is_piped_in_is_sent_after_the_prompt(box: Sandbox) -> None:
    """`git diff | ... "Summarize"`, also when the other command is slow: both are sent."""
    slow = "sleep 0.5; echo '+ one'; sleep 1; echo '+ two \\303\\274'"
    with subprocess.Popen(["sh", "-c", slow], stdout=subprocess.PIPE) as other:  # noqa: S607
        assert other.stdout
        assert asked(box, other.stdout)[0].split() == ["Summarize", "+", "one", "+", "two", "\u00fc"]
        assert box.requests[-1].body["messages"][-1]["content"].startswith("Summarize\n\n+ one\n+ two")


def test_a_file_is_sent_after_the_prompt(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(b"line\n" * 50_000)
    with path.open("rb") as file:
        assert asked(box, file)[0] == "Summarize\n\n" + "line\n" * 50_000


def test_an_empty_pipe_changes_nothing(box: Sandbox) -> None:
    read, write = os.pipe()
    os.close(write)
    prompt, told = asked(box, read)
    os.close(read)
    assert prompt == "Summarize"
    assert len(told.splitlines()) == 1


def test_a_pipe_that_nobody_closes_does_not_block(box: Sandbox) -> None:
    """An inherited pipe: what came so far is sent, and a line says that nothing more was waited for."""
    read, write = os.pipe()
    os.write(write, b"some text")
    prompt, told = asked(box, read)
    os.close(read)
    os.close(write)
    assert prompt == "Summarize\n\nsome text"
    assert "standard input" in told.splitlines()[0].lower()
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize(
    ("kind", "reason", "hint"),
    [
        ("refusal", "stop", "I can't help"),
        ("content_filter", "content_filter", "content_filter"),
    ],
)
def test_an_answer_that_is_none_says_how_it_ended(box: Sandbox, kind: str, reason: str, hint: str) -> None:
    """On stderr, in the line about who answered, and in JSON."""
    box.fail("*", kind=kind)
    gateway = {"NOVASTACK_API_KEY": box.api_key, "NOVASTACK_BASE_URL": box.base_url}
    done = run("Hello", **gateway)
    assert done.returncode == 0
    told = done.stderr.splitlines()
    assert len(told) == 1
    assert hint in told[0]
    answer = json.loads(run("Hello", "--json", **gateway).stdout)
    assert answer["finish_reason"] == reason
    assert ("I can't help" in answer.get("refusal", "")) == (kind == "refusal")


def test_a_usual_answer_says_nothing_about_its_end(box: Sandbox) -> None:
    done = run("Hello", NOVASTACK_API_KEY=box.api_key, NOVASTACK_BASE_URL=box.base_url)
    assert "ended" not in done.stderr
    assert json.loads(run("Hello", "--json", "--sandbox").stdout)["finish_reason"] == "stop"
