"""What is left out of everything that is shown, dumped, traced or raised: keys, headers, and the prompt in errors.

And how it is shown: with no character that steers a terminal. The key itself is a `SecretStr`. Headers, queries and
the addresses of proxies often hold another one, and gateways quote what they refuse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import groupby
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HIDDEN = frozenset(["default_headers", "default_query", "extra_headers", "extra_query", "openai_proxy"])
_NAMED = frozenset(["base_url", "openai_api_base", "kwargs", "model_kwargs"])
"""Addresses, which may hold a password, and settings inside settings."""

MESSAGE_LIMIT, _READ = 300, 2_000
"""Characters of the gateway's own message that are kept, and that are looked at."""

_SECRET_WORDS = re.compile(
    r"(^|[^a-z])((access|api|auth|id|private|secret|session)?[-_]?(key|token)|auth|authorization|bearer|cookie"
    r"|credentials?|jwt|pass(phrase|wd|word)?|pwd|secret|session|signature)($|[^a-z])"
)
"""Words in the name of a header that say that its value is secret."""

_ECHO, _KEY_ECHO, _SHORTEST = 16, 10, 4
"""Characters that must agree before a piece of the gateway's message is taken for the prompt, or for a piece of the
key. Prompts shorter than the last ("a", "ok", "hi") mean nothing, and are in every message."""

_STEERING = (*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_SHOWN = {13: None} | {code: f"\\u{code:04x}" for code in _STEERING}
"""How characters are shown that control a terminal or turn the direction of a line: as JSON escapes them."""


def printable(text: str) -> str:
    """Return what a gateway or a model wrote with all but line ends and tabs made visible."""
    return text if text.isprintable() else text.translate(_SHOWN)


def without_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without those that may hold a secret; an address stays, without user and password."""
    kept = {name: value for name, value in settings.items() if name not in _HIDDEN}
    for name in _NAMED & kept.keys():
        if isinstance(value := kept[name], str):
            kept[name] = without_user(value)
        elif isinstance(value, Mapping):
            kept[name] = without_secrets(value)
    return kept


def secret_values(headers: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the values of those headers, given as pairs, whose name says that they are secret."""
    return [value for name, value in headers if isinstance(value, str) and _SECRET_WORDS.search(name.lower())]


def without_user(url: str) -> str:
    """Return an address without the user and the password in it."""
    parts = urlsplit(url if "@" in url else "")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url


def without_input(error: ValidationError) -> ValidationError:
    """Return the same error without the input, which pydantic keeps for `errors()` even where it hides it."""
    lines = [
        InitErrorDetails(type=PydanticCustomError(line["type"], line["msg"]), loc=line["loc"], input=None)
        for line in error.errors(include_context=False, include_input=False, include_url=False)
    ]
    return ValidationError.from_exception_data(error.title, lines, hide_input=True)


def mask(text: str, secrets: tuple[str, ...], prompt: str) -> str:
    """Return at most `MESSAGE_LIMIT` characters of a text, without the secrets and without the prompt."""
    for secret in secrets:
        text = text.replace(secret, "[key]") if len(secret) >= _SHORTEST else text
        text = _replace_pieces(text, _shared(text, {secret}, _KEY_ECHO), "[key]", _KEY_ECHO)
    text = " ".join(text.split())
    cut = -_ECHO if len(text) > _READ else None  # there may stand the beginning of the prompt, too short to be known
    text = printable(_mask_prompt(text[:_READ], prompt)[:cut])
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


def _mask_prompt(text: str, prompt: str) -> str:
    """Replace what the prompt holds too: the prompt is looked for as it is, and as JSON writes it."""
    if len(text) < min(len(prompt), _ECHO):
        return text  # too short to quote it: most codes and request ids are
    quoted, also = (write(prompt)[1:-1] for write in (encode_basestring_ascii, encode_basestring))
    spelled = {prompt, quoted, also, encode_basestring_ascii(quoted)[1:-1], escape(prompt)}
    spelled = {" ".join(each.split()) for each in spelled}
    if len(prompt) >= _ECHO:
        return _replace_pieces(text, _shared(text, spelled, _ECHO), "[prompt]", _ECHO)
    for each in sorted(spelled, key=len, reverse=True):
        text = re.sub(re.escape(each), "[prompt]", text, flags=re.IGNORECASE) if len(each) >= _SHORTEST else text
    return text


def _shared(text: str, others: set[str], echo: int) -> set[str]:
    """Return the pieces of `echo` characters that a text and one of the others have in common, in any case.

    Any such piece holds a whole block of half as many: of prompts of millions of characters, only those are looked up.
    """
    text, block = _low(text), echo // 2
    blocks = {text[at : at + block] for at in range(len(text) - block + 1)}
    around = {
        other[max(0, at + block - echo) : at + echo]
        for other in map(_low, others)
        for at in range(0, len(other), block)
        if other[at : at + block] in blocks
    }
    windows = {place[at : at + echo] for place in around for at in range(len(place) - echo + 1)}
    return windows and windows.intersection(text[at : at + echo] for at in range(len(text) - echo + 1))


def _low(text: str) -> str:
    return text.replace("\u0130", "i").lower()  # the one letter whose lower case is longer


def _replace_pieces(text: str, pieces: set[str], mark: str, echo: int) -> str:
    """Return a text with every stretch made up of these pieces replaced by a mark."""
    low = _low(text) if pieces else ""
    within = {at + of for at in range(len(low)) if low[at : at + echo] in pieces for of in range(echo)}
    runs = groupby(range(len(text)), within.__contains__) if within else ()
    return "".join(mark if masked else "".join(text[at] for at in run) for masked, run in runs) or text


def raise_instead(failure: BaseException) -> NoReturn:
    """Raise an error in place of the one being handled, which it does not carry along unless as its cause."""
    context = failure.__context__
    try:
        raise failure  # which makes the handled error, with all that its frames hold, its `__context__`
    finally:
        failure.__context__ = context
        del failure, context  # its traceback holds this frame, which would keep it alive
