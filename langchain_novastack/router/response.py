"""The normalised record of an answer: `router | RoutedResponse.from_message`."""

from __future__ import annotations

from typing import Annotated, Any

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import BaseModel, BeforeValidator, ConfigDict

from langchain_novastack._lazy import public
from langchain_novastack.cards import gateway_id
from langchain_novastack.field_docs import documented
from langchain_novastack.tracing import ROUTING
from langchain_novastack.validation import bad_argument


@public("langchain_novastack.router")
class Usage(BaseModel):
    """Tokens of one answer, under the names of the wire; read as attributes or by key."""

    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0
    """Tokens of the request."""
    completion_tokens: int = 0
    """Tokens of the answer, reasoning included."""
    total_tokens: int = 0
    """Both together, as the gateway counts them."""

    @classmethod
    def from_message(cls, message: AIMessage) -> Usage:
        """Return the tokens of an answer; all 0 if the gateway sent none."""
        used: Any = message.usage_metadata or {}  # of an answer out of a cache, core keeps no more than its cost
        names = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens", "total_tokens": "total_tokens"}
        return cls(**{ours: used.get(theirs, 0) for ours, theirs in names.items()})

    def __getitem__(self, name: str) -> int:
        """Return one of the three counts; a `KeyError` for any other name."""
        return int(self.model_dump()[name])


def _as_unicode(value: object) -> object:
    """Make valid Unicode of what a gateway sent: halves of a character are joined, and one left alone is replaced."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_Text = Annotated[str, BeforeValidator(_as_unicode)]


@public("langchain_novastack.router")
@documented
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
        """Build the record from a message of a router, a branch or any `ChatOpenAI`; all else is a `ValueError`."""
        if not isinstance(message, AIMessage):
            raise bad_argument("message", "be an AIMessage", type(message).__name__)
        metadata = message.response_metadata
        record = metadata[ROUTING] if isinstance(metadata.get(ROUTING), dict) else {}  # another's may be a word
        return cls(
            content=message.text,
            model_used=metadata.get("model_name") or gateway_id(str(record.get("model") or "")),
            usage=Usage.from_message(message),
            finish_reason=metadata.get("finish_reason"),
            fallback_triggered=bool(record.get("fallback", False)),
        )
