"""The tables of the pages say what the data says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from helpers.page_tables import TABLES, made, read
from helpers.pages import PAGES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def pages() -> dict[Path, str]:
    """The pages as the data says."""
    return made(read())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_of_a_page_are_up_to_date(page: Path, pages: dict[Path, str]) -> None:
    """`PYTHONPATH=tests python -m helpers.page_tables` rewrites them."""
    assert page.read_text(encoding="utf-8") == pages[page]


@pytest.mark.parametrize("wrong", ["no markers", "<!-- cards --> <!-- cards -->"])
def test_markers_that_are_missing_or_stand_twice_are_an_error(wrong: str) -> None:
    """A table that nobody would see again does not go unnoticed."""
    with pytest.raises(ValueError, match=f"<!-- {next(iter(TABLES))} --> .* once each"):
        made({PAGES[0]: wrong})
