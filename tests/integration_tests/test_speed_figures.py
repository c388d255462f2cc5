"""What `docs/performance.md` says of speed is what `benchmarks/run.py` wrote, and holds what was promised.

That its table is what the results say is a test of `test_page_tables.py`, as for every generated table.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
PAGE = FOLDER.parent / "docs" / "performance.md"


def test_the_figures_of_speed_are_those_that_were_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Table and tables beside it are what the benchmark makes of the samples it wrote."""
    monkeypatch.syspath_prepend(str(FOLDER))
    page, report = import_module("page"), import_module("report")
    results = report.read_all()
    assert [found["versions"]["openai"][0] for found in results] == ["3", "2"]
    assert page.section(results) in PAGE.read_text(encoding="utf-8")
    for found in results:
        written = FOLDER / "results" / f"openai-{found['versions']['openai'][0]}.md"
        assert written.read_text(encoding="utf-8") == report.full_tables(found)
        assert min(len(found["samples"]["router"][case]) for case in ("invoke", "fallback", "import")) >= 7


@pytest.mark.parametrize(
    ("case", "most"),
    [("invoke", 0.75), ("history", 0.35), ("tools", 0.6), ("ainvoke_16", 0.85), ("chunk", 0.4), ("achunk", 0.5)],
)
def test_the_figures_of_speed_are_those_that_were_promised(
    monkeypatch: pytest.MonkeyPatch, case: str, most: float
) -> None:
    """The committed medians hold the contract; measuring again is for `benchmarks/run.py`, not for a test."""
    monkeypatch.syspath_prepend(str(FOLDER))
    report = import_module("report")
    row = next(row for row in report.ROWS if row.case == case)
    medians = [report.ratio(found, "router", row).middle for found in report.read_all()]
    assert len(medians) == 2
    assert max(medians) <= most
