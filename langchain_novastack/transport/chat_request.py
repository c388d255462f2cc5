"""What is sent to the gateway, and how much may come back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from langchain_core.messages import BaseMessage
    from pydantic import BaseModel

    from langchain_novastack.cards import Price

MAX_ANSWER_BYTES = 64 * 2**20
"""Bytes of a whole answer, or of one event of a stream, unless the user says otherwise: a small body, when it is
decompressed, may hold gigabytes of zeros."""


@dataclass(slots=True)
class Request:
    """One request, ready to be sent."""

    model: str  # alias or id for messages and errors
    body: dict[str, Any]  # what is sent as JSON
    options: dict[str, Any] = field(default_factory=dict)  # the SDK's: `headers`, `params`, `timeout`, `max_retries`
    schema: type[BaseModel] | None = None  # what the answer is parsed into, if `response_format` was a Pydantic class
    messages: Sequence[BaseMessage] = ()  # what it was made from
    changed: tuple[str, ...] = ()  # names of the request fields that the card's rules removed or added
    price: Price | None = None  # of the model asked, if its card has one

    @property
    def prompt(self) -> str:
        """Text of the messages and of the tool calls in them, masked wherever the gateway quotes it."""
        calls = [call["args"] for sent in self.messages if isinstance(sent, AIMessage) for call in sent.tool_calls]
        return "\n".join([*(message.text for message in self.messages), *_texts_in(calls)])


def _texts_in(value: Any) -> Iterator[str]:
    """Yield the strings in JSON, and a mapping as its JSON too, as a gateway quotes it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield json.dumps(value, default=str)
        yield from _texts_in(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)
