"""What gateways and model servers were reported to send: the same answer comes out, in all four ways, on both paths.

Bytes over a real socket. Each body is served for every way: events where none were asked for, and a whole answer for
a stream, are two dialects more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from helpers.ways import WAYS, Ask

from langchain_novastack import NovastackResponseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.messages import AIMessage

    from langchain_novastack import ChatNovastack
    from langchain_novastack.sandbox import Sandbox

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
TEA = "Tea first, then the milk."


class Seen(NamedTuple):
    """What a user reads off an answer."""

    text: str = ""
    calls: tuple[tuple[str, Any, str | None], ...] = ()
    """Name, arguments and id of each tool call; None for an id that was made up."""

    broken: tuple[str, ...] = ()
    """Names of the calls that cannot be run."""

    end: str = "stop"
    usage: tuple[int, int, int] | None = None


def seen(message: AIMessage) -> Seen:
    counts = message.usage_metadata
    ids = {call["id"] for call in message.tool_calls}
    assert None not in ids
    assert len(ids) == len(message.tool_calls)
    return Seen(
        message.text,
        tuple((call["name"], call["args"], _sent(call["id"])) for call in message.tool_calls),
        tuple(call["name"] or "" for call in message.invalid_tool_calls),
        message.response_metadata["finish_reason"],
        counts and (counts["input_tokens"], counts["output_tokens"], counts["total_tokens"]),
    )


def _sent(id: str | None) -> str | None:
    return id if id and len(id) < 4 else None


def chunk(delta: Any = None, reason: Any = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {} if delta is None else delta, "finish_reason": reason, **more}]}


def piece_of(id: Any = None, name: Any = None, arguments: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": id, "function": {"name": name, "arguments": arguments}, **more}


def piece(*values: Any, **more: Any) -> dict[str, Any]:
    return chunk({"tool_calls": [piece_of(*values, **more)]})


def events(*chunks: Any, done: str = "data: [DONE]\n\n", lead: str = "data: ") -> str:
    lines = [each if isinstance(each, str) else f"{lead}{json.dumps(each)}\n\n" for each in chunks]
    return "".join([*lines, done])


def whole(message: Any, reason: Any = "stop", **more: Any) -> str:
    return json.dumps({"choices": [{"message": message, "finish_reason": reason}], "usage": None, **more})


IN_MESSAGES = (
    {"choices": [{"message": {"content": "Tea first, "}}]},
    {"choices": [{"message": {"content": "then the milk."}}]},
    {"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]},
)
"""The tea in two pieces, each in a `message` in place of a `delta`."""


def told(*chunks: Any, **how: Any) -> str:
    """Tell the tea in two pieces, then whatever is given."""
    return events(chunk({"content": "Tea first, "}), chunk({"content": "then the milk."}), *chunks, **how)


def called(*pieces: Any, end: str = "tool_calls") -> str:
    return events(*pieces, chunk({}, end))


END = chunk({}, "stop")
MESSAGE = {"role": "assistant", "content": TEA}
SAID = Seen(TEA)
POUR, STIR = ("pour", {"cups": 2}), ("stir", {"times": 3})
ONE, TWO = ((*POUR, "a"),), ((*POUR, "a"), (*STIR, "b"))
MADE_UP = ((*POUR, None), (*STIR, None))
CALLED = Seen(calls=ONE, end="tool_calls")
BOTH = Seen(calls=TWO, end="tool_calls")


def called_whole(arguments: Any, reason: str = "tool_calls", **more: Any) -> str:
    function = {"name": "pour", **({} if arguments is ... else {"arguments": arguments})}
    return whole({"content": None, "tool_calls": [{"id": "a", "function": function, **more}]}, reason)


LABELS = {
    "a byte order mark": ("\ufeff" + told(END), SAID),
    "no space after the colon": (told(END).replace("data: ", "data:"), SAID),
    "the last event without its blank line": (told(END, done="").rstrip("\n"), SAID),
    "events of other kinds": (told("event: ping\ndata: {}\n\n", ": busy\n\n", "event: x\n\n", END), SAID),
    "spaces around the end mark": (told(END, done="data:  [DONE] \n\n"), SAID),
    "a small end mark": (told(END, done="data: [done]\n\n"), SAID),
    "a null event": (told(END, "data: null\n\n"), SAID),
    **{
        f"{life} as a sign of life": (
            events(f"data: {life}\n\n", chunk({"content": TEA}), f"data: {life}\n\n", END),
            SAID,
        )
        for life in ("ping", "[]", '""', "2024-04-07 20:20:50.554328")
    },
    "half an end mark": (told(END, done="data: [DON"), SAID),
    **{
        f"{junk} behind the end": (told(END, f"data: {junk}\n\n", done=""), SAID)
        for junk in ("[]", '""', "0", '{"choices": 5}', '{"choices": [5]}', '{"code": 500, "message": "late"}')
    },
    "an error behind the end mark": (told(END, done='data: [DONE]\n\ndata: {"error": {"message": "late"}}\n\n'), SAID),
    "labels twice": (told(END, done="data: data: [DONE]\n\n", lead="data: data: "), SAID),
    "labels twice, and a blank line of data": (told(END, lead="data: data:").replace("}\n\n", "}\ndata: \n\n"), SAID),
    "no blank lines": (told(END).replace("\n\n", "\n"), SAID),
    "no blank lines, but kinds": (told(END, lead="event: x\r\ndata:").replace("\n\n", "\r\n"), SAID),
    "some blank lines": (told(END).replace("\n\n", "\n", 1), SAID),
    "no labels": (told(END, done="", lead="").replace("\n\n", "\n"), SAID),
    "no labels, but an end mark": (told(END, done="[DONE]\n", lead=""), SAID),
    "data before its kind": (told(END, lead="data: ").replace("\n\n", "\nevent: x\n\n"), SAID),
    "comments before a document": (": busy\n\n: busy\n\n" + whole(MESSAGE), SAID),
    "an envelope": (json.dumps({"success": True, "data": json.loads(whole(MESSAGE))}), SAID),
    "chunks in envelopes": (
        events({"code": 0, "data": chunk({"content": TEA})}, {"code": 0, "data": END}),
        SAID,
    ),
    "a list of one": (f"[{whole(MESSAGE)}]", SAID),
    "a page of JSON": (json.dumps(json.loads(whole(MESSAGE)), indent=2), SAID),
}
TEXTS = {
    "the message again, an empty delta": (told(chunk({}, "stop", message=MESSAGE)), SAID),
    "the message again, a null delta": (
        told({"choices": [{"delta": None, "message": MESSAGE, "finish_reason": "stop"}]}),
        SAID,
    ),
    "the message again, no delta": (told({"choices": [{"message": MESSAGE, "finish_reason": "stop"}]}), SAID),
    "the message again, a last delta": (told(chunk({"content": TEA}, "stop")), SAID),
    "the message again, in blocks": (
        told({"choices": [{"message": {"content": [{"type": "text", "text": TEA}]}, "finish_reason": "stop"}]}),
        SAID,
    ),
    "the text again, behind the end": (told(END, chunk({"content": TEA})), SAID),
    "the message beside every delta": (
        events(
            chunk({"content": "Tea first, "}, message={"content": "Tea first, "}),
            chunk({"content": "then the milk."}, message=MESSAGE),
            chunk({}, "stop", message=MESSAGE),
        ),
        SAID,
    ),
    "the rest in the message": (
        events(chunk({"content": "Tea "}), {"choices": [{"message": MESSAGE, "finish_reason": "stop"}]}),
        SAID,
    ),
    "only a message": (events({"choices": [{"message": MESSAGE, "finish_reason": "stop"}]}), SAID),
    "messages for deltas": (events(*IN_MESSAGES), SAID),
    "messages for deltas, behind one that says who speaks": (
        events(chunk({"role": "assistant", "content": ""}), *IN_MESSAGES),
        SAID,
    ),
    "messages that grow": (
        events(
            *({"choices": [{"message": {"content": TEA[:end]}, "finish_reason": "null"}]} for end in (0, 3, 3, 11)),
            {"choices": [{"message": MESSAGE, "finish_reason": "stop"}]},
        ),
        SAID,
    ),
    "a delta without a name": (
        events({"choices": [{"delta": "Tea first, "}]}, {"choices": [{"delta": TEA[11:], "finish_reason": "stop"}]}),
        SAID,
    ),
    "a text in place of a message": (json.dumps({"choices": [{"text": TEA, "finish_reason": "stop"}]}), SAID),
    "a message without a name": (json.dumps({"choices": [{"message": TEA, "finish_reason": "stop"}]}), SAID),
    **{
        f"the word {word} for a reason": (events(chunk({"content": TEA}, word), chunk({}, word), END), SAID)
        for word in ("null", "NULL", "None", "none")
    },
    "a reason under another name": (
        events(chunk({"content": TEA[:11]}), chunk({"content": TEA[11:]}, finishReason="stop")),
        SAID,
    ),
    "a reason that nobody knows": (told(chunk({}, "finito")), SAID._replace(end="finito")),
    "a reason that nobody knows, whole": (whole(MESSAGE, "finito"), SAID._replace(end="finito")),
    "the text in a further choice": (
        json.dumps({"choices": [{"message": {"content": ""}}, {"message": MESSAGE, "finish_reason": "stop"}]}),
        SAID,
    ),
    "a text that repeats itself": (events(chunk({"content": "ha"}), chunk({"content": "ha"}, "stop")), Seen("haha")),
}
CALLS = {
    "no index, no id": (
        called(piece(None, "pour", '{"cups": 2}'), piece(None, "stir", '{"times": 3}')),
        Seen(calls=MADE_UP, end="tool_calls"),
    ),
    "no index, no id, in one event": (
        called(chunk({"tool_calls": [{"function": {"name": name}} for name in ("now", "now")]})),
        Seen(calls=(("now", {}, None), ("now", {}, None)), end="tool_calls"),
    ),
    "no index, an id with every piece": (
        called(
            piece("a", "pour", '{"cups"'),
            piece("b", "stir", '{"times"'),
            piece("a", None, ": 2}"),
            piece("b", None, ": 3}"),
        ),
        BOTH,
    ),
    "no index, no id, a name with every piece": (
        called(piece(None, "pour", '{"cups"'), piece(None, "pour", ": 2}")),
        Seen(calls=((*POUR, None),), end="tool_calls"),
    ),
    "pieces of one call in one event": (
        called(
            chunk(
                {
                    "tool_calls": [
                        piece_of(id, name, arguments, index=0)
                        for id, name, arguments in (("a", "po", None), (None, "ur", ""), ("a", None, '{"cups": 2}'))
                    ]
                }
            )
        ),
        CALLED,
    ),
    "pieces of one call in one message": (
        whole({"tool_calls": [piece_of("a", "pour", None), piece_of("a", None, '{"cups": 2}')]}, "tool_calls"),
        CALLED,
    ),
    "an index as text": (
        called(piece("a", "pour", '{"cups"', index="0"), piece(None, None, ": 2}", index="0")),
        CALLED,
    ),
    "index 0 for all, empty ids": (
        called(
            piece("a", "pour", "", index=0),
            piece("", None, '{"cups": 2}', index=0),
            piece("b", "stir", "", index=0),
            piece("", None, '{"times": 3}', index=0),
        ),
        BOTH,
    ),
    "index 0 for all, the same tool": (
        called(piece("a", "pour", '{"cups": 2}', index=0), piece("b", "pour", '{"cups": 3}', index=0)),
        Seen(calls=((*POUR, "a"), ("pour", {"cups": 3}, "b")), end="tool_calls"),
    ),
    "an empty object last": (
        called(piece("a", "pour", '{"cups": 2}', index=0), piece(None, None, "{}", index=0)),
        CALLED,
    ),
    "the arguments again as a whole, behind a part of them": (
        called(piece("a", "pour", "{", index=0), piece("a", None, '{"cups": 2}', index=0)),
        CALLED,
    ),
    "calls in messages that grow": (
        events(
            *(
                chunk(None, end, message={"tool_calls": [{"id": "a", "function": {"name": "pour", "arguments": text}}]})
                for text, end in (('{"cu', None), ('{"cups": 2', None), ('{"cups": 2}', "tool_calls"))
            )
        ),
        CALLED,
    ),
    **{
        f"{name} for arguments": (
            whole({"tool_calls": [{"id": "a", "name": "pour", name: {"cups": 2}}]}, "tool_calls"),
            CALLED,
        )
        for name in ("input", "parameters")
    },
    "a new id with every piece": (
        called(piece("a", "pour", '{"cups"', index=0), piece("x", "pour", ": 2}", index=0)),
        CALLED,
    ),
    "a name with every piece": (
        called(piece("a", "pour", '{"cups"', index=0), piece("a", "pour", ": 2}", index=0)),
        CALLED,
    ),
    "the word null for a name": (
        called(piece("a", "pour", '{"cups"', index=0), piece("null", "null", ": 2}", index=0)),
        CALLED,
    ),
    "a name in halves": (
        called(
            piece("a", "po", "", index=0), piece(None, "ur", "", index=0), piece(None, None, '{"cups": 2}', index=0)
        ),
        CALLED,
    ),
    "an id that comes late": (
        called(piece(None, "pour", '{"cups"', index=0), piece("a", None, ": 2}", index=0)),
        CALLED,
    ),
    "the calls again in the message": (
        events(
            piece("a", "pour", '{"cups": 2}', index=0),
            chunk(
                {},
                "tool_calls",
                message={"tool_calls": [{"id": "a", "function": {"name": "pour", "arguments": '{"cups": 2}'}}]},
            ),
        ),
        CALLED,
    ),
    "the arguments again as a whole": (
        called(piece("a", "pour", '{"cups": 2}', index=0), piece("a", None, '{"cups": 2}', index=0)),
        CALLED,
    ),
    "an empty object first": (
        called(piece("a", "pour", "{}", index=0), piece(None, None, '{"cups": 2}', index=0)),
        CALLED,
    ),
    "arguments as an object": (called_whole({"cups": 2}), CALLED),
    "arguments as text in text": (called_whole(json.dumps('{"cups": 2}')), CALLED),
    "arguments as text in text, in pieces": (
        called(piece("a", "pour", '"{\\"cups', index=0), piece(None, None, '\\": 2}"', index=0)),
        CALLED,
    ),
    "no arguments": (called_whole(...), Seen(calls=(("pour", {}, "a"),), end="tool_calls")),
    "null arguments": (called_whole(None), Seen(calls=(("pour", {}, "a"),), end="tool_calls")),
    "empty arguments": (called_whole(""), Seen(calls=(("pour", {}, "a"),), end="tool_calls")),
    "the word null for arguments": (called_whole("null"), Seen(calls=(("pour", {}, "a"),), end="tool_calls")),
    "a list of arguments": (called_whole("[2]"), Seen(broken=("pour",), end="tool_calls")),
    "words for arguments": (called_whole("2 cups"), Seen(broken=("pour",), end="tool_calls")),
    "half of the arguments": (called_whole('{"cups": 2'), Seen(broken=("pour",), end="tool_calls")),
    "a call cut by the limit": (
        called(piece("a", "pour", '{"cups": 2', index=0), end="length"),
        Seen(broken=("pour",), end="length"),
    ),
    "a call cut for repeating itself": (
        called(piece("a", "pour", "", index=0), end="repetition"),
        Seen(broken=("pour",), end="repetition"),
    ),
    "a call cut before its arguments": (
        called(piece("a", "pour", "", index=0), end="length"),
        Seen(broken=("pour",), end="length"),
    ),
    "a call cut by a filter, in a text": (
        called_whole('{"tea": "Earl Gr\\', "content_filter"),
        Seen(broken=("pour",), end="content_filter"),
    ),
    "a whole call, then the limit": (called_whole('{"cups": 2}', "length"), Seen(calls=ONE, end="length")),
    "calls in a choice of their own": (
        json.dumps(
            {
                "choices": [
                    {"index": 0, "message": {"content": TEA}, "finish_reason": "stop"},
                    {
                        "index": 1,
                        "message": {
                            "tool_calls": [{"id": "a", "function": {"name": "pour", "arguments": {"cups": 2}}}]
                        },
                    },
                ]
            }
        ),
        Seen(TEA, ONE),
    ),
    "one id for all calls of a message": (
        whole(
            {
                "tool_calls": [
                    {"id": "a", "index": 0, "function": {"name": name, "arguments": arguments}}
                    for name, arguments in (POUR, STIR)
                ]
            },
            "tool_calls",
        ),
        Seen(calls=((*POUR, "a"), (*STIR, None)), end="tool_calls"),
    ),
    "one id for two calls": (
        called(piece("a", "pour", '{"cups": 2}', index=0), piece("a", "stir", '{"times": 3}', index=1)),
        Seen(calls=((*POUR, "a"), (*STIR, None)), end="tool_calls"),
    ),
}
HALVES = [{"prompt_tokens": 11}, {"completion_tokens": 7}]
COUNTED = SAID._replace(usage=(11, 7, 18))
USAGES = {
    "counts as text": whole(MESSAGE, usage={name: str(count) for name, count in USAGE.items()}),
    "counts as floats": whole(MESSAGE, usage={name: float(count) for name, count in USAGE.items()}),
    "running totals": told({**END, "usage": USAGE}).replace('"content": "Tea', '"x": 1, "content": "Tea'),
    "zeros behind the counts": told({**END, "usage": USAGE}, {"choices": [], "usage": dict.fromkeys(USAGE, 0)}),
    "halves": told({**END, "usage": HALVES[0]}, {"choices": [], "usage": HALVES[1]}),
    "other names beside zeros": whole(
        MESSAGE,
        usage={"prompt_tokens": 0, "input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 6},
    ),
    "other names": whole(MESSAGE, usage={"input_tokens": 11, "output_tokens": 7}),
    "in a field of its maker": told({**END, "x_groq": {"usage": USAGE}}),
    "in a choice": told(chunk({}, "stop", usage=USAGE)),
    "beside an envelope": json.dumps(
        {"output": json.loads(whole(MESSAGE)), "usage": {"input_tokens": 11, "output_tokens": 7}}
    ),
    "beside envelopes": events(
        {"output": {"choices": [{"message": MESSAGE, "finish_reason": "null"}]}, "usage": HALVES[0]},
        {"output": {"choices": [{"message": {}, "finish_reason": "stop"}]}, "usage": HALVES[1]},
    ),
    "alone in an envelope": told({"data": END}, {"data": {"choices": [], "usage": USAGE}}),
    "a total that is a half": told(
        {**END, "usage": {**HALVES[0], "total_tokens": 11}}, {"choices": [], "usage": HALVES[1]}
    ),
}
CASES: dict[str, tuple[str, Seen]] = {
    **LABELS,
    **TEXTS,
    **CALLS,
    **{name: (body, COUNTED) for name, body in USAGES.items()},
}


@pytest.fixture(params=[True, False], ids=["fast", "slow"])
def chat(request: pytest.FixtureRequest, model: Callable[..., ChatNovastack]) -> ChatNovastack:
    return model(fast=request.param, max_retries=0)


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "text/plain"])
async def test_labels_do_not_matter(chat: ChatNovastack, box: Sandbox, ask: Ask, kind: str) -> None:
    for body in (told(END), whole(MESSAGE)):
        box.clear().fail("qwen", kind="raw", body=body, content_type=kind)
        assert seen(await ask(chat, "Hello")) == SAID


@pytest.mark.parametrize("name", list(CASES))
async def test_every_dialect_gives_the_same(chat: ChatNovastack, box: Sandbox, ask: Ask, name: str) -> None:
    body, expected = CASES[name]
    box.fail("qwen", kind="raw", body=body)
    assert seen(await ask(chat, "Hello")) == expected


CACHED: dict[str, tuple[dict[str, Any], int, int, int | None]] = {
    "OpenAI's": ({"prompt_tokens_details": {"cached_tokens": 8}}, 11, 8, None),
    "OpenRouter's": ({"prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 2}}, 11, 8, 2),
    "DeepSeek's": ({"prompt_cache_hit_tokens": 8, "prompt_cache_miss_tokens": 3}, 11, 8, None),
    "Claude's": ({"cache_read_input_tokens": 8, "cache_creation_input_tokens": 2}, 11, 8, 2),
    "Qwen's": ({"cached_tokens": "8"}, 11, 8, None),
    "the Responses API's": ({"input_tokens_details": {"cached_tokens": 8}}, 11, 8, None),
    "LiteLLM's": ({"prompt_tokens_details": {"cached_tokens": 8, "cache_creation_tokens": 2}}, 11, 8, 2),
    "Claude's, inside": (
        {"prompt_tokens_details": {"cache_read_input_tokens": 8, "cache_creation_input_tokens": 2}},
        11,
        8,
        2,
    ),
    "Oracle's": ({"promptTokensDetails": {"cachedTokens": 8}}, 11, 8, None),
}


@pytest.mark.parametrize("name", list(CACHED))
@pytest.mark.parametrize("streamed", [True, False])
async def test_cached_tokens(chat: ChatNovastack, box: Sandbox, ask: Ask, name: str, streamed: bool) -> None:  # noqa: FBT001 - a parameter
    more, prompt, read, written = CACHED[name]
    usage: dict[str, Any] = {**USAGE, **more}
    box.fail(
        "qwen", kind="raw", body=told(END, {"choices": [], "usage": usage}) if streamed else whole(MESSAGE, usage=usage)
    )
    counts = (await ask(chat, "Hello")).usage_metadata
    assert counts is not None
    details = counts["input_token_details"]
    assert (counts["input_tokens"], details.get("cache_read"), details.get("cache_creation")) == (prompt, read, written)


async def test_claudes_cached_tokens_come_on_top_of_its_own_counts(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    usage = {"input_tokens": 1, "output_tokens": 7, "cache_read_input_tokens": 8, "cache_creation_input_tokens": 2}
    box.fail("qwen", kind="raw", body=whole(MESSAGE, usage=usage))
    counts = (await ask(chat, "Hello")).usage_metadata
    assert counts == {
        "input_tokens": 11,
        "output_tokens": 7,
        "total_tokens": 18,
        "input_token_details": {"cache_read": 8, "cache_creation": 2},
        "output_token_details": {},
    }


async def test_no_count_is_not_a_count_of_zero(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    box.fail("qwen", kind="raw", body=whole(MESSAGE, usage={"prompt_tokens": "many", "completion_tokens": None}))
    assert (await ask(chat, "Hello")).usage_metadata is None


FAILING = (
    "error",
    "abort",
    "network_error",
    "insufficient_system_resource",
    "MALFORMED_FUNCTION_CALL",
    "failed",
    "network-error",
    "Upstream Error",
    "malformed_tool_use",
    "interrupted",
    "rate_limit_reached",
)
EMPTY = (None, "", "null", "None", "finito")


@pytest.mark.parametrize("reason", [*FAILING, *EMPTY])
async def test_ends_that_are_failures(chat: ChatNovastack, box: Sandbox, ask: Ask, reason: str | None) -> None:
    for body in (
        events(chunk({"role": "assistant", "content": ""}), chunk({}, reason)),
        whole({"content": ""}, reason),
    ):
        box.clear().fail("qwen", kind="raw", body=body)
        with pytest.raises(NovastackResponseError):
            await ask(chat, "Hello")


@pytest.mark.parametrize(
    "reason",
    [
        "stop",
        "end_turn",
        "length",
        "max_tokens",
        "content_filter",
        "refusal",
        "tool_use",
        "repetition_truncation",
        "MODEL_ARMOR",
    ],
)
async def test_known_ends_are_answers_even_without_text(
    chat: ChatNovastack, box: Sandbox, ask: Ask, reason: str
) -> None:
    for body in (
        events(chunk({"role": "assistant", "content": ""}), chunk({}, reason)),
        whole({"content": ""}, reason),
        whole(None, reason),
    ):
        box.clear().fail("qwen", kind="raw", body=body)
        assert seen(await ask(chat, "Hello")) == Seen(end=reason)


async def test_an_event_that_is_nested_too_deep(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    deep = f"data: {'[' * 100_000}\n\n"
    box.fail("qwen", kind="raw", body=told(END, deep, done=""))
    assert seen(await ask(chat, "Hello")) == SAID
    box.clear().fail("qwen", kind="raw", body=told(deep))
    with pytest.raises(NovastackResponseError):
        await ask(chat, "Hello")


async def test_reasoning_alone_with_an_unknown_end_is_no_answer(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    thought = {"role": "assistant", "reasoning_content": "Tea?"}
    for body in (events(chunk(thought), chunk({}, "weary")), whole(thought, "weary")):
        box.clear().fail("qwen", kind="raw", body=body)
        with pytest.raises(NovastackResponseError, match="unknown finish reason"):
            await ask(chat, "Hello")


async def test_reasoning_that_comes_again_counts_once(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    said = {"reasoning_content": "Tea?", "content": TEA}
    grown = [{"choices": [{"message": {"reasoning_text": thought}}]} for thought in ("T", "Tea", "Tea?")]
    last = {"choices": [{"message": {"reasoning_text": "Tea?", "content": TEA}}]}
    for body in (events(chunk(said), chunk(said, "stop")), events(*grown, last, END)):
        box.clear().fail("qwen", kind="raw", body=body)
        message = await ask(chat, "Hello")
        assert (message.text, message.additional_kwargs["reasoning_content"]) == (TEA, "Tea?")


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_what_breaks_behind_the_end_costs_nothing(chat: ChatNovastack, box: Sandbox, way: str) -> None:
    box.fail("qwen", kind="raw", pieces=[told(END, done="")], cut=True)
    assert seen(await WAYS[way](chat, "Hello")) == SAID


async def test_structured_reasoning_is_kept_as_it_came(chat: ChatNovastack, box: Sandbox, ask: Ask) -> None:
    first, rest = {"type": "reasoning.text", "format": "x", "index": 0, "text": "Hm"}, {"text": "m.", "signature": "s"}
    details = [{**first, **rest, "text": "Hmm."}, {"type": "reasoning.encrypted", "data": "e", "index": 1}]
    body = events(
        chunk({"reasoning_details": [first]}),
        chunk({"reasoning_details": [{**first, **rest}, details[1]]}),
        chunk({"content": TEA}, "stop"),
    )
    for each in (body, whole({**MESSAGE, "reasoning_details": details})):
        box.clear().fail("qwen", kind="raw", body=each)
        message = await ask(chat, "Hello")
        assert (message.text, message.additional_kwargs["reasoning_content"]) == (TEA, "Hmm.")
        assert message.additional_kwargs["reasoning_details"] == details


async def test_events_that_break_where_no_stream_was_asked_for_have_shown_nothing(
    make: Any, box: Sandbox, run: Ask
) -> None:
    """So the next model answers, and a model alone has an unusable answer."""
    for end in ('data: {"error": {"message": "busy"}}\n\n', "", "data: [DONE]\n\n"):
        box.clear().fail("deepseek", kind="raw", body=events(chunk({"content": TEA}), done=end))
        message = await run(make(), "Debug this function.")
        assert message.response_metadata["routing"]["model"] == "qwen"
        with pytest.raises(NovastackResponseError) as caught:
            await run(make(), "Hello", model="deepseek", fallback=False)
        assert type(caught.value) is NovastackResponseError
