"""What the models of a router can take: how long a request is, and which media it holds; what makes it fit. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage, trim_messages

from langchain_novastack.cards import DerivedProfile
from langchain_novastack.chat_models.token_counting import count_characters, count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from langchain_novastack.router.call import Call

_IMAGES = {"image", "image_url", "input_image"}
_FILES = {"file", "document", "input_file"}
_KINDS = ("mime_type", "media_type")
_PLACES = ("file_data", "url", "file_url", "filename")
_MEDIA = {"image_inputs": "does not take images", "pdf_inputs": "does not take PDFs"}
"""Why a model that denies one of these in its profile cannot take a request. Other media are left to the gateway."""

_SHARE = 0.85  # of the window a request may fill: the rest is for the answer, and since tokens are only estimated


def shared_profile(models: Iterable[BaseChatModel]) -> Any:
    """Return what all models with a profile can do: the smallest limits, the abilities they share. None without any."""
    profiles: list[dict[str, Any]] = [dict(model.profile) for model in models if model.profile]
    names = set(profiles[0]).intersection(*profiles[1:]) if profiles else ()
    # For limits the smallest, for abilities "all of them": `min` is both.
    return DerivedProfile({name: min(each[name] for each in profiles) for name in sorted(names)}) if profiles else None


def obstacles(call: Call, profiles: Mapping[str, Mapping[str, Any]], smallest: int) -> dict[str, str]:
    """Return why models cannot take a request, by alias; those that can are not in it. `smallest` is of the windows."""
    needed = {name for block in _blocks_in(call.messages) for name in _media_of(block)}
    tokens = 0
    if smallest and count_characters(call.messages) > smallest:  # else it fits everywhere
        tokens = count_tokens(call.messages, call.kwargs.get("tools"))
    if not (needed or tokens):
        return {}
    found = {alias: _obstacle(profile, needed, tokens) for alias, profile in profiles.items()}
    return {alias: why for alias, why in found.items() if why}


def _obstacle(profile: Mapping[str, Any], needed: set[str], tokens: int) -> str:
    window = profile.get("max_input_tokens")
    refused = [why for name, why in _MEDIA.items() if name in needed and profile.get(name) is False]
    if not refused and window and tokens > window:
        return f"takes {window:,} tokens, and this prompt has about {tokens:,}"
    return "".join(refused[:1])


def _blocks_in(messages: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the blocks of messages, and those inside of them: Anthropic's tool results have their own."""
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else message.content
        for block in content if isinstance(content, list) else ():
            if isinstance(block, dict):
                yield block
                yield from _blocks_in([block])


def _media_of(block: Mapping[str, Any]) -> Iterator[str]:
    """Yield which media a block holds, in the forms of OpenAI and Anthropic."""
    if block.get("type") in _IMAGES:
        yield "image_inputs"
    if block.get("type") not in _FILES:
        return
    parts = [block, *(block[name] for name in ("file", "source") if isinstance(block.get(name), dict))]
    kinds, places = (
        [part[name][:2_000] for part in parts for name in names if isinstance(part.get(name), str)]
        for names in (_KINDS, _PLACES)
    )
    kinds += [place[5:].partition(";")[0] for place in places if place.startswith("data:")]
    paths = [urlsplit(place).path.lower() for place in places if not place.startswith("data:")]
    if any(kind.startswith("image/") for kind in kinds):
        yield "image_inputs"
    if "application/pdf" in kinds or any(path.endswith(".pdf") for path in paths):
        yield "pdf_inputs"


def fitting(fit: Any, tools: Any) -> Callable[[list[BaseMessage], int], list[BaseMessage]]:
    """Return what makes of messages, and of a window in tokens, the messages to send; `tools` take room too."""
    if fit != "trim":
        return lambda messages, _: fit(messages)
    return lambda messages, window: trim(messages, int(window * _SHARE) - count_tokens((), tools))


def trim(messages: list[BaseMessage], room: int) -> list[BaseMessage]:
    """Return the latest messages that fit into a number of tokens: tool calls with all of their results or not at all.

    System messages and the last request are always kept. What follows the request, a tool loop under way, comes before
    what was said earlier. A `NovastackContextOverflowError` says that what is to be answered of it does not fit.
    """
    system = [message for message in messages if isinstance(message, SystemMessage)]
    places = [at for at, message in enumerate(messages) if not isinstance(message, SystemMessage)]
    rest = [messages[at] for at in places]
    last = max((at for at, message in enumerate(rest) if isinstance(message, HumanMessage)), default=0)
    asked = rest[last : last + 1]
    room -= count_tokens([*system, *asked])
    after = _latest(rest[last + 1 :], room, "ai")
    if not after and any(isinstance(message, ToolMessage) for message in rest[last + 1 :]):
        from langchain_novastack.errors import NovastackContextOverflowError  # noqa: PLC0415 - it needs the SDK

        msg = "The results of tools that are to be answered do not fit into the model's window."
        raise NovastackContextOverflowError(msg)
    before = _latest(rest[:last], room - count_tokens(after), "human")
    dropped = {*places[: last - len(before)], *places[last + 1 : len(rest) - len(after)]}
    return [message for at, message in enumerate(messages) if at not in dropped]


def _latest(messages: list[BaseMessage], room: int, start: str) -> list[BaseMessage]:
    """Return the last of the messages that fit, from one of the type `start` on."""
    if room <= 0 or not messages:
        return []
    return trim_messages(messages, max_tokens=room, token_counter=count_tokens, strategy="last", start_on=start)
