"""Pieces of tool calls, in any dialect, as the calls that they are.

A piece belongs to the call of its index, else of its id, else to the call under way. What is shown of a call is what
LangChain adds up: its name and id once, its arguments as they grow.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from langchain_core.exceptions import OutputParserException
from langchain_core.output_parsers.openai_tools import make_invalid_tool_call, parse_tool_call
from langchain_core.utils.json import parse_partial_json

from langchain_novastack.chat_models.reading.choices import NOTHING, given_name
from langchain_novastack.dialects import column

_ARGUMENTS = column("fields", "arguments", "name")
_EMPTY = (*NOTHING, "{}", '""')
"""Arguments that are none, or none yet: some gateways send `{}` first and the arguments behind it
(openai/openai-agents-js#712)."""
_ENDINGS = ("", "]", "}", '"]', '"}', '""]', '""}')
"""What makes JSON that was cut off, in a string, behind a backslash or outside, broken beyond LangChain's repair."""


@dataclass(slots=True)
class _ToolCall:
    """One call as far as it has come."""

    place: int  # its number in the answer, from 0
    index: tuple[int, int | None]  # the choice it came in, and the index it came under
    id: str | None
    name: str = ""
    pieces: list[str] = field(default_factory=list)  # of its arguments
    empty: bool = False  # whether its arguments were said to be none
    told: bool = False  # whether they are shown as they come; those that do not begin an object wait for the end

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    @property
    def whole(self) -> bool:
        return as_object(self.arguments) is not None if self.pieces else self.empty

    def add(self, value: Any, *, grown: bool = False) -> str:
        """Take a piece of the arguments, or all so far if they have grown; return what is to be shown of it."""
        text = value if isinstance(value, str) else "" if value is None or value == {} else json.dumps(value)
        if not self.pieces and text.strip() in _EMPTY:
            self.empty = self.empty or bool(text) or value == {}
            return ""
        before = self.arguments
        if before and text.startswith(before) and (grown or as_object(text) is not None):
            text = text[len(before) :]  # sent once more as a whole (vllm-project/vllm#51697)
        elif before and text == "{}" and self.whole:
            return ""
        self.pieces.append(text)
        if self.told:
            return text
        self.told = self.arguments.lstrip()[:1] == "{"
        return self.arguments if self.told else ""

    def settle(self, *, cut: bool) -> str:
        """Return what is still to be shown at the end, so that the sum of what was shown is read as it should be."""
        arguments = self.arguments
        found = as_object(arguments) if arguments else {}
        if found is None and not self.told:
            return arguments
        if found is None or not self.name or (cut and not self.whole):
            return next(end for end in _ENDINGS if not _lenient(arguments + end)) if arguments else "]"
        return "" if self.told or not arguments else json.dumps(found)


def as_object(arguments: str) -> dict[str, Any] | None:
    """Return arguments as the JSON object that they are, also as a text in a text; None for anything else."""
    value: Any = "x"
    with suppress(RecursionError, ValueError):
        value = json.loads(arguments, strict=False)
        value = json.loads(value, strict=False) if isinstance(value, str) else value
    return {} if value is None else value if isinstance(value, dict) else None


def _lenient(arguments: str) -> bool:
    """Tell whether LangChain reads broken arguments as an object all the same."""
    with suppress(RecursionError, ValueError):
        return isinstance(parse_partial_json(arguments), dict)
    return False


class CallReader:
    """Puts pieces of calls together."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Begin an answer; the tools that the body of the request offers help where a name comes in pieces."""
        self.calls: list[_ToolCall] = []
        self._request = request

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(tool["name"] for tool in tools_in(self._request))

    def feed(self, pieces: Any, choice: int = 0, *, of_message: bool = False) -> list[dict[str, Any]]:
        """Take what stands under `tool_calls` in a choice; return what is to be shown of it, in the standard shape.

        Each piece of a choice's first message is a call by itself, and those of the next may be all of it so far.
        """
        begun, given = len(self.calls), pieces if isinstance(pieces, list) else [pieces]
        shown: dict[int, dict[str, Any]] = {}
        for each in given:
            if isinstance(each, dict) and (piece := self._piece(each, choice, begun, of_message=of_message)):
                first = shown.setdefault(piece["index"], piece)
                if first is not piece:  # LangChain adds up what comes in two events, not in one
                    first["id"] = first["id"] or piece["id"]
                    for name, more in piece["function"].items():
                        first["function"][name] = (first["function"][name] or "") + (more or "")
        return [*shown.values()]

    def goes_on(self, pieces: Any, choice: int) -> list[dict[str, Any]] | None:
        """Take a piece that plainly goes on with the last call's arguments, as nearly all do; None for any other."""
        (piece,) = pieces
        call, function = self.calls[-1], piece["function"]
        id, name, text, number = piece.get("id"), function.get("name"), function["arguments"], piece.get("index")
        known = call.told and call.index[0] == choice and (number is None or _number(number) == call.index[1])
        same = (not id or id == call.id) and (not name or (id and name == call.name))
        if not (known and same) or type(text) is not str or text.lstrip()[:1] == "{":
            return None
        call.pieces.append(text)
        return [_shown(call, None, "", text)]

    def _piece(self, piece: dict[str, Any], choice: int, begun: int, *, of_message: bool) -> dict[str, Any] | None:
        function = piece.get("function")
        said: dict[str, Any] = function if isinstance(function, dict) else piece
        index, name, id = (choice, _number(piece.get("index"))), given_name(said.get("name")), piece.get("id")
        id = str(id) if type(id) is int else given_name(id)
        arguments = next(filter(None, map(said.get, _ARGUMENTS)), None)
        known = any(id == each.id for each in self.calls) if id else False
        whole = of_message and all(each.index[0] != choice for each in self.calls[:begun]) and (name or not known)
        call = None if whole else self._find(index, id, name, arguments)
        if call and name and index[1] is None and not id and call.place >= begun:
            call = None  # two in one event are two
        if call is None and known:
            id = None  # another call's; it gets one of its own at the end
        new_id, new_name = id, name or ""
        if call:
            new_id, new_name = None if call.id else id, self._rest_of_name(call, name)
        else:
            call = _ToolCall(len(self.calls), index, None)
            self.calls.append(call)
        call.id, call.name = call.id or id, call.name + new_name
        text = call.add(arguments, grown=of_message)
        return _shown(call, new_id, new_name, text) if new_id or new_name or text else None

    def _find(
        self, index: tuple[int, int | None], id: str | None, name: str | None, arguments: Any
    ) -> _ToolCall | None:
        """Return the call that a piece belongs to; None if it begins one."""
        numbered = index[1] is not None
        of_choice = [call for call in self.calls if call.index[0] == index[0]]
        among = [call for call in of_choice if call.index == index] if numbered else of_choice
        same = [call for call in among if id and call.id == id]
        if same or not name:
            found = same or among or ([] if id else of_choice)
            return found[-1] if found else None
        call = among[-1] if among else None
        other = bool(id and call and call.id)  # ids that differ
        return call if call and self._goes_on(call, name, arguments, numbered=numbered, other=other) else None

    def _goes_on(self, call: _ToolCall, name: str, arguments: Any, *, numbered: bool, other: bool) -> bool:
        """Tell whether a piece with a name goes on with a call, whose index or another id it may have."""
        sure = numbered and not other
        begun = call.empty or bool(call.pieces)
        if name == call.name and begun:
            again = sure and arguments == call.arguments
            return again or (not other and arguments in (None, "")) or (not call.whole and (numbered or not other))
        if name == call.name or not call.name:
            return not other
        if begun or other:
            return sure and not call.whole
        if name in self._names and call.name in self._names:
            return False
        return sure or any(known.startswith(call.name + name) for known in self._names)

    def _rest_of_name(self, call: _ToolCall, name: str | None) -> str:
        if not name or name == call.name or (call.name and (call.empty or call.pieces)):
            return ""
        return name.removeprefix(call.name) if name in self._names else name

    def end(self, *, cut: bool) -> list[dict[str, Any]]:
        """Return what is to be shown at the end, of an answer that may be cut: ids, and what settles arguments."""
        shown = []
        for call in self.calls:
            new_id = None if call.id else f"call_{uuid4().hex[:24]}"
            call.id = call.id or new_id
            text = call.settle(cut=cut and call is self.calls[-1])
            if new_id or text:
                shown.append(_shown(call, new_id, "", text))
        return shown

    def parsed(self, *, cut: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the calls and the invalid calls of a whole answer, in LangChain's shape."""
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        self.end(cut=cut)
        for call in self.calls:
            found = as_object(call.arguments) if call.pieces else {}
            lost = cut and call is self.calls[-1] and not call.whole
            if found is not None and call.name and not lost:
                good.append({"name": call.name, "args": found, "id": call.id, "type": "tool_call"})
            else:
                bad.append(_invalid(call))
        return good, bad


def _invalid(call: _ToolCall) -> dict[str, Any]:
    """Return a call that cannot be run, in LangChain's words where it has any for what is wrong."""
    raw = {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}}
    why = "The arguments are not a JSON object." if call.name else "The call has no name."
    try:
        parse_tool_call(raw)
    except OutputParserException as error:
        why = str(error)
    return {**make_invalid_tool_call(raw, why)}


def _shown(call: _ToolCall, id: str | None, name: str, arguments: str) -> dict[str, Any]:
    said = {"name": name or None, "arguments": arguments}
    return {"index": call.place, "id": id, "type": "function", "function": said}


def _number(index: Any) -> int | None:
    """Return an index that is a number, or a number as text."""
    with suppress(OverflowError, TypeError, ValueError):
        return None if isinstance(index, bool | None) else int(index)
    return None


def tools_in(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the functions that a request offers, as JSON schemas with a name; the rest is the gateway's to refuse."""
    tools = body.get("tools")
    functions = [tool.get("function") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return [each for each in functions if isinstance(each, dict) and isinstance(each.get("name"), str)]
