#!/usr/bin/env bash
# langchain-openai 1.7.4 with langchain-core 1.8.3: an answer cut by `length` in the middle of a tool call's arguments is
# an invalid tool call in `invoke`, and in `stream`, summed, a valid one with the arguments that were repaired:
# lists and objects are closed, an unfinished string counts as whole.
# A good guess is wrong because the sum of a stream is expected to be the message that `invoke` gives. An agent that
# streams may run the tool with arguments that the model never finished: here, with what was to be kept cut short.
# Seen 2026-11-28: invoke: tool_calls [], one invalid_tool_calls; stream: tool_calls [{'name': 'delete', 'args':
# {'folder': 'a', 'but': ['b']}}], invalid_tool_calls [], finish_reason 'length'.
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


class Server(BaseHTTPRequestHandler):
    """Cuts every answer in the middle of a call."""

    def do_POST(self):
        streamed = json.loads(self.rfile.read(int(self.headers["content-length"]))).get("stream")
        function = {"name": "delete", "arguments": '{"folder": "a", "but": ["b'}
        call = {"id": "call_1", "type": "function", "function": function}
        if streamed:
            base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
            deltas = [{"role": "assistant", "tool_calls": [{"index": 0, **call}]}, {}]
            ends = [None, "length"]
            events = [
                {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": end}]} for delta, end in zip(deltas, ends)
            ]
            data = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
        else:
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
            choice = {"index": 0, "message": message, "finish_reason": "length"}
            data = json.dumps(
                {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            ).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if streamed else "application/json")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
Thread(target=server.serve_forever, daemon=True).start()
llm = ChatOpenAI(model="m", base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="k")
whole = llm.invoke("Clean up.")
first, *rest = llm.stream("Clean up.")
streamed = first + rest
for name, message in (("invoke:", whole), ("stream:", streamed)):
    print(name, message.tool_calls, len(message.invalid_tool_calls), message.response_metadata["finish_reason"])
assert (whole.tool_calls, len(whole.invalid_tool_calls)) == ([], 1)
assert streamed.tool_calls[0]["args"] == {"folder": "a", "but": ["b"]}
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
