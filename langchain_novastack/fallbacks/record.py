"""The routing record: what a call was taken for, who was asked, who answered. And the record of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from pydantic import BaseModel, BeforeValidator, ConfigDict

from langchain_novastack.cards import gateway_id
from langchain_novastack.errors import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.policies.decision import RouteDecision

KEY = "routing"
"""Key of the record in `response_metadata`."""


_DECIDED = ("task", "policy", "confidence", "reason", "matched")
"""What a record keeps of a decision: the decision itself would take ten times the memory while the call waits."""


@dataclass(slots=True)
class Record:
    """What happens to one call, noted while it happens."""

    decision: tuple[Any, ...] | None = None
    """What the policy, whoever overruled it, or a router in line before it failed, decided, as `_DECIDED` names it."""

    pinned: bool = False
    """Whether the model was named by the caller or by the tool loop under way, not by the policy."""

    model: str | None = None
    """Alias of the model that answered; None if none did."""

    fallback: bool = False
    """Whether the model that was asked last stands in for another."""

    attempts: tuple[dict[str, Any], ...] = ()
    skipped: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @classmethod
    def of(cls, decision: RouteDecision, *, pinned: bool) -> Record:
        """Begin the record of a call for which this was decided."""
        return cls(tuple(getattr(decision, name) for name in _DECIDED), pinned=pinned)

    def note(self, model: str, seconds: float, status: int | None, error: BaseException | None) -> None:
        """Note one real request and how it went; those of a router in line are noted as it recorded them."""
        inner = getattr(error, KEY, None) or {}
        if inner.get("attempts"):
            self.attempts += tuple(inner["attempts"])
            self.decision = tuple(inner[name] for name in _DECIDED)
            return
        said = None if error is None else describe(error)
        self.attempts += ({"model": model, "seconds": round(seconds, 4), "status": status, "error": said},)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON-able data; holds no text of the prompt."""
        task, policy, confidence, reason, matched = self.decision or (None, None, None, None, ())
        return {
            "task": task,
            "model": self.model,
            "policy": policy,
            "confidence": confidence,
            "reason": reason,
            "matched": list(matched),
            "pinned": self.pinned,
            "fallback": self.model is not None and self.fallback,
            "attempts": [dict(attempt) for attempt in self.attempts],
            "skipped": list(self.skipped),
            "changed": list(self.changed),
        }

    def attach(self, output: Any) -> Any:
        """Return a message with this record on it; anything else as it is. The original stays as it was."""
        if not isinstance(output, AIMessage):
            return output
        record = self._around(output.response_metadata.get(KEY))
        return output.model_copy(update={"response_metadata": {**output.response_metadata, KEY: record}})

    def _around(self, inner: dict[str, Any] | None) -> dict[str, Any]:
        """Return this record, or that of a router in line, with the attempts before it."""
        if not inner:
            return self.as_dict()
        before = self.attempts[:-1]
        fallback = bool(before or self.skipped or inner["fallback"])
        skipped = [*self.skipped, *inner["skipped"]]
        return {**inner, "fallback": fallback, "attempts": [*before, *inner["attempts"]], "skipped": skipped}

    def closing(self, tail: Any, shown: list[Any]) -> list[Any]:
        """Return the last chunk of a stream with this record on it; empty for streams of other things.

        Args:
            tail: The last chunk, held back until now; None if the stream had no chunk marked as the last.
            shown: The chunks shown before it.
        """
        if tail is not None:
            return [self.attach(tail)]
        if not shown or not isinstance(shown[-1], AIMessageChunk):
            return []
        return [self.attach(AIMessageChunk(content="", id=shown[-1].id, chunk_position="last"))]


class Usage(BaseModel):
    """Tokens of one answer, under the names of the wire; read as attributes or by key."""

    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0

    @classmethod
    def from_message(cls, message: AIMessage) -> Usage:
        """Return the tokens of an answer; all 0 if the gateway sent none."""
        used = message.usage_metadata
        if used is None:
            return cls()
        return cls(
            prompt_tokens=used["input_tokens"],
            completion_tokens=used["output_tokens"],
            total_tokens=used["total_tokens"],
        )

    def __getitem__(self, name: str) -> int:
        """Return one of the three counts.

        Raises:
            KeyError: For any other name.
        """
        if name not in type(self).model_fields:
            raise KeyError(name)
        return int(getattr(self, name))


def _text(value: object) -> object:
    """Make valid Unicode of what a gateway sent: halves of a character are joined, and one left alone is replaced."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_Text = Annotated[str, BeforeValidator(_text)]


def _recorded(metadata: Mapping[str, Any]) -> str:
    """Return the id of the model that the routing record names: with `n` above 1, LangChain leaves the model's out."""
    return gateway_id((metadata.get(KEY) or {}).get("model") or "")


class RoutedResponse(BaseModel):
    """One answer in normal form: `router | RoutedResponse.from_message`.

    Example:
        ```python
        chain = router | RoutedResponse.from_message
        chain.invoke("Tell me a story.").model_used  # "Claude-Opus-4.7"
        ```
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    content: _Text
    """Text of the answer, without reasoning."""

    model_used: _Text
    """Gateway id of the model that answered: as the gateway named it, else by the routing record, else ""."""

    usage: Usage = Usage()
    """Tokens; all 0 if the gateway sent none."""

    finish_reason: _Text | None = None
    """Why the answer ended, as the gateway named it."""

    fallback_triggered: bool = False
    """Whether another model than the one decided for answered."""

    @classmethod
    def from_message(cls, message: BaseMessage) -> RoutedResponse:
        """Build the record from a message of a router, a branch or any `ChatOpenAI`.

        Raises:
            ValueError: If it is no `AIMessage`.
        """
        if not isinstance(message, AIMessage):
            msg = f"`message` must be an AIMessage, got {type(message).__name__}."
            raise ValueError(msg)  # noqa: TRY004 - bad arguments are ValueErrors in this package
        metadata = message.response_metadata
        return cls(
            content=message.text,
            model_used=metadata.get("model_name") or _recorded(metadata),
            usage=Usage.from_message(message),
            finish_reason=metadata.get("finish_reason"),
            fallback_triggered=bool((metadata.get(KEY) or {}).get("fallback", False)),
        )
