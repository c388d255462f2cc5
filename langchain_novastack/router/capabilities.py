"""Which media a request holds, in whatever form a provider's code has left them in the messages. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from langchain_core.messages import BaseMessage

_IMAGES = {"image", "image_url", "input_image"}
_FILES = {"file", "document", "input_file"}
_KINDS = ("mime_type", "media_type")
_PLACES = ("file_data", "url", "file_url", "filename")
_PDF = "application/pdf"


def media_in(messages: Sequence[BaseMessage]) -> tuple[bool, bool]:
    """Return whether messages hold images, and whether they hold PDFs. Other media are left to the gateway."""
    images = pdfs = False
    for message in messages:
        if isinstance(message.content, str):
            continue
        for block in _blocks(message.content):
            images = images or _is_image(block)
            pdfs = pdfs or _is_pdf(block)
    return images, pdfs


def _blocks(content: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the blocks of a content, and those inside of them: Anthropic's tool results have their own."""
    for block in content:
        if isinstance(block, dict):
            yield block
            if isinstance(block.get("content"), list):
                yield from _blocks(block["content"])


def _is_image(block: Mapping[str, Any]) -> bool:
    if block.get("type") in _IMAGES:
        return True
    return block.get("type") in _FILES and any(kind.startswith("image/") for kind in _kinds(block))


def _is_pdf(block: Mapping[str, Any]) -> bool:
    if block.get("type") not in _FILES:
        return False
    return _PDF in _kinds(block) or any(place.lower().endswith(".pdf") for place in _places(block))


def _kinds(block: Mapping[str, Any]) -> list[str]:
    """Return the media types a file names: by itself, or in the `data:` URL it is."""
    named = [part[name] for part in _parts(block) for name in _KINDS if isinstance(part.get(name), str)]
    urls = (place[5:].partition(";")[0] for place in _raw_places(block) if place.startswith("data:"))
    return [*named, *urls]


def _places(block: Mapping[str, Any]) -> list[str]:
    """Return the names a file goes by: its own, or the path of its URL."""
    return [urlsplit(place).path for place in _raw_places(block) if not place.startswith("data:")]


def _raw_places(block: Mapping[str, Any]) -> list[str]:
    return [part[name][:2_000] for part in _parts(block) for name in _PLACES if isinstance(part.get(name), str)]


def _parts(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a block and the dict inside it that holds the file, in the forms of OpenAI and Anthropic."""
    return [block, *(block[name] for name in ("file", "source") if isinstance(block.get(name), dict))]
