"""Answers are the same whether orjson (extra `fast`) reads them or the standard library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.raw_server import RawServer, Received

if TYPE_CHECKING:
    import socket

HEAD = b'{"id": "1", "object": "chat.completion%s", "model": "m", "choices": [{"index": 0, "finish_reason": "stop", '
TAIL = b'}], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}'
TEXTS = {
    "plain": b'"Tides \\u00e9 \xf0\x9f\x8c\x8a"',
    "half a pair": b'"\\ud83c"',
    "not a number": b'"x", "logprobs": NaN',
    "twice": b'"x", "content": "y"',
    "deep": b'"x", "extra": ' + b"[" * 900 + b"]" * 900,
    "too deep": b'"x", "extra": ' + b"[" * 200_000 + b"]" * 200_000,
    "control": b'"a\tb"',
    "no UTF-8": b'"\xff"',
    "surrogate bytes": b'"\xed\xa0\x80"',
    "broken": b'"x"]',
}
"""What stands for the content of a message, as bytes on the wire."""

SCRIPT = """
import asyncio, json, sys
if sys.argv[1] == "without":
    sys.modules["orjson"] = None
from langchain_novastack import ChatNovastack
from test_json_readers import TEXTS, serve
from helpers.ways import WAYS

told = {}
for name, content in TEXTS.items():
    with serve(content) as server:
        model = ChatNovastack(base_url=server.url, api_key="k", max_retries=0)
        for way, ask in WAYS.items():
            try:
                answer = asyncio.run(ask(model, "Hello"))
                told[f"{name}, {way}"] = [answer.content, answer.usage_metadata, answer.additional_kwargs]
            except Exception as error:
                told[f"{name}, {way}"] = [type(error).__name__, str(error)]
print(json.dumps(told, sort_keys=True))
"""


def serve(content: bytes) -> RawServer:
    """Answer every request with a message of this content, as one body or as a stream of one event."""

    def answer(request: Received, connection: socket.socket) -> None:
        kind, field = (b".chunk", b"delta") if request.streamed else (b"", b"message")
        body = HEAD % kind + b'"%b": {"role": "assistant", "content": %b}' % (field, content) + TAIL
        if request.streamed:
            body = b"data: " + body + b"\n\ndata: [DONE]\n\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % (b"text/event-stream" if request.streamed else b"application/json", len(body)) + body)

    return RawServer(answer)


def told(how: str) -> dict[str, list[object]]:
    tests = Path(__file__).parents[1]
    paths = f"import sys; sys.path[:0] = {[str(tests), str(tests / 'integration_tests'), str(tests.parent)]!r}\n"
    done = subprocess.run([sys.executable, "-c", paths + SCRIPT, how], capture_output=True, text=True, check=True)
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


def test_both_readers_give_the_same() -> None:
    with_orjson, without = told("with"), told("without")
    assert len(with_orjson) == 4 * len(TEXTS)
    assert with_orjson == without
    assert with_orjson["plain, astream"][0] == "Tides \u00e9 \N{WATER WAVE}"
    assert with_orjson["broken, invoke"][0] == "NovastackResponseError"
