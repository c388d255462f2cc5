"""What a sandbox was set up to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from langchain_novastack.cards import ModelCard, find_card
from langchain_novastack.sandbox.validation.arguments import Arguments, Line, Seconds

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

    def thinks(self, body: Mapping[str, Any], card: ModelCard) -> bool:
        """Return whether a model reasons aloud for a request: it is set up to, and not told not to."""
        thinking, reasoning = body.get("thinking") or {}, body.get("reasoning") or {}
        told_not_to = (
            body.get("enable_thinking") is False
            or thinking.get("type") == "disabled"
            or reasoning.get("enabled") is False
            or "none" in (reasoning.get("effort"), body.get("reasoning_effort"))
        )
        return card.alias in self.reasoning and not told_not_to

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
