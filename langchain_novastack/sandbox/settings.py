"""What a sandbox was set up to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_novastack.cards import find_card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard


@dataclass(frozen=True)
class Settings:
    """The options of one sandbox; `Sandbox` documents them."""

    api_key: str = field(repr=False)
    models: Mapping[str, ModelCard]
    reasoning: frozenset[str]
    reasoning_field: str
    cost: bool
    delay: float
    chunk_delay: float
    qwen_thinking_trap: bool

    def thinks(self, body: Mapping[str, Any], card: ModelCard) -> bool:
        """Return whether a model reasons aloud for a request: it is set up to, and not told not to."""
        thinking, reasoning = body.get("thinking") or {}, body.get("reasoning") or {}
        told_not_to = (
            body.get("enable_thinking") is False
            or thinking.get("type") == "disabled"
            or reasoning.get("enabled") is False
            or reasoning.get("effort") == "none"
            or body.get("reasoning_effort") == "none"
        )
        return card.alias in self.reasoning and not told_not_to

    def find(self, name: str) -> ModelCard | None:
        """Return the card that an alias, an id or another spelling names; case and vendor prefix don't matter."""
        return find_card(name, self.models.values())

    def find_by_id(self, name: str) -> ModelCard | None:
        """Return the card that a wire id names. An alias is no id, unless it is published as a name too."""
        card = self.find(name)
        return None if card is None or not card.has_id(name) else card
