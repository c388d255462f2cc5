"""The messages of a request, by role, as models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from typing_extensions import Self

Object = dict[str, Any]
"""A JSON object that the gateway passes on as it is."""


class Strict(BaseModel):
    """A part of a request: nothing is converted, and what is unknown is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class _Part(Strict):
    cache_control: Object | None = None


class _TextPart(_Part):
    type: Literal["text"]
    text: str


class _RefusalPart(_Part):
    type: Literal["refusal"]
    refusal: str


class _ImageUrl(Strict):
    url: str
    detail: str | None = None


class _ImagePart(_Part):
    type: Literal["image_url"]
    image_url: _ImageUrl


class _FilePart(_Part):
    type: Literal["file"]
    file: Object


class _AudioPart(_Part):
    type: Literal["input_audio"]
    input_audio: Object


class _VideoPart(_Part):
    type: Literal["video_url"]
    video_url: Object


_BY_TYPE = Field(discriminator="type")
_UserPart = Annotated[_TextPart | _ImagePart | _FilePart | _AudioPart | _VideoPart, _BY_TYPE]
_AssistantPart = Annotated[_TextPart | _RefusalPart, _BY_TYPE]
_ToolPart = Annotated[_TextPart | _ImagePart | _FilePart, _BY_TYPE]


class _CalledFunction(Strict):
    name: str
    arguments: str


class _ToolCall(Strict):
    id: str
    type: Literal["function"]
    function: _CalledFunction


class _Message(Strict):
    name: str | None = None


class _SystemMessage(_Message):
    role: Literal["system", "developer"]
    content: str | Annotated[list[_TextPart], Field(min_length=1)]


class _UserMessage(_Message):
    role: Literal["user"]
    content: str | Annotated[list[_UserPart], Field(min_length=1)]


class _ToolMessage(_Message):
    role: Literal["tool"]
    tool_call_id: str
    content: str | Annotated[list[_ToolPart], Field(min_length=1)]


class _AssistantMessage(_Message):
    role: Literal["assistant"]
    content: str | list[_AssistantPart] | None = None
    tool_calls: Annotated[list[_ToolCall], Field(min_length=1)] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[Object] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not isinstance(self.content, str) and not (self.content or self.tool_calls or self.refusal):
            code, msg = (
                "no_content",
                "'content' should be a string or an array of parts where there are no 'tool_calls'",
            )
            raise PydanticCustomError(code, msg)
        return self


Message = Annotated[_SystemMessage | _UserMessage | _AssistantMessage | _ToolMessage, Field(discriminator="role")]
"""One message of a conversation."""
