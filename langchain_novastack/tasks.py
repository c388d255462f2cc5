"""Tasks: the kinds of work a request can be, and the model that does each best."""

from __future__ import annotations

import json
import pkgutil
from typing import Annotated, Any, TypeAlias

from langchain_core.load.serializable import Serializable
from pydantic import AfterValidator, ConfigDict, Field
from typing_extensions import Self  # noqa: TC002 - pydantic reads the annotations

from langchain_novastack.field_docs import documented
from langchain_novastack.validation import bad_argument, check_init

_NOT_SETTINGS = frozenset(["config", "fallback", "input", "messages", "model", "stream"])
"""Names that say what is asked, and whom: not how."""


def _are_settings(given: dict[str, Any]) -> object:
    if wrong := sorted(_NOT_SETTINGS & given.keys()):
        raise bad_argument("settings", "hold arguments for the model that say how it answers", ", ".join(wrong))
    return check_init(given)


Settings: TypeAlias = Annotated[dict[str, Any], AfterValidator(_are_settings)]  # arguments for a model by name


class PlainData(Serializable):
    """Data that nothing changes: `dumps` keeps it, and copies share it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Plain data holds no secrets."""
        return True

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Return the same."""
        return self


@documented
class Task(PlainData):
    """One kind of work: its name, the model that does it, and what gives it away."""

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

    settings: Settings = Field(default_factory=dict)
    """Arguments for the model on this task, under the caller's own: `{"temperature": 0, "reasoning_effort": "high"}`;
    each model is told the effort in its own words."""

    def __hash__(self) -> int:
        """Hash name and model: dictionaries have no hash."""
        return hash((self.name, self.model))

    @property
    def summary(self) -> str:
        """What a classifier is told of the task: its description, else its indicators."""
        return self.description or ", ".join(self.indicators)


_DATA = pkgutil.get_data("langchain_novastack", "tasks.json") or ""
DEFAULT_TASKS: tuple[Task, ...] = tuple(Task(**row) for row in json.loads(_DATA))
"""Those of `tasks.json`: code goes to DeepSeek, creative work to Claude, everything else to Qwen."""


def default_task(tasks: tuple[Task, ...]) -> Task:
    """Return the task for requests that no other claims: the one named `general`, else the last."""
    return next((task for task in tasks if task.name == "general"), tasks[-1])


def tasks_of(policy: object) -> tuple[Task, ...]:
    """Return the tasks of a policy, or of what has one as its `policy`; the default ones for one that lists none."""
    return listed_tasks(getattr(policy, "policy", policy)) or DEFAULT_TASKS


def listed_tasks(policy: object) -> tuple[Task, ...]:
    """Return the tasks that a policy lists; none for one whose `tasks` are something else of its own."""
    tasks = getattr(policy, "tasks", ())
    return tuple(tasks) if isinstance(tasks, list | tuple) and all(isinstance(each, Task) for each in tasks) else ()
