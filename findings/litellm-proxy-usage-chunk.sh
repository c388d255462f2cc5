#!/usr/bin/env bash
# litellm 1.108.7 (proxy): the last chunk of a stream with `include_usage`, whose `choices` OpenAI documents as an empty
# list, has one choice with an empty delta and no `finish_reason`, although the model's server sent the empty list.
# A good guess is wrong because "no choices" is how clients know the usage chunk, and because a chunk with a choice
# without an end comes after the choice has ended: whoever takes the last chunk's finish reason finds none.
# Seen 2026-11-28: sent by the server "choices": []; sent by the proxy "choices": [{"index": 0, "delta": {}}].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "litellm[proxy]==1.108.7"
cat >"$folder/see.py" <<'PY'
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class Upstream(BaseHTTPRequestHandler):
    """The model's server behind the proxy."""

    def do_POST(self):
        streamed = json.loads(self.rfile.read(int(self.headers["content-length"]))).get("stream")
        base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        events = [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi"}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": usage},
        ]
        status, headers = 200, {"content-type": "text/event-stream"}
        data = b"".join(b"data: " + json.dumps({**base, **event}).encode() + b"\n\n" for event in events)
        data += b"data: [DONE]\n\n"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
Thread(target=upstream.serve_forever, daemon=True).start()
to = {"model": "openai/m", "api_base": f"http://127.0.0.1:{upstream.server_port}/v1", "api_key": "k", "max_retries": 0}
config = {
    "model_list": [{"model_name": "m", "litellm_params": to}],
    "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    "general_settings": {"master_key": "sk-of-the-proxy"},
}
Path("config.yaml").write_text(json.dumps(config))
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{free.getsockname()[1]}"


def ask(key="sk-of-the-proxy", **more):
    body = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], **more}
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"http://{address}/v1/chat/completions", json.dumps(body).encode(), headers)
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read().decode()


command = [str(Path(sys.executable).with_name("litellm")), "--config", "config.yaml"]
command += ["--host", "127.0.0.1", "--port", address.partition(":")[2]]
environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
proxy = subprocess.Popen(command, stdout=open("log", "w"), stderr=subprocess.STDOUT, env=environment)
try:
    for _ in range(400):
        try:
            urllib.request.urlopen(f"http://{address}/health/liveliness", timeout=5)
            break
        except OSError:
            time.sleep(0.5)
    _, _, text = ask(stream=True, stream_options={"include_usage": True})
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    for event in events:
        print(event["choices"], event.get("usage"))
    last = next(event for event in events if event.get("usage"))
    assert last is events[-1]
    assert last["choices"] == [{"index": 0, "delta": {}}]
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
finally:
    proxy.kill()
PY
cd "$folder" && timeout 400 "$folder/venv/bin/python" see.py
