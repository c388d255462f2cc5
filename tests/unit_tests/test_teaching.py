"""What labelled rows teach the keyword policy, what another policy would change, and the log of decisions."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from langchain_novastack import KeywordPolicy, Task
from langchain_novastack.cards import Price
from langchain_novastack.evaluation import DecisionLog, evaluate, main, replay, taught, teach
from langchain_novastack.policies import DEFAULT_VOCABULARY
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import NovastackRouter

    Make = Callable[..., NovastackRouter]

ROWS = json.loads((Path(__file__).parents[1] / "data" / "law_rows.json").read_text("utf-8"))
"""Questions of law, for Claude, and others that only sound like it, for Qwen."""

FIRST, LAST = ROWS[:100], ROWS[100:]


def usual() -> list[dict[str, str]]:
    """Return requests of all kinds."""
    return [{"text": text, "model": task.model} for task in DEFAULT_TASKS for text in task.examples]


@pytest.mark.parametrize(("lesson", "examination"), [(FIRST, LAST), (LAST, FIRST)], ids=["first", "last"])
def test_a_hundred_rows_of_a_new_subject_help_with_the_next_hundred(
    lesson: list[dict[str, str]], examination: list[dict[str, str]]
) -> None:
    learned = teach(lesson)
    wiser = KeywordPolicy(vocabulary=DEFAULT_VOCABULARY.extended(*taught(str(learned))))
    assert evaluate(wiser, examination).accuracy >= evaluate(KeywordPolicy(), examination).accuracy + 0.1
    assert evaluate(wiser, usual()).accuracy == evaluate(KeywordPolicy(), usual()).accuracy
    assert learned.right_after > learned.right_before


def test_a_lesson_is_a_file_of_words_that_one_can_cut() -> None:
    lesson = teach(FIRST)
    text = str(lesson)
    assert taught(text) == lesson.tables
    assert "rows of creative, in 0 others" in text
    word = lesson.tables[0].entries[0]
    cut = "\n".join(line for line in text.splitlines() if line != word)
    assert word not in taught(cut)[0].entries  # type: ignore[union-attr] # a table


def test_a_task_of_ones_own_learns() -> None:
    legal = Task(name="legal", model="claude")
    policy = KeywordPolicy(tasks=(*DEFAULT_TASKS, legal))
    rows = [{**row, "model": "legal" if row["model"] == "claude" else "general"} for row in FIRST]
    tables = teach(rows, policy).tables
    assert {task for table in tables for task in table.points} == {"legal"}


def test_what_is_known_already_teaches_nothing() -> None:
    assert teach([{"text": "Write a poem about rain.", "model": "claude"}]).tables == ()


def test_only_a_keyword_policy_can_be_taught() -> None:
    with pytest.raises(ValueError, match="`policy` must be a `KeywordPolicy`"):
        teach(FIRST, lambda _: "qwen")  # type: ignore[arg-type] # that is the test


# ---- another policy

OLD, NEW = (KeywordPolicy(thresholds={"creative": points}) for points in (2.0, 50.0))
USED = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000, "total_tokens": 2_000_000}
PRICES = {"claude": Price(input=5, output=25), "Qwen3-235B-A22B": Price(input=1, output=2)}


def test_replay_says_which_calls_would_move_and_what_that_costs() -> None:
    log: list[dict[str, Any]] = [
        {"text": "Write a poem about rain.", "usage": USED},
        {"messages": [("user", "Write a story about a lighthouse.")]},
        {"text": "Debug this function.", "usage": USED},
    ]
    found = replay(log, OLD, NEW, prices=PRICES)
    assert [(move.row, move.old, move.new, move.dollars) for move in found.moves] == [
        (0, "claude", "qwen", -27.0),
        (1, "claude", "qwen", None),
    ]
    assert (found.rows, found.dollars, found.unknown) == (3, -27.0, 1)
    assert "2 of 3 calls would move: -27.00 dollars, 1 of unknown cost." in str(found)
    assert max(map(len, str(found).splitlines())) <= 80
    assert "<table" in found._repr_html_()
    assert found.to_records()[0]["new"] == "qwen"


@pytest.mark.parametrize("log", [[], [{"usage": USED}], ["Hello"]])
def test_a_log_needs_prompts(log: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"`log(\[0\])?` must"):
        replay(log, OLD, NEW)


def test_a_log_of_decisions_is_told_to_have_no_prompts() -> None:
    with pytest.raises(ValueError, match=r"`log\[0\]` must have .*, which a `DecisionLog` leaves out"):
        replay([{"time": 1.0, "model": "qwen", "tokens": 3}], OLD, NEW)


@pytest.mark.parametrize("name", ["old", "new"])
@pytest.mark.parametrize("policy", [5, KeywordPolicy])
def test_replay_names_what_is_not_a_policy(name: str, policy: Any) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be a policy or a router"):
        replay([{"text": "Hello"}], **{"old": OLD, "new": NEW, name: policy})


async def test_the_log_of_decisions_has_no_prompt(make: Make, ask: Ask, tmp_path: Path) -> None:
    path, logger = tmp_path / "decisions.jsonl", logging.getLogger("langchain_novastack")
    handler, level = DecisionLog(str(path)), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        await ask(make(), "Debug this xylophone function.")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
    (line,) = path.read_text("utf-8").splitlines()
    figures = json.loads(line)
    assert (figures["model"], figures["task"], figures["fallback"]) == ("deepseek", "code", False)
    assert figures["tokens"] > 0
    assert "xylophone" not in line


# ---- the command


def test_the_command_takes_a_policy_and_teaches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "my_policies.py").write_text(
        "from langchain_novastack import KeywordPolicy\nall_qwen = lambda messages: 'qwen'\nmine = KeywordPolicy()\n"
    )
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in FIRST))
    assert main(["rows.jsonl", "--policy", "my_policies:all_qwen"]) == 0
    assert "accuracy 0.2" in capsys.readouterr().out
    assert main(["rows.jsonl", "--policy", "my_policies:mine", "--teach", "taught.txt"]) == 0
    assert "with these words" in capsys.readouterr().out
    assert taught((tmp_path / "taught.txt").read_text("utf-8"))
    for bad in ("my_policies:none", "no_such_module:x", "nonsense"):
        assert main(["rows.jsonl", "--policy", bad]) == 2
        assert "--policy" in capsys.readouterr().err
