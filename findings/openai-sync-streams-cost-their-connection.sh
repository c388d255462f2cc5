#!/usr/bin/env bash
# openai 3.57.0: over HTTP/1.1 a stream read to its end costs its connection if it is sync, and not if it is async.
# A good guess is wrong because both are read to `[DONE]` and closed in the same way; but only the async stream reads the
# few bytes behind `[DONE]`, the end of the chunked body, without which the HTTP library cannot use the connection again.
# Over TLS each sync stream then pays for a new handshake.
# Seen 2026-11-28 (httpx2 2.16.2): 3 streams one after the other: 3 connections sync, 1 connection async.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet openai==3.57.0 httpx2==2.16.2
cat >"$folder/see.py" <<'PY'
import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openai

connections = []


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        connections.append(self.client_address)
        super().setup()

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        chunk["choices"] = [{"index": 0, "delta": {"content": "hi"}, "finish_reason": "stop"}]
        for data in (json.dumps(chunk), "[DONE]"):
            event = f"data: {data}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
        threading.Event().wait(0.02)  # the end of the body follows a moment later
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
given = {"base_url": f"http://127.0.0.1:{server.server_port}/v1", "api_key": "k", "max_retries": 0}
asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}

client = openai.OpenAI(**given)
for _ in range(3):
    assert len(list(client.chat.completions.create(**asked))) == 1
sync = len(connections)
connections.clear()


async def main():
    async with openai.AsyncOpenAI(**given) as client:
        for _ in range(3):
            assert len([chunk async for chunk in await client.chat.completions.create(**asked)]) == 1


asyncio.run(main())
print(f"3 streams: {sync} connections sync, {len(connections)} async")
assert (sync, len(connections)) == (3, 1)
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
