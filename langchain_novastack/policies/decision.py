"""What a policy answers: which model, for which task, and why."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from langchain_novastack._lazy import public
from langchain_novastack.display.tables import Pairs, Tabled
from langchain_novastack.field_docs import documented
from langchain_novastack.tasks import Settings

_new, _set = object.__new__, object.__setattr__


@public("langchain_novastack.policies")
class TaskScore(NamedTuple):
    """What a policy found for one task.

    Attributes:
        task: Name of the task.
        model: Alias of the model that does it.
        score: In what the policy counts by: points for `KeywordPolicy`, mean similarity for `EmbeddingPolicy`.
        needed: Score from which the task may claim a request; None for the default task, which needs none.
    """

    task: str
    model: str
    score: float
    needed: float | None = None


@public("langchain_novastack.policies")
@documented
class RouteDecision(Tabled, BaseModel):
    """The answer of a policy to one request. Frozen; holds no text of the prompt beyond what matched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """Alias of the model to ask, for example `"deepseek"`."""

    task: str | None = None
    """Name of the task the request was taken for, for example `"code"`; None if only a model was named."""

    confidence: float = Field(default=1.0, ge=0.0, le=1.0)
    """How sure the policy is, from 0 (a guess) to 1; by `KeywordPolicy` how often such a decision is right."""

    reason: str = ""
    """One sentence for a person."""

    matched: tuple[str, ...] = ()
    """Names of the indicators that spoke for the task, strongest first; empty when none did."""

    policy: str = ""
    """Name of the policy that decided."""

    weighed: tuple[TaskScore, ...] = ()
    """What was found for each task, highest score first; empty for policies and rules that give no scores."""

    probabilities: dict[str, Annotated[float, Field(ge=0.0, le=1.0)]] = Field(default_factory=dict)
    """How likely each task is, by its name, together 1; empty for policies and rules that do not say."""

    settings: Settings = Field(default_factory=dict)
    """Arguments for the model on this route, under the caller's own; a router does not record them."""

    def __hash__(self) -> int:
        """Hash what was decided: dictionaries have no hash."""
        return hash((self.model, self.task, self.confidence, self.reason, self.matched, self.policy, self.weighed))

    def is_unsure(self, below: float = 0.5) -> bool:
        """Tell whether a second policy should be asked: whether `confidence` is under `below`."""
        return self.confidence < below

    def _table(self) -> tuple[tuple[()], Pairs, str]:
        """Say why this model, and why not the others."""
        pairs: Pairs = [("why", self.reason), ("task", self.task), ("confidence", self.confidence)]
        pairs += [("matched", ", ".join(self.matched)), ("policy", self.policy)]
        pairs += [(f"not {each.model}", self._why_not(each)) for each in self.weighed if each.model != self.model]
        return (), [(name, value) for name, value in pairs if value not in (None, "")], f"This goes to {self.model}"

    def _why_not(self, other: TaskScore) -> str:
        task, _, score, needed = other
        if needed is None:
            return f"{task} is for what no other task claims"
        if not score:
            return f"{task}: nothing speaks for it"
        if score < 0:
            return f"{task}: more speaks against it than for it ({score:.3g})"
        but = f"and it needs {needed:.3g}" if score < needed else f"but {self.task or self.model} comes first"
        return f"{task}: {score:.3g}, {but}"


_FIELDS = {*RouteDecision.model_fields}


def unchecked(fields: dict[str, Any]) -> RouteDecision:
    """Make a decision of all its fields without a check: to validate takes longer than to decide."""
    decision = _new(RouteDecision)
    _set(decision, "__dict__", fields)
    _set(decision, "__pydantic_fields_set__", _FIELDS)
    _set(decision, "__pydantic_extra__", None)
    _set(decision, "__pydantic_private__", None)
    return decision
