"""openevals: a judge that answers by a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from openevals.llm import create_async_llm_as_judge, create_llm_as_judge
    from openevals.prompts import CONCISENESS_PROMPT

    from neighbours.look import LOOP

    settings: Any = {"prompt": CONCISENESS_PROMPT, "feedback_key": "conciseness", "judge": model}

    def scripted() -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, '{"reasoning": "It is short.", "score": true}')

    def judged() -> None:
        scripted()
        found = create_llm_as_judge(**settings)(inputs="2+2?", outputs="4")
        assert found["score"] is True
        box.clear()

    def ajudged() -> None:
        scripted()
        found = LOOP.run_until_complete(create_async_llm_as_judge(**settings)(inputs="2+2?", outputs="4"))
        assert found["score"] is True
        box.clear()

    yield "a judge", judged
    yield "a judge, async", ajudged
