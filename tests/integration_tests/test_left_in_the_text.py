"""What models leave in the text: markup of tool calls, thinking and fences around JSON; refusals and cut answers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import langchain_core.exceptions as core
import openai
import pytest
from helpers.ways import WAYS, Ask
from langchain_core.runnables import Runnable  # noqa: TC002 - read by a fixture
from pydantic import BaseModel

if TYPE_CHECKING:
    from langchain_novastack.sandbox import Sandbox

REFUSES = hasattr(core, "ModelRefusalError")
REFUSAL: Any = getattr(core, "ModelRefusalError", core.OutputParserException)


class Cup(BaseModel):
    """A cup."""

    size: int


def pour(cups: int, note: str = "") -> str:
    """Pour tea."""
    return f"{cups} cups {note}"


def whole(message: Any, reason: str = "stop") -> str:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    return json.dumps({"choices": [{"message": message, "finish_reason": reason}], "usage": usage})


def streamed(message: dict[str, Any], reason: str = "stop") -> str:
    """The same as a stream, its text in pieces of three characters."""
    text = message.get("content") or ""
    deltas = [{"content": text[place : place + 3]} for place in range(0, len(text), 3)]
    deltas += [{"refusal": word} for word in re.split("(?= )", message.get("refusal") or "") if word]
    rest = {name: value for name, value in message.items() if name not in {"content", "refusal"}}
    chunks: list[Any] = [{"choices": [{"delta": delta}]} for delta in [*deltas, *([rest] if rest else [])]]
    chunks.append({"choices": [{"delta": {}, "finish_reason": reason}]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)


BODIES = {"whole": whole, "streamed": streamed}

TWO = [("pour", {"cups": 2}), ("pour", {"cups": 3, "note": "4"})]


def deepseek(*lines: str) -> str:
    """Return lines with the bars of DeepSeek's marks, which look like ours."""
    return "\n".join(lines).replace("|", "\uff5c")


FENCED = "<|tool▁call▁begin|>function<|tool▁sep|>pour\n```json\n{}\n```<|tool▁call▁end|>"
BARE = "<|tool▁call▁begin|>pour<|tool▁sep|>{}<|tool▁call▁end|>"
FIRST, SECOND = (json.dumps(args) for _, args in TWO)
MARKUP = {
    "Qwen's": f"""I pour.
<tool_call>
{{"name": "pour", "arguments": {FIRST}}}
</tool_call>
<tool_call>
{{"name": "pour", "arguments": {SECOND}}}
</tool_call>""",
    "Qwen coder's, JSON for parameters": f"<function=pour>{FIRST}</function><function=pour>{SECOND}</function>",
    "Qwen coder's": """<tool_call>
<function=pour>
<parameter=cups>
2
</parameter>
</function>
</tool_call>
<tool_call>
<function=pour>
<parameter=cups>
3
</parameter>
<parameter=note>
4
</parameter>
</function>
</tool_call>""",
    "GLM's": """<tool_call>pour
<arg_key>cups</arg_key>
<arg_value>2</arg_value>
</tool_call>
<tool_call>pour<arg_key>cups</arg_key><arg_value>3</arg_value><arg_key>note</arg_key><arg_value>4</arg_value></tool_call>""",
    "DeepSeek's, fenced": deepseek(
        "<|tool▁calls▁begin|>", FENCED.replace("{}", FIRST), FENCED.replace("{}", SECOND), "<|tool▁calls▁end|>"
    ),
    "DeepSeek's": deepseek(
        f"Tea.<|tool▁calls▁begin|>{BARE.replace('{}', FIRST)}{BARE.replace('{}', SECOND)}<|tool▁calls▁end|>"
    ),
    "DSML, with spaces": deepseek(
        "<||DSML|| calls>",
        '<||DSML|| invoke name="pour">',
        '<||DSML|| parameter name="cups" string="false">2</||DSML|| parameter>',
        "</||DSML|| invoke>",
        '<||DSML|| invoke name="pour">',
        '<||DSML|| parameter name="cups" string="false">3</||DSML|| parameter>',
        '<||DSML|| parameter name="note" string="true">4</||DSML|| parameter>',
        "</||DSML|| invoke>",
        "</||DSML|| calls>",
    ),
    "DSML": deepseek(
        "<|DSML|function_calls>",
        '<|DSML|invoke name="pour">',
        '<|DSML|parameter name="arguments" string="false">{"cups": 2}</|DSML|parameter>',
        "</|DSML|invoke>",
        '<|DSML|invoke name="pour">',
        '<|DSML|parameter name="cups" string="false">3</|DSML|parameter>',
        '<|DSML|parameter name="note" string="true">4</|DSML|parameter>',
        "</|DSML|invoke>",
        "</|DSML|function_calls>",
    ),
}


@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize("name", list(MARKUP))
async def test_calls_in_the_text_are_read(build: Any, box: Sandbox, ask: Ask, name: str, body: str) -> None:
    box.fail("qwen", kind="raw", body=BODIES[body]({"content": MARKUP[name]}), times=None)
    message = await ask(build(max_retries=0).bind_tools([pour]), "Pour.")
    assert [(call["name"], call["args"]) for call in message.tool_calls] == TWO
    assert all(call["id"] for call in message.tool_calls)
    assert message.text == MARKUP[name]


@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>\n{"name": "pour", "argum',
        "<tool_call>pour\n<arg_key>cups</arg_key>\n<arg_value>",
        "<function=pour>\n<parameter=cups>2\n</function>",
        "<function=pour>2</function>",
    ],
)
async def test_markup_that_cannot_be_read_is_an_invalid_call(
    model: Any, box: Sandbox, ask: Ask, body: str, text: str
) -> None:
    box.fail("qwen", kind="raw", body=BODIES[body]({"content": text}))
    message = await ask(model().bind_tools([pour]), "Pour.")
    assert (message.tool_calls, len(message.invalid_tool_calls), message.text) == ([], 1, text)


@pytest.mark.parametrize("text", [MARKUP["Qwen's"], "Write `<tool_call>{}` for it.", f"```\n{MARKUP['DSML']}\n```"])
async def test_markup_is_text_where_it_is_only_spoken_of(model: Any, box: Sandbox, ask: Ask, text: str) -> None:
    box.fail("qwen", kind="raw", body=whole({"content": text}), times=None)
    bound = model() if text == MARKUP["Qwen's"] else model().bind_tools([pour])
    message = await ask(bound, "What is it?")
    assert (message.tool_calls, message.invalid_tool_calls, message.text) == ([], [], text)


AROUND = {
    "a fence": '```json\n{"size": 1}\n```',
    "thinking": '<think>{"size": 2}?</think>\n{"size": 1}',
    "thinking twice": '<think>small</think>\n<think>or not</think>\n{"size": 1}',
    "a fence on one line": '```json {"size": 1}```',
    "half a fence": '```json\n{"size": 1}',
    "thinking and a fence": '<think>small</think>\n```json\n{"size": 1}\n```',
}
TEXT_METHODS = ["json_schema", "json_mode"]


@pytest.mark.parametrize("schema", [Cup, Cup.model_json_schema()], ids=["class", "dict"])
@pytest.mark.parametrize("method", TEXT_METHODS)
@pytest.mark.parametrize("name", list(AROUND))
async def test_what_stands_around_json(  # noqa: PLR0917 - fixtures and parameters
    build: Any, box: Sandbox, ask: Ask, name: str, method: str, schema: Any
) -> None:
    for body in BODIES.values():
        box.clear().fail("qwen", kind="raw", body=body({"content": AROUND[name]}))
        answer = await ask(build(max_retries=0).with_structured_output(schema, method=method), "Hello")
        assert answer in (Cup(size=1), {"size": 1})
        box.fail("qwen", kind="raw", body=body({"content": AROUND[name]}))
        raw = await ask(build(max_retries=0).with_structured_output(schema, method=method, include_raw=True), "Hello")
        assert raw.get("parsed") in (Cup(size=1), {"size": 1})


METHODS = [*TEXT_METHODS, "function_calling"]
CUT = {"tool_calls": [{"index": 0, "id": "t", "function": {"name": "Cup", "arguments": '{"size": 12'}}]}


def half(method: str) -> dict[str, Any]:
    return {"content": None, **CUT} if method == "function_calling" else {"content": '{"size": 12'}


@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize("method", METHODS)
async def test_a_structured_answer_cut_by_the_limit_says_so(
    build: Any, box: Sandbox, ask: Ask, method: str, body: str
) -> None:
    box.fail("qwen", kind="raw", body=BODIES[body](half(method), "length"), times=None)
    with pytest.raises(openai.LengthFinishReasonError):
        await ask(build(max_retries=0).with_structured_output(Cup, method=method), "Hello")


@pytest.mark.parametrize("method", METHODS)
def test_a_cut_answer_is_a_parsing_error_beside_the_raw_one(build: Any, box: Sandbox, method: str) -> None:
    box.fail("qwen", kind="raw", body=whole(half(method), "length"), times=None)
    answer = build(max_retries=0).with_structured_output(Cup, method=method, include_raw=True).invoke("Hello")
    assert isinstance(answer["parsing_error"], openai.LengthFinishReasonError)
    assert answer["parsed"] is None


if REFUSES:  # langchain-core 1.7.5 or newer

    @pytest.mark.parametrize("what", ["refusal", "filter"])
    @pytest.mark.parametrize("body", list(BODIES))
    @pytest.mark.parametrize("method", METHODS)
    async def test_refusals_are_not_parsed(  # noqa: PLR0917 - fixtures and parameters
        build: Any, box: Sandbox, ask: Ask, method: str, body: str, what: str
    ) -> None:
        sent = (
            ({"content": None, "refusal": "I will not"}, "stop")
            if what == "refusal"
            else (half(method), "content_filter")
        )
        box.fail("qwen", kind="raw", body=BODIES[body](*sent), times=None)
        chain: Runnable[Any, Any] = build(max_retries=0).with_structured_output(Cup, method=method)
        with pytest.raises(REFUSAL) as caught:
            await ask(chain, "Hello")
        assert caught.value.raw_message is not None
        assert what == "filter" or "I will not" in str(caught.value)
        raw = build(max_retries=0).with_structured_output(Cup, method=method, include_raw=True)
        assert isinstance((await WAYS["ainvoke"](raw, "Hello"))["parsing_error"], REFUSAL)

    @pytest.mark.parametrize("body", list(BODIES))
    async def test_a_refusal_is_a_content_block(build: Any, box: Sandbox, ask: Ask, body: str) -> None:
        box.fail("qwen", kind="raw", body=BODIES[body]({"content": None, "refusal": "I will not"}), times=None)
        message = await ask(build(max_retries=0), "Hello")
        assert message.content_blocks == [{"type": "refusal", "refusal": "I will not"}]
        assert message.content == ""
