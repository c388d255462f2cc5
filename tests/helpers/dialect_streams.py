"""Known answers, written as streams in random dialects: any mix of what gateways do that leaves no doubt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[..., Any]
    Delta = dict[str, Any]

NAMES = ("pour", "stir", "get", "get_time", "nowhere")
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in NAMES]
BLANK = (None, "", "null")


@dataclass
class Known:
    """An answer, and what is to be read off it."""

    text: str
    calls: list[tuple[str, dict[str, Any], str]]
    usage: tuple[int, int] | None
    end: str


ARGUMENTS = st.dictionaries(
    st.sampled_from("abc"),
    st.integers(0, 99) | st.text(max_size=5) | st.lists(st.integers(0, 9), max_size=2),
    max_size=2,
)


@st.composite
def known(draw: Draw) -> Known:
    """An answer with text, with calls, with both."""
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
    names = draw(st.lists(st.sampled_from(NAMES), max_size=3))
    calls = [(name, draw(ARGUMENTS), f"call_{number}") for number, name in enumerate(names)]
    usage = draw(st.none() | st.tuples(st.integers(1, 99), st.integers(1, 99)))
    return Known(text, calls, usage, "tool_calls" if calls else draw(st.sampled_from(["stop", "end_turn", "length"])))


def cut(draw: Draw, text: str, most: int = 3) -> list[str]:
    """Cut a text into pieces, none of them empty."""
    places = sorted(draw(st.sets(st.integers(1, len(text) - 1), max_size=most))) if len(text) > 1 else []
    return [text[start:stop] for start, stop in zip([0, *places], [*places, len(text)], strict=True)]


# ---- calls: each dialect turns one call into the pieces that it is sent in


def _piece(index: Any, id: Any, name: Any, arguments: Any) -> Delta:
    piece = {"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {key: value for key, value in piece.items() if value is not ...}


def _standard(draw: Draw, place: Any, name: str, pieces: list[str], id: Any) -> list[Delta]:
    later = [
        _piece(place, draw(st.sampled_from([*BLANK, ...])), draw(st.sampled_from(BLANK)), each) for each in pieces[1:]
    ]
    return [_piece(place, id, name, pieces[0]), *later]


def _as_text(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    return _standard(draw, str(place), name, pieces, id)


def _begun_empty(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    return _standard(draw, place, name, [draw(st.sampled_from(["", "{}"])), *pieces], id)


def _name_again(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    again = draw(st.sampled_from([id, None, ""]))
    return [_piece(place, id if number == 0 else again, name, each) for number, each in enumerate(pieces)]


def _name_in_halves(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    half = draw(st.integers(1, 2))
    first, second = _piece(place, id, name[:half], ""), _piece(place, None, name[half:], "")
    return [first, second, *(_piece(place, None, None, each) for each in pieces)]


def _no_index(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    del draw, place
    return [_piece(..., id, name if number == 0 else None, each) for number, each in enumerate(pieces)]


def _no_index_no_id(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    del draw, place, id
    return [_piece(..., ..., name if number == 0 else None, each) for number, each in enumerate(pieces)]


def _all_zero(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    del place
    return _standard(draw, 0, name, ["", *pieces], id)


def _object(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    del draw
    return [_piece(place, id, name, json.loads("".join(pieces)))]


def _text_in_text(draw: Draw, place: int, name: str, pieces: list[str], id: Any) -> list[Delta]:
    return _standard(draw, place, name, cut(draw, json.dumps("".join(pieces))), id)


APART = (_standard, _as_text, _begun_empty, _name_again, _name_in_halves, _no_index, _object, _text_in_text)
"""Dialects in which pieces of several calls may alternate."""

CALLS = (*APART, _no_index_no_id, _all_zero)


@st.composite
def call_deltas(draw: Draw, answer: Known) -> list[Delta]:
    """The tool calls of an answer, in one dialect."""
    dialect = draw(st.sampled_from(CALLS))
    drop_ids = dialect in APART and dialect is not _no_index and draw(st.booleans())
    streams = [
        dialect(draw, place, name, cut(draw, json.dumps(arguments)), ... if drop_ids else id)
        for place, (name, arguments, id) in enumerate(answer.calls)
    ]
    pieces = [streams[0].pop(0)] if streams else []
    begun = 1
    while any(streams) or begun < len(streams):
        # Calls begin in their order; then, in some dialects, their pieces may alternate.
        may = [stream for stream in streams[: begun + 1] if stream]
        chosen = draw(st.sampled_from(may)) if dialect in APART else may[0]
        begun += begun < len(streams) and chosen is streams[begun]
        pieces.append(chosen.pop(0))
    events: list[list[Delta]] = []
    for piece in pieces:
        if events and piece["function"]["name"] in BLANK and draw(st.booleans()):
            events[-1].append(piece)
        else:
            events.append([piece])
    return [{"tool_calls": event} for event in events]


# ---- usage, ends and whole messages


def _as(draw: Draw, counts: dict[str, Any]) -> dict[str, Any]:
    kind = draw(st.sampled_from([int, str, float]))
    return {name: kind(value) for name, value in counts.items()}


def with_usage(draw: Draw, chunks: list[Any], answer: Known) -> None:
    """Put the usage into the chunks, or behind them, in one of the ways of gateways."""
    if answer.usage is None:
        return
    prompt, completion = answer.usage
    names = draw(st.sampled_from([("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")]))
    total = _as(draw, {names[0]: prompt, names[1]: completion, "total_tokens": prompt + completion})
    way = draw(st.sampled_from(["behind", "at the end", "in the choice", "running", "halves", "zeros behind"]))
    if way == "running":
        for number, chunk in enumerate(chunks):
            chunk["usage"] = _as(draw, {names[0]: prompt, names[1]: min(number, completion)})
    if way == "halves":
        chunks[0]["usage"] = {names[0]: total[names[0]]}
        chunks.append({"choices": [], "usage": {names[1]: total[names[1]]}})
    elif way == "at the end":
        chunks[-1]["usage"] = total
    elif way == "in the choice":
        chunks[-1]["choices"][0]["usage"] = total
    else:
        chunks.append({"choices": [], "usage": total})
    if way == "zeros behind":
        chunks.append({"choices": [], "usage": dict.fromkeys(total, 0)})


@st.composite
def chunks_of(draw: Draw, answer: Known) -> list[Any]:
    """The chunks of an answer."""
    deltas: list[Delta] = draw(st.sampled_from([[], [{"role": "assistant", "content": ""}], [{"role": "assistant"}]]))
    deltas = [*deltas, *({"content": piece} for piece in (cut(draw, answer.text) if answer.text else ()))]
    deltas += draw(call_deltas(answer))
    blank = st.sampled_from(BLANK)
    chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": draw(blank)}]} for delta in deltas]
    last: dict[str, Any] = {"delta": draw(st.sampled_from([{}, None])), "finish_reason": answer.end}
    if draw(st.booleans()) and (answer.text or not answer.calls):
        last["message"] = {"role": "assistant", "content": answer.text}
    chunks.append({"choices": [last]})
    with_usage(draw, chunks, answer)
    return chunks


FRAMES: list[tuple[str, list[str]]] = [("data:", [""]), ("data:", []), ("data: data:", [""]), ("", []), ("", [""])]
"""The label of an event, and what stands between two: events without blank lines, labelled twice, or as NDJSON too."""


@st.composite
def written(draw: Draw, answer: Known) -> bytes:
    """The bytes of an answer's stream."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    label, between = draw(st.sampled_from(FRAMES))
    lines: list[str] = []
    for chunk in draw(chunks_of(answer)):
        if label:
            lines += draw(st.sampled_from([[], [": busy", *between], ["event: message"], ["id: 3"]]))
        data = json.dumps(chunk, ensure_ascii=draw(st.booleans()))
        lines += [f"{label}{draw(st.sampled_from(['', ' '])) if label else ''}{data}", *between]
    ends = [[], ["data: [DONE]", ""], ["data:  [done] ", ""], ["data: null", ""], ["data: [DO"]]
    lines += draw(st.sampled_from(ends if label else [[], ["[DONE]"], ["data: [DONE]", ""]]))
    if draw(st.booleans()) and lines[-1] == "":
        lines.pop()  # the last event counts without its blank line
    mark = draw(st.sampled_from(["", "\ufeff"]))
    stream: str = mark + end.join([*lines, ""])
    return stream.encode()
