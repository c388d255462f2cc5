"""The trace is truthful: one LLM run for each attempt and none besides, each under the right parent."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from helpers.recording_tracer import Tracer
from helpers.ways import WAYS
from langchain.agents import create_agent
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI
from pydantic import create_model

from langchain_novastack import AllModelsFailedError, ChatNovastack, LLMPolicy, NovastackRouter
from langchain_novastack.errors import StreamInterruptedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function for me"
STORY = "Write a story about a fox"

AGENT_WAYS = ["invoke", "stream", *(["ainvoke", "astream"] if sys.version_info >= (3, 11) else [])]
"""Before Python 3.11 an agent's async nodes lose their callbacks on the way to any model: tasks take no context."""

PLAIN = """\
chain NovastackRouter
  chain NovastackFallbacks
    llm DeepSeek-V4-Pro [route:code, model:deepseek]"""

FALLEN_BACK = """\
chain NovastackRouter
  chain NovastackFallbacks
    llm DeepSeek-V4-Pro [route:code, model:deepseek] !NovastackServerError
    llm Qwen3-235B-A22B [route:code, model:qwen]"""

ALL_FAILED = """\
chain NovastackRouter !AllModelsFailedError
  chain NovastackFallbacks !AllModelsFailedError
    llm DeepSeek-V4-Pro [route:code, model:deepseek] !NovastackServerError
    llm Qwen3-235B-A22B [route:code, model:qwen] !NovastackRateLimitError"""


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.fixture
def tracer() -> Tracer:
    return Tracer()


def assert_sound(tracer: Tracer) -> None:
    """Parents, traces and ends fit together, whatever the tree."""
    for run in tracer.runs:
        assert run.end_time is not None, run.name
        for child in run.child_runs:
            assert (child.parent_run_id, child.trace_id) == (run.id, run.trace_id)
    assert tracer.unended() == []


async def test_a_plain_call(router: NovastackRouter, ask: Ask, tracer: Tracer) -> None:
    """Router, branch, model; the model's run says whose it is."""
    await ask(router, CODE, {"callbacks": [tracer]})
    assert tracer.tree(tags=True) == PLAIN
    assert_sound(tracer)
    metadata = tracer.llm_runs[0].metadata
    assert (metadata["ls_provider"], metadata["ls_model_name"]) == ("novastack", "DeepSeek-V4-Pro")
    assert metadata["ls_model_type"] == "chat"


async def test_a_fallback(box: Sandbox, router: NovastackRouter, ask: Ask, tracer: Tracer) -> None:
    """The failed attempt ends as failed, and what it is called is what ran."""
    box.fail("deepseek", status=503, times=1)
    await ask(router, CODE, {"callbacks": [tracer]})
    assert tracer.tree(tags=True) == FALLEN_BACK
    assert_sound(tracer)
    names = [run.metadata["ls_model_name"] for run in tracer.llm_runs]
    assert names == [run.name for run in tracer.llm_runs] == ["DeepSeek-V4-Pro", "Qwen3-235B-A22B"]
    assert {run.metadata["ls_provider"] for run in tracer.llm_runs} == {"novastack"}


async def test_all_failed(box: Sandbox, make: Make, ask: Ask, tracer: Tracer) -> None:
    """Each attempt has its own error, and branch and router the one that is raised."""
    box.fail("deepseek", status=503, times=1).fail("qwen", status=429, times=1)
    with pytest.raises(AllModelsFailedError):
        await ask(make(max_retries=0), CODE, {"callbacks": [tracer]})
    assert tracer.tree(tags=True) == ALL_FAILED
    assert_sound(tracer)


async def test_the_outputs_are_those_of_the_call(router: NovastackRouter, ask: Ask, tracer: Tracer) -> None:
    """Router and branch end with the answer, its usage and its record."""
    message = await ask(router, CODE, {"callbacks": [tracer]})
    top, branch = tracer.roots[0], tracer.roots[0].child_runs[0]
    for run in (top, branch):
        assert run.outputs is not None
        output = run.outputs["output"]
        assert (output.content, output.usage_metadata) == (message.content, message.usage_metadata)
        assert output.response_metadata["routing"] == message.response_metadata["routing"]
    assert top.inputs == {"input": CODE}


async def test_config_names_the_run(router: NovastackRouter, ask: Ask, tracer: Tracer) -> None:
    """`run_name` and `run_id` are those of the router's run; tags and metadata reach the models' runs too."""
    run_id = uuid4()
    config = {
        "callbacks": [tracer],
        "run_name": "mine",
        "run_id": run_id,
        "tags": ["blue"],
        "metadata": {"customer": 7},
    }
    await ask(router, CODE, config)
    assert tracer.tree(tags=True) == (
        "chain mine [blue]\n"
        "  chain NovastackFallbacks [blue]\n"
        "    llm DeepSeek-V4-Pro [blue, route:code, model:deepseek]"
    )
    assert tracer.roots[0].id == run_id
    assert len({run.id for run in tracer.runs}) == 3
    assert [run.metadata["customer"] for run in tracer.runs] == [7, 7, 7]


async def test_callbacks_tags_and_metadata_of_the_constructor(make: Make, ask: Ask, tracer: Tracer) -> None:
    """They hold for every call, and for everything inside it."""
    router = make(callbacks=[tracer], tags=["ours"], metadata={"team": "a"})
    await ask(router, CODE, {"tags": ["blue"]})
    assert tracer.tree(tags=True) == (
        "chain NovastackRouter [blue, ours]\n"
        "  chain NovastackFallbacks [blue, ours]\n"
        "    llm DeepSeek-V4-Pro [blue, ours, route:code, model:deepseek]"
    )
    assert [run.metadata["team"] for run in tracer.runs] == ["a", "a", "a"]
    assert_sound(tracer)


async def test_in_a_chain(box: Sandbox, router: NovastackRouter, ask: Ask, tracer: Tracer) -> None:
    """The router's run is a child of the chain's."""
    box.fail("deepseek", status=503, times=1)
    prompt = ChatPromptTemplate.from_messages([("user", "{question}")])
    await ask(prompt | router | StrOutputParser(), {"question": CODE}, {"callbacks": [tracer]})
    assert tracer.tree() == (
        "chain RunnableSequence\n"
        "  prompt ChatPromptTemplate\n"
        "  chain NovastackRouter\n"
        "    chain NovastackFallbacks\n"
        "      llm DeepSeek-V4-Pro !NovastackServerError\n"
        "      llm Qwen3-235B-A22B\n"
        "  parser StrOutputParser"
    )
    assert_sound(tracer)


async def test_bound_and_structured(router: NovastackRouter, ask: Ask, tracer: Tracer) -> None:
    """Binding tools or a schema adds no LLM run."""
    await ask(router.bind_tools([add]), CODE, {"callbacks": [tracer]})
    assert tracer.tree(tags=True) == PLAIN
    structured = router.with_structured_output(
        {"title": "Bug", "type": "object", "properties": {"n": {"type": "string"}}}
    )
    await ask(structured, CODE, {"callbacks": [tracer]})
    assert [run.name for run in tracer.llm_runs] == ["DeepSeek-V4-Pro"] * 2
    assert_sound(tracer)


@pytest.mark.parametrize("way", AGENT_WAYS)
async def test_in_an_agent(box: Sandbox, router: NovastackRouter, tracer: Tracer, way: str) -> None:
    """Under each model node one router run; as many LLM runs as requests."""
    agent: Any = create_agent(router, [add])
    box.fail("deepseek", status=503, times=1)
    given, config = {"messages": [("user", "Refactor this, then add 1 and 2")]}, {"callbacks": [tracer]}
    if way == "invoke":
        agent.invoke(given, config)
    elif way == "ainvoke":
        await agent.ainvoke(given, config)
    elif way == "stream":
        list(agent.stream(given, config, stream_mode="messages"))
    else:
        [part async for part in agent.astream(given, config, stream_mode="messages")]
    routers = [run for run in tracer.runs if run.name == "NovastackRouter"]
    nodes = {run.id: run.name for run in tracer.runs}
    assert [nodes[run.parent_run_id] for run in routers if run.parent_run_id] == ["model", "model"]
    assert [run.name for run in tracer.llm_runs] == ["DeepSeek-V4-Pro", "Qwen3-235B-A22B", "Qwen3-235B-A22B"]
    assert len(box.requests) == 3
    assert [run.tags[-2:] for run in tracer.llm_runs if run.tags] == [
        ["route:code", "model:deepseek"],
        ["route:code", "model:qwen"],
        ["route:code", "model:qwen"],
    ]
    assert_sound(tracer)


async def test_a_branch_alone(box: Sandbox, router: NovastackRouter, ask: Ask, tracer: Tracer) -> None:
    """A branch has its own run and one LLM run for each attempt."""
    box.fail("claude", status=500, times=1)
    await ask(router.branches["claude"], STORY, {"callbacks": [tracer]})
    assert tracer.tree(tags=True) == (
        "chain NovastackFallbacks\n"
        "  llm Claude-Opus-4.7 [model:claude] !NovastackServerError\n"
        "  llm Qwen3-235B-A22B [model:qwen]"
    )
    assert_sound(tracer)


async def test_plain_models(box: Sandbox, ask: Ask, tracer: Tracer) -> None:
    """`ChatOpenAI` instances are traced as ours are, under the name that ran."""
    once: Any = {"base_url": box.base_url, "api_key": box.api_key, "max_retries": 0}
    models = {
        alias: ChatOpenAI(model=name, default_headers={"Connection": "close"}, **once)
        for alias, name in {"qwen": "Qwen3-235B-A22B", "deepseek": "DeepSeek-V4-Pro"}.items()
    }
    box.fail("deepseek", status=503, times=1)
    await ask(NovastackRouter(models=models), CODE, {"callbacks": [tracer]})
    failed = tracer.llm_runs[0]
    assert failed.error
    assert tracer.tree(tags=True).replace(failed.error.partition("(")[0], "NovastackServerError") == FALLEN_BACK
    assert_sound(tracer)


async def test_usage_is_counted_once(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """A usage callback sums to what the gateway sent."""
    counter = UsageMetadataCallbackHandler()
    box.fail("deepseek", status=503, times=1)
    for prompt in (CODE, STORY):
        await ask(router, prompt, {"callbacks": [counter]})
    sent = {request.body["model"]: request.usage for request in box.requests if request.usage}
    assert {name: used["total_tokens"] for name, used in counter.usage_metadata.items()} == {
        name: usage["total_tokens"] for name, usage in sent.items()
    }
    assert list(counter.usage_metadata) == ["Qwen3-235B-A22B", "Claude-Opus-4.7"]


async def test_nobody_listens(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """Without a listener the answer is the same, through a fallback too."""
    box.fail("deepseek", status=503, times=1)
    message = await ask(router, CODE)
    assert [one["model"] for one in message.response_metadata["routing"]["attempts"]] == ["deepseek", "qwen"]


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_stream_closed_early(box: Sandbox, router: NovastackRouter, tracer: Tracer, way: str) -> None:
    """Every run ends, router and branch with what was read; the request is over, and counts against nobody."""
    if way == "stream":
        chunks: Any = router.stream(CODE, {"callbacks": [tracer]})
        read = [next(chunks) for _ in range(3)]
        chunks.close()
    else:
        achunks: Any = router.astream(CODE, {"callbacks": [tracer]})
        read = [await anext(achunks) for _ in range(3)]
        await achunks.aclose()
    assert_sound(tracer)
    assert [(run.name, run.error) for run in tracer.runs[:2]] == [
        ("NovastackRouter", None),
        ("NovastackFallbacks", None),
    ]
    assert tracer.roots[0].outputs is not None
    assert tracer.roots[0].outputs["output"].content == "".join(chunk.content for chunk in read)
    assert len(tracer.llm_runs) == len(box.requests) == 1
    assert router.health()["deepseek"]["failures"] == 0


@pytest.mark.parametrize("way", ["ainvoke", "astream", "streaming ainvoke"])
async def test_a_cancelled_call(
    box: Sandbox, make: Make, tracer: Tracer, way: str, log: pytest.LogCaptureFixture
) -> None:
    """Every run ends once, with the cancellation; no other model is asked, and nobody's health suffers."""
    box.fail("deepseek", kind="silent", times=1)
    router = make(streaming=True) if way == "streaming ainvoke" else make()

    async def call() -> None:
        if way != "astream":
            await router.ainvoke(CODE, {"callbacks": [tracer]})
        else:
            [chunk async for chunk in router.astream(CODE, {"callbacks": [tracer]})]

    task = asyncio.create_task(call())
    assert await asyncio.to_thread(box.wait_for, lambda it: len(it.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tracer.tree() == (
        "chain NovastackRouter !CancelledError\n"
        "  chain NovastackFallbacks !CancelledError\n"
        "    llm DeepSeek-V4-Pro !CancelledError"
    )
    assert_sound(tracer)
    assert log.text == ""
    assert len(box.requests) == 1
    assert router.health()["deepseek"]["failures"] == 0


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_an_interrupted_stream(box: Sandbox, router: NovastackRouter, tracer: Tracer, way: str) -> None:
    """After content the error goes up through every run, and no other model has one."""
    box.fail("deepseek", kind="error_after", times=1)
    with pytest.raises(StreamInterruptedError):
        await WAYS[way](router, CODE, {"callbacks": [tracer]})
    assert tracer.tree() == (
        "chain NovastackRouter !StreamInterruptedError\n"
        "  chain NovastackFallbacks !StreamInterruptedError\n"
        "    llm DeepSeek-V4-Pro !StreamInterruptedError"
    )
    assert_sound(tracer)


async def test_a_policy_that_calls_a_model(
    model: Callable[..., ChatNovastack], make: Make, ask: Ask, tracer: Tracer
) -> None:
    """Its run stands under the router's, before the branch."""
    router = make(policy=LLMPolicy(model("qwen"), cache_size=0))
    await ask(router, CODE, {"callbacks": [tracer]})
    top = tracer.roots[0]
    assert [child.name for child in top.child_runs] == ["LLMPolicy", "NovastackFallbacks"]
    assert len(tracer.llm_runs) == 2
    assert len([run for run in top.child_runs[0].child_runs if run.run_type == "llm"]) == 1
    assert_sound(tracer)


async def test_a_policy_that_is_a_chain_with_a_deadline(
    model: Callable[..., ChatNovastack], make: Make, ask: Ask, tracer: Tracer
) -> None:
    """A Runnable policy is traced in place as well, also where it is asked in a thread for the deadline's sake."""
    policy = model("claude") | StrOutputParser() | (lambda _: "code")
    router = make(policy=policy, deadline=20)
    await ask(router, "hello there", {"callbacks": [tracer]})
    top = tracer.roots[0]
    assert [child.name for child in top.child_runs] == ["RunnableSequence", "NovastackFallbacks"]
    assert [run.metadata["ls_model_name"] for run in tracer.llm_runs] == ["Claude-Opus-4.7", "DeepSeek-V4-Pro"]
    assert_sound(tracer)


async def test_a_failing_policy(make: Make, ask: Ask, tracer: Tracer) -> None:
    """The router's run ends with its error, and no model has a run."""

    def policy(messages: list[Any]) -> str:
        raise KeyError(len(messages))

    with pytest.raises(ValueError, match="policy"):
        await ask(make(policy=policy), CODE, {"callbacks": [tracer]})
    assert tracer.tree() == "chain NovastackRouter !ValueError"
    assert_sound(tracer)


async def test_batches(router: NovastackRouter, tracer: Tracer) -> None:
    """One tree for each input."""
    await router.abatch([CODE, STORY], {"callbacks": [tracer]})
    router.batch([CODE, STORY], {"callbacks": [tracer]})
    assert [root.name for root in tracer.roots] == ["NovastackRouter"] * 4
    assert sorted(run.name for run in tracer.llm_runs) == ["Claude-Opus-4.7"] * 2 + ["DeepSeek-V4-Pro"] * 2
    assert_sound(tracer)


@pytest.mark.parametrize("include_raw", [False, True])
@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
async def test_the_run_of_a_parser_is_named_as_that_of_a_plain_model(
    box: Sandbox, router: NovastackRouter, ask: Ask, *, method: Any, include_raw: bool
) -> None:
    schema: dict[str, Any] = {"title": "Report", "description": "A report.", "type": "object", "properties": {}}
    plain = ChatOpenAI(model="qwen", base_url=box.base_url, api_key=box.api_key)
    for kind in (schema, create_model("Report", city=(str, ...))):
        chains = [each.with_structured_output(kind, method=method) for each in (plain, router)]
        names = [chain.last.get_name() for chain in chains]  # type: ignore[attr-defined] # of a sequence
        assert names[0] == names[1]
        tracer, chain = Tracer(), router.with_structured_output(kind, method=method, include_raw=include_raw)
        calls = [{"name": "Report", "args": {"city": "Rome"}}] if method == "function_calling" else []
        box.answer("*", "" if calls else '{"city": "Rome"}', tool_calls=calls)
        await ask(chain, "Where? Answer in JSON.", {"callbacks": [tracer]})
        assert [run.name for run in tracer.runs if run.run_type == "parser"] == names[1:]
