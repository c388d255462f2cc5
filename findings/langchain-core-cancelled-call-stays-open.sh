#!/usr/bin/env bash
# langchain-core 1.8.3 (1.7.0 too): an `ainvoke` of a chat model that is cancelled, by a timeout of the caller's say,
# tells its handlers of a start and never of an end: no `on_llm_error`, so a trace shows a run that goes on for ever.
# A good guess is wrong because everything beside it does tell: `astream` of the same model, `ainvoke` of any other
# runnable, and the chain around the model, whose run is closed with CancelledError while the one inside it stays open.
# Seen 2026-11-29: model, ainvoke: ['model start']; model, astream: ['model start', 'model error CancelledError'].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet langchain-core==1.8.3
cat >"$folder/see.py" <<'PY'
import asyncio
from contextlib import suppress

from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableLambda


class Listener(AsyncCallbackHandler):
    """Notes what it is told."""

    def __init__(self):
        self.heard = []

    async def on_chat_model_start(self, *args, **kwargs):
        self.heard.append("model start")

    async def on_llm_end(self, *args, **kwargs):
        self.heard.append("model end")

    async def on_llm_error(self, error, **kwargs):
        self.heard.append(f"model error {type(error).__name__}")

    async def on_chain_start(self, *args, **kwargs):
        self.heard.append("chain start")

    async def on_chain_error(self, error, **kwargs):
        self.heard.append(f"chain error {type(error).__name__}")


class Patient(BaseChatModel):
    """Thinks for longer than anybody waits."""

    @property
    def _llm_type(self):
        return "patient"

    def _generate(self, *args, **kwargs):
        raise NotImplementedError

    async def _agenerate(self, *args, **kwargs):
        await asyncio.sleep(5)

    async def _astream(self, *args, **kwargs):
        await asyncio.sleep(5)
        yield


async def think(_):
    await asyncio.sleep(5)


async def cancelled(runnable, way):
    listener = Listener()

    async def ask():
        if way == "ainvoke":
            await runnable.ainvoke("hello", config={"callbacks": [listener]})
        else:
            async for _ in runnable.astream("hello", config={"callbacks": [listener]}):
                pass

    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(ask(), 0.3)
    await asyncio.sleep(0.1)
    return listener.heard


seen = {
    "model, ainvoke": asyncio.run(cancelled(Patient(), "ainvoke")),
    "model, astream": asyncio.run(cancelled(Patient(), "astream")),
    "function, ainvoke": asyncio.run(cancelled(RunnableLambda(think), "ainvoke")),
    "chain, ainvoke": asyncio.run(cancelled(RunnableLambda(lambda x: x) | Patient(), "ainvoke")),
}
for name, heard in seen.items():
    print(f"{name}: {heard}")
assert seen["model, ainvoke"] == ["model start"]
assert seen["model, astream"] == ["model start", "model error CancelledError"]
assert seen["function, ainvoke"] == ["chain start", "chain error CancelledError"]
assert seen["chain, ainvoke"][-2:] == ["model start", "chain error CancelledError"]
PY
cd "$folder" && timeout 60 "$folder/venv/bin/python" see.py
