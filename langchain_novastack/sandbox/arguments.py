"""Arguments of the sandbox's methods, checked by pydantic."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from langchain_novastack.cards import CARDS, ModelCard, find_card

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from typing_extensions import Self

_SHOULD = re.compile(r"^.*? should ")


class Arguments(BaseModel, frozen=True, strict=True, extra="forbid", allow_inf_nan=False):
    """The arguments of one call, checked strictly: a boolean is not a number, NaN is not a number of seconds."""

    @classmethod
    def of(cls, **given: Any) -> Self:
        """Return the arguments; a `ValueError` names the first bad one, and shows no value but a number."""
        try:
            return cls(**given)
        except ValidationError as error:
            path, problems = first_problem(error, given)
        value = given.get(path, "")
        got = f", got {value!r}" if isinstance(value, (int, float, type(None))) else ""
        wanted = dict.fromkeys(_SHOULD.sub("", each["msg"]).replace("Field required", "be given") for each in problems)
        if problems[0]["type"] == "extra_forbidden":
            got, wanted = "", {f"be one of the arguments there are: {', '.join(cls.model_fields)}": None}
        msg = f"`{path}` must {' or '.join(wanted)}{got}."
        raise ValueError(msg)


def first_problem(error: ValidationError, given: Any) -> tuple[str, list[ErrorDetails]]:
    """Return the path of the first thing that pydantic found wrong, and what it says about it.

    There is more than one complaint where a value is none of several kinds; where one of them would have fitted but
    for something inside, that is the first thing.
    """
    found = [(_steps(each, given), each) for each in error.errors(include_url=False, include_input=False)]
    first = found[0][0]
    deepest = max((steps for steps, _ in found if steps[: len(first)] == first), key=len)
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in deepest)
    return path.removeprefix("."), [each for steps, each in found if steps == deepest]


def _steps(problem: ErrorDetails, given: Any) -> list[int | str]:
    """Return pydantic's location without the names of union members in it: what leads through the value itself."""
    steps: list[int | str] = []
    for step in problem["loc"]:
        inside = isinstance(step, int) if isinstance(given, (list, tuple)) else isinstance(given, Mapping)
        if inside and (isinstance(step, int) or step in given):
            given = given[step]
            steps.append(step)
        elif problem["type"] == "missing" and step == problem["loc"][-1]:
            steps.append(step)
    return steps


def _with_body(status: int) -> int:
    if status in {204, 304}:
        msg = "A status should be neither 204 nor 304, which have no body"
        raise ValueError(msg)
    return status


def _spellable(value: Any) -> Any:
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        msg = "Input should be something that JSON can spell"
        raise ValueError(msg) from None
    return value


def _as_list(names: Any) -> Any:
    return [*names] if isinstance(names, Collection) and not isinstance(names, str) else names


Line = Annotated[str, Field(pattern=r"^[^\r\n\x00]*$")]  # text in one line, as a header may hold it
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
Seconds = Annotated[float, Field(ge=0, le=1_000_000_000)]
Times = Annotated[int, Field(ge=1)]
Status = Annotated[int, Field(ge=200, le=599), AfterValidator(_with_body)]
Json = Annotated[Any, AfterValidator(_spellable)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_spellable)]

EVERY = "*"  # stands for all models


class SandboxSettings(Arguments):
    """The options of one sandbox; `Sandbox` documents them."""

    api_key: Annotated[Line, Field(min_length=1, repr=False)]
    models: Annotated[Mapping[str, ModelCard], Field(min_length=1)]
    reasoning: Annotated[list[str], BeforeValidator(_as_list)]  # names of models in any spelling, or `EVERY`
    reasoning_field: Literal["reasoning_content", "reasoning"]
    cost: bool
    delay: Seconds
    chunk_delay: Seconds
    qwen_thinking_trap: bool
    qwen_system_trap: bool

    @classmethod
    def of(cls, **given: Any) -> Self:
        """Return the arguments; of published models only those that are there reason, other names must be known."""
        settings = super().of(**given)
        names = [name for name in settings.reasoning if name not in CARDS or name in settings.models]
        return settings.model_copy(update={"reasoning": {settings.alias(name, "reasoning") for name in names}})

    def alias(self, name: object, argument: str = "model") -> str:
        """Return the alias of the model that a name names, or `EVERY`; else a `ValueError` names the argument."""
        if name == EVERY:
            return EVERY
        card = find_card(name, self.models.values()) if isinstance(name, str) else None
        if card is None:
            msg = f"`{argument}` must be one of {', '.join(self.models)}, or '*', got {name!r}."
            raise ValueError(msg)
        return card.alias


class ScriptedCall(Arguments, extra="ignore"):
    """One tool call. A LangChain `ToolCall` fits: what else it holds is ignored."""

    name: str
    args: Json = Field(default_factory=dict)  # an object; or a string that is sent as it is, valid JSON or not
    id: str | None = None


_GivenCall = Annotated[ScriptedCall, BeforeValidator(lambda call: dict(call) if isinstance(call, Mapping) else call)]


class ScriptedAnswer(Arguments):
    """What a model is to answer; what is None is as usual."""

    text: str | None = None
    tool_calls: list[_GivenCall] | tuple[_GivenCall, ...] = ()
    reasoning: str | None = None
    usage: JsonObject | None = None
    finish_reason: str | None = None
    times: Times | None = 1
