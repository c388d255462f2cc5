"""The books balance: runs in the trace, attempts on record and requests that arrived are the same things.

Random mixes of calls, in every style, with faults in between. For each mix: as many LLM runs as attempts in the
records, as many as requests in the sandbox's log (one call is one request, since the SDK may not retry here), model by
model; and the usage that a callback summed is what the sandbox sent with the answers that arrived whole.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from helpers.recording_tracer import Tracer
from helpers.ways import FAST, WAYS
from hypothesis import given
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage

from langchain_novastack import AllModelsFailedError, NovastackError, NovastackRouter
from langchain_novastack.cards import CARDS
from langchain_novastack.errors import StreamInterruptedError
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable

PROMPTS = ("Debug this function for me", "Write a story about a fox", "What is rain?")
TASKS = ("Refactor this, then add 1 and 2", "Write a story, then add 3 and 4")

FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 503},
    {"status": 429, "retry_after": 9},
    {"status": 400},
    {"status": 402},
    {"kind": "error_body"},
    {"kind": "no_choices"},
    {"kind": "html"},
    {"kind": "role_then_error"},
    {"kind": "error_after"},
    {"kind": "cut_stream"},
    {"kind": "end_early"},
    {"kind": "empty_stream"},
    {"kind": "disconnect"},
    {"kind": "length"},
    {"kind": "refusal"},
)

LINES = {"deepseek": ["qwen"], "claude": ["qwen", "deepseek"], "qwen": ["deepseek"]}

ANSWERS = ("length", "refusal")
"""Faults that are answers all the same."""

STYLES = (*WAYS, "batch", "abatch", "agent", "agent stream", *(["aagent"] if sys.version_info >= (3, 11) else []))
"""Before Python 3.11 an agent's async nodes lose their callbacks on the way to any model: tasks take no context."""

calls = st.lists(
    st.tuples(
        st.sampled_from(STYLES),
        st.sampled_from(range(len(PROMPTS))),
        st.lists(st.tuples(st.sampled_from([*CARDS]), st.sampled_from(range(len(FAULTS)))), max_size=2),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Books:
    """What a mix of calls left behind: attempts on record, by model."""

    def __init__(self) -> None:
        self.attempts: Counter[str] = Counter()
        self.answers = 0

    def keep(self, messages: Iterable[Any]) -> None:
        """Note what is on record of answers."""
        for message in messages:
            if isinstance(message, AIMessage):
                record = message.response_metadata["routing"]
                self.answers += 1
                self._note(record["attempts"])
                assert record["attempts"][-1]["model"] == record["model"]
                # More attempts than one are no fallback yet: a 429 may be asked again of the same model.
                assert record["fallback"] == (record["attempts"][0]["model"] != record["model"])

    def keep_error(self, error: BaseException) -> None:
        """Note what is on record of a failed call; a model's own error stands for one request."""
        assert isinstance(error, NovastackError), repr(error)
        if isinstance(error, AllModelsFailedError | StreamInterruptedError):
            self._note(error.routing["attempts"])
        else:
            self.attempts[str(error.model)] += 1

    def _note(self, attempts: list[dict[str, Any]]) -> None:
        self.attempts.update(attempt["model"] for attempt in attempts)


async def _make_call(router: NovastackRouter, style: str, at: int, *, tools: bool, config: Any) -> list[Any]:
    """Make one call in a style; return the messages it gave, errors among them where a batch has some."""
    prompts: list[Any] = [PROMPTS[at], PROMPTS[at - 1]]
    asked: Any = router.bind_tools([add]) if tools else router
    if style in WAYS:
        return [await WAYS[style](asked, prompts[0], config)]
    if style == "batch":
        return list(asked.batch(prompts, config, return_exceptions=True))
    if style == "abatch":
        return list(await asked.abatch(prompts, config, return_exceptions=True))
    return await _ask_agent(router, style, at, config)


async def _ask_agent(router: NovastackRouter, style: str, at: int, config: Any) -> list[Any]:
    agent: Any = create_agent(router, [add])
    asked = {"messages": [("user", TASKS[at % len(TASKS)])]}
    state: Any = asked
    steps: Any = None
    if style == "aagent":
        steps = [step async for step in agent.astream(asked, config, stream_mode="values")]
    elif style == "agent stream":
        steps = [
            step for mode, step in agent.stream(asked, config, stream_mode=["messages", "values"]) if mode == "values"
        ]
    else:
        state = agent.invoke(asked, config)
    return list((steps[-1] if steps else state)["messages"])


@given(mix=calls)
def test_the_books_balance(mix: list[tuple[str, int, list[tuple[str, int]], bool]]) -> None:
    """Whatever is asked in whatever way, and whatever fails."""
    with Sandbox() as box:
        asyncio.run(_balance(box, mix))


async def _balance(box: Sandbox, mix: list[tuple[str, int, list[tuple[str, int]], bool]]) -> None:
    # A connection for each request: one that is used again and breaks would be asked once more, on no record.
    settings: dict[str, Any] = {"max_retries": 0, "skip_after": None, "default_headers": {"Connection": "close"}}
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key, fast=FAST, fallbacks=LINES, **settings)
    tracer, counter, books = Tracer(), UsageMetadataCallbackHandler(), Books()
    for style, at, faults, tools in mix:
        for model, fault in faults:
            box.fail(model, times=1, **FAULTS[fault])
        config: Any = {"callbacks": [tracer, counter]}
        try:
            messages = await _make_call(router, style, at, tools=tools, config=config)
        except NovastackError as error:
            books.keep_error(error)
        else:
            books.keep(messages)
            for failed in messages:
                if isinstance(failed, BaseException):
                    books.keep_error(failed)
        box.heal()
    ids = {card.id: alias for alias, card in CARDS.items()}
    assert Counter(ids[run.name] for run in tracer.llm_runs) == books.attempts
    assert Counter(request.model for request in box.requests) == books.attempts
    assert tracer.unended() == []
    answered = [run for run in tracer.llm_runs if run.error is None]
    assert len(answered) == books.answers
    _check_usage(box, counter)


def _check_usage(box: Sandbox, counter: UsageMetadataCallbackHandler) -> None:
    """Compare what the callback summed with what was sent along with whole answers."""

    def answers(it: Sandbox) -> list[Any]:
        return [request for request in it.requests if request.fault in {None, *ANSWERS}]

    assert box.wait_for(lambda it: all(request.usage for request in answers(it)))
    sent: Counter[str] = Counter()
    for request in answers(box):
        sent[request.body["model"]] += request.usage["total_tokens"]
    assert {name: used["total_tokens"] for name, used in counter.usage_metadata.items()} == dict(sent)


def test_retries_inside_the_sdk_are_no_attempts() -> None:
    """The last in line is retried by the SDK: one run, one attempt, and a second request that says it is a retry."""
    with Sandbox() as box:
        router = NovastackRouter(base_url=box.base_url, api_key=box.api_key, fast=FAST)
        box.fail("qwen", status=503, times=1)
        tracer = Tracer()
        message = router.invoke("What is rain?", {"callbacks": [tracer]})
        retries = [request.headers["x-stainless-retry-count"] for request in box.requests]
    assert retries == ["0", "1"]
    assert len(tracer.llm_runs) == len(message.response_metadata["routing"]["attempts"]) == 1
