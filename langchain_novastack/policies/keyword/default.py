"""The vocabulary `KeywordPolicy` uses unless it is given another."""

from __future__ import annotations

from langchain_novastack.policies.keyword.signals import SIGNALS
from langchain_novastack.policies.keyword.words.code import CODE_TABLES
from langchain_novastack.policies.keyword.words.code_concepts import CONCEPT_TABLES
from langchain_novastack.policies.keyword.words.code_requests import ASKED_CODE_TABLES
from langchain_novastack.policies.keyword.words.everyday import GENERAL_TABLES
from langchain_novastack.policies.keyword.words.fiction import FICTION_TABLES
from langchain_novastack.policies.keyword.words.fiction_requests import ASKED_FICTION_TABLES
from langchain_novastack.policies.keyword.words.ideas import IDEA_TABLES
from langchain_novastack.policies.keyword.words.other_languages import WORLD_TABLES
from langchain_novastack.policies.keyword.words.other_languages_fiction import CREATIVE_WORLD_TABLES
from langchain_novastack.policies.keyword.words.other_languages_role_play import ROLE_WORLD_TABLES
from langchain_novastack.policies.keyword.words.role_play import ROLE_TABLES
from langchain_novastack.policies.vocabulary import Vocabulary

DEFAULT_VOCABULARY = Vocabulary(
    tables=(
        *CODE_TABLES,
        *ASKED_CODE_TABLES,
        *CONCEPT_TABLES,
        *ASKED_FICTION_TABLES,
        *FICTION_TABLES,
        *IDEA_TABLES,
        *ROLE_TABLES,
        *GENERAL_TABLES,
        *WORLD_TABLES,
        *CREATIVE_WORLD_TABLES,
        *ROLE_WORLD_TABLES,
    ),
    signals=SIGNALS,
)
"""Hand-written tables. Print them, extend them, leave some out."""


def default_vocabulary() -> Vocabulary:
    """Return the default vocabulary, for pickles that name it."""
    return DEFAULT_VOCABULARY
