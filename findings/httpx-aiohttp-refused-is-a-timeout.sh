#!/usr/bin/env bash
# httpx-aiohttp 0.2.0 with httpx 0.28.1, aiohttp 3.14.5 and openai 2.54.0: a connection that is refused at once is reported
# as `httpx.ConnectTimeout`, and so the SDK says "Request timed out." within milliseconds.
# A good guess is wrong because httpx's own transport says `ConnectError` for the same port: code that treats a timeout
# as a slow model waits, asks again or asks another one, where there is nobody to ask.
# Seen 2026-11-29: httpx: ConnectError, APIConnectionError; aiohttp: ConnectTimeout, APITimeoutError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httpx-aiohttp==0.2.0 httpx==0.28.1 aiohttp==3.14.5 openai==2.54.0
cat >"$folder/see.py" <<'PY'
import asyncio
import socket

import httpx
import openai
from httpx_aiohttp import HttpxAiohttpClient

with socket.socket() as taken:
    taken.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{taken.getsockname()[1]}"  # nobody listens there


async def raised(kind):
    async with kind() as client:
        try:
            await client.get(address)
        except httpx.HTTPError as error:
            plain = type(error).__name__
        model = openai.AsyncOpenAI(base_url=address, api_key="k", max_retries=0, http_client=client)
        try:
            await model.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
        except openai.OpenAIError as error:
            return plain, type(error).__name__


plain = asyncio.run(raised(httpx.AsyncClient))
other = asyncio.run(raised(HttpxAiohttpClient))
print("httpx:", *plain)
print("aiohttp:", *other)
assert plain == ("ConnectError", "APIConnectionError")
assert other == ("ConnectTimeout", "APITimeoutError")
PY
cd "$folder" && timeout 60 "$folder/venv/bin/python" see.py
