"""The README's tables say what the data says."""

from __future__ import annotations

import pytest
from helpers.page_tables import README, TABLES, filled


@pytest.mark.parametrize("name", list(TABLES))
def test_the_table_is_up_to_date(name: str) -> None:
    """`PYTHONPATH=tests python -m helpers.page_tables` rewrites it."""
    text = README.read_text(encoding="utf-8")
    _, _, rest = text.partition(f"<!-- {name} -->")
    assert rest.partition(f"<!-- /{name} -->")[0].strip() == TABLES[name]()


def test_a_missing_marker_is_an_error() -> None:
    """A table that nobody would see again does not go unnoticed."""
    with pytest.raises(ValueError, match="once each"):
        filled("# A README without markers")
