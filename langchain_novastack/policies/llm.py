"""A policy that asks a model which task a request is."""

from __future__ import annotations

import asyncio
import json
import logging
import pkgutil
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable  # noqa: TC002 - pydantic reads the annotations
from pydantic import Field, create_model, field_validator

from langchain_novastack._lazy import public
from langchain_novastack.field_docs import documented
from langchain_novastack.policies.conversation import SHOWN, requests
from langchain_novastack.policies.decision import RouteDecision  # noqa: TC001 - Runnable reads the annotations
from langchain_novastack.policies.policy import AskingPolicy, TaskPolicy, start
from langchain_novastack.tasks import DEFAULT_TASKS, Task
from langchain_novastack.transport.time_limits import at_most
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_novastack.policies.coerce import Catalog

logger = logging.getLogger("langchain_novastack")

PROMPT = (pkgutil.get_data("langchain_novastack", "policies/llm_prompt.txt") or b"").decode().rstrip()
"""What the classifier is told."""

HEAD, TAIL, EARLIER = 1500, 500, 300
"""Characters of the request that are shown from its beginning and its end, and of each of three earlier ones."""

_TIMEOUTS = (TimeoutError, asyncio.TimeoutError, FutureTimeoutError)  # three names for one thing from Python 3.11 on


@public("langchain_novastack.policies")
@documented
class LLMPolicy(TaskPolicy, AskingPolicy):
    """Asks a model, with structured output at temperature 0, which task a request is.

    It never raises: a failing or slow model, or one that answers nonsense, gives the default task, unsure, with a
    reason that says so. The model's run is a child of the caller's and is not streamed to the user.

    Example:
        ```python
        policy = KeywordPolicy().or_else(LLMPolicy(ChatNovastack(model="qwen")))
        ```
    """

    llm: Runnable[Any, Any]
    """A chat model that has `with_structured_output`."""

    timeout: float | None = Field(default=5.0, gt=0)
    """Seconds to wait for an answer; None waits as long as the model does."""

    cache_size: int = Field(default=256, ge=0)
    """How many answers are remembered, by text."""

    def __init__(self, llm: Runnable[Any, Any], tasks: Sequence[Task] = DEFAULT_TASKS, **fields: Any) -> None:
        """Make a policy of its fields."""
        super().__init__(**{"llm": llm, "tasks": tasks, **fields})

    @field_validator("llm")
    @classmethod
    def _classifies(cls, llm: Runnable[Any, Any]) -> Runnable[Any, Any]:
        if not callable(getattr(llm, "with_structured_output", None)):
            raise bad_argument("llm", "be a chat model with `with_structured_output`", type(llm).__name__)
        return llm

    async def answer(self, messages: list[BaseMessage], catalog: Catalog) -> RouteDecision:
        """Ask about the last request of the user and up to three before it, with the caller's config."""
        shown = _as_data(messages)
        if not shown:
            return self.guess("There is no text to go by.")
        if known := self._answers.get(shown):
            return self._found(shown, known)
        try:
            classifier, prompt = self._classifier(), self._prompt(shown)
            if catalog.sync:
                ask = partial(classifier.invoke, prompt, catalog.config)
                # Its thread goes on by itself when the time is over.
                found = ask() if self.timeout is None else start(ask, "LLMPolicy").result(self.timeout)
            else:
                found = await at_most(self.timeout, classifier.ainvoke(prompt, catalog.config))
        except Exception as error:  # noqa: BLE001 - a classifier must not break the call it is asked for
            late = self.timeout is not None and isinstance(error, _TIMEOUTS)
            what = f"took longer than {self.timeout:g} s" if late else f"failed ({type(error).__name__})"
            logger.warning("LLMPolicy: the classifier %s; taking the default task", what)
            return self.guess(f"The classifier {what}, so it is the default.")
        return self._found(shown, found.get("task") if isinstance(found, dict) else getattr(found, "task", None))

    @cached_property
    def _answers(self) -> dict[str, str]:
        """The tasks named for texts, the one unused for longest first."""
        return {}

    def _classifier(self) -> Runnable[Any, Any]:
        names: Any = Literal[tuple(task.name for task in self.tasks)]
        field = (names, Field(description="Name of the task."))
        schema = create_model("Classification", __doc__="The task a request belongs to.", task=field)
        model: Any = self.llm
        structured: Runnable[Any, Any] = model.with_structured_output(schema)
        profile = getattr(model, "profile", None) or {}
        has_temperature = isinstance(model, BaseChatModel) and "temperature" in type(model).model_fields
        if has_temperature and profile.get("temperature") is not False:
            structured = structured.bind(temperature=0)
        # "nostream" keeps the classifier's words out of LangGraph's message stream.
        return structured.with_config(run_name="LLMPolicy", tags=["nostream"])

    def _prompt(self, shown: str) -> list[BaseMessage]:
        tasks = "\n".join(f"- {task.name}: {task.summary}" for task in self.tasks)
        return [SystemMessage(PROMPT.format(tasks=tasks, default=self.default.name)), HumanMessage(shown)]

    def _found(self, shown: str, name: object) -> RouteDecision:
        """Decide for the task that was named, and remember it."""
        task = next((task for task in self.tasks if task.name == name), None)
        if task is None:
            return self.guess("The classifier named no known task, so it is the default.")
        self._answers.pop(shown, None)
        self._answers[shown] = task.name
        for oldest in [*self._answers][: max(0, len(self._answers) - self.cache_size)]:
            self._answers.pop(oldest, None)
        return self.decision(task, 0.9, f"The classifier named {task.name}.")


def _as_data(messages: list[BaseMessage]) -> str:
    """The request and up to three before it as JSON, cut to length; empty if there is no text."""
    texts = [text for _, text in islice(requests(messages), SHOWN)]
    if not texts:
        return ""
    request, *earlier = texts
    if len(request) > HEAD + TAIL:
        request = f"{request[:HEAD]} [...] {request[-TAIL:]}"
    shown = {"earlier": [text[:EARLIER] for text in reversed(earlier)], "request": request}
    return json.dumps(shown, ensure_ascii=False)
