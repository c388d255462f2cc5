"""NeMo Guardrails: rails around a model that is handed to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]

CONFIG = """
models: []
rails:
  input:
    flows: [self check input]
prompts:
  - task: self_check_input
    content: 'Should this be blocked? "{{ user_input }}" Answer yes or no.'
"""


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from nemoguardrails import LLMRails, RailsConfig

    from neighbours.look import LOOP

    def scripted() -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, "no").answer(name, "Hello to you.")

    messages = [{"role": "user", "content": "Hello"}]

    def asked(*, sync: bool) -> None:
        scripted()
        rails = LLMRails(RailsConfig.from_content(yaml_content=CONFIG), llm=model)
        if sync:
            answer: Any = rails.generate(messages=messages)
        else:
            answer = LOOP.run_until_complete(rails.generate_async(messages=messages))
        assert answer["content"], answer
        assert box.requests, "no model was asked"
        box.clear()

    yield "rails, async", lambda: asked(sync=False)
    yield "rails", lambda: asked(sync=True)
