"""Chainlit: its callback handler, which makes a step of each run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import asyncio

    from chainlit.context import ChainlitContext, context_var
    from chainlit.langchain.callbacks import AsyncLangchainCallbackHandler

    from neighbours.look import LOOP

    async def stepped() -> None:
        from chainlit.emitter import BaseChainlitEmitter
        from chainlit.session import HTTPSession

        session = HTTPSession(id="1", client_type="webapp", thread_id="t", user=None, token=None, user_env={})
        context_var.set(ChainlitContext(session, BaseChainlitEmitter(session)))
        handler = AsyncLangchainCallbackHandler()
        answer = await model.ainvoke("Hello", config={"callbacks": [handler]})
        await asyncio.sleep(0.1)
        steps = [step for step in handler.steps.values() if step.type == "llm"]
        assert len(steps) == 1, [step.type for step in handler.steps.values()]
        assert steps[0].generation.message_completion["content"] == answer.text

    yield "a step for each call", lambda: LOOP.run_until_complete(stepped())
