"""Tasks: the kinds of work a request can be, and the model that does each best."""

from __future__ import annotations

from typing import Any

from langchain_core.load.serializable import Serializable
from pydantic import ConfigDict, Field
from typing_extensions import Self  # noqa: TC002 - pydantic reads the annotations


class Task(Serializable):
    """One kind of work: its name, the model that does it, and what gives it away.

    Example:
        ```python
        legal = Task(name="legal", model="claude", indicators=("contract", "liability"))
        NovastackRouter(policy=KeywordPolicy(tasks=(*DEFAULT_TASKS, legal)))
        ```
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    """Unique name, shown in decisions, records and the tag `route:<name>`."""

    model: str = Field(min_length=1)
    """Alias of the model that does this work."""

    description: str = ""
    """One sentence; `LLMPolicy` shows it to the classifier."""

    indicators: tuple[str, ...] = ()
    """Words or phrases that speak for this task on their own, matched on word boundaries in any case."""

    examples: tuple[str, ...] = ()
    """Requests of this kind; `EmbeddingPolicy` compares with them."""

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """A task is plain data, so `dumps` keeps it."""
        return True

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Nothing in it changes, so a copy can share it."""
        return self


CODE = Task(
    name="code",
    model="deepseek",
    description="Writing, debugging, explaining, reviewing or translating code, queries, scripts and formulas.",
    indicators=("debug", "refactor", "code review", "optimize"),
    examples=(
        "Write a Python function that removes duplicate rows from a list of dictionaries.",
        "Why do I get a null pointer exception on line 12 of this Java class?",
        "Refactor this React component so that it uses hooks.",
        "Give me a SQL query for the ten customers with the most orders last month.",
        "Do a code review of my pull request.",
        "How do I find all files larger than 100 MB from the command line?",
        "Translate this shell script to PowerShell.",
        "Add unit tests for the parser module.",
        "My Docker container exits at once, here is the compose file.",
        "Which regular expression matches an ISO date?",
        "Write an Excel formula that adds up column B where column A says paid.",
    ),
)

CREATIVE = Task(
    name="creative",
    model="claude",
    description="Fiction, poems, lyrics, role play, brainstorming, advertising copy, names and jokes.",
    indicators=("story", "poem", "creative", "brainstorm"),
    examples=(
        "Write a short story about a lighthouse keeper who finds a message in a bottle.",
        "Compose a haiku about the first snow.",
        "Brainstorm names for a bakery that only sells bread with seeds.",
        "Pretend you are a pirate and tell me about your ship.",
        "Write a funny wedding toast in rhyme for my brother.",
        "Give me five slogans for a bicycle repair shop.",
        "Continue this scene: the door opened and nobody was there.",
        "Write song lyrics about leaving a small town.",
        "Invent a villain for my fantasy novel, with a backstory.",
        "Write an advertisement for a raincoat for dogs.",
        "Tell me a joke about accountants.",
    ),
)

GENERAL = Task(
    name="general",
    model="qwen",
    description="Everything else: questions, summaries, analysis, translation, mathematics, e-mails, reports.",
    indicators=("analyze", "summarize", "research", "explain"),
    examples=(
        "What is the difference between a virus and a bacterium?",
        "Summarize this article in three sentences.",
        "Explain how interest rates affect house prices.",
        "Write an e-mail to my landlord about the broken heating.",
        "Translate this paragraph into German.",
        "A train leaves at 9:40 and arrives at 13:05; how long is the journey?",
        "What should I see in Lisbon in two days?",
        "Analyze the causes of the First World War.",
        "Correct the grammar of my cover letter.",
        "Which of these two phones would you recommend?",
        "Give me a recipe for lentil soup.",
    ),
)

DEFAULT_TASKS: tuple[Task, ...] = (CODE, CREATIVE, GENERAL)
"""Code goes to DeepSeek, creative work to Claude, everything else to Qwen."""


def default_task(tasks: tuple[Task, ...]) -> Task:
    """Return the task for requests that no other claims: the one named `general`, else the last."""
    return next((task for task in tasks if task.name == GENERAL.name), tasks[-1])
