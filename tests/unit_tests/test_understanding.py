"""What short requests mean: in languages beside the eleven, without a form, about code and fiction, with typos."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from langchain_novastack.evaluation import evaluate
from langchain_novastack.policies import KeywordPolicy

DATA = Path(__file__).parent.parent / "data"


def kinds(file: str) -> dict[str, list[dict[str, str]]]:
    """Read the rows of a file, by the name above them."""
    found: dict[str, list[dict[str, str]]] = {}
    for line in (DATA / file).read_text("utf-8").splitlines()[1:]:
        if line.startswith("["):
            found[line.strip("[]")] = rows = []
        else:
            task, _, text = line.partition(" | ")
            rows.append({"text": text, "task": task})
    return found


LANGUAGES, ODD = kinds("languages.txt"), kinds("odd_requests.txt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_requests_in_other_languages(language: str) -> None:
    """At least nine of ten go where a person would send them."""
    result = evaluate(KeywordPolicy(), LANGUAGES[language], label="task")
    assert result.accuracy >= 0.9, "\n".join(map(str, result.misses))


@pytest.mark.parametrize("kind", ODD)
def test_odd_requests(kind: str) -> None:
    """At least nine of ten go where a person would send them."""
    result = evaluate(KeywordPolicy(), ODD[kind], label="task")
    assert result.accuracy >= 0.9, "\n".join(map(str, result.misses))


def mistyped(text: str, rng: random.Random) -> str:
    """Swap two letters, or leave one out, in a tenth of the longer words."""
    words = text.split(" ")
    for place, word in enumerate(words):
        if len(word) > 3 and word.isalpha() and rng.random() < 0.1:
            at = rng.randrange(1, len(word) - 1)
            middle = word[at + 1] + word[at] if rng.random() < 0.5 else word[at]
            words[place] = word[:at] + middle + word[at + 2 :]
    return " ".join(words)


def test_typos_change_few_decisions() -> None:
    """One word in ten is mistyped, and at least 95 of 100 of these short requests go where they went."""
    rng, policy = random.Random(3), KeywordPolicy()  # noqa: S311 - no secret
    texts = [row["text"] for rows in (*ODD.values(), *LANGUAGES.values()) for row in rows] * 3
    kept = sum(policy(mistyped(text, rng)).task == policy(text).task for text in texts)
    assert kept >= 0.95 * len(texts)


def test_letters_and_their_accents_may_be_two_characters() -> None:
    """As some keyboards and file systems write them."""
    assert (
        KeywordPolicy()("E\u0301cris un poe\u0300me sur la pluie").matched
        == KeywordPolicy()("Écris un poème sur la pluie").matched
    )
