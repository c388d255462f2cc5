"""The sandbox answers like a gateway, and says that it is a simulation."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from math import inf, nan
from typing import TYPE_CHECKING, Any, Literal

import pytest
from helpers.sandbox_client import CLAUDE, DEEPSEEK, QWEN, ask, called, connect, send, tool
from langchain_core.output_parsers import PydanticOutputParser
from pydantic import BaseModel, Field

from langchain_novastack.cards import CARDS, Price
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CITY = {"type": "string"}
WEATHER = tool("get_weather", "Get the weather at a location.", location=CITY)
MULTIPLY = tool("multiply", "Multiply two numbers.", a={"type": "integer"}, b={"type": "integer"})


@pytest.fixture(scope="module")
def shared_box() -> Iterator[Sandbox]:
    """A sandbox for several tests."""
    with Sandbox() as box:
        yield box


def test_an_answer_names_its_model_and_its_question(box: Sandbox) -> None:
    """A reader sees that nothing answered for real, and what was asked."""
    text = ask(box, "Why is the sky blue?").message["content"]
    assert text.startswith(f"[simulated {QWEN}] You asked: Why is the sky blue?")


def test_the_same_request_gets_the_same_answer(box: Sandbox) -> None:
    """Answers and usage do not change from one call, or one sandbox, to the next."""
    with Sandbox() as other:
        first, second, third = ask(box).json, ask(box).json, ask(other).json
    for part in ("choices", "usage"):
        assert first[part] == second[part] == third[part]


def test_a_stream_brings_the_same_text_and_usage(box: Sandbox) -> None:
    """Streaming changes how an answer comes, not the answer."""
    whole = ask(box, model=DEEPSEEK)
    stream = ask(box, model=DEEPSEEK, stream=True, stream_options={"include_usage": True})
    reasoning = "".join(delta.get("reasoning_content", "") for delta in stream.deltas)
    assert (stream.streamed_text, reasoning) == (whole.message["content"], whole.message["reasoning_content"])
    assert stream.events[-2]["choices"] == []
    assert stream.events[-2]["usage"] == whole.json["usage"]
    assert stream.events[-1] == "[DONE]"


def test_a_stream_reasons_before_it_answers(box: Sandbox) -> None:
    """Reasoning comes first, in deltas of its own; keep-alive comments come in between."""
    got = ask(box, model=DEEPSEEK, stream=True)
    shown = [name for delta in got.deltas for name in ("reasoning_content", "content") if delta.get(name)]
    assert shown == sorted(shown, reverse=True)
    assert {"reasoning_content", "content"} == set(shown)
    assert b": keep-alive\n\n" in got.data


def test_usage_in_a_stream_comes_only_when_asked_for(box: Sandbox) -> None:
    """Without `include_usage` no event has usage."""
    events = ask(box, stream=True).events
    assert all("usage" not in event for event in events if event != "[DONE]")


def test_usage_adds_up(box: Sandbox) -> None:
    """Totals are sums, reasoning is part of the completion, and the log has what was sent."""
    usage = ask(box, model=DEEPSEEK).json["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert 0 < usage["completion_tokens_details"]["reasoning_tokens"] < usage["completion_tokens"]
    assert box.requests[-1].usage == usage


def test_a_long_conversation_is_partly_cached(box: Sandbox) -> None:
    """What came before the last message counts as cached once it is long enough."""
    turns = [{"role": "user", "content": "long " * 2000}, {"role": "assistant", "content": "I see."}]
    usage = ask(box, [*turns, {"role": "user", "content": "And?"}]).json["usage"]
    assert 1_024 <= usage["prompt_tokens_details"]["cached_tokens"] < usage["prompt_tokens"]


def test_who_reasons_and_under_which_name_can_be_set() -> None:
    """Reasoning is switched by model, in any spelling, and its field can be `reasoning`."""
    with Sandbox(reasoning={"Qwen3-235B-A22B"}, reasoning_field="reasoning") as box:
        assert "simulated reasoning" in ask(box).message["reasoning"]
        assert set(ask(box, model=DEEPSEEK).message) == {"role", "content"}


def test_a_sandbox_of_some_models_needs_no_word_about_reasoning() -> None:
    """The usual setting is about models that are there; `"*"` is all of them."""
    with Sandbox(models={"qwen": CARDS["qwen"]}) as box:
        assert "reasoning_content" not in ask(box).message
    with Sandbox(models={"qwen": CARDS["qwen"]}, reasoning=["*"]) as box:
        assert "simulated reasoning" in ask(box).message["reasoning_content"]


@pytest.mark.parametrize(
    "switch",
    [{"thinking": {"type": "disabled"}}, {"reasoning": {"enabled": False}}, {"reasoning_effort": "none"}],
)
def test_a_request_can_switch_reasoning_off(box: Sandbox, switch: dict[str, Any]) -> None:
    """The makers' own switches work."""
    assert "reasoning_content" not in ask(box, model=DEEPSEEK, **switch).message


def test_cost_comes_on_request() -> None:
    """`cost=True` adds dollars, by the card's price where it has one."""
    card = CARDS["qwen"].model_copy(update={"price": Price(input=10, output=0)})
    with Sandbox(cost=True, models={**CARDS, "qwen": card}) as box:
        usage = ask(box).json["usage"]
    assert usage["cost"] == pytest.approx(usage["prompt_tokens"] * 10 / 1_000_000)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("model", [QWEN, DEEPSEEK])
def test_max_tokens_is_kept(box: Sandbox, name: str, model: str) -> None:
    """A limit cuts the answer, reasoning included, and the finish reason says so."""
    got = ask(box, model=model, **{name: 6}).json
    assert got["usage"]["completion_tokens"] <= 6
    assert got["choices"][0]["message"]["content"]
    assert got["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize("stop", ["asked", ["nowhere", "asked"]])
def test_stop_ends_the_text(box: Sandbox, stop: Any) -> None:
    """The text ends before a stop sequence."""
    got = ask(box, stop=stop).json["choices"][0]
    assert got["message"]["content"].endswith("You ")
    assert got["finish_reason"] == "stop"


def test_several_choices(box: Sandbox) -> None:
    """`n` answers come, each with its own text and index, whole and streamed."""
    whole = ask(box, n=3).json["choices"]
    events = [event["choices"][0] for event in ask(box, n=3, stream=True).events if event != "[DONE]"]
    assert len({choice["message"]["content"] for choice in whole}) == 3
    assert sorted({event["index"] for event in events}) == [0, 1, 2]


def test_logprobs_cover_the_text(box: Sandbox) -> None:
    """Asked for, every piece of text has its probability and its alternatives, whole and streamed."""
    whole = ask(box, logprobs=True, top_logprobs=2).json["choices"][0]
    streamed = ask(box, logprobs=True, stream=True)
    tokens = whole["logprobs"]["content"]
    sent = [event["choices"][0] for event in streamed.events if event != "[DONE]"]
    assert "".join(token["token"] for token in tokens) == whole["message"]["content"]
    assert {len(token["top_logprobs"]) for token in tokens} == {2}
    assert all(choice["logprobs"]["content"] for choice in sent if choice["delta"].get("content"))


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("What is the weather in San Francisco, CA?", {"location": "San Francisco, CA"}),
        ('Use get_weather for "the North Pole".', {"location": "the North Pole"}),
        ("Weather please, location: Graz", {"location": "Graz"}),
        ("weather in '東京' now", {"location": "東京"}),
    ],
)
def test_a_question_about_a_tool_calls_it(box: Sandbox, question: str, arguments: dict[str, Any]) -> None:
    """Left to itself a model calls the tool that the question names, with what the question says."""
    choice = ask(box, question, tools=[WEATHER, MULTIPLY]).json["choices"][0]
    (call,) = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls"
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("get_weather", arguments)


def test_numbers_fill_arguments_in_order(box: Sandbox) -> None:
    """Numbers of the question go where the schema wants numbers."""
    (call,) = ask(box, "Please multiply 6 by 7.", tools=[MULTIPLY]).message["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"a": 6, "b": 7}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
SUITABLE = [
    (tool("query_database", "Run SQL on the database.", query=TEXT), "Use query_database.", {"query": "SELECT 1"}),
    (
        tool("run_sql", query=TEXT),
        "Use run_sql: SELECT name FROM users WHERE age > 30; then tell me.",
        {"query": "SELECT name FROM users WHERE age > 30"},
    ),
    (tool("web_search", query=TEXT), "Do a web search for tea.", {"query": "Do a web search for tea."}),
    (tool("read_file", file_path=TEXT), "Use read_file.", {"file_path": "simulated.txt"}),
    (tool("read_file", path=TEXT), "Use read_file on src/main.py, please.", {"path": "src/main.py"}),
    (tool("read_file", path=TEXT), "Use read_file with path: notes", {"path": "notes"}),
    (tool("move", paths={"type": "array", "items": TEXT}), "Use move.", {"paths": ["simulated.txt"]}),
    (
        tool("invite", email=TEXT, date=TEXT, link={**TEXT, "format": "uri"}),
        "Use invite for ann@example.com on 2026-05-01.",
        {"email": "ann@example.com", "date": "2026-05-01", "link": "https://example.org/simulated"},
    ),
    (tool("roll", sides={**WHOLE, "minimum": 4}, times={**WHOLE, "default": 3}), "Use roll.", {"sides": 4, "times": 3}),
    (tool("total", numbers={"type": "array", "items": {"type": "number"}}), "total 1.5 and 2", {"numbers": [1.5, 2]}),
    (
        tool("paint", colour={"enum": ["red", "blue"]}, dry={"type": "boolean"}),
        "paint it blue",
        {"colour": "blue", "dry": False},
    ),
    (tool("greet", name=TEXT), "Use greet.", {"name": "simulated name"}),
    (tool("label", code={**TEXT, "pattern": r"^[A-Z]\d$"}), "Use label.", {"code": "A1"}),
]


@pytest.mark.parametrize(("given", "question", "arguments"), SUITABLE, ids=range(len(SUITABLE)))
def test_arguments_of_tools_suit_what_they_are_called(
    box: Sandbox, given: dict[str, Any], question: str, arguments: dict[str, Any]
) -> None:
    """What the question offers goes where it fits; otherwise a plain default of the right form does."""
    (call,) = ask(box, question, tools=[given]).message["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == arguments


def _names(box: Sandbox, question: str, **fields: Any) -> list[str]:
    message = ask(box, question, tools=[WEATHER, MULTIPLY], **fields).message
    return [call["function"]["name"] for call in message.get("tool_calls", ())]


def test_tool_choice(box: Sandbox) -> None:
    """`none` never calls, `required` always does, a name calls that tool, `auto` looks at the question."""
    both = "multiply 2 by 3, then tell me the weather in Rome"
    named = {"type": "function", "function": {"name": "multiply"}}
    assert _names(box, "Who was Kant?") == []
    assert _names(box, both, tool_choice="none") == []
    assert len(_names(box, "Who was Kant?", tool_choice="required")) == 1
    assert _names(box, "Who was Kant?", tool_choice=named) == ["multiply"]
    assert _names(box, both) == ["get_weather", "multiply"]
    assert len(_names(box, both, parallel_tool_calls=False)) == 1


def test_tool_results_are_answered_in_text(box: Sandbox) -> None:
    """After its result a tool is not called again, even if the choice is forced; the text has the result."""
    conversation = [
        {"role": "user", "content": "What is the weather in Rome?"},
        called("get_weather"),
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny, 30 degrees"},
    ]
    for choice in ("auto", "required"):
        message = ask(box, conversation, tools=[WEATHER], tool_choice=choice).message
        assert "tool_calls" not in message
        assert "sunny, 30 degrees" in message["content"]


def test_streamed_tool_calls_come_in_pieces(box: Sandbox) -> None:
    """Id and name come first, then the arguments in fragments, which add up to the unstreamed call."""
    question = "What is the weather in San Francisco, CA?"
    (whole,) = ask(box, question, tools=[WEATHER]).message["tool_calls"]
    pieces = [
        delta["tool_calls"][0]
        for delta in ask(box, question, tools=[WEATHER], stream=True).deltas
        if "tool_calls" in delta
    ]
    assert (pieces[0]["id"], pieces[0]["function"]["name"]) == (whole["id"], "get_weather")
    assert all("id" not in piece for piece in pieces[1:])
    assert len(pieces) > 2
    assert "".join(piece["function"]["arguments"] for piece in pieces) == whole["function"]["arguments"]


def test_json_mode_gives_the_keys_that_the_prompt_names(box: Sandbox) -> None:
    """An object comes back with the keys of a quotation, an example or a schema in the prompt."""
    form = {"type": "json_object"}
    for prompt in (
        "JSON with 'setup' and 'punchline' keys, please",
        'Answer like {"setup": "text", "punchline": "text"}',
        f"Schema: {json.dumps({'properties': {'setup': CITY, 'punchline': CITY}})}",
    ):
        answer = json.loads(ask(box, prompt, response_format=form).message["content"])
        assert set(answer) == {"setup", "punchline"}
        assert all("simulated" in value for value in answer.values())


class Joke(BaseModel):
    setup: str  # so small that its schema is shorter than the example in a parser's instructions


class Person(BaseModel):
    name: str
    age: int = Field(ge=0)
    email: str
    born: date
    colour: Literal["red", "blue"]


@pytest.mark.parametrize(
    "prompt",
    [
        'Alice is 34. Answer in JSON: {"name": string, "age": int, "tags": list, "active": bool}',
        "Alice is 34. Give JSON with name (string), age (an integer), tags (list of strings), active (boolean).",
        'Alice is 34. JSON with the keys "name", "age", `tags` (array) and "active": a bool.',
    ],
)
def test_json_mode_fits_the_types_that_the_prompt_tells(box: Sandbox, prompt: str) -> None:
    class Person(BaseModel):
        name: str
        age: int
        tags: list[str]
        active: bool

    text = ask(box, prompt, response_format={"type": "json_object"}).message["content"]
    assert Person.model_validate_json(text, strict=True).age == 34


@pytest.mark.parametrize("kind", [Joke, Person])
def test_json_mode_fits_the_class_that_a_parser_describes(box: Sandbox, kind: type[BaseModel]) -> None:
    """LangChain's instructions explain by another schema what a schema is; the answer fits the class."""
    parser: PydanticOutputParser[Any] = PydanticOutputParser(pydantic_object=kind)
    prompt = f"Tell me about Ann, 33.\n{parser.get_format_instructions()}\nAnn likes blue."
    text = ask(box, prompt, response_format={"type": "json_object"}).message["content"]
    assert isinstance(parser.parse(text), kind)
    told = {"age": 33, "email": "simulated@example.org", "colour": "blue"}  # by the question, not by the schema
    assert json.loads(text).items() >= {key: told[key] for key in told if key in kind.model_fields}.items()


def test_models_are_listed(box: Sandbox) -> None:
    """`/models` lists the three ids."""
    listed = send(box, None, path="/models", method="GET").json
    assert [model["id"] for model in listed["data"]] == [QWEN, DEEPSEEK, CLAUDE]


def test_scripted_answers_come_in_order_and_then_the_usual_ones(box: Sandbox) -> None:
    """`answer` scripts text, tool calls, reasoning and usage; each is used as often as asked."""
    box.answer("qwen", "First.", usage={"total_tokens": 1}).answer(
        "Qwen3-235B", tool_calls=[{"name": "look", "args": {"at": 1}}], reasoning="Hm."
    )
    first, second, third = ask(box), ask(box, stream=True), ask(box)
    assert (first.message["content"], first.json["usage"]) == ("First.", {"total_tokens": 1})
    assert second.deltas[1] == {"reasoning_content": "Hm."}
    assert (
        "".join(d["tool_calls"][0]["function"]["arguments"] for d in second.deltas if "tool_calls" in d) == '{"at": 1}'
    )
    assert third.message["content"].startswith("[simulated")


def test_the_log_tells_what_arrived_and_hides_the_key(box: Sandbox) -> None:
    """A record has the parsed body, the headers and the alias; its `repr` has no key."""
    ask(box, "Hello", model=f"vendor/{DEEPSEEK.lower()}", stream=True)
    (record,) = box.requests
    assert (record.model, record.status, record.stream, record.fault) == ("deepseek", 200, True, None)
    assert record.body["messages"] == [{"role": "user", "content": "Hello"}]
    assert record.headers["authorization"] == f"Bearer {box.api_key}"
    assert box.api_key not in repr(record) + repr(box)


def test_a_client_that_leaves_early_is_noted() -> None:
    """Leaving in the middle of a stream marks the record and frees the connection."""
    with Sandbox(chunk_delay=0.05) as box:
        connection = connect(box)
        body = json.dumps({"model": QWEN, "messages": [{"role": "user", "content": "x"}], "stream": True})
        connection.request("POST", "/router/v1/chat/completions", body, {"Authorization": f"Bearer {box.api_key}"})
        connection.getresponse().read(10)
        connection.close()
        assert box.wait_for(lambda box: box.requests[0].aborted)
        assert box.wait_for(lambda box: box.connections.open == 0)
        assert box.requests[0].usage is None


def test_many_clients_at_once(box: Sandbox) -> None:
    """Every one of many clients gets the answer to its own question, and no connection is left over."""
    questions = [f"Question number {number}" for number in range(200)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda question: ask(box, question).message["content"], questions))
    assert all(f"{question}\n" in answer for question, answer in zip(questions, answers, strict=True))
    assert box.wait_for(lambda box: box.connections == (0, 200))


def test_connections_are_kept_for_the_next_request(box: Sandbox) -> None:
    """HTTP/1.1: one connection serves several requests."""
    connection = connect(box)
    for _ in range(3):
        connection.request("GET", "/router/v1/models", headers={"Authorization": f"Bearer {box.api_key}"})
        assert connection.getresponse().read()
    assert box.connections == (1, 1)
    connection.close()


def test_closing_ends_stalled_answers_and_leaves_no_thread() -> None:
    """`close` cuts a client that waits for a silent model; the port and the thread are gone; twice is fine."""
    others = set(threading.enumerate())
    box = Sandbox().start()
    box.fail("qwen", kind="silent")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, box)
        assert box.wait_for(lambda box: len(box.requests) == 1)
        box.close()
        box.close()
        assert isinstance(waiting.exception(), ConnectionError)
    assert not [each for each in set(threading.enumerate()) - others if each.name == "novastack-sandbox"]
    assert box.connections.open == 0


def test_a_sandbox_that_does_not_run_has_no_address() -> None:
    """Asking for the base URL too early is a clear error, and starting twice changes nothing."""
    box = Sandbox()
    with pytest.raises(RuntimeError, match="not running"):
        _ = box.base_url
    with box:
        assert box.start().base_url == box.base_url


def test_clear_forgets_faults_answers_and_the_log(box: Sandbox) -> None:
    """The next requests are answered as usual, and the log begins with them."""
    box.fail("deepseek", status=503).answer("qwen", "Mine.", times=None)
    assert ask(box, model=DEEPSEEK).status == 503
    assert box.clear() is box
    assert (box.requests, ask(box, model=DEEPSEEK).status) == ([], 200)
    assert ask(box).message["content"].startswith("[simulated")


@pytest.mark.parametrize("turn", range(3))
def test_clear_lets_tests_that_share_a_sandbox_be_worlds_of_their_own(
    shared_box: Sandbox, make: Callable[..., Any], turn: int
) -> None:
    """What one test's failures say of a model's health says nothing to the next test, in whichever order they run."""
    del turn
    router = make(base_url=shared_box.clear().base_url, api_key=shared_box.api_key, skip_after=2)
    shared_box.fail("deepseek", status=503)
    for _ in range(2):
        router.invoke("Debug this function.")
    assert [request.model for request in shared_box.requests] == ["deepseek", "qwen"] * 2
    assert router.health()["deepseek"]["skipped"]
    shared_box.clear()
    assert not router.health()["deepseek"]["skipped"]


def test_a_sandbox_that_does_not_run_can_be_cleared() -> None:
    """There is no health to reset before the start, and none after the end."""
    box = Sandbox().clear()
    with box:
        ask(box)
    assert box.clear().requests == []


LOOP: list[Any] = []
LOOP.append(LOOP)

BAD_SETTINGS: dict[str, list[Any]] = {
    "api_key": [None, 5, "", b"key", "a\nb"],
    "chunk_delay": [-1, nan, inf, True, None, "x", 10**400],
    "cost": [None, 1, "yes"],
    "delay": [-1, nan, inf, True, None, "x"],
    "models": [None, {}, 5, ["qwen"], {"qwen": "qwen"}],
    "qwen_thinking_trap": [None, 1],
    "qwen_system_trap": [None, 1],
    "reasoning": [None, 5, "deepseek", {"gpt"}, {5}, [["deepseek"]]],
    "reasoning_field": [None, 5, "", "thoughts"],
}
BAD_FAULTS: dict[str, list[Any]] = {
    "after": [-1, 1.5, True, "x"],
    "body": [1, [1], {"a": object()}, {"a": LOOP}],
    "content_type": [1, b"text/html", "a\r\nb"],
    "cut": [None, 1],
    "delay": [-1, nan, inf, True, "x"],
    "envelope": [None, 1, [], "soap"],
    "headers": [None, 1, ["a"], {"a": 1}, {1: "a"}, {"a": "b\r\nc: d"}, {"a": "b\n"}, {"a\r\n": "b"}, {"": "b"}],
    "kind": [1, [], "", "nope"],
    "message": [1, b"x"],
    "pieces": [1, "x", b"x", [1], {"a"}],
    "retry_after": [True, nan, [1], b"1", "1\r\na: b"],
    "seconds": [-1, nan, inf, True, "x"],
    "status": [0, 100, 101, 199, 204, 304, 600, 999, True, 503.0, "503"],
    "times": [0, -1, 1.5, True, "x"],
}
TAKES = {"after": "cut_stream", "seconds": "stall", "cut": "raw", "pieces": "raw"}
BAD_ANSWERS: dict[str, list[Any]] = {
    "finish_reason": [1, b"stop"],
    "reasoning": [1, b"x", ["x"]],
    "text": [1, b"x", ["x"]],
    "times": [0, -1, 1.5, True, "x"],
    "tool_calls": [None, 1, "x", [1], [{}], [{"name": 1}], [{"name": "f", "id": 1}], [{"name": "f", "args": {1, 2}}]],
    "usage": [1, "x", {"a": object()}, {"a": LOOP}],
}


def bad(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}-{place}")
        for name, values in table.items()
        for place, value in enumerate(values)
    ]


@pytest.mark.parametrize(("name", "value"), bad(BAD_SETTINGS))
def test_bad_settings_are_named(name: str, value: Any) -> None:
    """A setting of a wrong type or out of range is a `ValueError` with its name, before anything starts."""
    with pytest.raises(ValueError, match=rf"(?s)^`{name}\b.* must "):
        Sandbox(**{name: value})


@pytest.mark.parametrize(("name", "value"), bad(BAD_FAULTS))
def test_bad_arguments_of_a_fault_are_named(box: Sandbox, name: str, value: Any) -> None:
    """They are refused at the call, and the next request is answered as usual."""
    with pytest.raises(ValueError, match=rf"(?s)^`{name}\b.* must "):
        box.fail("qwen", **{"kind": TAKES.get(name, "status"), name: value})
    assert ask(box).status == 200


@pytest.mark.parametrize(("name", "value"), bad(BAD_ANSWERS))
def test_bad_arguments_of_an_answer_are_named(box: Sandbox, name: str, value: Any) -> None:
    """They are refused at the call, and the next request is answered as usual."""
    with pytest.raises(ValueError, match=rf"(?s)^`{name}\b.* must "):
        box.answer("qwen", **{name: value})
    assert ask(box).message["content"].startswith("[simulated")


def test_what_is_missing_in_an_answer_is_said(box: Sandbox) -> None:
    with pytest.raises(ValueError, match=r"^`tool_calls\[0\]\.name` must be given\.$"):
        box.answer("qwen", tool_calls=[{"args": {}}])


@pytest.mark.parametrize("model", [None, 1, "", "gpt", ["qwen"]], ids=range(5))
def test_bad_models_are_named(box: Sandbox, model: Any) -> None:
    """The same for the model's name, wherever one is taken."""
    for call in (box.fail, box.answer, box.heal) if model is not None else (box.fail, box.answer):
        with pytest.raises(ValueError, match=r"^`model` must "):
            call(model)


def test_a_key_is_not_shown_in_the_complaint_about_it() -> None:
    with pytest.raises(ValueError, match=r"^`api_key` must ") as caught:
        Sandbox(api_key="sk-not-to-be\nshown")
    assert "shown" not in str(caught.value)


@pytest.mark.parametrize(
    "how",
    [
        {"status": 503, "body": {"error": "mine"}, "headers": {"X-Mine": "\u00e9"}, "retry_after": 1.5},
        {"status": 404, "body": "text", "content_type": "text/plain", "retry_after": "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"kind": "raw", "status": 200, "pieces": (b"{}", "\ud800")},
        {"kind": "raw", "status": 599, "body": b"bytes", "delay": 0, "cut": False},
    ],
    ids=range(4),
)
def test_good_arguments_of_a_fault_leave_the_connection_usable(box: Sandbox, how: dict[str, Any]) -> None:
    """A fault with a body is followed by a usual answer on the same connection."""
    box.fail("qwen", times=1, **how)
    body = json.dumps({"model": QWEN, "messages": [{"role": "user", "content": "Hi"}]})
    connection, statuses = connect(box), []
    for _ in range(2):
        connection.request("POST", "/router/v1/chat/completions", body, {"Authorization": f"Bearer {box.api_key}"})
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    assert statuses == [how["status"], 200]
    assert box.connections.total == 1


NODE = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
ENDLESS = [
    NODE,
    {"$ref": "#"},
    {"allOf": [{"$ref": "#"}]},
    {"anyOf": [{"$ref": "#"}]},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
]


@pytest.mark.parametrize("schema", ENDLESS, ids=range(len(ENDLESS)))
def test_schemas_without_an_end_are_refused(box: Sandbox, schema: dict[str, Any]) -> None:
    """Nothing finite is valid for them: a 400, and the sandbox lives on."""
    form = {"type": "json_schema", "json_schema": {"name": "s", "schema": schema}}
    got = ask(box, response_format=form)
    assert (got.status, got.error["type"]) == (400, "invalid_request_error")
    assert ask(box).status == 200


BROKEN = [
    {"enum": []},
    {"enum": 5},
    {"type": "object", "properties": 5},
    {"required": [5]},
    {"$ref": 5},
    {"anyOf": 5},
    {"allOf": 5},
    {"pattern": 5},
    {"type": "number", "minimum": "x"},
    {"type": "array", "minItems": "x"},
]


@pytest.mark.parametrize("schema", BROKEN, ids=range(len(BROKEN)))
def test_schemas_that_are_none_are_refused(box: Sandbox, schema: dict[str, Any]) -> None:
    """A keyword of a wrong type is the request's fault: a 400."""
    got = ask(box, response_format={"type": "json_schema", "json_schema": {"name": "s", "schema": schema}})
    assert (got.status, got.error["type"]) == (400, "invalid_request_error")


def test_tools_without_an_end_are_refused(box: Sandbox) -> None:
    """The same for the arguments of a tool that has to be called."""
    got = ask(box, tools=[{"type": "function", "function": {"name": "f", "parameters": NODE}}], tool_choice="required")
    assert (got.status, got.error["type"]) == (400, "invalid_request_error")
    assert ask(box).status == 200


DEEP = 100_000
HI = [{"role": "user", "content": "Hi"}]


def spelled(name: str, value: str) -> str:
    """Spell a request with one more field, whose value need not be JSON."""
    return json.dumps({"model": QWEN, "messages": HI})[:-1] + f', "{name}": {value}}}'


UNREADABLE = {
    "NaN": spelled("temperature", "NaN"),
    "Infinity": spelled("trace", '{"a": Infinity}'),
    "-Infinity": spelled("top_p", "-Infinity"),
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep objects": spelled("provider", '{"a":' * DEEP + "1" + "}" * DEEP),
    "less deep": spelled("model", "[" * 950 + "]" * 950),
    "five stops": spelled("stop", '["a", "b", "c", "d", "e"]'),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_bodies_that_no_gateway_reads_are_refused(box: Sandbox, body: str) -> None:
    """A 400 in the usual shape, never a 500; the next request is answered."""
    got = send(box, body.encode())
    assert (got.status, got.error["type"]) == (400, "invalid_request_error")
    assert ask(box, stop=["a", "b", "c", "d"]).status == 200


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
TWICE = [tool("f"), tool("f")]
FORMAT = {"type": "json_schema", "json_schema": {"name": "s", "schema": {}}}
REPLY = {"role": "tool", "tool_call_id": "call_1", "content": "18 degrees"}


def said(content: Any, role: str = "user", **fields: Any) -> list[Any]:
    return [{"role": role, "content": content, **fields}]


INVALID: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"colour": "red"}, "colour", "unknown_parameter"),
    ({"temperature": 2.5}, "temperature", "invalid_value"),
    ({"temperature": True}, "temperature", "invalid_value"),
    ({"max_tokens": 0}, "max_tokens", "invalid_value"),
    ({"seed": 1.5}, "seed", "invalid_value"),
    ({"stop": ["a", ""]}, "stop[1]", "invalid_value"),
    ({"reasoning_effort": "huge"}, "reasoning_effort", "invalid_value"),
    ({"metadata": {"a": 1}}, "metadata.a", "invalid_value"),
    ({"metadata": {str(number): "" for number in range(17)}}, "metadata", "invalid_value"),
    ({"logit_bias": {"1": 200}}, "logit_bias.1", "invalid_value"),
    ({"top_logprobs": 2}, "top_logprobs", None),
    ({"stream_options": {"include_usage": True}}, "stream_options", None),
    ({"tool_choice": "auto"}, "tool_choice", None),
    ({"parallel_tool_calls": False}, "parallel_tool_calls", None),
    ({"tools": []}, "tools", None),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
    ({"tools": [tool("a b")]}, "tools[0].function.name", "invalid_value"),
    ({"tools": [tool("f")], "tool_choice": "sometimes"}, "tool_choice", "invalid_value"),
    ({"tools": [tool("f")], "tool_choice": {"type": "function", "function": {"name": "g"}}}, "tool_choice", None),
    ({"tools": TWICE}, "tools", None),
    ({"response_format": {}}, "response_format.type", "missing_required_parameter"),
    ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "s"}}},
        "response_format.json_schema.schema",
        "missing_required_parameter",
    ),
    ({"messages": None}, "messages", "missing_required_parameter"),
    ({"messages": []}, "messages", "empty_array"),
    ({"messages": ["Hi"]}, "messages[0]", "invalid_value"),
    ({"messages": said("Hi", "robot")}, "messages[0].role", "invalid_value"),
    ({"messages": said("Hi", mood="good")}, "messages[0].mood", "unknown_parameter"),
    ({"messages": said(5)}, "messages[0].content", "invalid_value"),
    ({"messages": said([])}, "messages[0].content", None),
    ({"messages": said([{"type": "sound"}])}, "messages[0].content[0].type", "invalid_value"),
    (
        {"messages": said([{"type": "text", "text": "a"}, {"type": "text", "text": 5}])},
        "messages[0].content[1].text",
        None,
    ),
    ({"messages": said([IMAGE])}, "messages[0].content[0]", "unsupported_content"),
    ({"messages": said([IMAGE], "system")}, "messages[0].content[0].type", "invalid_value"),
    ({"messages": [*HI, called("f")]}, "messages", None),
    ({"messages": [*HI, REPLY]}, "messages[1].tool_call_id", None),
    ({"messages": [*HI, called("f", type="function")]}, "messages[1].type", "unknown_parameter"),
    ({"messages": [*HI, {"role": "assistant", "content": None}]}, None, "invalid_value"),
    ({"messages": [*HI, called("f", reasoning_content="Hm."), REPLY]}, "messages[1].reasoning_content", None),
    ({"model": CLAUDE, "temperature": 1}, "temperature", None),
    ({"model": CLAUDE, "messages": [*HI, *said("{", "assistant")]}, "messages", None),
    ({"model": DEEPSEEK, "messages": [*HI, called("f"), REPLY]}, None, "invalid_request_error"),
    ({"messages": said("long " * 110_000)}, "messages", "context_length_exceeded"),
]
VALID: list[dict[str, Any]] = [
    {"temperature": None, "tools": None, "stop": None},
    {"temperature": 1, "top_p": 0, "seed": 10**30, "logit_bias": {"1": -100}, "n": 2},
    {"stream": True, "stream_options": {"include_usage": True}},
    {"tool_choice": "none"},
    {"tools": [{**tool("f"), "cache_control": {"type": "ephemeral"}}], "tool_choice": "any"},
    {"response_format": FORMAT},
    {"messages": said("\ud800")},
    {"messages": [*said("Be brief.", "developer", name="me"), *HI, *said("{", "assistant", refusal=None)]},
    {"messages": said([{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}])},
    {"messages": [*HI, called("f"), REPLY, *said("", "assistant")]},
    {"model": DEEPSEEK, "messages": [*HI, called("f", reasoning_content=""), REPLY]},
    {"model": DEEPSEEK, "messages": [*HI, called("f"), REPLY], "thinking": {"type": "disabled"}},
    {"model": CLAUDE, "messages": said([{"type": "text", "text": "What is this?"}, IMAGE])},
]


@pytest.mark.parametrize(("fields", "param", "code"), INVALID, ids=range(len(INVALID)))
def test_wrong_requests_are_refused(box: Sandbox, fields: dict[str, Any], param: str | None, code: str | None) -> None:
    """A 400 in the gateway's shape that names the place; where a code is published, with it."""
    got = send(box, json.dumps({"model": QWEN, "messages": HI, **fields}).encode())
    assert (got.status, got.error["type"]) == (400, "invalid_request_error")
    assert got.error["param"] == param or param is None
    assert got.error["code"] == code or code is None
    assert got.error["message"].strip()


@pytest.mark.parametrize("fields", VALID, ids=range(len(VALID)))
def test_right_requests_are_answered(box: Sandbox, fields: dict[str, Any]) -> None:
    assert send(box, json.dumps({"model": QWEN, "messages": HI, **fields}).encode()).status == 200


def test_qwen_thinks_only_in_streams_where_that_is_asked_for() -> None:
    with Sandbox(qwen_thinking_trap=True) as box:
        switches: list[dict[str, Any]] = [{}, {"stream": True}, {"enable_thinking": False}]
        got = [ask(box, **switch).status for switch in switches]
        assert (got, ask(box, model=DEEPSEEK).status) == ([400, 200, 200], 200)
