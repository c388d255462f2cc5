"""What is sent fits the model that gets it: a card's rules for a request, and what holds for every model. No I/O.

Messages are JSON here. None is changed in place: where a rule applies, another takes its place.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from zlib import crc32

from langchain_core.messages import AIMessage, BaseMessage

from langchain_novastack.cards import same_model
from langchain_novastack.chat_models.cache_marks import set_marks
from langchain_novastack.chat_models.reading.calls import as_object
from langchain_novastack.chat_models.reading.usage import value_at
from langchain_novastack.dialects import column, table
from langchain_novastack.errors import NovastackInvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_novastack.cards import ModelCard

Sent = dict[str, Any]


def fit_messages(sent: list[Sent], messages: Sequence[BaseMessage], model: str, card: ModelCard | None) -> list[Sent]:
    """Return messages, made from `messages` in the same order, as a model takes them; without a card as any does."""
    answered = {message.get("tool_call_id") for message in sent if message.get("role") == "tool"}
    fitted = []
    for each, message in zip(sent, messages, strict=True):
        fit = _of_assistant(each, message, model, answered) if isinstance(message, AIMessage) else each
        if fit := _fit(fit, card) if card and fit else fit:
            fitted.append(fit)
    return _one_system(fitted) if card and card.system_first else fitted


def _is_of(message: AIMessage, model: str) -> bool:
    """Tell whether a message may be of a model: it is, or it does not say whose it is."""
    name = message.response_metadata.get("model_name")
    return not isinstance(name, str) or same_model(name, model)


def _of_assistant(sent: Sent, message: AIMessage, model: str, answered: set[Any]) -> Sent:
    """Return an assistant's message with its own reasoning, nobody else's, and calls that can be read; {} for none."""
    content = sent.get("content")
    if isinstance(content, list):
        thinking = column("fields", "thinking", "name")
        kept = [part for part in content if not (isinstance(part, dict) and part.get("type") in thinking)]
        if len(kept) < len(content):
            sent = {**sent, "content": kept or (None if sent.get("tool_calls") else "")}
    if sent.get("tool_calls") and (message.invalid_tool_calls or not message.tool_calls):
        sent = _readable_calls(sent, answered)
    details = message.additional_kwargs.get("reasoning_details")
    if sent and details and _is_of(message, model):
        sent = {**sent, "reasoning_details": details}
    return sent


def _readable_calls(sent: Sent, answered: set[Any]) -> Sent:
    """Return a message whose broken calls say what they were; without those that no tool message answers."""
    calls = [(call, as_object(str(call.get("function", {}).get("arguments")))) for call in sent["tool_calls"]]
    kept = [call if found is not None else _repaired(call) for call, found in calls
            if found is not None or call.get("id") in answered]  # fmt: skip
    if kept:
        return {**sent, "tool_calls": kept}
    rest = {name: value for name, value in sent.items() if name != "tool_calls"}
    return rest if rest.get("content") else {}


def _repaired(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call whose arguments are JSON that quotes what the model wrote: other JSON parsers refuse the text."""
    function = call.get("function") or {}
    arguments = json.dumps({"invalid_arguments": function.get("arguments")})
    return {**call, "function": {**function, "name": function.get("name") or "unknown", "arguments": arguments}}


def _fit(sent: Sent, card: ModelCard) -> Sent:
    """Return a message as a card's model takes it; {} for one that says nothing, where it must say something."""
    content = sent.get("content")
    if isinstance(content, list) and not card.takes_lists and None not in (texts := [*map(_text_of, content)]):
        between = "" if sent["role"] == "assistant" else "\n"
        sent = {**sent, "content": between.join(filter(None, texts))}
    if not card.takes_empty_text:
        sent = _without_empty(sent)
    if card.id_characters and (sent.get("tool_calls") or "tool_call_id" in sent):
        sent = _with_ids(sent, card.id_characters)
    return sent


def _text_of(part: Any) -> str | None:
    text = part.get("refusal" if part.get("type") == "refusal" else "text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else None


def _without_empty(sent: Sent) -> Sent:
    content = sent.get("content")
    if isinstance(content, list):
        kept = [part for part in content if (text := _text_of(part)) is None or text.strip()]
        sent = sent if kept == content != [] else {**sent, "content": kept or ""}
    if isinstance(sent.get("content"), str) and not sent["content"].strip():
        if sent.get("tool_calls"):
            return {**sent, "content": None}
        return {} if sent["role"] in {"assistant", "system", "developer"} else sent
    return sent


def _with_ids(sent: Sent, characters: str) -> Sent:
    """Return a message with ids that are taken: the same for a call and its result, this time and the next."""
    found = dict(sent)
    if "tool_call_id" in sent:
        found["tool_call_id"] = _id(sent["tool_call_id"], characters)
    if sent.get("tool_calls"):
        found["tool_calls"] = [{**call, "id": _id(call.get("id"), characters)} for call in sent["tool_calls"]]
    return found


def _id(id: Any, characters: str) -> str:
    text = str(id or "")
    if re.fullmatch(f"[{characters}]{{1,64}}", text):
        return text
    return f"{re.sub(f'[^{characters}]', '_', text)[:40]}_{crc32(text.encode()):08x}"


def _one_system(sent: list[Sent]) -> list[Sent]:
    """Return messages with one system message, at the front, in which the later ones follow the first."""
    places = [place for place, message in enumerate(sent) if message["role"] in {"system", "developer"}]
    if places in ([], [0]):
        return sent
    contents: list[Any] = [sent[place].get("content") for place in places]
    together: Any = "\n\n".join(contents) if all(isinstance(content, str) for content in contents) else []
    if not together:
        for content in contents:
            together += content if isinstance(content, list) else [{"type": "text", "text": content}]
    rest = (message for place, message in enumerate(sent) if place not in places)
    return [{**sent[places[0]], "content": together}, *rest]


def apply_card(body: Sent, messages: Sequence[BaseMessage], card: ModelCard, *, spelled: bool) -> list[str]:
    """Apply a card's rules for all but messages in place; return the names of the fields that they changed."""
    if not card.accepts_prefill and body["messages"] and body["messages"][-1].get("role") == "assistant":
        msg = f"{card.alias} does not continue an assistant message: the last of `messages` must be another role."
        raise NovastackInvalidRequestError(msg, model=card.alias)
    before = dict(body)
    for name in card.removes:
        body.pop(name, None)
    added = {} if body.get("stream") else card.adds_unless_streaming
    if spelled and (said := card.efforts.get(str(body.get("reasoning_effort")))):
        del body["reasoning_effort"]
        added = said | added
    body.update({**added, **body})
    body.update({**_forced(body, card), **body})
    if _forced(body, card):  # the caller wants it to think all the same
        body["tool_choice"] = "auto"
    changed = [name for name in before | body if before.get(name) != body.get(name)]
    if not card.takes_cache_marks:
        changed += set_marks(body, wanted=False)
    if card.wants_reasoning_back and _give_reasoning_back(body, messages):
        changed.append("reasoning_content")
    return changed


def _forced(body: Sent, card: ModelCard) -> Sent:
    """Return the fields that a request lacks which forces a tool call on a model that would think."""
    if not card.adds_where_forced or body.get("tool_choice") in (None, "auto", "none"):
        return {}
    off = ((value_at(body, row["name"]), row["value"]) for row in table("fields")["thinking_off"])
    return {} if any(value == told and type(value) is type(told) for value, told in off) else card.adds_where_forced


def _give_reasoning_back(body: Sent, messages: Sequence[BaseMessage]) -> bool:
    """Put `reasoning_content` on assistant turns with tool calls, empty where another model wrote the turn."""
    given = False
    for sent, message in zip(body["messages"], messages, strict=True):
        if isinstance(message, AIMessage) and sent.get("tool_calls"):
            sent["reasoning_content"] = _reasoning_of(message) if _is_of(message, body["model"]) else ""
            given = True
    return given


def _reasoning_of(message: AIMessage) -> str:
    """Return the reasoning text kept on a message; "" if it has none."""
    kept = message.additional_kwargs.get("reasoning_content")
    if isinstance(kept, str) or isinstance(message.content, str):
        return kept if isinstance(kept, str) else ""
    blocks = (block for block in message.content if isinstance(block, dict) and block.get("type") == "reasoning")
    return "".join(str(block.get("reasoning", "")) for block in blocks)
