"""Tasks: the kinds of work a request can be, and the model that does each best."""

from __future__ import annotations

from langchain_core.load.serializable import Serializable
from pydantic import ConfigDict, Field


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
