"""The vocabulary `KeywordPolicy` uses unless it is given another."""

from __future__ import annotations

import copyreg
import pkgutil
from typing import Any

from langchain_novastack.policies.keyword.word_files import FILES, blocks, parts, shipped
from langchain_novastack.policies.vocabulary import Vocabulary

DEFAULT_VOCABULARY = Vocabulary(tables=()).extended(
    *(part for name in FILES for _, part in parts(blocks(shipped(name), name)))
)
"""The tables and signals in `words/*.txt`, written by hand. Print them, extend them, leave some out."""


def _reduced(vocabulary: Vocabulary) -> str | tuple[Any, ...]:
    """Pickle the default vocabulary by name: it is large, and who loads a policy has it already."""
    if vocabulary is DEFAULT_VOCABULARY:
        return pkgutil.resolve_name, ("langchain_novastack.policies:DEFAULT_VOCABULARY",)
    return vocabulary.__reduce_ex__(2)


copyreg.pickle(Vocabulary, _reduced)  # here, since the class knows nothing of this one
