"""What a policy answers: which model, for which task, and why."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from langchain_novastack.display.tables import Shown


class Weighed(NamedTuple):
    """What a policy found for one task."""

    task: str
    """Name of the task."""

    model: str
    """Alias of the model that does it."""

    score: float
    """In what the policy counts by: points for `KeywordPolicy`, mean similarity for `EmbeddingPolicy`."""

    needed: float | None = None
    """Score from which the task may claim a request; None for the default task, which needs none."""


class RouteDecision(Shown, BaseModel):
    """The answer of a policy to one request. Frozen; holds no text of the prompt beyond what matched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """Alias of the model to ask, for example `"deepseek"`."""

    task: str | None = None
    """Name of the task the request was taken for, for example `"code"`; None if only a model was named."""

    confidence: float = Field(default=1.0, ge=0.0, le=1.0)
    """How sure the policy is, from 0 (a guess) to 1. A default chosen for want of evidence is below 0.5."""

    reason: str = ""
    """One sentence for a person."""

    matched: tuple[str, ...] = ()
    """Names of the indicators that spoke for the task, strongest first; empty when none did."""

    policy: str = ""
    """Name of the policy that decided."""

    weighed: tuple[Weighed, ...] = ()
    """What was found for each task, highest score first; empty for policies and rules that do not weigh."""

    def is_unsure(self, below: float = 0.5) -> bool:
        """Tell whether a second policy should be asked: whether `confidence` is under `below`."""
        return self.confidence < below

    def __str__(self) -> str:
        """Return the decision as text, at most 80 columns wide: why this model, and why not the others."""
        from langchain_novastack.views import decision_text  # noqa: PLC0415 - only when shown

        return decision_text(self)

    def _repr_html_(self) -> str:
        from langchain_novastack.views import decision_html  # noqa: PLC0415 - only when shown

        return decision_html(self)
