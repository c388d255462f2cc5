"""What a sandbox was set up to do, and what was asked to happen to the next requests, by model."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field

from langchain_novastack.cards import ModelCard, find_card
from langchain_novastack.sandbox.faults.kinds import Fault
from langchain_novastack.sandbox.validation.problems import Arguments, Json, JsonObject, Line, Seconds, Times

if TYPE_CHECKING:
    from typing_extensions import Self

EVERY = "*"
"""Stands for all models."""


class SandboxSettings(Arguments):
    """The options of one sandbox; `Sandbox` documents them."""

    api_key: Annotated[Line, Field(min_length=1, repr=False)]
    models: Annotated[Mapping[str, ModelCard], Field(min_length=1)]
    reasoning: tuple[str, ...]  # names of models in any spelling, or `EVERY`; aliases once they are `resolved`
    reasoning_field: Literal["reasoning_content", "reasoning"]
    cost: bool
    delay: Seconds
    chunk_delay: Seconds
    qwen_thinking_trap: bool
    qwen_system_trap: bool

    def resolved(self, *, leniently: bool) -> Self:
        """Return a copy in which `reasoning` is aliases, unknown names leniently left out or a `ValueError`."""
        names = [name for name in self.reasoning if not leniently or self.find(name)]
        aliases = tuple(self.alias(name, "reasoning") for name in names)
        everyone = tuple(card.alias for card in self.models.values())
        return self.model_copy(update={"reasoning": everyone if EVERY in aliases else aliases})

    def alias(self, name: object, argument: str = "model") -> str:
        """Return the alias of the model that a name names, or `EVERY`; else a `ValueError` names the argument."""
        if name == EVERY:
            return EVERY
        card = self.find(name) if isinstance(name, str) else None
        if card is None:
            msg = f"`{argument}` must be one of {', '.join(self.models)}, or '*', got {name!r}."
            raise ValueError(msg)
        return card.alias

    def find(self, name: str) -> ModelCard | None:
        """Return the card that an alias, an id or another spelling names; case and vendor prefix don't matter."""
        return find_card(name, self.models.values())

    def find_by_id(self, name: str) -> ModelCard | None:
        """Return the card that a wire id names. An alias is not an id, unless it is published as a name too."""
        card = self.find(name)
        return None if card is None or not card.has_id(name) else card


class ScriptedCall(Arguments):
    """One tool call. A LangChain `ToolCall` fits: what else it holds is ignored."""

    model_config = ConfigDict(extra="ignore")

    name: str
    args: Json = Field(default_factory=dict)  # an object; or a string that is sent as it is, valid JSON or not
    id: str | None = None


_GivenCall = Annotated[ScriptedCall, BeforeValidator(lambda call: dict(call) if isinstance(call, Mapping) else call)]


class ScriptedAnswer(Arguments):
    """What a model is to answer; what is None is as usual."""

    text: str | None = None
    tool_calls: list[_GivenCall] | tuple[_GivenCall, ...] = ()
    reasoning: str | None = None
    usage: JsonObject | None = None
    finish_reason: str | None = None
    times: Times | None = 1


Outcome: TypeAlias = Fault | ScriptedAnswer


class Schedule:
    """Queues of faults and scripted answers, one for each model and one for all; safe in several threads."""

    def __init__(self) -> None:
        """Start empty: everything as usual."""
        self._lock = threading.Lock()
        self._queues: defaultdict[str, list[tuple[Outcome, Iterator[Outcome]]]] = defaultdict(list)

    def add(self, model: str, outcome: Outcome) -> None:
        """Append to the queue of a model, or of all, for as many requests as the outcome says."""
        with self._lock:
            turns = repeat(outcome) if outcome.times is None else repeat(outcome, outcome.times)
            self._queues[model].append((outcome, turns))

    def take(self, model: str) -> Outcome | None:
        """Return what happens to the next request; a model's own queue comes before the one for all."""
        with self._lock:
            for queue in (self._queues[model], self._queues[EVERY]):
                while queue:
                    outcome, turns = queue[0]
                    if next(turns, None):
                        return outcome
                    del queue[0]
        return None

    def heal(self, model: str | None) -> None:
        """Remove the faults from a model's queue, or from all queues; scripted answers stay."""
        with self._lock:
            for name, queue in self._queues.items():
                if model in {None, name}:
                    queue[:] = [(outcome, turns) for outcome, turns in queue if not isinstance(outcome, Fault)]

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._queues.clear()
