#!/usr/bin/env bash
# langchain-openai 1.7.4 with langchain-core 1.8.3: a refusal is a content block in `invoke`, and nothing at all in
# `stream`: neither `content_blocks` nor `additional_kwargs` of the summed message hold it.
# A good guess is wrong because OpenAI streams refusals in `delta.refusal`, and `ModelRefusalMiddleware` looks for the
# block: an agent that streams takes a refusal for an empty answer.
# Seen 2026-11-28: invoke: [{'type': 'refusal', 'refusal': 'I will not.'}]; stream: [].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langchain-openai==1.7.4 langchain-core==1.8.3
cat >"$folder/see.py" <<'PY'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Server(BaseHTTPRequestHandler):
    """Gives the answer in MESSAGE, whole or as a stream."""

    def do_POST(self):
        streamed = json.loads(self.rfile.read(int(self.headers["content-length"]))).get("stream")
        base = {"id": "1", "created": 1, "model": "m", "object": "chat.completion" + (".chunk" if streamed else "")}
        if streamed:
            parts = [({"role": "assistant", **MESSAGE}, None), ({}, REASON)]
            chunks = [{**base, "choices": [{"index": 0, "delta": d, "finish_reason": r}]} for d, r in parts]
            data = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in chunks) + b"data: [DONE]\n\n"
        else:
            choice = {"index": 0, "message": {"role": "assistant", **MESSAGE}, "finish_reason": REASON}
            data = json.dumps({**base, "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if streamed else "application/json")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


class Town(BaseModel):
    """A town."""

    name: str


def kind(ask):
    try:
        return repr(ask())
    except Exception as error:
        return f"raises {type(error).__name__}"


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
Thread(target=server.serve_forever, daemon=True).start()
llm = ChatOpenAI(model="m", base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="k")
MESSAGE, REASON = {"content": None, "refusal": "I will not."}, "stop"
whole = llm.invoke("Hello")
first, *rest = llm.stream("Hello")
streamed = first + rest
for name, message in (("invoke:", whole), ("stream:", streamed)):
    print(name, message.content_blocks, message.additional_kwargs)
assert whole.content_blocks == [{"type": "refusal", "refusal": "I will not."}]
assert (streamed.content_blocks, streamed.additional_kwargs) == ([], {})
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
