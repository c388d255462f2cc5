#!/usr/bin/env bash
# openai 3.57.0: `client.chat.completions` keeps the client's `post` as it was when the attribute was first looked at. A
# wrapper that is put on the client afterwards (`client.post = ...`) never sees a chat request; one put there before does.
# A good guess is wrong because `client.request`, one step further in, is looked up at each call: a wrapper there sees
# every request, whenever it came. Instrumentation of one client works or records nothing by the order of two lines.
# Seen 2026-11-29: post before: 1, post after: 0, request after: 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet openai==3.57.0
cat >"$folder/see.py" <<'PY'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import openai


class Server(BaseHTTPRequestHandler):
    """Says hi."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
Thread(target=server.serve_forever, daemon=True).start()


def seen(name, *, used_before):
    """Return how many of one request's calls of a method a wrapper on the client sees."""
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="k")
    method, calls = getattr(client, name), []
    if used_before:
        client.chat.completions

    def wrapper(*args, **kwargs):
        calls.append(name)
        return method(*args, **kwargs)

    setattr(client, name, wrapper)
    client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
    return len(calls)


figures = seen("post", used_before=False), seen("post", used_before=True), seen("request", used_before=True)
print("post before: {}, post after: {}, request after: {}".format(*figures))
assert figures == (1, 0, 1)
PY
cd "$folder" && timeout 60 "$folder/venv/bin/python" see.py
