"""langgraph dev: the server that an agent is tried out with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]

GRAPH = """
from langchain.agents import create_agent
from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_openai import ChatOpenAI

named = {{"model": "Qwen3-235B-A22B"}} if {kind!r} == "ChatOpenAI" else {{}}
graph = create_agent({kind}(base_url={url!r}, api_key={key!r}, **named), [])
"""


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import json
    import os
    import socket
    import subprocess
    import sys
    import tempfile
    import time
    import urllib.request
    from pathlib import Path

    def served() -> None:
        folder = Path(tempfile.mkdtemp())
        graph = GRAPH.format(kind=type(model).__name__, url=box.base_url, key=box.api_key)
        (folder / "graph.py").write_text(graph, encoding="utf-8")
        (folder / "langgraph.json").write_text(
            json.dumps({"dependencies": ["."], "graphs": {"agent": "./graph.py:graph"}}), encoding="utf-8"
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [
            str(Path(sys.executable).parent / "langgraph"),
            "dev",
            "--no-browser",
            "--no-reload",
            "--port",
            str(port),
        ]
        environment = {**os.environ, "LANGSMITH_TRACING": "false", "LANGGRAPH_CLI_NO_ANALYTICS": "1"}
        with subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        ) as server:
            try:
                root = f"http://127.0.0.1:{port}"
                for _ in range(120):
                    try:
                        urllib.request.urlopen(f"{root}/ok", timeout=2).close()
                        break
                    except OSError:
                        time.sleep(0.5)
                body = {
                    "assistant_id": "agent",
                    "input": {"messages": [{"role": "user", "content": "Hello"}]},
                    "stream_mode": ["messages-tuple"],
                }
                request = urllib.request.Request(
                    f"{root}/runs/stream", json.dumps(body).encode(), {"Content-Type": "application/json"}
                )
                with urllib.request.urlopen(request, timeout=60) as response:
                    told = response.read().decode()
                assert "event: error" not in told, told[-300:]
                assert told.count("AIMessageChunk") > 1, told[:300]
            finally:
                server.terminate()
        assert box.requests

    yield "an agent, streamed", served
