"""What is measured of a contender, in a process that has nothing else to do. Figures are seconds of CPU per call."""

from __future__ import annotations

import asyncio
import gc
from itertools import count
from statistics import median
from time import process_time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from mixes import MIXES
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contenders import Contender, Options

QUESTION = (
    "Debug this Python function, which gives odd results from the second call on, and say in one line "
    "what is wrong with it: def add(x, seen=[]): seen.append(x); return seen"
)
MESSAGES: list[Any] = [
    {"role": "system", "content": "You are a careful reviewer."},
    {"role": "user", "content": QUESTION},
]


class Review(BaseModel):
    """A finding in a piece of code."""

    title: str
    severity: int
    lines: list[int]
    fix: str


def conversation(length: int) -> list[Any]:
    """Return so many messages: the system's, then user and assistant in turn, the user last."""
    turns = [
        {"role": ("user", "assistant")[number % 2], "content": f"{QUESTION} (turn {number})"}
        for number in range(length - 2)
    ]
    return [MESSAGES[0], *turns, MESSAGES[1]]


def tools(count: int) -> list[Options]:
    """Return so many tools of four parameters each, as JSON schemas."""
    names = ("path", "pattern", "mode", "note")
    fields = {name: {"type": "string", "description": f"The {name} to work on, as the user gave it."} for name in names}
    parameters = {"type": "object", "properties": fields, "required": ["path"]}
    description = "Look something up in the project and return what was found there."
    return [
        {"name": f"look_up_{number}", "description": description, "parameters": parameters} for number in range(count)
    ]


def prepared(messages: list[Any], *, plain: bool) -> list[Any]:
    """Return messages as the contender takes them: JSON for the plain clients, LangChain's classes for models."""
    if plain:
        return messages
    from langchain_core.messages import convert_to_messages

    return convert_to_messages(messages)


class Case(NamedTuple):
    """One thing to do, and with what."""

    run: Callable[[Any, list[Any], int], None]
    """Does it so many times."""

    calls: int
    """How often in one turn."""

    title: str
    options: Mapping[str, Any] = MappingProxyType({})
    messages: list[Any] = MESSAGES
    scenario: str = "plain"
    """What the gateway does; see `server.py`."""

    at_once: int = 1
    """How many calls are under way at any time."""

    turns: int = 3
    """How often in one round the contenders take turns."""

    wrap: Callable[[Any], Any] | None = None
    """What the model is put into."""

    def applies(self, contender: Contender) -> bool:
        """Return whether the contender can do it at all."""
        plain = contender.needs in {"httpx", "httpx2", "openai"}
        if self.scenario == "failing":
            return contender.routes
        return not (plain and (self.run is batch or self.wrap or "schema" in self.options))


class Taking:
    """A runnable that takes the messages under a name, as a prompt and an agent do."""

    def __init__(self, runnable: Any) -> None:
        self.runnable = runnable

    def invoke(self, messages: list[Any]) -> Any:
        return self.runnable.invoke({"messages": messages})


def chain(model: Any) -> Taking:
    """Put a model between a prompt and a parser."""
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    return Taking(ChatPromptTemplate.from_messages([("placeholder", "{messages}")]) | model | StrOutputParser())


def agent(model: Any) -> Taking:
    """Put a model behind an agent with five tools, two calls of which it makes."""
    from langchain.agents import create_agent
    from langchain_core.tools import StructuredTool

    def look_up(path: str, pattern: str = "", mode: str = "r", note: str = "") -> str:
        """Look something up in the project and return what was found there."""
        return f"{path} {pattern} {mode} {note}"

    return Taking(create_agent(model, [StructuredTool.from_function(look_up, name=f"look_up_{at}") for at in range(5)]))


def invoke(runnable: Any, messages: list[Any], calls: int) -> None:
    """Call one after the other."""
    for _ in range(calls):
        runnable.invoke(messages)


def batch(runnable: Any, messages: list[Any], calls: int) -> None:
    """Hand over all at once, 16 threads."""
    runnable.batch([messages] * calls, config={"max_concurrency": 16})


def stream(runnable: Any, messages: list[Any], calls: int) -> None:
    """Read streams to their end."""
    for _ in range(calls):
        for _chunk in runnable.stream(messages):
            pass


def ainvoke(width: int) -> Callable[[Any, list[Any], int], None]:
    """Call asynchronously, so many at once."""

    async def worker(runnable: Any, messages: list[Any], calls: int) -> None:
        for _ in range(calls):
            await runnable.ainvoke(messages)

    async def all_of(runnable: Any, messages: list[Any], calls: int) -> None:
        await asyncio.gather(*(worker(runnable, messages, calls // width) for _ in range(width)))

    return lambda runnable, messages, calls: LOOP.run_until_complete(all_of(runnable, messages, calls))


def astream(runnable: Any, messages: list[Any], calls: int) -> None:
    """Read streams to their end, asynchronously."""

    async def read() -> None:
        for _ in range(calls):
            async for _chunk in runnable.astream(messages):
                pass

    LOOP.run_until_complete(read())


LOOP = asyncio.new_event_loop()
"""One event loop for the life of the process, as in a server."""

CASES: dict[str, Case] = {
    "invoke": Case(invoke, 30, "`invoke`, 2 messages"),
    "history": Case(invoke, 8, "`invoke`, 40 messages", messages=conversation(40)),
    "tools": Case(invoke, 15, "20 tools bound", options={"tools": tools(20)}),
    "schema": Case(invoke, 15, "structured output", options={"schema": Review}),
    "ainvoke_1": Case(ainvoke(1), 30, "`ainvoke`, one at a time"),
    "ainvoke_16": Case(ainvoke(16), 96, "`ainvoke`, 16 at once", at_once=16, turns=2),
    "ainvoke_128": Case(ainvoke(128), 128, "`ainvoke`, 128 at once", at_once=128, turns=1),
    "batch": Case(batch, 256, "`batch` of 256", turns=1),
    "fallback": Case(invoke, 20, "first model fails, second answers", scenario="failing"),
    "afallback": Case(ainvoke(1), 20, "the same, async", scenario="failing"),
    "chain": Case(invoke, 20, "`prompt | model | parser`", wrap=chain),
    "agent": Case(invoke, 5, "an agent with two tool calls", scenario="agent", wrap=agent),
    "messages_2000": Case(invoke, 1, "`invoke`, 2,000 messages", messages=conversation(2_000), turns=2),
    "tools_2000": Case(invoke, 1, "2,000 tools bound", options={"tools": tools(2_000)}, turns=2),
    "stream_50": Case(stream, 4, "stream of 50 chunks", scenario="chunks-50", turns=2),
    "stream_500": Case(stream, 1, "stream of 500 chunks", scenario="chunks-500", turns=2),
    "stream_2000": Case(stream, 1, "stream of 2,000 chunks", scenario="chunks-2000", turns=1),
    "astream_50": Case(astream, 4, "async stream of 50 chunks", scenario="chunks-50", turns=2),
    "astream_500": Case(astream, 1, "async stream of 500 chunks", scenario="chunks-500", turns=2),
    "astream_2000": Case(astream, 1, "async stream of 2,000 chunks", scenario="chunks-2000", turns=1),
}
"""All cases by the name that `--only` takes."""

DIALECTS: dict[str, Case] = {
    f"{name}_{count}": Case(stream, calls, f"{title}, {count} pieces", scenario=f"chunks-{count}-{name}", turns=2)
    for name, (title, _, _) in MIXES.items()
    for count, calls in ((50, 4), (500, 1))
}
"""Streams in other gateways' ways of writing; see `mixes.py`."""

PROMPTS: dict[str, str] = {
    "route_50": QUESTION[:50],
    "route_200": (QUESTION * 2)[:200],
    "route_400": (QUESTION * 3)[:400],
    "route_6000": ("Summarize what follows. " + "The tide came in and the boats lay still. " * 200)[:6_000],
    "route_100000": ("Summarize what follows. " + "The tide came in and the boats lay still. " * 3_000)[:100_000],
}
"""What our router decides about, without asking a model."""

IN_PLACE = {f"place_{length}": PROMPTS[f"route_{length}"] for length in (50, 200, 400)}
"""The same right after a call, when the code and its data are not at hand for the processor."""

AGAIN = {f"again_{length}": PROMPTS[f"route_{length}"] for length in (50, 400)}
"""The same about a text that was decided about before, as an agent asks at each of its steps."""

DECISIONS = 200
"""How many decisions make a round."""

AFTER_CALLS = 40
"""How many in place."""


_NEW = count(10_000)


def texts(prompt: str, how_many: int) -> list[str]:
    """Return texts like a prompt, none of which was there before: what was decided is remembered."""
    return [f"{prompt[:-5]}{next(_NEW)}" for _ in range(how_many)]


class Bench:
    """The cases of one contender; each is built and warmed up when it is first asked for."""

    def __init__(self, contender: Contender, root: str, share: float = 1.0) -> None:
        """Prepare.

        Args:
            contender: Who is measured.
            root: The gateway, without the scenario.
            share: How many of a turn's calls to make: 0.5 is half of them.
        """
        self._share = share
        self._contender = contender
        self._root = root
        self._ready: dict[str, tuple[Any, list[Any]]] = {}

    def measure(self, name: str) -> float:
        """Return the CPU seconds of one call in one round of a case."""
        if name in PROMPTS:
            return self._decide(PROMPTS[name])
        if name in IN_PLACE:
            return self._decide_in_place(texts(IN_PLACE[name], AFTER_CALLS))
        if name in AGAIN:
            return self._decide_in_place([AGAIN[name]] * AFTER_CALLS)
        case = CASES.get(name) or DIALECTS[name]
        calls = max(1, case.at_once, round(case.calls * self._share) // case.at_once * case.at_once)
        if name not in self._ready:
            runnable = self._contender.build(f"{self._root}/{case.scenario}/v1", case.options)
            plain = self._contender.needs in {"httpx", "httpx2", "openai"}
            runnable = case.wrap(runnable) if case.wrap else runnable
            self._ready[name] = runnable, prepared(case.messages, plain=plain)
            case.run(*self._ready[name], calls)
        return self._timed(lambda: case.run(*self._ready[name], calls)) / calls

    def _router(self) -> Any:
        if "route" not in self._ready:
            self._ready["route"] = self._contender.build(f"{self._root}/plain/v1", {}), []
        return self._ready["route"][0]

    def _decide_in_place(self, asked: list[str]) -> float:
        router, took = self._router(), []
        for text in asked:
            router.invoke(QUESTION)
            started = process_time()
            router.route(text)
            took.append(process_time() - started)
        return median(took)

    def _decide(self, prompt: str) -> float:
        router, asked = self._router(), texts(prompt, DECISIONS)
        router.route(prompt)

        def decide() -> None:
            for text in asked:
                router.route(text)

        return self._timed(decide) / DECISIONS

    @staticmethod
    def _timed(run: Callable[[], None]) -> float:
        gc.collect()  # a full collection takes longer than most cases, and would fall to whichever happens to be on
        started = process_time()
        run()
        return process_time() - started
