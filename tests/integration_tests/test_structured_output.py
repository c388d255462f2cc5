"""`with_structured_output`: every method, every kind of schema, every model; a failed parse is nobody's fault."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain_core.exceptions import OutputParserException
from pydantic import BaseModel, ValidationError
from typing_extensions import TypedDict

from langchain_novastack import NovastackServerError

if TYPE_CHECKING:
    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox


class Report(BaseModel):
    """A weather report."""

    city: str
    degrees: int


class ReportDict(TypedDict):
    """A weather report."""

    city: str
    degrees: int


@dataclass
class ReportData:
    """A weather report."""

    city: str
    degrees: int


SCHEMA = {
    "title": "Report",
    "description": "A weather report.",
    **{key: value for key, value in Report.model_json_schema().items() if key not in {"title", "description"}},
}
SCHEMAS: dict[str, Any] = {
    "Pydantic class": Report,
    "TypedDict": ReportDict,
    "dataclass": ReportData,
    "JSON schema": SCHEMA,
}
NAMED_REPORT = {"Pydantic class", "JSON schema"}
"""Schemas whose tool is called as the scripted answers call it."""

METHODS = ["json_schema", "function_calling", "json_mode"]
QUESTION = "The weather in Lisbon, as JSON with 'city' and 'degrees'."
GOOD = {"city": "Lisbon", "degrees": 30}
BAD = {"city": "Lisbon", "degrees": "many"}


def script(box: Sandbox, method: str, given: dict[str, Any]) -> None:
    """Let the next answer hold these fields, as the method has it."""
    if method == "function_calling":
        box.answer("*", tool_calls=[{"name": "Report", "args": given}])
    else:
        box.answer("*", json.dumps(given))


@pytest.mark.parametrize("kind", list(SCHEMAS))
@pytest.mark.parametrize("method", METHODS)
async def test_every_method_and_schema(build: Build, ask: Ask, box: Sandbox, method: str, kind: str) -> None:
    if kind in NAMED_REPORT or method != "function_calling":
        script(box, method, GOOD)
    found = await ask(build().with_structured_output(SCHEMAS[kind], method=method), QUESTION)
    assert isinstance(found, Report if kind == "Pydantic class" else dict)
    assert set(dict(found)) == {"city", "degrees"}
    assert [request.status for request in box.requests] == [200]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("alias", ["qwen", "deepseek", "claude"])
async def test_every_model(make: Any, run: Ask, box: Sandbox, method: str, alias: str) -> None:
    """Each gets the same schema, and only the arguments that it takes."""
    script(box, method, GOOD)
    chain = make().bind(model=alias).with_structured_output(Report, method=method)
    assert await run(chain, QUESTION) == Report(**GOOD)
    (request,) = box.requests
    assert request.model == alias
    assert ("temperature" in request.body) is (alias != "claude")
    assert ("tools" in request.body) is (method == "function_calling")


@pytest.mark.parametrize("method", METHODS)
async def test_the_model_that_stands_in(make: Any, ask: Ask, box: Sandbox, method: str) -> None:
    box.fail("deepseek", status=503, times=1)
    script(box, method, GOOD)
    chain = make().with_structured_output(Report, method=method, include_raw=True)
    result = await ask(chain, f"Debug: def f(x): retrun x. {QUESTION}")
    assert [request.model for request in box.requests] == ["deepseek", "qwen"]
    if "raw" in result:  # a stream's last part has only the parsed answer
        assert routing(result["raw"])["fallback"]
    assert result["parsed"] == Report(**GOOD)


@pytest.mark.parametrize("method", METHODS)
async def test_with_the_raw_message(build: Build, run: Ask, box: Sandbox, method: str) -> None:
    script(box, method, GOOD)
    result = await run(build().with_structured_output(Report, method=method, include_raw=True), QUESTION)
    assert set(result) == {"raw", "parsed", "parsing_error"}
    assert (result["parsed"], result["parsing_error"]) == (Report(**GOOD), None)
    assert result["raw"].response_metadata["model_name"] == "Qwen3-235B-A22B"


@pytest.mark.parametrize("raw", [False, True])
async def test_arguments_of_the_call_reach_the_model(make: Any, ask: Ask, box: Sandbox, *, raw: bool) -> None:
    """With the raw message too, where a map in front of the parser would lose them."""
    script(box, "json_schema", GOOD)
    chain = make().with_structured_output(Report, include_raw=raw)
    await ask(chain, QUESTION, model="deepseek", temperature=0.3)
    (request,) = box.requests
    assert (request.model, request.body["temperature"]) == ("deepseek", 0.3)
    box.fail("deepseek", status=503)
    with pytest.raises(NovastackServerError):
        await ask(chain, QUESTION, model="deepseek", fallback=False, stop=["."])
    assert {each.model for each in box.requests} == {"deepseek"}
    assert box.requests[-1].body["stop"] == ["."]


@pytest.mark.parametrize("method", METHODS)
async def test_a_failed_parse_with_the_raw_message(build: Build, run: Ask, box: Sandbox, method: str) -> None:
    script(box, method, BAD)
    result = await run(build().with_structured_output(Report, method=method, include_raw=True), QUESTION)
    assert result["parsed"] is None
    assert isinstance(result["parsing_error"], OutputParserException | ValidationError)
    assert result["raw"].response_metadata["finish_reason"]
    assert len(box.requests) == 1


@pytest.mark.parametrize("method", METHODS)
async def test_a_failed_parse_is_not_the_models_fault(make: Any, run: Ask, box: Sandbox, method: str) -> None:
    """With no other model in line it is raised at once; nothing is counted against the model's health."""
    router = make(skip_after=1, fallbacks={"deepseek": []})
    script(box, method, BAD)
    with pytest.raises((OutputParserException, ValidationError)):
        await run(router.with_structured_output(Report, method=method), f"Debug: def f(x): retrun x. {QUESTION}")
    assert [request.model for request in box.requests] == ["deepseek"]
    assert all(not state["failures"] for state in router.health().values())
    assert routing(await run(router, "Debug: def f(x): retrun x"))["model"] == "deepseek"


@pytest.mark.parametrize("method", METHODS)
async def test_nor_in_a_stream(make: Any, box: Sandbox, method: str) -> None:
    """LangChain's streaming parsers drop what does not fit, or raise; neither asks again."""
    router = make(skip_after=1)
    chain = router.bind(model="deepseek").with_structured_output(Report, method=method)
    script(box, method, BAD)
    with suppress(OutputParserException, ValidationError):
        assert list(chain.stream(QUESTION)) == []
    script(box, method, BAD)
    with suppress(OutputParserException, ValidationError):
        assert [part async for part in chain.astream(QUESTION)] == []
    assert [request.model for request in box.requests] == ["deepseek", "deepseek"]
    assert all(not state["failures"] for state in router.health().values())


@pytest.mark.parametrize("method", METHODS)
async def test_nor_in_a_branch(make: Any, run: Ask, box: Sandbox, method: str) -> None:
    router = make(skip_after=1, fallbacks={"deepseek": []})
    script(box, method, BAD)
    with pytest.raises((OutputParserException, ValidationError)):
        await run(router.branches["deepseek"].with_structured_output(Report, method=method), QUESTION)
    assert [request.model for request in box.requests] == ["deepseek"]
    assert all(not state["failures"] for state in router.health().values())


@pytest.mark.parametrize("method", METHODS)
async def test_a_branch_gives_the_raw_message_too(make: Any, run: Ask, box: Sandbox, method: str) -> None:
    box.fail("deepseek", status=503, times=1)
    script(box, method, BAD)
    chain = make().branches["deepseek"].with_structured_output(Report, method=method, include_raw=True)
    result = await run(chain, QUESTION)
    assert (result["parsed"], result["raw"].response_metadata["model_name"]) == (None, "Qwen3-235B-A22B")
    assert result["parsing_error"] is not None
    assert [request.model for request in box.requests] == ["deepseek", "qwen"]


async def test_text_that_is_no_json(build: Build, ask: Ask, box: Sandbox) -> None:
    box.answer("*", "I would rather not.")
    with pytest.raises(OutputParserException):
        await ask(build().with_structured_output(Report), QUESTION)
    assert len(box.requests) == 1


async def test_a_failing_model_is_still_a_failing_model(make: Any, ask: Ask, box: Sandbox) -> None:
    """With `include_raw` too: only the parser's errors become a `parsing_error`."""
    box.fail("*", status=503)
    router = make(max_retries=0)
    with pytest.raises(NovastackServerError):
        await ask(router.with_structured_output(Report, include_raw=True), QUESTION)
    assert router.health()["qwen"]["failures"] == 1


@pytest.mark.parametrize("strict", [True, False, None])
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
async def test_strict(build: Build, run: Ask, box: Sandbox, method: str, strict: Any) -> None:
    await run(build().with_structured_output(SCHEMA, method=method, strict=strict), QUESTION)
    body = box.requests[-1].body
    where = body["tools"][0]["function"] if method == "function_calling" else body["response_format"]["json_schema"]
    assert bool(where.get("strict")) is bool(strict)


async def test_with_tools_beside_it(build: Build, run: Ask, box: Sandbox) -> None:
    """The model may call a tool instead of answering; then there is nothing to parse."""

    def get_weather(city: str) -> str:
        """Get the weather of a city."""
        return city

    chain = build().with_structured_output(Report, tools=[get_weather], strict=True, include_raw=True)
    result = await run(chain, "Use get_weather for Lisbon")
    assert [call["name"] for call in result["raw"].tool_calls] == ["get_weather"]
    assert (result["parsed"], result["parsing_error"]) == (None, None)
    assert {"tools", "response_format"} <= set(box.requests[-1].body)


async def test_a_stream_grows(build: Build, box: Sandbox) -> None:
    box.answer("*", json.dumps(GOOD), times=None)
    chain = build().with_structured_output(SCHEMA)
    for parts in (list(chain.stream(QUESTION)), [part async for part in chain.astream(QUESTION)]):
        assert parts[-1] == GOOD
        assert len(parts) > 1


@pytest.mark.parametrize("method", METHODS)
def test_its_types_are_known(build: Build, method: str) -> None:
    chain = build().with_structured_output(Report, method=method)
    assert chain.get_output_schema().model_json_schema()["title"]
    assert chain.get_name()


@pytest.mark.parametrize("wrong", [{"method": "guess"}, {"schema": 3}])
def test_bad_arguments_are_value_errors(build: Build, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"method|schema|Unsupported"):
        build().with_structured_output(**{"schema": Report, **wrong})
