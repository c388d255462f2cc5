"""What can be asked, as messages, and what of a conversation is the user's own request."""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, HumanMessage, SystemMessage
from langchain_core.messages.utils import MessageLikeRepresentation, convert_to_messages
from langchain_core.prompt_values import PromptValue

from langchain_novastack.validation import bad_argument, named

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = 4
"""Requests of a conversation that a model is shown to sort the last of them: it, and up to three before it."""

PolicyInput: TypeAlias = PromptValue | str | Sequence[MessageLikeRepresentation]  # what a policy can be asked about
_KINDS = "a string, a list of messages or a prompt value"
_ROLES: dict[str, type[BaseMessage]] = {"user": HumanMessage, "assistant": AIMessage, "system": SystemMessage}
"""Messages for the roles that a `ChatMessage` may name."""


def to_messages(input: PolicyInput) -> list[BaseMessage]:
    """Return the messages of anything a chat model accepts (there may be none); else a `ValueError`."""
    if isinstance(input, str):
        return [HumanMessage(input)]
    if isinstance(input, PromptValue):
        return _by_role(input.to_messages())
    if isinstance(input, Sequence):
        with named("input", _KINDS):
            return _by_role(convert_to_messages(input))
    raise bad_argument("input", f"be {_KINDS}", type(input).__name__)


def messages_of(input: PolicyInput) -> list[BaseMessage]:
    """Return the messages of a request to a model: at least one, or it is a `ValueError`; see `to_messages`."""
    if messages := to_messages(input):
        return messages
    raise bad_argument("input", "hold at least one message")


def _by_role(messages: list[BaseMessage]) -> list[BaseMessage]:
    """Return messages that say their role in words as those of that role, which policies and tool loops look for."""
    if ChatMessage not in map(type, messages):
        return messages
    kinds = [_ROLES.get(getattr(message, "role", "")) for message in messages]
    pairs = zip(kinds, messages, strict=True)
    return [kind(**m.model_dump(exclude={"type", "role"})) if kind else m for kind, m in pairs]


_WORDS = json.loads(pkgutil.get_data("langchain_novastack", "policies/conversation.json") or "")
_ASKS: dict[str, int] = _WORDS["asks"]
_HTML, _ANSWERS, _MODIFIERS = (frozenset(_WORDS[name]) for name in ("html", "answers", "modifiers"))
_KNOWN = _ANSWERS.union(_ASKS, _WORDS["material"])

QUESTION, TASK = 3, 2
"""Ranks of the labels that name what a user asks, and of those that name what a program asks, as its own words do."""

EITHER_END = 3000  # characters at either end in which parts are looked for: what lies between is material
LONG_CONTEXT = 400  # characters before a question from which on they are taken for its context
_TAG = re.compile(r"<([A-Za-z][\w.:-]{0,40})(?: [^<>\n]{0,200})?>")
_NAME = r"([A-Za-z][\w'-]*(?: [\w'-]+){0,4})"
_LABEL = re.compile(  # it begins with a literal, so that the search skips from line to line
    rf"\n[ \t]*(?:[#*\[<|>-]{{0,4}} ?{_NAME}[\]>|*)]{{0,4}}[:\uff1a][*]*"
    rf"|\[{{1,2}}{_NAME}\]{{1,2}}|<[<|] ?{_NAME} ?[|>]>|#{{1,4}} {_NAME}$)",
    re.MULTILINE,
)
_VERBS = re.compile(rf"\b(?:(?P<works>{'|'.join(_WORDS['working'])})|{'|'.join(_WORDS['answering'])})\b", re.IGNORECASE)

_FORM = re.compile(r"^[ \t]*(?:```\w*[ \t]*\n[ \t]*(?=[{\[]))?[{}\[\]\"].*$(?:\n[ \t]*```[ \t]*$)?", re.MULTILINE)
"""Lines of JSON: where a text speaks of it, the form of an answer or of what is worked on."""


class _Part(NamedTuple):
    """What a program has put under a label or between tags; without a label: its own words."""

    label: str
    text: str
    tagged: bool = False


def requests(messages: list[BaseMessage]) -> Iterator[tuple[int, str]]:
    """Yield the user's requests, newest first, each with its place in the conversation; empty ones are left out."""
    at, text = last_request(messages)
    while text:
        yield at, text
        at, text = last_request(messages, at)


def last_request(messages: list[BaseMessage], before: int | None = None) -> tuple[int, str]:
    """Return the place of the last request before a place in the conversation, and the request; 0 and "" if none is."""
    at = len(messages) if before is None else before
    while (at := at - 1) >= 0:
        message = messages[at]
        if isinstance(message, HumanMessage) and (text := request_of(message)):
            return at, text
    return 0, ""


def request_of(message: BaseMessage) -> str:
    """Return what the user asks for in a message: its text, without what programs put around it and into it."""
    text = message.content
    if not isinstance(text, str):
        blocks = (block if isinstance(block, str) else block.get("text") for block in text)
        text = "\n".join(block for block in blocks if isinstance(block, str))
    if cut := len(text) > 2 * EITHER_END:
        text = f"{text[:EITHER_END]}\n{text[-EITHER_END:]}"
    return (_request(text) if text.count("\n") > cut or "</" in text else text).strip()


@lru_cache(maxsize=64)  # agents and graphs ask about the same request at each of their steps
def _request(text: str) -> str:
    parts = _parts(text)
    if len(parts) > 1:
        text = _asked(parts, text)
    return _FORM.sub("", text) if "{" in text and "json" in text.lower() else text


def _parts(text: str) -> list[_Part]:
    """Cut a text at its tags, and what is between them at its labels; one part if there are none."""
    parts: list[_Part] = []
    at = 0
    for match in _TAG.finditer(text) if "</" in text else ():
        if match.start() >= at and match[1] not in _HTML and (end := text.find(f"</{match[1]}>", match.end())) >= 0:
            parts += _labelled(text[at : match.start()])
            known = [word for word in re.split(r"[_.:-]", match[1].lower()) if word in _KNOWN]
            parts.append(_Part(known[-1] if known else "<", text[match.end() : end], tagged=True))
            at = end + len(match[1]) + 3
    return [*parts, *_labelled(text[at:])]


def _labelled(text: str) -> list[_Part]:
    parts: list[_Part] = []
    label, at, text = "", 0, f"\n{text}"
    for match in _LABEL.finditer(text):
        words = match[match.lastindex or 0].lower().split()
        known = [word for word in words if word in _KNOWN]
        if known and all(word in _KNOWN or word in _MODIFIERS or word.isdigit() for word in words):
            parts.append(_Part(label, text[at : match.start()]))
            label, at = known[-1], match.end()
    return [*parts, _Part(label, text[at:])]


def _asked(parts: list[_Part], text: str) -> str:
    """Return what is asked for in a program's prompt: the words of its user, or its own where it works on those."""
    tagged = any(part.tagged for part in parts)
    asks = [(_ASKS[part.label], at) for at, part in enumerate(parts) if part.label in _ASKS and part.text.strip()]
    rank, at = max(asks, default=(0, len(parts)))
    tasks = [place for place, part in enumerate(parts) if _ASKS.get(part.label) == TASK and place != at]
    outside = "\n".join(part.text for place, part in enumerate(parts) if not part.label or place in tasks).strip()
    verb = _VERBS.search(outside)
    if outside and verb and verb["works"]:
        return outside
    if not rank:
        return outside if tagged else text
    inside = parts[at].text
    if not outside:
        return inside
    if rank == QUESTION and any(part.label in _ANSWERS and part.text.strip() for part in parts[at + 1 :]):
        return outside
    long = rank == QUESTION and sum(len(part.text) for part in parts[:at]) > LONG_CONTEXT
    return inside if verb or long or not parts[-1].text.strip() else (tagged and f"{outside}\n{inside}") or text
