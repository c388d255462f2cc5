#!/usr/bin/env bash
# litellm 1.108.7 (proxy with a master key and no database): a request with a wrong key is answered with HTTP 400
# "No connected db." (type `no_db_connection`), not with 401.
# A good guess is wrong because a bad key is 401 nearly everywhere, so that clients take this 400 for a fault of the
# request: `openai` maps 400 to BadRequestError, and code that asks the next model after a 400 asks it with the same key.
# Seen 2026-11-28: right key: 200; wrong key: 400 {'message': 'No connected db.', 'type': 'no_db_connection', ...}
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
        status, headers = 200, {"content-type": "application/json"}
        choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
        data = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).encode()
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
    status, _, _ = ask()
    wrong, _, text = ask("sk-of-somebody-else")
    error = json.loads(text)["error"]
    print("right key:", status)
    print("wrong key:", wrong, error)
    assert (status, wrong, error["type"]) == (200, 400, "no_db_connection")
finally:
    proxy.kill()
PY
cd "$folder" && timeout 400 "$folder/venv/bin/python" see.py
