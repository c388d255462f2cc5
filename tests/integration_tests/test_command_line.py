"""`python -m langchain_novastack`: most tests call its `main` here; processes show what only processes can."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from langchain_novastack.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.sandbox import Sandbox

    Run = Callable[..., SimpleNamespace]

BUG = "Debug this Python function: def f(x, acc=[]): acc.append(x); return acc"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command here, without the machine's keys; `stdin` is what is piped in, None that it is closed."""

    def run(*arguments: str, stdin: str | None = "", **env: str) -> SimpleNamespace:
        piped = None if stdin is None else io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdin", piped)
            for name, value in env.items():
                patch.setenv(name, value)
            try:
                code: Any = main(arguments)
            except SystemExit as end:
                code = end.code
        return SimpleNamespace(returncode=code, stdout=(said := capsys.readouterr()).out, stderr=said.err)

    return run


def run_in_shell(tail: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with redirections, on a sandbox."""
    command = f"{shlex.quote(sys.executable)} -m langchain_novastack {tail}"
    env = {**os.environ, **env}
    return subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True, timeout=110, check=False)  # noqa: S607 - any sh


def test_without_a_key_the_sandbox_answers_and_says_so() -> None:
    """The README's command: an answer on stdout; the model, the reason and the sandbox on stderr."""
    done = run_in_shell(f"{shlex.quote(BUG)} </dev/null")
    assert done.returncode == 0
    assert "simulated" in done.stdout
    told = done.stderr.splitlines()
    assert "sandbox" in told[0]
    assert told[1].startswith("deepseek answered. ")
    assert len(told) == 2


def test_a_key_is_used_and_never_shown(box: Sandbox, run: Run) -> None:
    """With a key the gateway of the environment answers."""
    done = run("Write a story.", NOVASTACK_API_KEY=box.api_key, NOVASTACK_BASE_URL=box.base_url)
    assert done.returncode == 0
    assert "claude answered" in done.stderr
    assert "sandbox" not in done.stderr
    assert [request.model for request in box.requests] == ["claude"]
    assert box.api_key not in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [("-",), ()], ids=["dash", "pipe"])
def test_standard_input_is_read(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--sandbox", stdin="Write a poem about rain.")
    assert done.returncode == 0
    assert "claude answered" in done.stderr


def test_model_is_obeyed(run: Run) -> None:
    done = run("Write a poem.", "--model", "deepseek", "--sandbox")
    assert "deepseek answered" in done.stderr


def test_route_only_asks_nobody(run: Run) -> None:
    done = run("Write a poem.", "--route-only", "--sandbox")
    assert done.stdout == "claude\n"
    assert "would answer" in done.stderr
    decision = json.loads(run("Write a poem.", "--route-only", "--sandbox", "--json").stdout)
    assert decision["model"] == "claude"
    assert decision["reason"]


@pytest.mark.parametrize("ways", [(), ("--compare",)])
def test_a_gateway_that_cannot_be_reached_is_one_line(run: Run, ways: tuple[str, ...]) -> None:
    """Nobody listens at a base URL without a path: exit code 1, no traceback, no key."""
    done = run("Hello", *ways, NOVASTACK_API_KEY="key-of-nobody", NOVASTACK_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    said = "Cannot connect to the gateway at 127.0.0.1:9 for qwen: connection refused."
    assert done.stderr.splitlines() == [f"NovastackConnectionError: {said}"]
    assert "key-of-nobody" not in done.stdout


def test_an_impossible_base_url_is_bad_usage(run: Run) -> None:
    done = run("Hello", NOVASTACK_API_KEY="key-of-nobody", NOVASTACK_BASE_URL="nonsense")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "base_url" in done.stderr


def test_bytes_that_are_not_text_are_replaced() -> None:
    command = [sys.executable, "-m", "langchain_novastack", "--sandbox"]
    done = subprocess.run(command, input=b"Write a poem \xff\xfe", capture_output=True, timeout=110, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"claude answered" in done.stderr
    assert b"Write a poem" in done.stdout


def test_an_interrupt_ends_it_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while it waits for standard input: no traceback, and the code that shells give for it."""

    class Interrupted(io.StringIO):
        def read(self, _: int | None = -1) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupted())
    assert main(["-"]) == 130


def test_compare_and_route_only_exclude_each_other(run: Run) -> None:
    done = run("Hello", "--compare", "--route-only", "--sandbox")
    assert done.returncode == 2
    assert "not allowed with" in done.stderr


def test_compare_shows_all(run: Run) -> None:
    records = json.loads(run("Hello", "--compare", "--sandbox", "--json").stdout)
    assert [record["model"] for record in records] == ["qwen", "deepseek", "claude"]
    table = run("Hello", "--compare", "--sandbox").stdout
    assert all(alias in table for alias in ("qwen", "deepseek", "claude"))
    assert max(len(line) for line in table.splitlines()) <= 80


def test_json_is_one_object_with_the_record(run: Run) -> None:
    answer = json.loads(run(BUG, "--sandbox", "--json").stdout)
    assert answer["routing"]["model"] == "deepseek"
    assert "simulated" in answer["content"]


def test_failing_models_exit_with_1(box: Sandbox, run: Run) -> None:
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
        ("Hello", "--check", "--sandbox"),
        ("--check", "--model", "qwen", "--sandbox"),
    ],
)
def test_bad_usage_exits_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, stdin="")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


@pytest.mark.parametrize("arguments", [(), ("-",)], ids=["nothing", "dash"])
def test_without_standard_input_there_must_be_a_prompt(run: Run, arguments: tuple[str, ...]) -> None:
    """Started with standard input closed, as some schedulers do."""
    done = run(*arguments, "--sandbox", stdin=None)
    assert done.returncode == 2
    assert "nothing to ask" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_prompt_needs_no_standard_input_and_no_unicode() -> None:
    """An answer is never lost for the sake of one sign that a terminal cannot show: it is replaced."""
    done = run_in_shell("'Write a poem about M\u00fcller \u2713' --sandbox <&-", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "poem about M?ller ?" in done.stdout


@pytest.mark.parametrize("ways", [(), ("--json",)])
def test_an_answer_that_cannot_be_written_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, ways: tuple[str, ...]
) -> None:
    """A full disk: exit code 1, no traceback."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        done = run("Hello", "--sandbox", *ways)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "No space left" in done.stderr


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    done = run_in_shell("Hello --sandbox </dev/null | true")
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_a_prompt_leaves_a_pipe_beside_it_alone(box: Sandbox) -> None:
    """An inherited pipe may have text in it, and nobody may ever close it: it is not read, and holds nothing up."""
    read, write = os.pipe()
    os.write(write, b"some text")
    env = {**os.environ, "NOVASTACK_API_KEY": box.api_key, "NOVASTACK_BASE_URL": box.base_url}
    command = [sys.executable, "-m", "langchain_novastack", "Summarize"]
    done = subprocess.run(command, stdin=read, capture_output=True, text=True, env=env, timeout=110, check=True)
    assert box.requests[-1].body["messages"][-1]["content"] == "Summarize"
    assert len(done.stderr.splitlines()) == 1
    assert os.read(read, 100) == b"some text"
    os.close(read)
    os.close(write)


@pytest.mark.parametrize(
    ("kind", "reason", "hint"),
    [
        ("refusal", "stop", "I can't help"),
        ("content_filter", "content_filter", "content_filter"),
    ],
)
def test_an_answer_without_text_says_how_it_ended(box: Sandbox, run: Run, kind: str, reason: str, hint: str) -> None:
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


def test_a_usual_answer_says_nothing_about_its_end(box: Sandbox, run: Run) -> None:
    done = run("Hello", NOVASTACK_API_KEY=box.api_key, NOVASTACK_BASE_URL=box.base_url)
    assert "ended" not in done.stderr
    assert json.loads(run("Hello", "--json", "--sandbox").stdout)["finish_reason"] == "stop"


def test_options_reach_the_request(box: Sandbox, run: Run) -> None:
    gateway = {"NOVASTACK_API_KEY": box.api_key, "NOVASTACK_BASE_URL": box.base_url}
    options = ("--system", "Be terse.", "--temperature", "0.25", "--max-tokens", "40", "--timeout", "9")
    for ways in ((), ("--json",), ("--compare", "--model", "qwen")):
        assert run("Hello", *options, *ways, **gateway).returncode == 0
        body = box.requests[-1].body
        said = [(message["role"], message["content"]) for message in body["messages"]]
        assert said == [("system", "Be terse."), ("user", "Hello")]
        assert (body["temperature"], body["max_tokens"]) == (0.25, 40)


def test_a_timeout_is_obeyed(box: Sandbox, run: Run) -> None:
    box.fail("*", kind="stall")
    done = run("Hello", "--timeout", "0.2", NOVASTACK_API_KEY=box.api_key, NOVASTACK_BASE_URL=box.base_url)
    assert done.returncode == 1
    assert "Timeout" in done.stderr


@pytest.mark.parametrize("option", [("--temperature", "warm"), ("--max-tokens", "0"), ("--timeout", "-1")])
def test_bad_values_of_options_exit_with_2(run: Run, option: tuple[str, ...]) -> None:
    done = run("Hello", "--sandbox", *option)
    assert done.returncode == 2
    assert option[0].strip("-").replace("-", "_") in done.stderr


def test_the_version(run: Run) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"langchain-novastack {version('langchain-novastack')}\n")


def test_check_says_what_holds(box: Sandbox, run: Run) -> None:
    env = {"NOVASTACK_API_KEY": box.api_key, "NOVASTACK_BASE_URL": box.base_url}
    done = run("--check", stdin=None, **env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "prefill" in done.stdout
    box.fail("qwen", status=404)
    done = run("--check", "--json", **env)
    assert done.returncode == 1
    wrong = [record for record in json.loads(done.stdout) if record["holds"] is False]
    assert [(record["model"], record["what"]) for record in wrong] == [("qwen", "id")]


def test_check_without_a_key_is_of_the_sandbox(run: Run) -> None:
    done = run("--check", stdin=None)
    assert done.returncode == 0
    assert "simulated by a sandbox" in done.stderr
