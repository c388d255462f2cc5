#!/usr/bin/env bash
# openai 3.57.0: its default client is httpx2's, so that a failed connection's `__cause__` is an `httpx2.ConnectError`, which
# is no `httpx.HTTPError`; but an `httpx.Client` of your own is still taken as `http_client`, and then the cause is httpx's.
# A good guess is wrong because httpx2 reads like a new version of httpx and is a package of its own: code that looks
# for httpx classes in the chain of causes (timeouts, refused connections) finds them or not by which client was given.
# Seen 2026-11-28 (httpx 0.28.1, httpx2 2.16.2): default: httpx2.ConnectError; with httpx.Client(): httpx.ConnectError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet openai==3.57.0 httpx==0.28.1 httpx2==2.16.2
cat >"$folder/see.py" <<'PY'
import socket

import httpx
import httpx2
import openai

with socket.socket() as free:  # nobody listens there any more
    free.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
causes = []
for given in ({}, {"http_client": httpx.Client()}):
    try:
        openai.OpenAI(base_url=url, api_key="k", max_retries=0, **given).models.list()
    except openai.APIConnectionError as error:
        causes.append(error.__cause__)
        print("given" if given else "default", type(error.__cause__).__module__, type(error.__cause__).__qualname__)
assert [type(cause) for cause in causes] == [httpx2.ConnectError, httpx.ConnectError]
assert not isinstance(causes[0], httpx.HTTPError)
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
