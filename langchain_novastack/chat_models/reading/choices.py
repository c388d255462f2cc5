"""What one body of JSON holds, a whole answer or a chunk: its envelope, its choices, what they say, why they ended."""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple

from langchain_novastack.chat_models.reading.usage import clean, merge, value_at
from langchain_novastack.dialects import column

NOTHING = ("", "null")  # texts that some gateways write where they have nothing to say
NO_REASON = (*NOTHING, "none")  # for a finish reason, Python's word too
REASONS = column("fields", "reasons", "name")
REASONING = (*column("fields", "reasoning", "name"), "reasoning_details")  # fields that it stands in
_ENVELOPES, _USAGES = column("fields", "envelopes", "name"), column("usage", "places", "name")
_SAID = ("content", "tool_calls", "function_call", "refusal", "audio", *REASONING)  # fields that say something


def given_name(value: object, nothing: tuple[str, ...] = NOTHING) -> str | None:
    """Return a reason, a name or an id as it came; None for what only stands in the place of one."""
    return value if isinstance(value, str) and value.strip().lower() not in nothing else None


def unwrapped(body: Any) -> Any:
    """Return the answer, the usage or the error that stands in an envelope, with what stands beside it."""
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict) or body.get("choices"):
        return body
    for name in _ENVELOPES:
        inner = body.get(name)
        if isinstance(inner, dict) and (inner.get("choices") or inner.get("usage") or inner.get("error")):
            return {**body, **{key: value for key, value in inner.items() if value is not None}}
    return body


class Choices(NamedTuple):
    """What the choices of one body say together."""

    choice: dict[str, Any]  # the first of them, as it came
    sent: dict[str, Any]  # its message or delta, without tool calls, with what only the others have
    of_message: bool  # whether that stood under `message`
    reason: str | None  # why the answer ended; None if that was not said
    calls: list[tuple[int, Any]]  # with the number of the choice they came in: some gateways put them in a later one


def read_choices(choices: list[dict[str, Any]]) -> Choices:
    """Read the choices of a body; nothing of it is changed."""
    said = [_sent_in(choice) for choice in choices]
    sent, of_message = dict(said[0][0]), said[0][1]
    for more, _ in said[1:]:
        sent.update({name: value for name, value in more.items() if value and not sent.get(name)})
    for name in ("tool_calls", "role"):  # that is always the assistant's, whatever a gateway writes
        sent.pop(name, None)
    for name, kind in (("refusal", str), ("reasoning_details", list)):
        if name in sent and not isinstance(sent[name], kind):
            del sent[name]
    calls = []
    for place, (each, _) in enumerate(said):
        if each.get("tool_calls"):
            number = choices[place].get("index")
            calls.append((number if type(number) is int else place, each["tool_calls"]))
    reasons = (given_name(choice.get(name), NO_REASON) for name in REASONS for choice in choices)
    return Choices(choices[0], sent, of_message, next(filter(None, reasons), None), calls)


def _sent_in(choice: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return what a choice says, its delta or else its message, and whether it is that."""
    parts = choice.get("delta") or choice.get("text"), choice.get("message")
    delta, message = ({"content": part} if isinstance(part, str) else part for part in parts)
    if isinstance(message, dict) and not (isinstance(delta, dict) and any(map(delta.get, _SAID))):
        return message, True
    return delta if isinstance(delta, dict) else {}, False


def usage_in(data: dict[str, Any]) -> dict[str, Any]:
    """Return the usage of an answer or a chunk, cleaned, also from inside a choice; {} if it has none."""
    choices = data.get("choices")
    among = choices if isinstance(choices, list) else ()
    inside = [clean(each["usage"]) for each in among if isinstance(each, dict) and each.get("usage")]
    return reduce(merge, (*inside, *(clean(value_at(data, place)) for place in _USAGES)))


def reasoning_in(sent: dict[str, Any]) -> dict[str, str]:
    """Return the reasoning of a message or delta as text, under LangChain's name for it; {} without any."""
    text = _text_in(sent, REASONING)
    if not text and sent.get("reasoning_details"):
        text = "".join(_text_in(each, ("text", "summary")) for each in sent["reasoning_details"])
    return {"reasoning_content": text} if text else {}


def _text_in(said: Any, names: tuple[str, ...]) -> str:
    for text in map(said.get, names) if isinstance(said, dict) else ():
        if text and isinstance(text, str):
            return text
    return ""


def add_details(before: list[Any], details: list[Any]) -> None:
    """Add the structured reasoning of a chunk to what came before: pieces of one item make it up again."""
    for each in details:
        last: Any = before[-1] if before else None
        known = isinstance(each, dict) and isinstance(last, dict)
        if known and all(each.get(name) == last.get(name) for name in ("type", "index")):
            for name, value in each.items():
                grows = name in {"text", "summary", "data"} and isinstance(value, str)
                last[name] = (last.get(name) or "") + value if grows else value or last.get(name)
        else:
            before.append(dict(each) if isinstance(each, dict) else each)
