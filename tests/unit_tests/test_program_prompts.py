"""Prompts that programs make around a request: what their user asks counts, or what they themselves ask about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from langchain_novastack.policies import KeywordPolicy
from langchain_novastack.policies.conversation import request_of

REQUESTS = {
    "Which lake in Italy is the deepest?": "general",
    "Write a Python function that merges two sorted lists": "code",
    "Write a limerick about a snail who runs a post office": "creative",
}

NEUTRAL = "Lake Como is deep, and the ferry is slow."

_, *_FRAMES = (Path(__file__).parent.parent / "data" / "program_prompts.txt").read_text("utf-8").split("\n## ")
FRAMES = dict(frame.removesuffix("\n").split("\n", 1) for frame in _FRAMES)
ANSWERED = [name for name in FRAMES if name.startswith("answered: ")]
"""Frames that hand on a request, to be carried out."""
WORKED_ON = [name for name in FRAMES if name.startswith("worked on: ")]
"""Frames that ask something about somebody's text, which is not to be carried out."""


def framed(frame: str, inside: str) -> str:
    assert FRAMES[frame].count("{}") == 1
    return FRAMES[frame].replace("{}", inside)


def test_there_are_frames_enough() -> None:
    assert len(FRAMES) >= 40


@pytest.mark.parametrize("frame", ANSWERED)
@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_found_in_its_frame(frame: str, request_: str) -> None:
    """It goes where it would go by itself."""
    decision = KeywordPolicy()(framed(frame, request_))
    assert decision.task == REQUESTS[request_], decision.matched


@pytest.mark.parametrize("inside", [NEUTRAL, *REQUESTS])
@pytest.mark.parametrize("frame", WORKED_ON)
def test_work_on_a_text_is_everyday_work(frame: str, inside: str) -> None:
    """Whatever that text asks for: it is graded, sorted, translated, not carried out."""
    decision = KeywordPolicy()(framed(frame, inside))
    assert decision.task == "general", decision.matched


CODE_IN_TAGS = (
    "Why does this page not center?\n<div>\n<p>Hello</p>\n</div>",
    "Fix the bug in this component:\n<button onClick={go}>\nGo\n</button>",
    "Convert the question to a SQL query.\n\nTables:\nlakes(id, name, depth)\n\nQuestion: Which lake is deepest?\nSQL:",
    "<instructions>\nFind the bug in the code.\n</instructions>\n<code>\nfor (i = 0; i < 3; i++) { print(i) }\n</code>",
    "Refactor this.\n<source>\ndef f(x):\n  return x\n</source>",
)


@pytest.mark.parametrize("text", CODE_IN_TAGS)
def test_requests_about_code_stay_requests_about_code(text: str) -> None:
    """In tags and frames too, whether these are the code or stand around it."""
    assert KeywordPolicy()(text).task == "code"


def test_what_stands_in_the_middle_of_a_long_prompt_is_material() -> None:
    """The frame is found at the ends, however much stands between."""
    material = "Ducks swim; geese (mostly) fly. " * 3000
    text = f"Answer by the pages.\n<pages>\n{material}</pages>\n\n<question>\nWrite a haiku about ducks\n</question>"
    assert request_of(HumanMessage(text)).strip() == "Write a haiku about ducks"


@pytest.mark.parametrize(
    "text", ["Note:\nbuy milk", "a < b\n</b>", "Question:\n", "<x>\n</x>", "To: Ann\nFrom: Bob\n\nHi"]
)
def test_odd_shapes_leave_something_to_go_by(text: str) -> None:
    """Text that only looks like a frame is decided as it stands."""
    assert KeywordPolicy()(text).task == "general"


@pytest.mark.parametrize(
    "piece", ["{\n", "json {\n", "<a>\n", "<a1>", "Question:\n", "# a\n", "<x>\n</x>\n", "</b>\n<b", "```\n{"]
)
def test_shapes_by_the_thousand_are_read_at_the_ends(piece: str) -> None:
    """No pattern runs away on them, however long the text is."""
    assert len(request_of(HumanMessage("json\n" + piece * (100_000 // len(piece))))) <= 6001
