"""One fault: the arguments of `Sandbox.fail`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from langchain_novastack.sandbox.validation.arguments import (
    Arguments,
    HeaderName,
    JsonObject,
    Line,
    Seconds,
    Status,
    Times,
)
from langchain_novastack.sandbox.validation.problems import Envelope

Pieces = list[bytes | str] | tuple[bytes | str, ...]


class Fault(Arguments):
    """One fault, as `Sandbox.fail` was told; None is the kind's default. Times are in seconds."""

    kind: str = "status"
    times: Times | None = None
    status: Status | None = None
    retry_after: float | Line | None = None
    after: Annotated[int, Field(ge=0)] | None = None
    delay: Seconds | None = None
    seconds: Seconds | None = None
    body: bytes | str | JsonObject | None = None
    headers: Mapping[HeaderName, Line] = Field(default_factory=dict)
    envelope: Envelope = "openai"
    message: str | None = None
    content_type: Line | None = None
    pieces: Pieces | None = None
    cut: bool = False

    @property
    def all_headers(self) -> dict[str, str]:
        """Extra headers of the answer, `Retry-After` among them."""
        given = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {**given, **self.headers}
