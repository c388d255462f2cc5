"""How sure a decision of `KeywordPolicy` is: per task, by clues that are fitted to labelled prompts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from langchain_novastack import KeywordPolicy, RouteDecision, Task
from langchain_novastack.evaluation.calibrate import main
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from pathlib import Path

LEGAL = Task(name="legal", model="claude", indicators=("contract", "liability"))
TEXTS = (
    "",
    "hm",
    "Write a poem about rain",
    "What is the capital of Peru?",
    "def f(x): return x",
    "The old clock struck thirteen, and the whole village held its breath.",
    "Is this contract valid?",
    [("human", "Write a poem"), ("ai", "Rain."), ("human", "shorter please")],
)


@pytest.mark.parametrize("tasks", [DEFAULT_TASKS, (*DEFAULT_TASKS, LEGAL), (LEGAL, Task(name="rest", model="qwen"))])
@pytest.mark.parametrize("text", TEXTS)
def test_each_task_has_its_probability(text: Any, tasks: tuple[Task, ...]) -> None:
    """They sum to one, and the confidence is that of the task chosen."""
    decision = KeywordPolicy(tasks=tasks)(text)
    assert list(decision.probabilities) == [task.name for task in tasks]
    assert sum(decision.probabilities.values()) == pytest.approx(1)
    assert decision.probabilities[str(decision.task)] == decision.confidence
    assert all(0 <= likely <= 1 for likely in decision.probabilities.values())


def test_a_policy_of_one_task_has_nothing_to_choose() -> None:
    assert KeywordPolicy(tasks=(LEGAL,))("Is this contract valid?").probabilities == {"legal": 1.0}


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        ("Write a poem about rain, four stanzas that rhyme", "Something witty for the office wall"),
        ("Fix this TypeError in my Python script:\n```python\nprint(1 + 'a')\n```", "the loop over the query is slow"),
        ("What is the capital of Peru?", "An unusual way in which a string of pearls might return to its owner"),
    ],
)
def test_much_evidence_is_surer_than_little(surer: str, less_sure: str) -> None:
    assert KeywordPolicy()(surer).confidence > KeywordPolicy()(less_sure).confidence


def test_what_speaks_for_another_task_makes_less_sure() -> None:
    plain, torn = "Explain how tides work", "Explain how tides work, with a small script and a poem"
    assert KeywordPolicy()(plain).confidence > KeywordPolicy()(torn).confidence


def test_a_second_policy_is_asked_about_the_less_sure() -> None:
    """Also where the first has more than a guess; what the second is sure of stands, whatever its number."""
    text = "a script or a haiku?"
    sure = RouteDecision(model="claude", task="creative", confidence=0.6, policy="second")
    decision = KeywordPolicy()(text)
    assert 0.5 < decision.confidence < 0.85
    assert KeywordPolicy().or_else(lambda _: sure)(text).policy == "second"
    assert KeywordPolicy().or_else(lambda _: sure, below=0.5)(text) == decision


def test_a_calibration_of_ones_own_may_leave_rows_out() -> None:
    """The default one's stand in; the choice is the same."""
    sure = KeywordPolicy(calibration={"code": {"always": 9.0}})
    assert sure("Debug this function in Python").confidence > 0.99
    assert sure("What is the capital of Peru?") == KeywordPolicy()("What is the capital of Peru?")


@pytest.mark.parametrize(
    ("calibration", "message"),
    [
        (
            {"verse": {}},
            r"`calibration` must name tasks of the policy \(default, other, code, creative, general\), got v",
        ),
        ({"code": {"alway": 1.0}}, r"`calibration` must name clues \(always, .*, lines\), got alway\."),
        ({"code": {"always": float("nan")}}, "`calibration` must be finite numbers, but that of always is not"),
    ],
)
def test_a_calibration_names_tasks_and_clues(calibration: dict[str, dict[str, float]], message: str) -> None:
    """A typo is found when the policy is made."""
    with pytest.raises(ValueError, match=message):
        KeywordPolicy(calibration=calibration)


def test_a_sticky_conversation_says_how_likely_each_task_is() -> None:
    turns = [("human", "Write a poem about rain"), ("ai", "Rain."), ("human", "Which words rhyme with orange?")]
    assert sum(KeywordPolicy(sticky=True).invoke(turns).probabilities.values()) == pytest.approx(1)


ROWS = [
    *({"text": f"Write a poem about number {n}", "task": "creative", "kind": "a"} for n in range(40)),
    *({"text": f"Debug function {n} in Python", "task": "code", "kind": "a"} for n in range(40)),
    *({"text": f"What is the population of town {n}?", "task": "general", "kind": "b"} for n in range(40)),
    *({"text": f"parcel {n} fell off the shelf", "task": "creative", "kind": "b"} for n in range(30)),
]


def test_a_calibration_is_fitted_to_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is always right becomes surer than what is often wrong; choices stay as they are."""
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    assert main([str(path), "--group", "kind"]) == 0
    calibration = json.loads(capsys.readouterr().out)
    assert calibration.keys() >= {"default", "other"}
    policy = KeywordPolicy(calibration=calibration)
    poem, parcel = policy("Write a poem about number 99"), policy("parcel 99 fell off the shelf")
    assert poem.confidence > 0.9
    assert parcel.confidence < 0.6
    assert [poem.task, parcel.task] == ["creative", "general"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "`files` must hold at least one row"),
        ('{"text": "a", "task": "verse"}', "line 1` must have a task or a model as its label"),
        ("no json", "line 1` must be JSON"),
    ],
)
def test_bad_rows_are_told(lines: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.jsonl").write_text(lines, encoding="utf-8")
    assert main([str(tmp_path / "rows.jsonl")]) == 2
    assert message in capsys.readouterr().err
