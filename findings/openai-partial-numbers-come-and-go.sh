#!/usr/bin/env bash
# openai 3.57.0 with jiter 0.19.0 (and pydantic 2.14.4): in a structured answer that is being streamed, a number counts as
# whole from its first digit on, and its field is gone again while the number ends in a point or an `e`. What `parsed`
# shows of 1250.5 is 1, 12, 125, 1250, nothing, 1250.5.
# A good guess is wrong because jiter documents that its partial mode leaves out what is last and unfinished, and it does
# so for texts and for `true`; and because a field that was there once is expected to stay. A total on a screen is wrong
# by a factor of a thousand, then missing, with no sign of either; a text appears when its last quote has come.
# Seen 2026-11-30: price: 1, 12, 125, 1250, -, 1250.5; jiter: 2, -, 2000.0 for 2e3; "Lisbon" and true: when whole only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet openai==3.57.0 httpx2==2.16.2 jiter==0.19.0 pydantic==2.14.4
cat >"$folder/see.py" <<'PY'
import json
from itertools import groupby

import httpx2
import jiter
import openai
from pydantic import BaseModel, TypeAdapter


class Offer(BaseModel):
    price: float


def steps(values):
    """Drop what repeats the value before it, and the empty start."""
    return [value for value, _ in groupby(values)][1:]


def streamed(answer):
    """Stream an answer letter by letter; return the prices that the SDK's helper shows on the way."""
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas = [*(({"content": letter}, None) for letter in answer), ({}, "stop")]
    told = [{**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": end}]} for delta, end in deltas]
    events = "".join(f"data: {data}\n\n" for data in (*map(json.dumps, told), "[DONE]"))
    response = httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=events)
    transport = httpx2.MockTransport(lambda request: response)  # nothing leaves the process
    client = openai.OpenAI(
        base_url="http://gateway.test/v1", api_key="k", http_client=httpx2.Client(transport=transport, trust_env=False)
    )
    question = [{"role": "user", "content": "What is it?"}]
    with client.chat.completions.stream(model="m", messages=question, response_format=Offer) as stream:
        shown = [event.parsed for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion().choices[0].message.parsed
    assert final == Offer(price=json.loads(answer)["price"])
    return steps((parsed or {}).get("price") for parsed in shown)


def partial(parse, answer, field):
    """Return what a parser shows of a field as the answer grows letter by letter."""
    return steps(parse(answer[:end].encode()).get(field) for end in range(1, len(answer) + 1))


def with_jiter(data):
    return jiter.from_json(data, partial_mode=True)


def with_pydantic(data):
    return TypeAdapter(dict[str, float]).validate_json(data, experimental_allow_partial=True)


price = '{"price": 1250.5}'
seen = streamed(price), partial(with_jiter, price, "price"), partial(with_pydantic, price, "price")
power = partial(with_jiter, '{"price": 2e3}', "price")
others = partial(with_jiter, '{"town": "Lisbon"}', "town"), partial(with_jiter, '{"open": true}', "open")
print("1250.5 by openai, jiter, pydantic:", *seen)
print("2e3 by jiter:", power, "others:", others)
assert seen[0] == seen[1] == seen[2] == [1, 12, 125, 1250, None, 1250.5]
assert power == [2, None, 2000] and others == (["Lisbon"], [True])
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
