"""`langchain_novastack.evaluation`: figures, tables, assertions and the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from langchain_novastack import KeywordPolicy, NovastackRouter
from langchain_novastack.evaluation import Evaluation, assert_routes, evaluate, main

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
        ([], "rows: there are none"),
        ([{"text": "x"}], "rows: row 0 needs 'text' or 'messages', and 'model'"),
        ([{"model": "qwen"}], "rows: row 0 needs"),
    ],
)
def test_rows_that_cannot_be_counted_are_refused(rows: list[dict[str, Any]], error: str) -> None:
    """Nothing to count, and rows without text or label, are errors that name the row."""
    with pytest.raises(ValueError, match=error):
        evaluate(script, rows)


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
