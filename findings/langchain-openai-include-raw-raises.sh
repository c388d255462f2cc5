#!/usr/bin/env bash
# langchain-openai 1.7.4 with langchain-core 1.8.3: `with_structured_output(..., include_raw=True)` raises for an answer
# that ends with `length`, even where its JSON is whole; there is no raw answer and no `parsing_error` then.
# A good guess is wrong because `include_raw` is documented to return errors of parsing under `parsing_error`. Those of
# the SDK's own `parse`, which runs inside the model, are raised before any parser of LangChain's is asked.
# Seen 2026-11-28: cut JSON: raises LengthFinishReasonError; whole JSON: raises LengthFinishReasonError; without
# `length`: {'raw': ..., 'parsed': Town(name='Lisbon'), 'parsing_error': None}.
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
structured = llm.with_structured_output(Town, include_raw=True)
seen = []
for what, text, REASON in (("cut", '{"name": "Lisb', "length"), ("whole", '{"name": "Lisbon"}', "length"), ("done", '{"name": "Lisbon"}', "stop")):
    MESSAGE = {"content": text}
    seen.append(kind(lambda: structured.invoke("Where?")))
    print(f"{what}:", seen[-1][:40])
assert seen[:2] == ["raises LengthFinishReasonError"] * 2
assert "parsed': Town(name='Lisbon')" in seen[2]
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
