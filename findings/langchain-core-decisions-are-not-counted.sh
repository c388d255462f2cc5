#!/usr/bin/env bash
# langchain-core 1.8.3: a decision model (`BaseDecisionModel`) reports the tokens it used, and its run is of type "llm",
# yet callback handlers are told `on_chain_start` and `on_chain_end`: no `on_llm_end`, so the usage callback counts 0.
# A good guess is wrong because the same run is `on_llm_start` and `on_llm_end` in `astream_events`, and an LLM run with
# `usage_metadata` for a tracer: whoever adds up what a session costs by callbacks misses every decision.
# Seen 2026-11-29: handlers: ['chain_start', 'chain_end']; events: ['on_llm_start', 'on_llm_end']; counted: {}.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langchain-core==1.8.3
cat >"$folder/see.py" <<'PY'
import asyncio

from langchain_core.callbacks import BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.decisions import BaseDecisionModel, Choice, ClassifierResponse

heard = []


class Coin(BaseDecisionModel):
    """Always says heads, for seven tokens."""

    model: str = "coin"

    @property
    def _provider(self):
        return "mint"

    def _classify(self, state, questions):
        heads = {"type": "choice", "choice": "heads", "confidence": 0.9, "probabilities": {"heads": 0.9, "tails": 0.1}}
        usage = {"input_tokens": 7, "output_tokens": 0, "total_tokens": 7}
        return ClassifierResponse(model=self.model, answers=dict.fromkeys(questions, heads), usage=usage)


class Listener(BaseCallbackHandler):
    """Notes what it is told."""

    def on_chain_start(self, *args, **kwargs):
        heard.append("chain_start")

    def on_chain_end(self, *args, **kwargs):
        heard.append("chain_end")

    def on_llm_start(self, *args, **kwargs):
        heard.append("llm_start")

    def on_chat_model_start(self, *args, **kwargs):
        heard.append("chat_model_start")

    def on_llm_end(self, *args, **kwargs):
        heard.append("llm_end")


async def events():
    return [event["event"] async for event in Coin().astream_events(asked, version="v2")]


side = Choice(instructions="Which side?", criteria={"heads": "the head", "tails": "the other side"})
asked = {"state": "a coin in the air", "questions": {"side": side}}
with get_usage_metadata_callback() as counted:
    answer = Coin().invoke(asked, config={"callbacks": [Listener()]})
named = asyncio.run(events())
print("used:", answer.usage)
print("handlers:", heard)
print("events:", named)
print("counted:", counted.usage_metadata)
assert (answer.usage["total_tokens"], counted.usage_metadata) == (7, {})
assert (heard, named) == (["chain_start", "chain_end"], ["on_llm_start", "on_llm_end"])
PY
cd "$folder" && timeout 120 "$folder/venv/bin/python" see.py
