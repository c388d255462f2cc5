"""A sweep: what one can do with a `ChatOpenAI`, done with it and with both classes of ours; nothing of ours is worse.

A row is a thing to do, and what to look at in the outcome. Where `ChatOpenAI` can do it, ours can, with an equal
outcome; where it cannot (pickles, tokens without a download), ours may. New rows go into `THINGS`.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import pickle
import typing
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest import mock

import cloudpickle  # type: ignore[import-untyped] # it has no types
import pytest
from helpers.ways import total
from langchain.agents import create_agent, middleware
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.language_models import BaseChatModel
from langchain_core.load import dumpd, dumps, loads
from langchain_core.messages import HumanMessage, ToolMessage, trim_messages
from langchain_core.output_parsers import JsonOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import (
    ConfigurableField,
    RunnableBranch,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableWithFallbacks,
)
from langchain_core.tracers.context import collect_runs
from langchain_openai import ChatOpenAI
from langchain_openai.chat_models.base import OpenAIRefusalError
from pydantic import BaseModel
from typing_extensions import TypedDict

from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

QUESTION = "Why is the sky blue?"
TOOLS = "Use get_weather for Rome"
KINDS: dict[str, Any] = {"ChatOpenAI": ChatOpenAI, "ChatNovastack": ChatNovastack, "NovastackRouter": NovastackRouter}
FIELD = ConfigurableField(id="heat")
PROMPT = ChatPromptTemplate.from_template("{question}")


class Report(BaseModel):
    """A report."""

    city: str


class Typed(TypedDict):
    """A report."""

    city: str


SCHEMA = {"title": "Report", "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}."


LOOP = asyncio.new_event_loop()


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end, in one loop for all: connections of a plain `ChatOpenAI` are of the loop that made them."""
    return LOOP.run_until_complete(coroutine)


async def listed(chunks: AsyncIterator[Any]) -> list[Any]:
    """Return everything that is streamed."""
    return [chunk async for chunk in chunks]


class Noted(BaseCallbackHandler):
    """Counts the events that a handler gets of the model's own runs."""

    def __init__(self) -> None:
        """Start with none."""
        self.events: list[str] = []

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self.events.append("start")

    def on_llm_new_token(self, *_: Any, **__: Any) -> None:
        self.events.append("token")

    def on_llm_end(self, *_: Any, **__: Any) -> None:
        self.events.append("end")


def noted(model: Any) -> Any:
    """Return which events a handler gets while an answer is streamed."""
    seen = Noted()
    list(model.stream(QUESTION, {"callbacks": [seen]}))
    return seen.events[0], "token" in seen.events, seen.events[-1]


def ended(events: list[Any]) -> Any:
    """Return the names of a model's events, and the text at the end."""
    names = {event["event"] for event in events}
    last = [event["data"]["output"] for event in events if event["event"] == "on_chat_model_end"]
    return names & {"on_chat_model_start", "on_chat_model_stream", "on_chat_model_end"}, bool(last)


def asked_with(model: Any, **settings: Any) -> Any:
    """Return what is answered where some attributes are set on the model."""
    for name, value in settings.items():
        setattr(model, name, value)
    return model.invoke(QUESTION).text


def loop_of(model: Any) -> Any:
    """Return what an agent's tools and answers are after a loop with one tool."""
    state = create_agent(model, [get_weather]).invoke({"messages": [HumanMessage(TOOLS)]})
    return [type(message).__name__ for message in state["messages"]]


def through(model: Any, *each: Any) -> Any:
    """Return the kinds of messages after an agent with middleware has answered."""
    state = create_agent(model, [get_weather], middleware=list(each)).invoke({"messages": [HumanMessage(TOOLS)]})
    return [type(message).__name__ for message in state["messages"]]


def called(message: Any) -> Any:
    """Return the tool calls of a message, without their ids."""
    return [(call["name"], call["args"].keys()) for call in message.tool_calls]


def answered_tool(model: Any) -> Any:
    """Return what is answered after a tool's result."""
    bound = model.bind_tools([get_weather])
    first = bound.invoke(TOOLS)
    result = ToolMessage("Sunny in Rome.", tool_call_id=first.tool_calls[0]["id"])
    return bool(bound.invoke([HumanMessage(TOOLS), first, result]).text)


def cached(model: Any) -> Any:
    """Return how often an answer is new where the model has a cache."""
    model.cache = InMemoryCache()
    return len({model.invoke(QUESTION).id for _ in range(3)})


def counted(model: Any) -> Any:
    """Return the usage that core's callback counts."""
    with get_usage_metadata_callback() as usage:
        model.invoke(QUESTION)
    return [sorted(used) for used in usage.usage_metadata.values()]


def traced(model: Any) -> Any:
    """Return the run that holds the model's own, and whether it was one LLM run."""
    with collect_runs() as runs:
        model.invoke(QUESTION)
    root = runs.traced_runs[0]
    while root.child_runs:
        root = root.child_runs[0]
    return root.run_type, sorted(root.outputs or ())


def revived(model: Any) -> Any:
    """Return whether a dump comes back, once core is told of the class."""
    where: Any = {"allowed_objects": [type(model)], "valid_namespaces": ["langchain_novastack"]}
    secrets = {"OPENAI_API_KEY": "k", "NOVASTACK_API_KEY": "k"}
    return type(loads(dumps(model), secrets_map=secrets, **where)) is type(model)


# ruff: noqa: SLF001 - others call core's private methods too
THINGS: dict[str, Callable[[Any], Any]] = {
    # attributes
    "is a chat model": lambda m: isinstance(m, BaseChatModel),
    "model_name": lambda m: m.model_name,
    "temperature": lambda m: m.temperature,
    "setting temperature": lambda m: asked_with(m, temperature=0.1),
    "setting max_tokens": lambda m: asked_with(m, max_tokens=77),
    "setting tags and metadata": lambda m: asked_with(m, tags=["a"], metadata={"b": 1}),
    "_llm_type": lambda m: isinstance(m._llm_type, str),
    "_identifying_params": lambda m: bool(json.dumps(m._identifying_params)),
    "_get_ls_params": lambda m: m._get_ls_params()["ls_model_type"],
    "InputType, OutputType": lambda m: (m.InputType is not None, m.OutputType),
    "input schema": lambda m: m.get_input_jsonschema()["title"][-5:],
    "output schema": lambda m: sorted(m.get_output_jsonschema()["$defs"]),
    "config schema": lambda m: bool(m.config_schema(include=["tags", "configurable"]).model_json_schema()),
    "get_prompts": lambda m: m.get_prompts(),
    "graph": lambda m: bool(m.get_graph().draw_mermaid()),
    "profile": lambda m: isinstance(m.profile or {}, dict),
    "equal to itself": lambda m: (m == m, bool(m)),  # noqa: PLR0124 - that is the question
    "repr without the key": lambda m: "sandbox-key" in repr(m) + str(m),
    "lc_secrets": lambda m: len(m.lc_secrets),
    "getmembers": lambda m: bool(inspect.getmembers(m)),
    "create_autospec": lambda m: bool(mock.create_autospec(m)),
    "signature": lambda m: list(inspect.signature(m.invoke).parameters)[:2],
    "hints of bind_tools": lambda m: "tools" in typing.get_type_hints(type(m).bind_tools),
    "dir": lambda m: {"invoke", "stream", "bind_tools", "temperature"} <= set(dir(m)),
    # copies
    "copy": lambda m: copy.copy(m).invoke(QUESTION).text,
    "deepcopy": lambda m: copy.deepcopy(m).invoke(QUESTION).text,
    "model_copy": lambda m: m.model_copy(update={"temperature": 0.1}).temperature,
    "pickle": lambda m: pickle.loads(pickle.dumps(m)).invoke(QUESTION).text,  # noqa: S301 - our own
    "cloudpickle": lambda m: pickle.loads(cloudpickle.dumps(m)).invoke(QUESTION).text,  # noqa: S301 - our own
    "dumps and loads": revived,
    "dumpd": lambda m: dumpd(m)["type"],
    "no key in a dump": lambda m: "sandbox-key" in dumps(m),
    # ways to ask
    "invoke": lambda m: m.invoke(QUESTION).text,
    "tuples and dicts": lambda m: m.invoke([("system", "Be terse."), {"role": "user", "content": QUESTION}]).text,
    "prompt value": lambda m: m.invoke(PROMPT.invoke({"question": QUESTION})).text,
    "ainvoke": lambda m: run(m.ainvoke(QUESTION)).text,
    "asyncio.run twice": lambda m: [asyncio.run(m.ainvoke(QUESTION)).text for _ in range(2)],
    "stream": lambda m: total(list(m.stream(QUESTION))).text,
    "last chunk": lambda m: [chunk.chunk_position for chunk in m.stream(QUESTION)][-1:],
    "astream": lambda m: total(run(listed(m.astream(QUESTION)))).text,
    "batch": lambda m: [answer.text for answer in m.batch([QUESTION] * 3, {"max_concurrency": 2})],
    "abatch": lambda m: [answer.text for answer in run(m.abatch([QUESTION] * 3))],
    "batch_as_completed": lambda m: sorted(at for at, _ in m.batch_as_completed([QUESTION] * 3)),
    "abatch_as_completed": lambda m: sorted(at for at, _ in run(listed(m.abatch_as_completed([QUESTION] * 3)))),
    "batch with errors": lambda m: [isinstance(e, Exception) for e in m.batch([QUESTION, []], return_exceptions=True)],
    "generate": lambda m: m.generate([[HumanMessage(QUESTION)]]).generations[0][0].text,
    "agenerate": lambda m: run(m.agenerate([[HumanMessage(QUESTION)]])).generations[0][0].text,
    "llm_output": lambda m: sorted(m.generate([[HumanMessage(QUESTION)]]).llm_output or ())[:1],
    "generate_prompt": lambda m: m.generate_prompt([PROMPT.invoke({"question": QUESTION})]).generations[0][0].text,
    "_generate": lambda m: m._generate([HumanMessage(QUESTION)]).generations[0].text,
    "_stream": lambda m: "".join(chunk.text for chunk in m._stream([HumanMessage(QUESTION)])),
    "transform": lambda m: total(list(m.transform(iter([QUESTION])))).text,
    "streaming=True": lambda m: asked_with(m, streaming=True),
    "disable_streaming": lambda m: asked_with(m, disable_streaming=True) == total(list(m.stream(QUESTION))).text,
    "events v1": lambda m: ended(run(listed(m.astream_events(QUESTION, version="v1")))),
    "events v2": lambda m: ended(run(listed(m.astream_events(QUESTION, version="v2")))),
    "events v3": lambda m: m.stream_events(QUESTION, version="v3").output.text,
    "astream_log": lambda m: bool(run(listed(m.astream_log(QUESTION)))),
    # wrappers
    "chain": lambda m: (PROMPT | m | StrOutputParser()).invoke({"question": QUESTION}),
    "streamed chain": lambda m: "".join((PROMPT | m | StrOutputParser()).stream({"question": QUESTION})),
    "parallel": lambda m: sorted(RunnableParallel(a=m, b=m).invoke(QUESTION)),
    "assign": lambda m: sorted(RunnablePassthrough.assign(a=PROMPT | m).invoke({"question": QUESTION})),
    "branch": lambda m: RunnableBranch((bool, m), m).invoke(QUESTION).text,
    "lambda": lambda m: RunnableLambda(lambda _: m).invoke(QUESTION).text,
    "map": lambda m: [answer.text for answer in m.map().invoke([QUESTION])],
    "with_retry": lambda m: m.with_retry().invoke(QUESTION).text,
    "with_config": lambda m: m.with_config(run_name="a", tags=["b"]).invoke(QUESTION).text,
    "with_types": lambda m: m.with_types(input_type=str).invoke(QUESTION).text,
    "with_listeners": lambda m: m.with_listeners(on_end=lambda _: None).invoke(QUESTION).text,
    "with_fallbacks": lambda m: m.with_fallbacks([m]).invoke(QUESTION).text,
    "bind": lambda m: m.bind(stop=["sky"]).invoke(QUESTION).response_metadata["finish_reason"],
    "stop": lambda m: m.invoke(QUESTION, stop=["sky"]).response_metadata["finish_reason"],
    "configurable field": lambda m: m.configurable_fields(temperature=FIELD).invoke(QUESTION).text,
    "tools on a configurable": lambda m: called(
        m.configurable_fields(temperature=FIELD).bind_tools([get_weather]).invoke(TOOLS)
    ),
    "alternatives": lambda m: called(m.configurable_alternatives(FIELD, o=m).bind_tools([get_weather]).invoke(TOOLS)),
    "tools on core's fallbacks": lambda m: called(
        RunnableWithFallbacks(runnable=m, fallbacks=[m]).bind_tools([get_weather]).invoke(TOOLS)
    ),
    "schema on core's fallbacks": lambda m: type(
        RunnableWithFallbacks(runnable=m, fallbacks=[m]).with_structured_output(Report).invoke("Rome")
    ),
    "as_tool": lambda m: bool(
        (PROMPT | m | StrOutputParser()).as_tool(name="a", description="b").invoke({"question": QUESTION})
    ),
    # tools and schemas
    "bind_tools": lambda m: called(m.bind_tools([get_weather]).invoke(TOOLS)),
    "tool_choice": lambda m: called(m.bind_tools([get_weather], tool_choice="any").invoke("Hello")),
    "strict tools": lambda m: called(m.bind_tools([get_weather], strict=True, parallel_tool_calls=False).invoke(TOOLS)),
    "streamed tools": lambda m: called(total(list(m.bind_tools([get_weather]).stream(TOOLS)))),
    "a tool's result": answered_tool,
    "schema": lambda m: type(m.with_structured_output(Report).invoke("Rome")),
    "schema by tool": lambda m: type(m.with_structured_output(Report, method="function_calling").invoke("Rome")),
    "json mode": lambda m: type(m.with_structured_output(Report, method="json_mode").invoke("JSON with `city`: Rome")),
    "include_raw": lambda m: sorted(m.with_structured_output(Report, include_raw=True).invoke("Rome")),
    "typed dict": lambda m: sorted(m.with_structured_output(Typed).invoke("Rome")),
    "JSON schema": lambda m: sorted(m.with_structured_output(SCHEMA).invoke("Rome")),
    "streamed schema": lambda m: type(list(m.with_structured_output(Report).stream("Rome"))[-1]),
    "response_format": lambda m: sorted(json.loads(m.invoke("Rome", response_format={"type": "json_object"}).text))[:0],
    "JSON parser": lambda m: type(
        (m.bind(response_format={"type": "json_object"}) | JsonOutputParser()).invoke("JSON")
    ),
    # what an answer holds
    "usage": lambda m: sorted(m.invoke(QUESTION).usage_metadata),
    "streamed usage": lambda m: sorted(total(list(m.stream(QUESTION))).usage_metadata),
    "usage callback": counted,
    "metadata": lambda m: {"finish_reason", "model_name", "id"} <= set(m.invoke(QUESTION).response_metadata),
    "model_provider": lambda m: "model_provider" in m.invoke(QUESTION).response_metadata,
    "content blocks": lambda m: [block["type"] for block in m.invoke(QUESTION).content_blocks],
    "output_version": lambda m: type(m.model_copy(update={"output_version": "v1"}).invoke(QUESTION).content),
    "id": lambda m: bool(m.invoke(QUESTION).id),
    "logprobs": lambda m: type(m.bind(logprobs=True).invoke(QUESTION).response_metadata.get("logprobs")),
    # what listens
    "callbacks": noted,
    "trace": traced,
    "cache": cached,
    "rate limiter": lambda m: asked_with(m, rate_limiter=InMemoryRateLimiter(requests_per_second=1_000)),
    "get_num_tokens": lambda m: m.get_num_tokens(QUESTION) > 0,
    "tokens of messages": lambda m: m.get_num_tokens_from_messages([HumanMessage(QUESTION)]) > 0,
    "trim_messages": lambda m: len(trim_messages([HumanMessage(QUESTION)] * 3, max_tokens=9_999, token_counter=m)),
    # agents
    "agent": loop_of,
    "agent, structured": lambda m: type(
        create_agent(m, response_format=Report).invoke({"messages": [HumanMessage("Rome")]})["structured_response"]
    ),
    "summarization": lambda m: through(m, middleware.SummarizationMiddleware(m, trigger=("messages", 99))),
    "model fallback": lambda m: through(m, middleware.ModelFallbackMiddleware(m)),
    "model retry": lambda m: through(m, middleware.ModelRetryMiddleware(max_retries=1)),
    "call limit": lambda m: through(m, middleware.ModelCallLimitMiddleware(run_limit=5)),
    "tool selector": lambda m: through(m, middleware.LLMToolSelectorMiddleware(model=m)),
    "context editing": lambda m: through(m, middleware.ContextEditingMiddleware()),
    "todo list": lambda m: through(m, middleware.TodoListMiddleware())[-1:],
    "PII": lambda m: through(m, middleware.PIIMiddleware("email")),
}


Outcome = tuple[bool, Any]


@pytest.fixture(scope="module")
def outcome() -> Iterator[Callable[..., Outcome]]:
    """Return whether a thing could be done with a class, and what came of it: the outcome, or the error."""
    with Sandbox() as box:

        @cache
        def outcome(kind: str, do: Callable[[Any], Any], fault: str | None = None) -> Outcome:
            box.clear()
            if fault:
                box.fail("*", kind=fault, times=None)
            name = {"model": "Qwen3-235B-A22B", "stream_usage": True} if kind == "ChatOpenAI" else {}
            model = KINDS[kind](base_url=box.base_url, api_key=box.api_key, temperature=0.7, **name)
            try:
                return True, do(model)
            except Exception as error:  # noqa: BLE001 - that is what is compared
                return False, error

        yield outcome


@pytest.mark.parametrize("kind", ["ChatNovastack", "NovastackRouter"])
@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.filterwarnings("ignore")
def test_nothing_is_worse(outcome: Callable[..., Outcome], thing: str, kind: str) -> None:
    could, theirs = outcome("ChatOpenAI", THINGS[thing])
    can, ours = outcome(kind, THINGS[thing])
    assert can or not could, ours
    assert not could or ours == theirs


@pytest.mark.parametrize("kind", ["ChatNovastack", "NovastackRouter"])
@pytest.mark.filterwarnings("ignore")
def test_refusals_are_no_worse(outcome: Callable[..., Outcome], kind: str) -> None:
    """As content blocks, as the parser's error, and seen by langchain 1.5's middleware."""

    def refused(model: Any) -> Any:
        try:
            structured: Any = model.with_structured_output(Report).invoke("Rome")
        except Exception as error:  # noqa: BLE001 - its class is compared
            structured = isinstance(error, OpenAIRefusalError)
        kinds = [block["type"] for block in model.invoke(QUESTION).content_blocks]
        seen = getattr(middleware, "ModelRefusalMiddleware", None)
        if seen is None:
            return structured, kinds
        with pytest.raises(Exception) as caught:  # noqa: PT011 - its name is compared
            create_agent(model, middleware=[seen()]).invoke({"messages": [HumanMessage(QUESTION)]})
        return structured, kinds, type(caught.value).__name__

    assert outcome(kind, refused, "refusal") == outcome("ChatOpenAI", refused, "refusal")


def test_the_sweep_is_wide() -> None:
    assert len(THINGS) >= 60
