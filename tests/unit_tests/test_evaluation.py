"""`langchain_novastack.evaluation`: figures, tables, assertions and the command line."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from langchain_novastack import KeywordPolicy, NovastackRouter
from langchain_novastack.evaluation import Evaluation, assert_routes, evaluate
from langchain_novastack.evaluation.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_core.messages import BaseMessage

ROWS = (
    {"text": "one", "model": "deepseek"},
    {"text": "two", "model": "deepseek"},
    {"text": "three", "model": "claude"},
    {"text": "four", "model": "qwen"},
)
ANSWERS = {"one": "deepseek", "two": "qwen", "three": "claude", "four": "claude"}


def script(messages: list[BaseMessage]) -> str:
    """Answer as the table says."""
    return ANSWERS[str(messages[-1].text)]


def test_figures_are_counted_right() -> None:
    """Accuracy, precision, recall, F1 and confusion of four rows, worked out by hand."""
    result = evaluate(script, ROWS)
    assert (result.by, result.rows, result.accuracy) == ("model", 4, 0.5)
    assert result.confusion["deepseek"] == {"claude": 0, "deepseek": 1, "qwen": 1}
    deepseek, claude = result.scores["deepseek"], result.scores["claude"]
    assert (deepseek.precision, deepseek.recall, deepseek.rows) == (1.0, 0.5, 2)
    assert (claude.precision, claude.recall) == (0.5, 1.0)
    assert result.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert result.microseconds > 0


def test_the_first_decision_is_not_timed() -> None:
    """It builds what all others use."""
    seen: list[object] = []

    def slow_once(messages: list[BaseMessage]) -> str:
        time.sleep(0 if seen else 0.2)
        seen.append(messages)
        return "qwen"

    assert evaluate(slow_once, ROWS[:2]).microseconds < 100_000


def test_misses_are_listed_in_order() -> None:
    """Each miss has its row, its text and what was decided instead."""
    misses = evaluate(script, ROWS).misses
    assert [(m.row, m.text, m.expected, m.got) for m in misses] == [
        (1, "two", "deepseek", "qwen"),
        (3, "four", "qwen", "claude"),
    ]
    assert misses[0].decision.model == "qwen"


def test_labels_that_are_tasks_compare_tasks() -> None:
    """If every label is a task of the policy, tasks are compared, whatever the key is called."""
    rows = [{"text": "Write a poem", "kind": "creative"}, {"text": "hi", "kind": "general"}]
    result = evaluate(KeywordPolicy(), rows, label="kind")
    assert (result.by, result.accuracy) == ("task", 1.0)


def test_names_say_what_labels_mean() -> None:
    """Labels of another's making are translated; any spelling of a model will do."""
    rows = [{"text": "Write a poem", "route": "writing"}, {"text": "hi", "route": "rest"}]
    names = {"writing": "Claude-Opus-4.7", "rest": "qwen"}
    result = evaluate(KeywordPolicy(), rows, label="route", names=names)
    assert (result.by, result.accuracy, list(result.confusion)) == ("model", 1.0, ["claude", "qwen"])


def test_rows_may_be_conversations() -> None:
    """A row with messages is decided as a conversation."""
    turns = [("human", "Write a poem"), ("ai", "Rain."), ("human", "shorter")]
    assert evaluate(KeywordPolicy(), [{"messages": turns, "model": "claude"}]).accuracy == 1.0


def test_a_router_is_evaluated_by_its_decisions() -> None:
    """A router stands in for a policy, and no model is called."""
    router = NovastackRouter(base_url="http://127.0.0.1:9/v1", api_key="none")
    rows = [{"text": "Write a poem", "model": "claude"}, {"text": "debug this", "model": "deepseek"}]
    assert evaluate(router, rows).accuracy == 1.0


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([], "`rows` must hold at least one row"),
        ([{"text": "x"}], r"`rows\[0\]` must have 'text' or 'messages', and 'model'"),
        ([{"model": "qwen"}], r"`rows\[0\]` must have"),
    ],
)
def test_rows_that_cannot_be_counted_are_refused(rows: list[dict[str, Any]], error: str) -> None:
    """Nothing to count, and rows without text or label, are errors that name the row."""
    with pytest.raises(ValueError, match=error):
        evaluate(script, rows)


KEYWORDS = KeywordPolicy()
ROW = {"text": "hi", "model": "qwen"}


@pytest.mark.parametrize(
    ("policy", "rows", "more", "error"),
    [
        (KEYWORDS, None, {}, "`rows` must be a list of mappings, got NoneType"),
        (KEYWORDS, [ROW, 1], {}, r"`rows\[1\]` must be a mapping, got int"),
        (KEYWORDS, ["text model"], {}, r"`rows\[0\]` must be a mapping, got str"),
        (KEYWORDS, [{"messages": None, "model": "qwen"}], {}, r"`rows\[0\]` must have a string as 'text'"),
        (KEYWORDS, [{"messages": [5], "model": "qwen"}], {}, r"`rows\[0\]` must have a string as 'text'"),
        (KEYWORDS, [{"text": 5, "model": "qwen"}], {}, r"`rows\[0\]` must have a string as 'text'"),
        (KEYWORDS, [{"text": "hi", "model": ["qwen"]}], {}, r"`rows\[0\]` must have a task or a model"),
        (
            KEYWORDS,
            [{"text": "hi", "model": None}],
            {},
            r"`rows\[0\]` must have a task or a model .*code, .*claude\), got None",
        ),
        (KEYWORDS, [ROW, {"text": "hi", "model": "zzz"}], {}, r"`rows\[1\]` must .*code, .*claude\), got 'zzz'"),
        (KEYWORDS, [ROW], {"names": 5}, "`names` must be a mapping, got int"),
        (
            KEYWORDS,
            [ROW],
            {"names": {"qwen": None}},
            r"`rows\[0\]` must have a task or a model .*code, .*claude\), got None",
        ),
        (None, [ROW], {}, "`policy` must be a policy or a router, got NoneType"),
        (KeywordPolicy, [ROW], {}, "`policy` must be a policy or a router"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(policy: Any, rows: Any, more: dict[str, Any], error: str) -> None:
    """The message names the argument and the row, and lists the labels there are."""
    with pytest.raises(ValueError, match=error):
        evaluate(policy, rows, **more)


def test_a_label_of_a_model_of_ones_own_is_named() -> None:
    """`names` may say that a label means itself; a function may answer with any name at all."""
    rows = [{"text": "hi", "model": "zzz"}]
    assert evaluate(KEYWORDS, rows, names={"zzz": "zzz"}).accuracy == 0.0
    assert evaluate(lambda _: "zzz", rows).accuracy == 1.0


def test_messages_may_be_a_string() -> None:
    """As a chat model takes it: one message, and not one for each letter."""
    assert evaluate(script, [{"messages": "one", "model": "deepseek"}]).accuracy == 1.0


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        (None, "`expected` must be a mapping"),
        (["hi"], "`expected` must be a mapping"),
        ({5: "qwen"}, "`expected` must be a mapping from prompts"),
        ({"hi": None}, "`expected, prompt 0` must have a task or a model .*, got None"),
        ({"hi": "qwen", "debug this": "zzz"}, "`expected, prompt 1` must .*, got 'zzz'"),
    ],
)
def test_assertions_that_make_no_sense_are_refused(expected: Any, error: str) -> None:
    """A misspelt task is not a miss of the policy."""
    with pytest.raises(ValueError, match=error):
        assert_routes(expected)


def test_errors_of_the_policy_are_raised() -> None:
    """A policy that breaks is not counted as wrong."""
    with pytest.raises(KeyError, match="five"):
        evaluate(script, [{"text": "five", "model": "qwen"}])


def test_prints_as_a_table() -> None:
    """One line of figures, and a row for each label."""
    lines = str(evaluate(script, ROWS)).splitlines()
    assert lines[0].startswith("4 rows by model: accuracy 0.500, macro-F1 0.444, ")
    assert lines[2].split() == ["->", "claude", "->", "deepseek", "->", "qwen", "precision", "recall", "F1"]
    assert lines[4].split() == ["deepseek", "0", "1", "1", "1.000", "0.500", "0.667"]
    assert len({len(line) for line in lines[2:]}) == 1


def test_the_view_for_notebooks_is_safe_in_any_colour() -> None:
    """Texts are escaped, and no colour is fixed, so that it can be read in light and dark."""
    html = evaluate(lambda _: "qwen", [{"text": "<script>alert(1)</script>", "model": "claude"}])._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"#[0-9a-f]{3}|rgb|background", html)


def test_a_result_is_data() -> None:
    """It can be kept as JSON and read again."""
    result = evaluate(script, ROWS)
    assert Evaluation.model_validate_json(result.model_dump_json()) == result


def test_assert_routes_is_silent_when_all_go_right() -> None:
    """Aliases, ids and tasks may be named; the default policy is asked."""
    assert_routes({"Write a poem": "claude", "debug this": "code", "hi": "Qwen3-235B-A22B"})
    assert_routes({"one": "deepseek", "three": "claude"}, script)


def test_assert_routes_lists_every_miss() -> None:
    """The message names each prompt that goes elsewhere, with the reason."""
    with pytest.raises(AssertionError) as raised:
        assert_routes({"Write a poem": "deepseek", "debug this": "code", "hi": "creative"})
    lines = str(raised.value).splitlines()
    assert lines[0] == "2 of 3 prompts go elsewhere:"
    assert lines[1] == "  deepseek -> creative (claude): 'Write a poem': It looks like creative: poem."
    assert len(lines) == 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    rows = [
        {"text": "Write a poem", "route": "art"},
        {"text": "debug this", "route": "art"},
        {"text": "hi", "route": "rest"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n", "utf-8")
    return path


def test_command_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the table and as many misses as are asked for."""
    code = main([str(file), "--label", "route", "--names", "art=claude,rest=qwen", "--errors", "5"])
    out = capsys.readouterr().out
    assert code == 0
    assert "accuracy 0.667" in out
    assert out.splitlines()[-1] == "claude -> deepseek: 'debug this'"


@pytest.mark.parametrize("arguments", [["no such file"], ["{file}"], ["{file}", "--label", "route", "--names", "art"]])
def test_bad_usage_ends_with_two(file: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, a wrong label or names without a meaning are one line on standard error."""
    assert main([argument.format(file=file) for argument in arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_module_runs(file: Path) -> None:
    """`python -m langchain_novastack.evaluation` is the command."""
    command = [
        sys.executable,
        "-m",
        "langchain_novastack.evaluation",
        str(file),
        "--label=route",
        "--names=art=claude,rest=qwen",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "accuracy 0.667" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "3",
        "null",
        '"text model"',
        '{"messages": null, "model": "qwen"}',
        '{"messages": [5], "model": "qwen"}',
        '{"text": "x", "model": ["qwen"]}',
        '{"text": "x", "model": "zzz"}',
        '{"text": "x"',
        "[" * 100_000,
        "\xe9",
    ],
)
def test_bad_rows_end_with_two(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on standard error names the file and the line."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "hi", "model": "qwen"}\n\n' + line.encode("latin-1") + b"\n")
    assert main([str(path)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert "rows.jsonl, line 3" in err


def test_names_without_a_meaning_are_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message shows how they are written."""
    assert main([str(file), "--label", "route", "--names", "foo"]) == 2
    assert "`--names` must be pairs as in code=deepseek" in capsys.readouterr().err


def test_only_a_line_feed_ends_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A byte order mark, carriage returns and what Unicode calls ends of lines do not end rows."""
    texts = ["one \u2028 two", "one \u0085 two", "one \x7f\u2029 two"]
    lines = [json.dumps({"text": text, "model": "qwen"}, ensure_ascii=False) for text in texts]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n\x0c\n").encode())
    assert main([str(path)]) == 0
    assert "3 rows by model: accuracy 1.000" in capsys.readouterr().out


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As other commands do."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "hi", "model": "qwen"}\n')))
    assert main(["-"]) == 0
    assert "1 rows by model: accuracy 1.000" in capsys.readouterr().out


COMMAND = [sys.executable, "-m", "langchain_novastack.evaluation"]


def test_a_reader_that_leaves_is_not_an_error(tmp_path: Path) -> None:
    """`| head -1`: no traceback, and a code that says that not all was read."""
    path = tmp_path / "rows.jsonl"
    row = json.dumps({"text": "hi " * 30, "model": "claude"})  # a thousand misses of it are more than a pipe holds
    path.write_text(f"{row}\n" * 1_000, "utf-8")
    with subprocess.Popen(
        [*COMMAND, str(path), "--errors", "100000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        assert (command.stderr.read(), command.wait(60)) == (b"", 1)


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while it waits for rows."""

    class Waiting(io.RawIOBase):
        def readall(self) -> bytes:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=Waiting()))
    assert main(["-"]) == 130
    assert capsys.readouterr() == ("", "")
