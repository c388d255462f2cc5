# ruff: noqa: RUF001 - requests in other scripts
"""Two-turn conversations: a follow-up stays with the task it follows, a new request moves on."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_novastack.policies import KeywordPolicy

CODE = "Write a Python function that reverses a linked list"
STORY = "Write a short story about a clockmaker who repairs time"
POEM = "Write a poem about the sea in winter"
NAMES = "Give me ten names for a bookshop with a cat"
QUESTION = "What is the difference between weather and climate?"

CONVERSATIONS = (
    # first request, second request, task of the second
    (CODE, "now make it faster", "code"),
    (CODE, "can you do the same without recursion?", "code"),
    (CODE, "why?", "code"),
    (CODE, "It doesn't work for an empty list.", "code"),
    (CODE, "Thanks! Now add some comments.", "code"),
    (CODE, "and in Java?", "code"),
    (CODE, "Still the same error", "code"),
    (CODE, "use a while loop instead", "code"),
    (CODE, "explain it line by line", "code"),
    (CODE, "shorter please", "code"),
    (CODE, "What about negative numbers?", "code"),
    (CODE, "Why did you use a tuple there?", "code"),
    ("My Docker container exits immediately with code 137", "I already tried that, it still exits", "code"),
    ("Explain this regex: ^\\d{3}-\\d{4}$", "make it accept letters too", "code"),
    (CODE, "Write a limerick about it", "creative"),
    (CODE, "What is the capital of Peru?", "general"),
    (CODE, "Thanks. Can you recommend a good restaurant in Lyon?", "general"),
    (CODE, "New topic: how do I cook rice without it sticking?", "general"),
    (CODE, "Write an email to my team that the release is late", "general"),
    (STORY, "make it darker", "creative"),
    (STORY, "Continue.", "creative"),
    (STORY, "and then?", "creative"),
    (STORY, "Give it a happier ending", "creative"),
    (STORY, "now tell it as if she were a child", "creative"),
    (STORY, "Translate it into Spanish", "creative"),
    (STORY, "another one", "creative"),
    (STORY, "too long, cut it in half", "creative"),
    (POEM, "make it rhyme", "creative"),
    (POEM, "Change the last line", "creative"),
    (POEM, "Now with fewer adjectives", "creative"),
    (POEM, "I like the second one better", "creative"),
    (NAMES, "five more", "creative"),
    (NAMES, "I don't like number 3", "creative"),
    (NAMES, "less cute, more elegant", "creative"),
    (STORY, "How do I sort a dictionary by value in Python?", "code"),
    (STORY, "How many planets does the solar system have?", "general"),
    (POEM, "Who was the first woman in space?", "general"),
    (POEM, "Write a cover letter for a nurse", "general"),
    (NAMES, "By the way, what does a business licence cost in Texas?", "general"),
    (QUESTION, "and which of them changes faster?", "general"),
    (QUESTION, "Explain it to a child", "general"),
    (QUESTION, "Write a haiku about that", "creative"),
    (QUESTION, "Plot the temperature with matplotlib", "code"),
    ("Schreibe eine Python-Funktion, die Primzahlen ausgibt", "mach es kürzer", "code"),
    ("Escribe un poema sobre la luna", "hazlo más corto", "creative"),
    ("Écris une histoire sur un renard", "encore une", "creative"),
    ("写一首关于春天的诗", "再写一首", "creative"),
    ("用Python写一个快速排序函数", "改成降序", "code"),
    ("写一首关于春天的诗", "法国的首都是哪里？", "general"),
    (QUESTION, "You contradict yourself in the second paragraph of the answer.", "general"),
    ("秋についての俳句を書いてください", "もっと短くして", "creative"),
    ("Напиши рассказ о старом маяке", "сделай его короче", "creative"),
    ("가을에 대한 시를 써줘", "더 짧게 써줘", "creative"),
)


def decide(*messages: BaseMessage) -> str | None:
    return KeywordPolicy().decide(list(messages)).task


def test_follow_ups_go_where_they_belong() -> None:
    """At least 85 % of the second requests are understood from the messages alone; each miss is listed."""
    misses = []
    for first, second, task in CONVERSATIONS:
        got = decide(HumanMessage(first), AIMessage("Here you are."), HumanMessage(second))
        if got != task:
            misses.append(f"{task} -> {got}: {first[:40]!r} ... {second!r}")
    report = "\n".join(misses)
    print(f"{len(CONVERSATIONS)} conversations, {len(misses)} misses\n{report}")  # noqa: T201 - pytest -rP shows it
    assert len(CONVERSATIONS) >= 40
    assert len(misses) <= 0.15 * len(CONVERSATIONS), report


@pytest.mark.parametrize(
    "routing", [{"task": "creative", "model": "claude"}, {"task": None, "model": "claude"}, {"model": "claude"}]
)
def test_the_task_recorded_on_the_answer_decides(routing: dict[str, object]) -> None:
    """What an answer's routing record says counts, even where the words before it said nothing."""
    answer = AIMessage("Gladly.", response_metadata={"routing": routing})
    assert decide(HumanMessage("Surprise me"), answer, HumanMessage("make it shorter")) == "creative"


@pytest.mark.parametrize("routing", [None, "code", {}, {"task": "cooking", "model": "no such"}, {"task": 3}])
def test_a_foreign_record_is_passed_over(routing: object) -> None:
    """A record that names nothing known leaves the decision to the requests."""
    answer = AIMessage("Done.", response_metadata={"routing": routing})
    assert decide(HumanMessage(CODE), answer, HumanMessage("make it shorter")) == "code"


def test_follow_ups_of_follow_ups_stay() -> None:
    """A chain of short requests stays with the task that opened it."""
    turns: list[BaseMessage] = [HumanMessage(STORY)]
    for text in ("make it longer", "and then?", "now shorter"):
        turns += [AIMessage("Here."), HumanMessage(text)]
    assert decide(*turns) == "creative"


def test_a_general_request_between_ends_the_task() -> None:
    """What was talked about before the last topic no longer counts."""
    turns = [
        HumanMessage(CODE),
        AIMessage("Here."),
        HumanMessage(QUESTION),
        AIMessage("So."),
        HumanMessage("why is that?"),
    ]
    assert decide(*turns) == "general"


def test_a_short_request_without_a_past_is_the_default() -> None:
    """Nothing to go on with: the default."""
    assert decide(HumanMessage("make it shorter")) == "general"


def test_tool_results_are_not_the_request() -> None:
    """What a tool returned does not decide, whatever stands in it."""
    call = AIMessage("", tool_calls=[{"name": "read", "args": {}, "id": "1"}])
    result = ToolMessage("def f():\n    return 1\nTraceback (most recent call last)", tool_call_id="1")
    assert decide(HumanMessage("What's the weather in Oslo?"), call, result) == "general"


@pytest.mark.parametrize(
    "injected",
    [
        "<system-reminder>Use git, run pytest, fix the Python code in main.py.</system-reminder>",
        "<context>\ndef f(x): return x\n```python\nimport os\n```\n</context>",
        "<documents><document>SELECT name FROM users; function main() {}</document></documents>",
    ],
)
def test_injected_blocks_are_not_the_request(injected: str) -> None:
    """Text that a program put into the user's message does not decide."""
    assert decide(HumanMessage(f"{injected}\nWhat is the capital of Peru?")) == "general"
    assert decide(HumanMessage(f"Write a poem about rain\n{injected}")) == "creative"


def test_a_message_of_nothing_but_injected_text_is_passed_over() -> None:
    """The request before it counts."""
    reminder = HumanMessage("<system-reminder>The file has changed: story.md</system-reminder>")
    assert decide(HumanMessage(CODE), AIMessage("Working."), reminder) == "code"


def test_context_before_the_question_is_not_the_request() -> None:
    """Retrieved text stuffed before a question does not decide."""
    context = "The dragon sighed and the princess sang a song of the old kingdom. " * 20
    assert decide(HumanMessage(f"Context:\n{context}\n\nQuestion: How old is the king?")) == "general"


def test_the_system_message_does_not_decide() -> None:
    """Instructions of the application are not the user's request."""
    system = SystemMessage("You are a coding assistant. Debug Python code.")
    assert decide(system, HumanMessage("What is the capital of Peru?")) == "general"


def test_only_the_text_parts_of_a_message_count() -> None:
    """Images are not read as text."""
    parts: list[str | dict[str, object]] = [
        {"type": "image_url", "image_url": {"url": "https://example.org/def-main.py"}},
        {"type": "text", "text": "Write a haiku about this picture"},
    ]
    assert decide(HumanMessage(parts)) == "creative"
