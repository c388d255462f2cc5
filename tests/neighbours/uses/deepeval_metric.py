"""DeepEval: a model of its own kind made of ours, and a metric that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import os

    os.environ.update(DEEPEVAL_TELEMETRY_OPT_OUT="YES", DEEPEVAL_FILE_SYSTEM="READ_ONLY")
    from deepeval.metrics import GEval
    from deepeval.models import DeepEvalBaseLLM
    from deepeval.test_case import LLMTestCase

    try:
        from deepeval.test_case import SingleTurnParams as Params
    except ImportError:
        from deepeval.test_case import LLMTestCaseParams as Params

    class Judge(DeepEvalBaseLLM):  # type: ignore[misc] # untyped
        def load_model(self) -> Any:
            return model

        def generate(self, prompt: str, schema: Any = None) -> Any:
            return model.with_structured_output(schema).invoke(prompt) if schema else model.invoke(prompt).text

        async def a_generate(self, prompt: str, schema: Any = None) -> Any:
            asked = model.with_structured_output(schema) if schema else model
            answer = await asked.ainvoke(prompt)
            return answer if schema else answer.text

        def get_model_name(self) -> str:
            return "judge"

    def judged(*, async_mode: bool) -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, '{"score": 8, "reason": "It is right."}')
        metric = GEval(
            name="Correctness",
            evaluation_steps=["Is it right?"],
            model=Judge(),
            async_mode=async_mode,
            evaluation_params=[Params.INPUT, Params.ACTUAL_OUTPUT],
        )
        metric.measure(LLMTestCase(input="2+2?", actual_output="4"), _show_indicator=False)
        assert metric.score == 0.8, metric.score
        box.clear()

    yield "G-Eval", lambda: judged(async_mode=False)
    yield "G-Eval, async", lambda: judged(async_mode=True)
