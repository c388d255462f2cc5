"""Gateways quote what they refuse: how the key and the prompt are kept out of the part of their words that is kept."""

from __future__ import annotations

import json

MESSAGE_LIMIT = 300
"""Characters of the gateway's own message that are kept."""

_ECHO = 16
"""Characters that must agree before a piece of the gateway's message is taken for the prompt."""

_BLOCK = _ECHO // 2
"""Any `_ECHO` characters of a text hold a whole block, if the text is cut into blocks of this many."""

_READ = 2_000
"""Characters of the gateway's message that are looked at."""

_SHORTEST = 4
"""Shorter prompts ("a", "ok", "hi") mean nothing, and are in every message."""


def mask(text: str, secrets: tuple[str, ...], prompt: str) -> str:
    """Return at most `MESSAGE_LIMIT` characters of a text, without the secrets and without the prompt."""
    for secret in secrets:
        text = text.replace(secret, "[key]") if secret else text
    text = " ".join(text.split())
    cut = len(text) > _READ
    text = _mask_prompt(text[:_READ], prompt)
    if cut:
        text = text[:-_ECHO]  # there may stand the beginning of the prompt, too short to be known
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


def _mask_prompt(text: str, prompt: str) -> str:
    """Replace what the prompt holds too: the prompt is looked for as it is, and as JSON writes it."""
    if len(text) < min(len(prompt), _ECHO):
        return text  # too short to quote it: most codes and request ids are
    spelled = {prompt, json.dumps(prompt)[1:-1], json.dumps(prompt, ensure_ascii=False)[1:-1]}
    spelled = {" ".join(each.split()) for each in spelled}
    if len(prompt) >= _ECHO:
        return _without(text, _shared(text, spelled))
    for each in sorted(spelled, key=len, reverse=True):
        text = text.replace(each, "[prompt]") if len(each) >= _SHORTEST else text
    return text


def _shared(text: str, prompts: set[str]) -> set[str]:
    """Return the pieces of `_ECHO` characters that a text and one of the prompts have in common.

    Prompts may have millions of characters, so only every eighth place of them is looked at, and its surroundings
    only where the text holds the block that stands there.
    """
    pieces = {text[at : at + _ECHO] for at in range(len(text) - _ECHO + 1)}
    blocks = {text[at : at + _BLOCK] for at in range(len(text) - _BLOCK + 1)}
    around = {
        prompt[max(0, at + _BLOCK - _ECHO) : at + _ECHO]
        for prompt in prompts
        for at in range(0, len(prompt), _BLOCK)
        if prompt[at : at + _BLOCK] in blocks
    }
    windows = (place[at : at + _ECHO] for place in around for at in range(len(place) - _ECHO + 1))
    return pieces.intersection(windows)


def _without(text: str, pieces: set[str]) -> str:
    """Return a text with every stretch made up of these pieces replaced."""
    parts: list[str] = []
    at = masked = 0  # what is before `masked` belongs to a piece
    while at < len(text):
        if text[at : at + _ECHO] in pieces:
            if at >= masked:
                parts.append("[prompt]")
            masked = at + _ECHO
        elif at >= masked:
            parts.append(text[at])
        at += 1
    return "".join(parts)
