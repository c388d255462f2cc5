"""What the fuzz tests share: a sandbox and an event loop for many examples, broken JSON, and what must always hold."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk

from helpers.ways import FAST
from langchain_novastack import ChatNovastack, NovastackError, NovastackRouter, RoutedResponse, StreamInterruptedError
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAYS = ("invoke", "ainvoke", "stream", "astream")
QWEN = "Qwen3-235B-A22B"

# ---- asking


@dataclass
class Outcome:
    """How one call ended: what was shown, and the error if there was one."""

    shown: list[AIMessage] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def text(self) -> str:
        return "".join(message.text for message in self.shown)

    @property
    def total(self) -> AIMessage:
        first, *rest = self.shown
        return first + rest if rest and isinstance(first, AIMessageChunk) else first  # type: ignore[return-value] # a chunk


async def settle() -> None:
    """Let the event loop end what the SDK leaves to the garbage collector, and assert that nothing else is left."""
    for _ in range(50):
        if asyncio.all_tasks() == {asyncio.current_task()}:
            return
        await asyncio.sleep(0)
    raise AssertionError(asyncio.all_tasks())


class Bench:
    """A sandbox and a router on it without retries or health, and one event loop for all async calls."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.loop = asyncio.new_event_loop()
        self.router = self.make()

    def make(self, **settings: Any) -> NovastackRouter:
        shared = {"base_url": self.box.base_url, "api_key": self.box.api_key, "max_retries": 0, "fast": FAST}
        return NovastackRouter(**{**shared, "skip_after": None, **settings})

    def model(self, name: str = "qwen", **settings: Any) -> ChatNovastack:
        shared = {"base_url": self.box.base_url, "api_key": self.box.api_key, "max_retries": 0, "fast": FAST}
        return ChatNovastack(model=name, **{**shared, **settings})

    def ask(self, way: str, runnable: Any, input: Any, **kwargs: Any) -> Outcome:
        """Ask in one of the four ways, and see to it that nothing of the call is left over."""
        outcome = Outcome()
        try:
            if way == "invoke":
                outcome.shown = [runnable.invoke(input, **kwargs)]
            elif way == "stream":
                for chunk in runnable.stream(input, **kwargs):
                    outcome.shown.append(chunk)
            else:
                self.loop.run_until_complete(self._ask(way, outcome, runnable, input, kwargs))
        except Exception as error:  # noqa: BLE001 - judged below, whatever it is
            outcome.error = error
        self.check_nothing_left()
        return outcome

    async def _ask(self, way: str, outcome: Outcome, runnable: Any, input: Any, kwargs: dict[str, Any]) -> None:
        if way == "ainvoke":
            outcome.shown = [await runnable.ainvoke(input, **kwargs)]
            return
        async for chunk in runnable.astream(input, **kwargs):
            outcome.shown.append(chunk)

    def check_nothing_left(self) -> None:
        """Sequential calls need one connection each for sync and async; more open ones were lost."""
        self.loop.run_until_complete(settle())
        assert self.box.wait_for(lambda box: box.connections.open <= 2), self.box.connections


def watching() -> set[threading.Thread]:
    """Return the one thread that looks after time limits; it stays, whoever started it."""
    return {thread for thread in threading.enumerate() if thread.name == "novastack-timer"}


@contextmanager
def bench(**settings: Any) -> Iterator[Bench]:
    """Open a bench; at the end neither threads nor connections may be left."""
    before = set(threading.enumerate())
    with Sandbox(**settings) as box:
        opened = Bench(box)
        yield opened
        opened.loop.run_until_complete(opened.loop.shutdown_asyncgens())
        opened.loop.run_until_complete(opened.loop.shutdown_default_executor())
        opened.loop.close()
    for thread in set(threading.enumerate()) - before - watching():
        thread.join(5.0)
        assert not thread.is_alive(), thread.name


def check(outcome: Outcome, sent: str | None = None) -> None:
    """Assert what holds for every call: a whole answer, or a typed error and nothing shown that was not sent.

    Args:
        outcome: How the call ended.
        sent: The text that was sent, as far as it is known.
    """
    error = outcome.error
    if error is None:
        _check_answer(outcome, sent)
        return
    assert isinstance(error, NovastackError), repr(error)
    same = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(same), type(same).__name__) == (str(error), type(error).__name__)
    if isinstance(error, StreamInterruptedError):
        assert error.partial is not None
        assert error.partial.text == outcome.text
    else:
        assert not outcome.shown
    assert sent is None or sent.startswith(outcome.text)


def _check_answer(outcome: Outcome, sent: str | None) -> None:
    message = outcome.total
    assert isinstance(message, AIMessage)
    assert message.response_metadata["finish_reason"]
    assert sent is None or message.text == sent
    json.dumps(message.response_metadata["routing"])
    sound = message.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert RoutedResponse.from_message(message).content == sound
    assert message.content_blocks is not None
    assert pickle.loads(pickle.dumps(message)).text == message.text  # noqa: S301 - our own


# ---- broken JSON

NAMES = ("choices", "message", "delta", "content", "tool_calls", "function", "error", "usage", "model", "code", "index")
ODD = ("", "error", "stop", "²", "٣", "429", "9" * 5_000, "\ud800", "\x00", "<html>", "context_length_exceeded")
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -1, 2**63])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
BODIES: st.SearchStrategy[bytes] = st.one_of(
    st.binary(max_size=200),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"", b"[" * 100_000, b"9" * 5_000, b'{"a":' * 50_000, b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00"]),
)
"""Bodies that have nothing to do with an answer: any bytes, any JSON, and JSON that no parser likes."""


@st.composite
def broken(draw: st.DrawFn, whole: Any) -> Any:
    """Take something whole, and put anything at one to three places of it, or leave the place out."""
    value = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        inside, place = draw(st.sampled_from(_places(value)))
        if draw(st.booleans()) and draw(st.booleans()):
            del inside[place]
        else:
            inside[place] = draw(VALUES)
        if not _places(value):
            break
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in nested lists and dicts, as the container and the key in it."""
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *_places(value[key])]]


CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
USAGE = {
    "prompt_tokens": 3,
    "completion_tokens": 4,
    "total_tokens": 7,
    "prompt_tokens_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 1},
    "cost": 0.1,
}
MESSAGE = {"role": "assistant", "content": "Two words.", "reasoning_content": "Hm.", "refusal": None}


def answer(**message: Any) -> dict[str, Any]:
    """Return a whole answer's body."""
    choice = {"index": 0, "message": {**MESSAGE, **message}, "logprobs": None, "finish_reason": "stop"}
    return {"id": "a", "object": "chat.completion", "created": 1, "model": QWEN, "choices": [choice], "usage": USAGE}


def chunks(*deltas: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the chunks of a whole stream with these deltas."""
    head = {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": QWEN}
    sent = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    end = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return [*sent, end, {**head, "choices": [], "usage": USAGE}]


def pieces(draw: Callable[..., Any], data: bytes, most: int = 5) -> list[bytes]:
    """Cut bytes at random places, anywhere."""
    cuts = sorted(draw(st.sets(st.integers(1, len(data) - 1), max_size=most))) if len(data) > 1 else []
    return [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True)]
