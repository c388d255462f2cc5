#!/usr/bin/env bash
# langchain-openai 1.7.4 with langchain-core 1.8.3: an assistant's text costs `ChatOpenAI` time for each of its letters,
# every time it is sent again. `_convert_message_to_dict` looks for audio by `for block in message.content`, which for
# a text are its characters.
# A good guess is wrong because a text needs no conversion, and the same text from a user costs nothing.
# Seen 2026-11-29: a million letters of an assistant 54 ms, of a user 0.1 ms, for each request.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langchain-openai==1.7.4 langchain-core==1.8.3
cat >"$folder/see.py" <<'PY'
import sys
from time import process_time

from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="m", api_key="k", base_url="http://127.0.0.1:9")


def milliseconds(message):
    """Return what it takes to make the body of a request; nothing is sent."""
    begun = process_time()
    model._get_request_payload([message])
    return (process_time() - begun) * 1e3


milliseconds(HumanMessage("warm"))
user, assistant = (min(milliseconds(kind("a" * 1_000_000)) for _ in range(3)) for kind in (HumanMessage, AIMessage))
print(f"a million letters: user {user:.1f} ms, assistant {assistant:.1f} ms")
sys.exit(assistant < 20 * user)
PY
"$folder/venv/bin/python" "$folder/see.py"
