"""Ragas: metrics that ask a model in several steps, among them one that wants several answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


QUESTION, ANSWER = "Where is the Eiffel Tower?", "The Eiffel Tower is in Paris."
VERDICT = '{"statements": [{"statement": "It is in Paris.", "reason": "said", "verdict": 1}]}'


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from langchain_core.embeddings import DeterministicFakeEmbedding
    from ragas import SingleTurnSample
    from ragas.embeddings import LangchainEmbeddingsWrapper
    from ragas.llms import LangchainLLMWrapper
    from ragas.metrics import Faithfulness, ResponseRelevancy

    llm = LangchainLLMWrapper(model)
    sample = SingleTurnSample(user_input=QUESTION, response=ANSWER, retrieved_contexts=[ANSWER])

    def faithfulness() -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, '{"statements": ["It is in Paris."]}').answer(name, VERDICT)
        assert Faithfulness(llm=llm).single_turn_score(sample) == 1.0
        box.clear()

    def relevancy() -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, f'{{"question": "{QUESTION}", "noncommittal": 0}}', times=9)
        embeddings = LangchainEmbeddingsWrapper(DeterministicFakeEmbedding(size=8))
        assert ResponseRelevancy(llm=llm, embeddings=embeddings).single_turn_score(sample) > 0.99
        box.clear()

    yield "faithfulness", faithfulness
    yield "relevancy", relevancy
