"""What a request may hold, as models. Stricter than a gateway is likely to be, so that mistakes show."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from langchain_novastack.sandbox.validation.messages import Message, Object, Strict
from langchain_novastack.sandbox.validation.problems import Rejected, first_problem

if TYPE_CHECKING:
    from collections.abc import Mapping


def _object_schema(schema: Object) -> Object:
    if schema.get("type", "object") != "object":
        code, msg = "invalid_function_parameters", "schema of a function's arguments should have the type 'object'"
        raise PydanticCustomError(code, msg)
    return schema


_Name = Annotated[str, Field(min_length=1, max_length=64)]
_Some = Annotated[str, Field(min_length=1)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Penalty = Annotated[float, Field(ge=-2, le=2)]
_Positive = Annotated[int, Field(ge=1)]


class _FunctionSpec(Strict):
    name: Annotated[str, Field(max_length=64, pattern="^[a-zA-Z0-9_-]+$")]
    description: str | None = None
    parameters: Annotated[Object, AfterValidator(_object_schema)] | None = None
    strict: bool | None = None


class _ToolSpec(Strict):
    type: Literal["function"]
    function: _FunctionSpec
    cache_control: Object | None = None


class _FunctionName(Strict):
    name: str


class _NamedTool(Strict):
    type: Literal["function"]
    function: _FunctionName


class _JsonSchema(Strict):
    name: _Name
    schema_: Object = Field(alias="schema")
    strict: bool | None = None
    description: str | None = None


class _PlainFormat(Strict):
    type: Literal["text", "json_object"]


class _SchemaFormat(Strict):
    type: Literal["json_schema"]
    json_schema: _JsonSchema


class _StreamOptions(Strict):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatRequest(Strict):
    """The body of a request. Null counts as left out."""

    # Documented for this gateway.
    model: _Some
    messages: Annotated[list[Message], Field(min_length=1)]
    models: list[_Some] | None = None
    provider: Object | None = None
    plugins: list[Object] | None = None
    user: str | None = None
    session_id: Annotated[str, Field(max_length=128)] | None = None
    trace: Object | None = None
    metadata: (
        Annotated[
            dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]], Field(max_length=16)
        ]
        | None
    ) = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: _Share | None = None
    frequency_penalty: _Penalty | None = None
    presence_penalty: _Penalty | None = None
    seed: int | None = None
    max_tokens: _Positive | None = None
    max_completion_tokens: _Positive | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    response_format: Annotated[_PlainFormat | _SchemaFormat, Field(discriminator="type")] | None = None
    tools: Annotated[list[_ToolSpec], Field(min_length=1)] | None = None
    tool_choice: Literal["none", "auto", "required", "any"] | _NamedTool | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Object | None = None
    stop: _Some | Annotated[list[_Some], Field(max_length=4)] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    # The gateway it mirrors.
    top_k: Annotated[int, Field(ge=0)] | None = None
    top_a: _Share | None = None
    min_p: _Share | None = None
    repetition_penalty: Annotated[float, Field(ge=0, le=2)] | None = None
    verbosity: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    prediction: Object | None = None
    route: Literal["fallback", "sort"] | None = None
    debug: Object | None = None
    modalities: list[Literal["text", "image", "audio"]] | None = None
    image_config: Object | None = None
    cache_control: Object | None = None
    service_tier: str | None = None
    web_search_options: Object | None = None
    structured_outputs: bool | None = None
    include_reasoning: bool | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    prompt_cache_key: str | None = None
    usage: Object | None = None
    # The makers' own switches.
    enable_thinking: bool | None = None
    thinking: Object | None = None
    chat_template_kwargs: Object | None = None


_TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "extra_forbidden": ("unknown_parameter", "Unrecognized request argument supplied: {path}"),
        "missing": ("missing_required_parameter", "Missing required parameter: '{path}'."),
        "too_short": ("empty_array", "Invalid '{path}': empty array. Expected at least {min_length} item."),
        "union_tag_not_found": ("missing_required_parameter", "Missing required parameter: '{path}'."),
        "union_tag_invalid": (
            "invalid_value",
            "Invalid value for '{path}': '{tag}'. Supported values are: {expected_tags}.",
        ),
    }
)
"""Code and text of an error body by pydantic's type of error; for any other type see `_rejected`."""


def check_fields(body: dict[str, Any]) -> None:
    """Check each field of a request by itself.

    Args:
        body: The parsed body, with nulls left out.

    Raises:
        Rejected: For the first field that is unknown, missing or wrong.
    """
    try:
        ChatRequest.model_validate(body)
    except ValidationError as error:
        raise _rejected(error, body) from None


def _rejected(error: ValidationError, body: dict[str, Any]) -> Rejected:
    path, problems = first_problem(error, body)
    kind, details = problems[0]["type"], problems[0].get("ctx", {})
    if kind.startswith("union_tag"):
        path = f"{path}.{details['discriminator']}".replace("'", "")
    wrong = " or ".join(problem["msg"][0].lower() + problem["msg"][1:] for problem in problems)
    code, text = _TEXTS.get(kind, ("invalid_value", "Invalid value for '{path}': {wrong}."))
    return Rejected(text.format_map({**details, "path": path, "wrong": wrong}), path, code=code)
