"""A bare HTTP client for the sandbox's own tests: it hides nothing."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from langchain_novastack.sandbox import Sandbox

QWEN, DEEPSEEK, CLAUDE = "Qwen3-235B-A22B", "DeepSeek-V4-Pro", "Claude-Opus-4.7"


class Got(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def message(self) -> Any:
        return self.json["choices"][0]["message"]

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def events(self) -> list[Any]:
        """The stream's events, parsed; `[DONE]` as it is."""
        lines = [line[6:] for line in self.data.decode().splitlines() if line.startswith("data: ")]
        return [line if line == "[DONE]" else json.loads(line) for line in lines]

    @property
    def deltas(self) -> list[Any]:
        return [event["choices"][0]["delta"] for event in self.events if event != "[DONE]" and event["choices"]]

    @property
    def streamed_text(self) -> str:
        return "".join(delta.get("content") or "" for delta in self.deltas)


def connect(box: Sandbox, timeout: float = 10) -> http.client.HTTPConnection:
    parts = urlsplit(box.base_url)
    return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=timeout)


def send(
    box: Sandbox, data: bytes | None, *, path: str = "/chat/completions", method: str = "POST", key: str = ""
) -> Got:
    connection = connect(box)
    headers = {"Authorization": f"Bearer {key or box.api_key}", "Content-Type": "application/json"}
    try:
        connection.request(method, f"{urlsplit(box.base_url).path}{path}", data, headers)
        response = connection.getresponse()
        return Got(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def ask(box: Sandbox, question: Any = "What is a router?", model: str = QWEN, **fields: Any) -> Got:
    """Ask a question; a list is a whole conversation."""
    messages = question if isinstance(question, list) else [{"role": "user", "content": question}]
    return send(box, json.dumps({"model": model, "messages": messages, **fields}).encode())


def tool(name: str, description: str = "", /, **properties: Any) -> dict[str, Any]:
    """Spell a tool whose properties are all required."""
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def called(name: str, id: str = "call_1", arguments: str = "{}", **fields: Any) -> dict[str, Any]:
    """Spell an assistant's turn that calls a tool."""
    call = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call], **fields}
