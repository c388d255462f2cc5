#!/usr/bin/env bash
# openai 3.57.0: the message that `chat.completions.stream` builds has the role "assistantassistantassistant" where each chunk
# names its role, as those of OpenRouter and Ollama do; of OpenRouter's `reasoning_details` the `format` is joined likewise.
# A good guess is wrong because a role is one fixed word, of which the type of the message allows "assistant" only; but the
# helper joins any texts of one name, save `index` and `type`, and checks no type. The answer's text is right, so the first
# to complain is the server that is sent the message back, as history: its role is unknown.
# Seen 2026-11-30 (httpx2 2.16.2): roles of the chunks: assistant, three times; of the message, and as sent back:
# assistantassistantassistant; format: anthropic-claude-v1anthropic-claude-v1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet openai==3.57.0 httpx2==2.16.2
cat >"$folder/see.py" <<'PY'
import json

import httpx2
import openai


def thought(text):
    return {"reasoning_details": [{"type": "reasoning.text", "text": text, "format": "anthropic-claude-v1", "index": 0}]}


deltas = [{"content": "", **thought("Hot")}, {"content": "", **thought(" or cold?")}, {"content": "Tea"}]
chunks = [
    {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": reason}],
    }
    for delta, reason in zip(deltas, (None, None, "stop"), strict=True)
]
events = "".join(f"data: {data}\n\n" for data in (*map(json.dumps, chunks), "[DONE]"))
asked = []


def gateway(request):
    """Answer within the process; nothing leaves it."""
    asked.append(json.loads(request.content))
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=events)


client = openai.OpenAI(
    base_url="http://gateway.test/v1",
    api_key="k",
    max_retries=0,
    http_client=httpx2.Client(transport=httpx2.MockTransport(gateway), trust_env=False),
)
question = {"role": "user", "content": "Tea or coffee?"}
streamed = client.chat.completions.create(model="m", messages=[question], stream=True)
roles = [chunk.choices[0].delta.role for chunk in streamed]

with client.chat.completions.stream(model="m", messages=[question]) as stream:
    message = stream.get_final_completion().choices[0].message
detail = message.model_extra["reasoning_details"][0]
list(client.chat.completions.create(model="m", messages=[question, message], stream=True))
sent = asked[-1]["messages"][1]["role"]

print("roles of the chunks:", roles, "role of the message:", message.role, "as sent back:", sent)
print("text:", message.content, "detail:", detail)
assert roles == ["assistant"] * 3 and message.content == "Tea" and detail["text"] == "Hot or cold?"
assert message.role == sent == "assistant" * 3
assert detail["type"] == "reasoning.text" and detail["format"] == "anthropic-claude-v1" * 2
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
