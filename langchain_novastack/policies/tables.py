"""The vocabulary `KeywordPolicy` uses unless it is given another."""

from __future__ import annotations

from langchain_novastack.policies.signals import SIGNALS
from langchain_novastack.policies.vocabulary import Vocabulary
from langchain_novastack.policies.words_code import CODE_TABLES
from langchain_novastack.policies.words_creative import CREATIVE_TABLES
from langchain_novastack.policies.words_general import GENERAL_TABLES
from langchain_novastack.policies.words_world import WORLD_TABLES

DEFAULT_VOCABULARY = Vocabulary(
    tables=(*CODE_TABLES, *CREATIVE_TABLES, *GENERAL_TABLES, *WORLD_TABLES),
    signals=SIGNALS,
)
"""Hand-written tables. Print them, extend them, leave some out."""
