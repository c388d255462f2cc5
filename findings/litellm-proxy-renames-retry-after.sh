#!/usr/bin/env bash
# litellm 1.108.7 (proxy): a 429 of the model's server keeps its status on the way through, but its `Retry-After` (and
# `retry-after-ms`) come out as `llm_provider-retry-after` (and `llm_provider-retry-after-ms`); there is no `Retry-After`.
# A good guess is wrong because a gateway that passes the status on is expected to pass the wait on: the `openai` SDK,
# which honours `Retry-After`, falls back on its own short pause where the server asked for seven seconds.
# Seen 2026-11-28: 429, retry-after None, llm_provider-retry-after 7, llm_provider-retry-after-ms 7000.
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
        status = 429
        headers = {"content-type": "application/json", "retry-after": "7", "retry-after-ms": "7000"}
        data = json.dumps({"error": {"message": "slow down", "type": "rate_limit_error"}}).encode()
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
    status, headers, _ = ask()
    names = ("retry-after", "llm_provider-retry-after", "llm_provider-retry-after-ms")
    print(status, {name: headers[name] for name in names})
    assert (status, [headers[name] for name in names]) == (429, [None, "7", "7000"])
finally:
    proxy.kill()
PY
cd "$folder" && timeout 400 "$folder/venv/bin/python" see.py
