"""The routing record: what a call was taken for, who was asked, who answered; whole, once, and wherever it goes."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver

from langchain_novastack import AllModelsFailedError, NovastackRouter
from langchain_novastack.errors import StreamInterruptedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

CODE = "Debug this function for me"
STORY = "Write a story about a fox"
MARKER = "xylophone-4711-marmalade"
KEYS = [
    "task",
    "model",
    "policy",
    "confidence",
    "reason",
    "matched",
    "pinned",
    "fallback",
    "attempts",
    "skipped",
    "changed",
]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def timeless(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without its seconds, which must be there and no less than zero."""
    for attempt in record["attempts"]:
        assert list(attempt) == ["model", "seconds", "status", "error"]
        assert attempt["seconds"] >= 0
    attempts = [(one["model"], one["status"], one["error"] is None) for one in record["attempts"]]
    return {**record, "attempts": attempts}


async def test_the_record_is_whole(router: NovastackRouter, ask: Ask) -> None:
    """The fields of the contract, in its order, and their values for a plain call."""
    record = routing(await ask(router, CODE))
    assert list(record) == KEYS
    assert json.loads(json.dumps(record)) == record
    assert timeless(record) == {
        "task": "code",
        "model": "deepseek",
        "policy": "KeywordPolicy",
        "confidence": router.route(CODE).confidence,
        "reason": router.route(CODE).reason,
        "matched": list(router.route(CODE).matched),
        "pinned": False,
        "fallback": False,
        "attempts": [("deepseek", 200, True)],
        "skipped": [],
        "changed": [],
    }


async def test_a_fallback_is_on_record(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """Both attempts stand in order, the failed one with its status and error."""
    box.fail("deepseek", status=503, times=1)
    record = routing(await ask(router, CODE))
    assert (record["model"], record["fallback"], record["task"]) == ("qwen", True, "code")
    assert timeless(record)["attempts"] == [("deepseek", 503, False), ("qwen", 200, True)]
    assert record["attempts"][0]["error"].startswith("NovastackServerError: deepseek answered HTTP 503")


async def test_a_named_model_is_pinned(router: NovastackRouter, ask: Ask) -> None:
    """Whoever names the model is the policy of that call."""
    record = routing(await ask(router, CODE, model="claude"))
    assert (record["model"], record["policy"], record["pinned"], record["fallback"]) == (
        "claude",
        "caller",
        True,
        False,
    )
    assert (record["task"], record["confidence"], record["matched"]) == (None, 1.0, [])


async def test_a_skipped_model_is_on_record(box: Sandbox, make: Make, ask: Ask) -> None:
    """A model passed over for its health is in `skipped`, not in `attempts`."""
    router = make(skip_after=1)
    box.fail("deepseek", status=503, times=1)
    router.invoke(CODE)
    record = routing(await ask(router, CODE))
    assert (record["skipped"], record["model"], record["fallback"]) == (["deepseek"], "qwen", True)
    assert timeless(record)["attempts"] == [("qwen", 200, True)]


async def test_changed_names_what_a_card_removed(router: NovastackRouter, ask: Ask) -> None:
    """Opus gets no temperature and no top_p, and the record says so."""
    assert routing(await ask(router, STORY))["changed"] == ["temperature"]
    assert sorted(routing(await ask(router, STORY, top_p=0.5))["changed"]) == ["temperature", "top_p"]
    assert routing(await ask(router, "What is rain?"))["changed"] == []


async def test_changed_names_what_a_card_added(router: NovastackRouter, ask: Ask) -> None:
    """DeepSeek gets its reasoning back on a tool turn, and the record says so."""
    bound = router.bind_tools([add])
    question = HumanMessage("Refactor this, then add 1 and 2")
    called = await ask(bound, [question])
    assert called.tool_calls
    results = [{"role": "tool", "content": "3", "tool_call_id": call["id"]} for call in called.tool_calls]
    assert routing(await ask(bound, [question, called, *results]))["changed"] == ["reasoning_content"]


async def test_changed_is_that_of_the_model_that_answered(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """What was changed for a model that failed is not what was sent to the one that answered."""
    box.fail("claude", status=500, times=1)
    record = routing(await ask(router, STORY))
    assert (record["model"], record["changed"]) == ("qwen", [])


async def test_a_card_can_add_fields(box: Sandbox, make: Make) -> None:
    """A rule that adds a field is in the record when it applied, and not when it did not."""
    router = make()
    qwen = router.models["qwen"]
    card = qwen.card_for(qwen.model_name)  # type: ignore[attr-defined] # ours
    ruled = qwen.model_copy(
        update={"card": card.model_copy(update={"adds_unless_streaming": {"enable_thinking": False}})}
    )
    router = NovastackRouter(models={"qwen": ruled})
    assert routing(router.invoke("hi"))["changed"] == ["enable_thinking"]
    assert box.requests[-1].body["enable_thinking"] is False
    assert routing((await _chunks(router, "hi"))[-1])["changed"] == []


async def _chunks(runnable: Any, *args: Any, **kwargs: Any) -> list[AIMessageChunk]:
    return [chunk async for chunk in runnable.astream(*args, **kwargs)]


@pytest.mark.parametrize("fault", [None, {"status": 503}, {"kind": "role_then_error"}])
async def test_one_chunk_carries_the_record(
    box: Sandbox, router: NovastackRouter, fault: dict[str, Any] | None
) -> None:
    """The last chunk, and no other; summed in any grouping it stays one record."""
    for way in ("stream", "astream"):
        if fault:
            box.fail("deepseek", times=1, **fault)
        chunks: list[Any] = list(router.stream(CODE)) if way == "stream" else await _chunks(router, CODE)
        carrying = [chunk for chunk in chunks if "routing" in chunk.response_metadata]
        assert carrying == chunks[-1:]
        assert chunks[-1].chunk_position == "last"
        record = routing(chunks[-1])
        half = len(chunks) // 2
        one_by_one = chunks[0]
        for chunk in chunks[1:]:
            one_by_one += chunk
        front, back = chunks[0] + chunks[1:half], chunks[half] + chunks[half + 1 :]
        sums = [chunks[0] + chunks[1:], front + back, one_by_one]
        assert [routing(message) for message in sums] == [record] * 3
        assert {message.response_metadata["model_name"] for message in sums} == {
            sums[0].response_metadata["model_name"]
        }
        assert sums[0].response_metadata["finish_reason"] == "stop"


async def test_every_other_way_to_ask_has_it_too(router: NovastackRouter) -> None:
    """Batches, generate, completed-as-they-come, transform and the branches alone."""
    prompts: list[Any] = [CODE, STORY, "What is rain?"]
    expected = ["deepseek", "claude", "qwen"]
    completed = dict(router.batch_as_completed(prompts))
    acompleted = dict([pair async for pair in router.abatch_as_completed(prompts)])
    conversations = [[HumanMessage(prompt)] for prompt in prompts]
    generated = router.generate(conversations)
    agenerated = await router.agenerate(conversations)
    messages: dict[str, list[Any]] = {
        "batch": router.batch(prompts),
        "abatch": await router.abatch(prompts),
        "batch_as_completed": [completed[at] for at in range(3)],
        "abatch_as_completed": [acompleted[at] for at in range(3)],
        "generate": [each[0].message for each in generated.generations],  # type: ignore[union-attr] # of chats
        "agenerate": [each[0].message for each in agenerated.generations],  # type: ignore[union-attr] # of chats
        "_generate": [router._generate(each).generations[0].message for each in conversations],  # noqa: SLF001 - core's hook
        "transform": [list(router.transform(iter([prompt])))[-1] for prompt in prompts],
        "branch": [router.branches[alias].invoke(prompt) for alias, prompt in zip(expected, prompts, strict=True)],
    }
    asked = {way: [routing(message)["model"] for message in each] for way, each in messages.items()}
    assert asked == dict.fromkeys(messages, expected)
    assert all(len(routing(message)["attempts"]) == 1 for each in messages.values() for message in each)


async def test_events_end_with_the_record(router: NovastackRouter) -> None:
    """The end of the router's run carries it; no token of a model does."""
    events = [event async for event in router.astream_events(CODE, version="v2")]
    ends = [event for event in events if event["event"] == "on_chain_end" and event["name"] == "NovastackRouter"]
    assert [routing(event["data"]["output"])["model"] for event in ends] == ["deepseek"]
    tokens = [event["data"]["chunk"] for event in events if event["event"] == "on_chat_model_stream"]
    assert tokens
    assert not any("routing" in token.response_metadata for token in tokens)


async def test_events_v3_end_with_the_record(router: NovastackRouter) -> None:
    """The assembled message of core's streaming protocol has one record."""
    assert routing(router.stream_events(CODE, version="v3").output)["model"] == "deepseek"
    stream = await router.astream_events(CODE, version="v3")
    assert routing(await stream.output)["model"] == "deepseek"


@pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream"])
async def test_every_message_of_an_agent_has_one(box: Sandbox, router: NovastackRouter, way: str) -> None:
    """Through the graph, its checkpointer and a JSON round trip, after a fallback too."""
    agent: Any = create_agent(router, [add], checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": way}}
    box.fail("deepseek", status=503, times=1)
    given = {"messages": [("user", "Refactor this, then add 1 and 2")]}
    if way == "invoke":
        agent.invoke(given, config)
    elif way == "ainvoke":
        await agent.ainvoke(given, config)
    elif way == "stream":
        list(agent.stream(given, config, stream_mode="messages"))
    else:
        [part async for part in agent.astream(given, config, stream_mode=["messages", "values"])]
    kept = [message for message in agent.get_state(config).values["messages"] if isinstance(message, AIMessage)]
    assert len(kept) == 2
    assert [routing(message)["model"] for message in kept] == ["qwen", "qwen"]
    assert [timeless(routing(message))["attempts"] for message in kept] == [
        [("deepseek", 503, False), ("qwen", 200, True)],
        [("qwen", 200, True)],
    ]
    assert json.loads(json.dumps([routing(message) for message in kept])) == [routing(message) for message in kept]


@pytest.mark.parametrize("streaming", [False, True])
def test_what_a_graph_streams_sums_to_whole_messages(box: Sandbox, make: Make, *, streaming: bool) -> None:
    """Chunks of `stream_mode="messages"`, summed by their message: no metadata is doubled, and no record."""
    box.fail("deepseek", status=503, times=1)
    agent: Any = create_agent(make(streaming=streaming), [add])
    given = {"messages": [("user", "Refactor this, then add 1 and 2")]}
    sums: dict[str, Any] = {}
    for chunk, _ in agent.stream(given, stream_mode="messages"):
        if isinstance(chunk, AIMessageChunk):
            sums[str(chunk.id)] = sums[str(chunk.id)] + chunk if str(chunk.id) in sums else chunk
    assert [message.response_metadata["model_name"] for message in sums.values()] == ["Qwen3-235B-A22B"] * 2
    assert [message.response_metadata["finish_reason"] for message in sums.values()] == ["tool_calls", "stop"]
    for message in sums.values():
        assert message.response_metadata.get("routing", {}).get("model", "qwen") == "qwen"
        assert message.usage_metadata["total_tokens"] in {request.usage["total_tokens"] for request in used(box)}


def used(box: Sandbox) -> list[Any]:
    return [request for request in box.requests if request.usage]


def test_a_chain_that_sums_chunks_has_one_record(router: NovastackRouter) -> None:
    """What a step downstream gets is the sum of the chunks, with one record."""
    seen: list[Any] = []
    chain = router | RunnableLambda(seen.append)
    list(chain.stream(STORY))
    assert [timeless(routing(message))["attempts"] for message in seen] == [[("claude", 200, True)]]
    assert routing(seen[0])["reason"] == router.route(STORY).reason


async def test_a_failed_call_has_it_on_the_error(box: Sandbox, make: Make, ask: Ask) -> None:
    """`AllModelsFailedError.routing` names no model, and every attempt; it survives a pickle."""
    router = make(max_retries=0)
    box.fail("deepseek", status=503, times=1).fail("qwen", status=429, times=1)
    with pytest.raises(AllModelsFailedError) as caught:
        await ask(router, CODE)
    record = caught.value.routing
    assert list(record) == KEYS
    assert (record["model"], record["fallback"], record["task"]) == (None, False, "code")
    assert timeless(record)["attempts"] == [("deepseek", 503, False), ("qwen", 429, False)]
    assert pickle.loads(pickle.dumps(caught.value)).routing == json.loads(json.dumps(record))  # noqa: S301 - our own


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_an_interrupted_stream_has_it_on_the_error(box: Sandbox, router: NovastackRouter, way: str) -> None:
    """`StreamInterruptedError.routing` names the attempt that broke; the chunks before carried no record."""
    box.fail("deepseek", kind="error_after", times=1)
    shown: list[Any] = []

    async def read() -> None:
        if way == "stream":
            for chunk in router.stream(CODE):
                shown.append(chunk)  # noqa: PERF402 - what was shown before the error counts
        async for chunk in router.astream(CODE):
            shown.append(chunk)  # noqa: PERF401 - kept where it raises

    with pytest.raises(StreamInterruptedError) as caught:
        await read()
    assert shown
    assert not any("routing" in chunk.response_metadata for chunk in shown)
    record = caught.value.routing
    assert (record["model"], record["task"]) == (None, "code")
    assert [attempt[0] for attempt in timeless(record)["attempts"]] == ["deepseek"]
    assert record["attempts"][0]["error"]


async def test_no_prompt_text_is_on_record(box: Sandbox, router: NovastackRouter, ask: Ask) -> None:
    """Not even where the gateway's error quotes the prompt."""
    prompt = f"Debug {MARKER} and tell me what {MARKER} does"
    box.fail("deepseek", status=400, times=1, message=f"cannot read: {prompt}")
    message = await ask(router, prompt)
    assert routing(message)["fallback"]
    assert MARKER not in json.dumps(routing(message))


async def test_a_cached_answer_has_no_attempt(make: Make, box: Sandbox) -> None:
    """`attempts` holds requests that were made: none for an answer out of the cache."""
    router = make(cache=InMemoryCache())
    first, second = router.invoke(CODE), await router.ainvoke(CODE)
    assert len(box.requests) == 1
    assert [len(routing(message)["attempts"]) for message in (first, second)] == [1, 0]
    assert [routing(message)["model"] for message in (first, second)] == ["deepseek", "deepseek"]
    assert second.content == first.content


async def test_a_router_in_line_keeps_its_record(box: Sandbox, make: Make, ask: Ask) -> None:
    """Behind `router.with_fallbacks`, its record stays, or its attempts stand before the one that answered."""
    last = make().models["claude"]
    line: Any = make(fallbacks={}).with_fallbacks([last])
    record = routing(await ask(line, CODE))
    assert (record["task"], record["model"], timeless(record)["attempts"]) == (
        "code",
        "deepseek",
        [("deepseek", 200, True)],
    )
    box.fail("deepseek", status=503, times=1).fail("qwen", status=500, times=1)
    line = make(max_retries=0).with_fallbacks([last])
    record = routing(await ask(line, CODE))
    assert (record["model"], record["fallback"]) == ("claude", True)
    assert timeless(record)["attempts"] == [("deepseek", 503, False), ("qwen", 500, False), ("claude", 200, True)]
    box.fail("deepseek", status=503, times=1)
    record = routing(await ask(make(fallbacks={}, max_retries=0).with_fallbacks([last]), CODE))
    assert timeless(record)["attempts"] == [("deepseek", 503, False), ("claude", 200, True)]
    box.fail("claude", status=503, times=1)
    line = last.with_fallbacks([make()])
    record = routing(await ask(line, CODE))
    assert (record["model"], record["fallback"], record["task"]) == ("deepseek", True, "code")
    assert timeless(record)["attempts"] == [("claude", 503, False), ("deepseek", 200, True)]


async def test_plain_models_have_a_record_too(box: Sandbox, ask: Ask) -> None:
    """`ChatOpenAI` instances keep the books as ours do: failures, answers, and answers out of a cache."""

    def plain(name: str) -> ChatOpenAI:
        return ChatOpenAI(
            model=name,
            base_url=box.base_url,
            api_key=box.api_key,
            max_retries=0,
            default_headers={"Connection": "close"},
        )

    models = {"qwen": plain("Qwen3-235B-A22B"), "deepseek": plain("DeepSeek-V4-Pro")}
    router = NovastackRouter(models=models)
    assert timeless(routing(await ask(router, CODE)))["attempts"] == [("deepseek", 200, True)]
    box.fail("deepseek", status=503, times=1)
    assert timeless(routing(await ask(router, CODE)))["attempts"] == [("deepseek", 503, False), ("qwen", 200, True)]


async def test_a_plain_model_with_a_cache(box: Sandbox) -> None:
    """An answer out of a plain model's own cache is no attempt either."""
    qwen = ChatOpenAI(model="Qwen3-235B-A22B", base_url=box.base_url, api_key=box.api_key, cache=InMemoryCache())
    router = NovastackRouter(models={"qwen": qwen})
    attempts = [timeless(routing(router.invoke("hi")))["attempts"] for _ in range(2)]
    assert (len(box.requests), attempts) == (1, [[("qwen", 200, True)], []])
