#!/usr/bin/env bash
# langchain-openai 1.7.4 with langchain-core 1.8.3: a structured answer that a content filter stopped is one of two
# errors, which have nothing in common: openai's `ContentFilterFinishReasonError` where the SDK parses (`invoke` with
# `json_schema` or `json_mode`), LangChain's `OpenAIRefusalError` elsewhere (streams of a JSON schema, tool calls).
# A good guess is wrong because `ModelRefusalError` is documented for filtered output; `except ModelRefusalError`
# catches it in `stream` and misses it in `invoke` of the same chain.
# Seen 2026-11-28: json_mode invoke: raises ContentFilterFinishReasonError, stream: raises OpenAIRefusalError.
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
MESSAGE, REASON = {"content": '{"name": "Lisb'}, "content_filter"
structured = llm.with_structured_output(Town, method="json_mode")
seen = kind(lambda: structured.invoke("Where? json")), kind(lambda: list(structured.stream("Where? json")))
print("invoke:", seen[0], "stream:", seen[1])
assert seen == ("raises ContentFilterFinishReasonError", "raises OpenAIRefusalError")
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
