"""A policy that compares a request with examples of each task, by embeddings."""

from __future__ import annotations

import math
import os
import threading
from operator import mul
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_core.embeddings import Embeddings  # noqa: TC002 - pydantic reads the annotations
from langchain_core.messages import BaseMessage  # noqa: TC002 - Runnable reads the annotations
from langchain_core.runnables.config import run_in_executor
from pydantic import Field, field_validator

from langchain_novastack._lazy import public
from langchain_novastack.field_docs import documented
from langchain_novastack.policies.conversation import requests
from langchain_novastack.policies.decision import RouteDecision, TaskScore
from langchain_novastack.policies.policy import TaskPolicy
from langchain_novastack.tasks import DEFAULT_TASKS, Task
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

Vector: TypeAlias = list[float]

MOST_CHARACTERS = 4000  # characters of a request that are embedded; small encoders read far less


@public("langchain_novastack.policies")
@documented
class EmbeddingPolicy(TaskPolicy):
    """Sorts requests to the task whose `examples` are nearest.

    The examples are embedded once, with the first decision. An error of the embeddings is raised unchanged: they
    are the caller's own component. Too few vectors, or vectors of something other than finite numbers, are a
    `ValueError`; so are tasks without a single example, at construction.

    Example:
        ```python
        policy = EmbeddingPolicy(embeddings=HuggingFaceEmbeddings(), threshold=0.25)
        NovastackRouter(policy=KeywordPolicy().or_else(policy))
        ```
    """

    embeddings: Embeddings
    """Any LangChain embeddings."""

    threshold: float = Field(default=0.25, ge=-1.0, le=1.0)
    """Cosine similarity under which nothing counts as near. It depends on the encoder: try `evaluate`."""

    nearest: int = Field(default=3, ge=1)
    """How many of a task's nearest examples count: their mean similarity is the task's."""

    def __init__(
        self, embeddings: Embeddings, tasks: Sequence[Task] = DEFAULT_TASKS, threshold: float = 0.25, **fields: Any
    ) -> None:
        """Make a policy of its fields."""
        super().__init__(**{"embeddings": embeddings, "tasks": tasks, "threshold": threshold, **fields})

    @field_validator("tasks")
    @classmethod
    def _has_examples(cls, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        if not any(task.examples for task in tasks):
            raise bad_argument("tasks", "have examples to compare with, at least one of them")
        return tasks

    def decide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Sort the last request of the user; earlier ones are not looked at."""
        if text := next(requests(messages), (0, ""))[1]:
            return self._nearest(self._vectors(), self.embeddings.embed_query(text[:MOST_CHARACTERS]))
        return self.guess("There is no text to go by.")

    async def adecide(self, messages: list[BaseMessage]) -> RouteDecision:
        """Async twin of `decide`: embeds the request by the embeddings' own async method, the examples in a thread."""
        if text := next(requests(messages), (0, ""))[1]:
            vectors: Any = vars(self).get("_embedded") or await run_in_executor(None, self._vectors)
            return self._nearest(vectors, await self.embeddings.aembed_query(text[:MOST_CHARACTERS]))
        return self.guess("There is no text to go by.")

    def _vectors(self) -> list[Vector]:
        """Return the vectors of the examples; they stand beside the fields, so that a copy embeds its own."""
        found: dict[str, Any] = vars(self)
        with found.setdefault(f"_lock_{os.getpid()}", threading.Lock()):
            if "_embedded" not in found:
                texts = [example for task in self.tasks for example in task.examples]
                vectors = self.embeddings.embed_documents(texts)
                if len(vectors) != len(texts):
                    must = f"return a vector for each text, but returned {len(vectors)} for {len(texts)} texts"
                    raise bad_argument("embeddings", must)
                found["_embedded"] = [_unit(vector) for vector in vectors]
            embedded: list[Vector] = found["_embedded"]
        return embedded

    def _nearest(self, vectors: list[Vector], vector: Vector) -> RouteDecision:
        query, rest, ranking = _unit(vector), iter(vectors), []
        for task in self.tasks:
            near = sorted(((sum(map(mul, query, next(rest))), text) for text in task.examples), reverse=True)
            if top := near[: self.nearest]:
                ranking.append((sum(similarity for similarity, _ in top) / len(top), task, top[0][1]))
        ranking.sort(key=lambda entry: entry[0], reverse=True)
        best, task, example = ranking[0]
        weighed = tuple(TaskScore(other.name, other.model, score, self.threshold) for score, other, _ in ranking)
        if best < self.threshold:
            reason = f"No example is near (at most {best:.2f}), so it is taken for the default."
            return self.guess(reason, weighed=weighed)
        ahead = best - (ranking[1][0] if len(ranking) > 1 else 0.0)
        reason = f"It is near the examples of {task.name} ({best:.2f}, {ahead:.2f} ahead)."
        return self.decision(task, min(0.99, 0.5 + 2 * ahead), reason, matched=(example,), weighed=weighed)


def _unit(vector: Vector) -> Vector:
    """Scale a vector to length 1; a zero vector stays one, near to nothing."""
    length = math.sqrt(sum(map(mul, vector, vector))) or 1.0
    if not math.isfinite(length):
        raise bad_argument("embeddings", "return vectors of finite numbers")
    return [value / length for value in vector]
