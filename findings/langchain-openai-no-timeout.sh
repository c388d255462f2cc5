#!/usr/bin/env bash
# langchain-openai 1.7.4: a `ChatOpenAI` built without `timeout` has no timeout at all, neither to connect nor to read.
# A good guess is wrong because `openai` itself has one (5 s to connect, 600 s to read) and LangChain's field is documented
# as None by default: but None is handed on, and `openai` tells None ("no limit") from a timeout that was not given.
# Seen 2026-11-28 (openai 3.57.0): OpenAI(): Timeout(connect=5.0, read=600, ...); ChatOpenAI(): None, sync and async.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langchain-openai==1.7.4 openai==3.57.0
cat >"$folder/see.py" <<'PY'
import openai
from langchain_openai import ChatOpenAI

given = {"base_url": "http://127.0.0.1:9/v1", "api_key": "k"}
model = ChatOpenAI(model="m", **given)
print("OpenAI()    ", openai.OpenAI(**given).timeout)
print("ChatOpenAI()", model.root_client.timeout, model.root_async_client.timeout)
assert openai.OpenAI(**given).timeout.connect == 5
assert model.root_client.timeout is None
assert model.root_async_client.timeout is None
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
