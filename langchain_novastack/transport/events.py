"""Server-sent events, read by content: whatever label a body has, and whichever path of the SDK reads it.

The SDK's own decoder loses the event behind a byte order mark and the last one without a blank line, joins two without
one between them, takes events without data for broken JSON, and sees nothing in a body of JSON, one document or many.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from openai import OpenAIError
from openai._streaming import ServerSentEvent

from langchain_novastack.transport.chat_request import MAX_ANSWER_BYTES

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment] # an optional package, of the extra `fast`

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

DONE = "[DONE]"

_ON = {"", ",", "}", "]"}  # what may follow an object in JSON; else its event is over (rexxars/eventsource-parser#31)
_TWICE = re.compile(r"^(?:\s*data:)+")  # a server's label, and its framework's once more (paiml/aprender#2015)


def loads(text: str | bytes) -> Any:
    """Return the value that JSON spells; raises what `json.loads` raises."""
    try:
        return json.loads(text) if orjson is None else orjson.loads(text)
    except ValueError:  # orjson refuses what the standard library takes: NaN, half a surrogate pair, deep nesting
        return json.loads(text)


class TooLargeError(OpenAIError):
    """An answer, or one event of a stream, has more than so many bytes. The SDK neither wraps nor repeats it."""


class EventDecoder:
    """Bytes of one stream in, events out; what the SDK calls an `SSEBytesDecoder`.

    A body without a single event is given as one event at its end: it is a JSON document, or no answer at all.
    """

    def __init__(self, most: int = MAX_ANSWER_BYTES) -> None:
        """Begin a stream whose events may have so many bytes."""
        self._most, self._size = most, 0
        self._rest: list[bytes] = []
        self._seen = False
        self._data: list[str] = []
        self._event: str | None = None
        self._loose: list[str] = []

    def iter_bytes(self, iterator: Iterator[bytes]) -> Iterator[ServerSentEvent]:
        """Yield every event of a stream."""
        for piece in iterator:
            yield from self.feed(piece)
        yield from self.finish()

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[ServerSentEvent]:
        """Yield every event of a stream."""
        async for piece in iterator:
            for event in self.feed(piece):
                yield event
        for event in self.finish():
            yield event

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """Take some bytes; yield the events that are whole with them; raise `TooLargeError` for one too large."""
        self._rest.append(piece)
        self._size += len(piece)
        if b"\n" not in piece and b"\r" not in piece:
            self._check_size()
            return
        data = b"".join(self._rest)
        lines = data.splitlines()
        self._rest = [] if data.endswith(b"\n") else [lines.pop() + (b"\r" if data.endswith(b"\r") else b"")]
        for line in lines:
            if line.startswith(b"data: {"):
                if self._data and self._data[-1][-1:] == "}":
                    yield from self._dispatch()
                self._data.append(line[6:].decode())
            elif line:
                yield from self._field(line.decode("utf-8-sig"))  # a byte order mark may stand before the first
            elif self._data:
                yield from self._dispatch()
        self._check_size()

    def plain(self, piece: bytes) -> list[bytes] | None:
        """Return the data of the events that a piece consists of, as most pieces do; None for any other: `feed` it."""
        *events, rest = piece.split(b"\n\n")
        if rest or self._rest or self._data or self._event or self._loose or len(piece) > self._most:
            return None
        if b"\r" in piece or any(event[:7] != b"data: {" or b"\n" in event for event in events):
            return None
        self._seen = True
        return [event[6:] for event in events]

    def _check_size(self) -> None:
        """Look at what is held of an event that is not whole; counted anew only where the bytes since then say so."""
        if self._size > self._most:
            self._size = sum(len(text.encode()) for text in (*self._data, *self._loose)) + sum(map(len, self._rest))
            if self._size > self._most:
                raise TooLargeError(self._most)

    def finish(self) -> Iterator[ServerSentEvent]:
        """Yield what is left at the end of the bytes."""
        if self._rest:
            yield from self.feed(b"\n")
        if self._data:
            yield from self._dispatch()
        text = "\n".join(self._loose).strip()  # behind events it is why no more come (maximhq/bifrost#5262)
        if text and not (self._seen and text.isalpha()):  # which is half a label
            yield ServerSentEvent(data=_as_error(_alone(text), "error" if self._seen else None))

    def _field(self, line: str) -> Iterator[ServerSentEvent]:
        name, _, value = line.partition(":")
        if line[:1] == "{" and line.rstrip()[-1:] == "}" and not self._loose and (self._seen or _parsed(line)):
            name, value = "data", line  # NDJSON
        ends = self._data and self._data[-1].rstrip()[-1:] == "}"
        if ends and name in {"data", "event"} and value.strip()[:1] not in _ON:
            yield from self._dispatch()  # its blank line was left out
        if name == "data":
            self._data.append((value if self._data else _TWICE.sub("", value)).removeprefix(" "))
        elif name == "event":
            self._event = value.strip()
        elif name and not (self._seen and name in {"id", "retry"}):
            self._loose.append(line)

    def _dispatch(self) -> Iterator[ServerSentEvent]:
        data = self._data[0] if len(self._data) == 1 else "\n".join(self._data)
        if len(data) * 4 > self._most and len(data.encode()) > self._most:
            raise TooLargeError(self._most)
        named, self._event, self._data, self._loose, self._seen = self._event, None, [], [], True
        if data[:1] != "{":
            data = data.strip()
            if data in {"", "null", "[]", '""'}:  # adds nothing
                return
            if data[0] not in '["{':  # a sign of life (missuo/FreeGPT35#29), unless no answer comes
                data = json.dumps({"choices": [], "message": data})
            data = DONE if data.upper() == DONE else _alone(data)
        if named == "error" or '"error"' in data:
            data = _as_error(data, named)
        yield ServerSentEvent(data=data, event=named)


def _parsed(text: str) -> Any:
    with suppress(RecursionError, ValueError):
        return loads(text)
    return None


def _alone(data: str) -> str:
    """Return the only item of a list, which the SDK's typed chunks have no place for; other data as it is."""
    body = _parsed(data) if data.startswith("[") else None
    return json.dumps(body[0]) if isinstance(body, list) and len(body) == 1 else data


def _as_error(data: str, named: str | None) -> str:
    """Return the data of an `event: error`, or of an error, under `error`: the SDK keeps nothing beside that."""
    body = _parsed(data)
    said = named == "error" or (isinstance(body, dict) and body.get("error"))
    return json.dumps({"error": body or data}) if said else data


class Events(list[str]):
    """The data of the events that came in place of one JSON body."""


def read_body(content: bytes) -> Any:
    """Return a body's JSON: the document it is, or else its `Events`; raise what `json.loads` does if it is neither."""
    try:
        return loads(content)
    except ValueError:
        decoder = EventDecoder()
        events = takewhile(lambda event: event.data != DONE, decoder.iter_bytes(iter([content])))
        found = Events(event.data for event in events)
        if not decoder._seen:  # noqa: SLF001 - our own
            return loads("".join(found))  # behind comments
    return found
