"""The vocabulary `KeywordPolicy` uses unless it is given another."""

from __future__ import annotations

from langchain_novastack.policies.signals import SIGNALS
from langchain_novastack.policies.vocabulary import Vocabulary
from langchain_novastack.policies.words_code import CODE_TABLES
from langchain_novastack.policies.words_code_asked import ASKED_CODE_TABLES
from langchain_novastack.policies.words_code_concepts import CONCEPT_TABLES
from langchain_novastack.policies.words_fiction import FICTION_TABLES
from langchain_novastack.policies.words_fiction_asked import ASKED_FICTION_TABLES
from langchain_novastack.policies.words_general import GENERAL_TABLES
from langchain_novastack.policies.words_ideas import IDEA_TABLES
from langchain_novastack.policies.words_roles import ROLE_TABLES
from langchain_novastack.policies.words_world import WORLD_TABLES
from langchain_novastack.policies.words_world_creative import CREATIVE_WORLD_TABLES
from langchain_novastack.policies.words_world_roles import ROLE_WORLD_TABLES

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
