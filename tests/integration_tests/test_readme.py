"""The README keeps its promises of form: two commands, a short first example, 170 lines. `test_pages` runs it."""

from __future__ import annotations

from helpers.pages import PAGES, examples

README = PAGES[0]
COMMANDS = (
    """pip install . && python -m langchain_novastack \
"Debug this Python function: def f(x, acc=[]): acc.append(x); return acc\"""",
    'pip install -e ".[test]" && pytest',
)


def test_the_two_commands_stand_there_verbatim() -> None:
    lines = [line for block in examples(README, "bash") for line in block.code.splitlines()]
    assert [line for line in lines if line in COMMANDS] == list(COMMANDS)


def test_the_first_example_has_at_most_15_lines() -> None:
    assert len(examples(README)[0].code.splitlines()) <= 15


def test_it_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 170
