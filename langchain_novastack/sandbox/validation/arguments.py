"""What the arguments of a sandbox may be. A wrong one is refused at the call, not in the server later."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from langchain_novastack.sandbox.validation.problems import first_problem

if TYPE_CHECKING:
    from typing_extensions import Self

_BODILESS = frozenset([204, 304])
_SHOULD = re.compile(r"^.*? should ")


class Arguments(BaseModel):
    """The arguments of one call, checked strictly: a boolean is not a number, NaN is not a number of seconds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def of(cls, **given: Any) -> Self:
        """Return the arguments; a `ValueError` names the first bad one, and shows no value but a number."""
        try:
            return cls(**given)
        except ValidationError as error:
            raise ValueError(_what_is_wrong(error, given, cls)) from None


def _what_is_wrong(error: ValidationError, given: dict[str, Any], kind: type[Arguments]) -> str:
    path, problems = first_problem(error, given)
    if problems[0]["type"] == "extra_forbidden":
        return f"`{path}` must be one of the arguments there are: {', '.join(kind.model_fields)}."
    value = given.get(path, "")
    got = f", got {value!r}" if isinstance(value, (int, float, type(None))) else ""
    wanted = dict.fromkeys(_SHOULD.sub("", problem["msg"]) for problem in problems)
    return f"`{path}` must {' or '.join(wanted)}{got}."


def _with_body(status: int) -> int:
    if status in _BODILESS:
        code, msg = "bodiless", "Input should be neither 204 nor 304, which have no body"
        raise PydanticCustomError(code, msg)
    return status


def _spellable(value: Any) -> Any:
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        code, msg = "not_json", "Input should be something that JSON can spell"
        raise PydanticCustomError(code, msg) from None
    return value


Line = Annotated[str, Field(pattern=r"^[^\r\n\x00]*$")]  # text in one line, as a header may hold it
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
Seconds = Annotated[float, Field(ge=0, le=1_000_000_000)]
Times = Annotated[int, Field(ge=1)]
Status = Annotated[int, Field(ge=200, le=599), AfterValidator(_with_body)]
Json = Annotated[Any, AfterValidator(_spellable)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_spellable)]
