"""Table and plot of `docs/performance.md`, made from the results in `benchmarks/results`.

`tests/helpers/page_tables.py`, which makes all generated tables of the pages, puts the section where it belongs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contenders import CONTENDERS, OURS
from report import RESULTS, ROWS, Results, full_tables, ratio, read_all, spread, table

if TYPE_CHECKING:
    from report import Row

ROOT = Path(__file__).parents[1]
PLOT = RESULTS / "speed.svg"
SHOWN = ("fallbacks", "branch", "litellm", "openrouter", OURS)
"""Contenders of the page; the full tables have all."""

LEFT_OUT = {"ainvoke_1", "ainvoke_128", "afallback", "start", "memory"}
"""Rows that only the full tables have."""

ALONE = "crowd_kib"
"""The row of memory, which the plot of CPU time leaves out."""


def rows() -> list[Row]:
    """Return the rows of the page's table."""
    return [row for row in ROWS if row.case not in LEFT_OUT]


def _cell(results: Results, name: str, row: Row) -> str:
    found = ratio(results, name, row)
    return f"{found.middle:.2f}" if found else ""


def _major(results: Results) -> str:
    return f"`openai` {results['versions']['openai'].partition('.')[0]}.x"


def section(all_results: list[Results]) -> str:
    """Return what stands between the markers: newest results in full, of the others our column."""
    newest = all_results[0]
    head = ["CPU time, `ChatOpenAI` = 1", *(CONTENDERS[name].title for name in SHOWN)]
    head[-1] = f"**{head[-1]}**"
    head += [f"**on {_major(results)}**" for results in all_results[1:]]
    lines = []
    for row in rows():
        if not ratio(newest, OURS, row):
            continue
        cells = [_cell(newest, name, row) for name in SHOWN]
        cells += [_cell(results, OURS, row) for results in all_results[1:]]
        lines.append([row.title, *cells])
    return (
        f"{_opening(newest)}\n\n{table(head, lines)}\n\n![CPU time of a call]({_link(PLOT)})\n\n{_closing(all_results)}"
    )


def _opening(results: Results) -> str:
    rounds = len(results["samples"][OURS]["invoke"])
    return (
        "CPU time of the calling process, as a ratio to a plain `ChatOpenAI` call in "
        f"the same round, against the same server on loopback: medians of {rounds} rounds on {_major(results)}. "
        "`python benchmarks/run.py` repeats it (extra `bench`)."
    )


def _closing(all_results: list[Results]) -> str:
    cases = "route_50", "route_400", "route_100000", "place_50", "place_400"
    figures = [spread(all_results[0], OURS, case) for case in cases]
    short, medium, long, *after = (f"{found.middle * 1e6:.0f}" if found else "?" for found in figures)
    alone = spread(all_results[0], OURS, "import_light")
    light = f"{alone.middle * 1e3:.1f}" if alone else "?"
    measured = "; ".join(
        f"{results['date']}, {', '.join(f'{name} {number}' for name, number in results['versions'].items())} "
        f"([all figures]({_link(RESULTS / _file(results))}))"
        for results in all_results
    )
    return (
        f"`route()` with a text that is new takes {short} microseconds for 50 characters, {medium} for 400 and {long} "
        f"for 100,000; right after a call {after[0]} for 50 and {after[1]} for 400. "
        f"`import langchain_novastack` takes {light} ms: what is heavy is imported with the name that needs it. "
        f"Measured {measured}."
    )


def _file(results: Results) -> str:
    return f"openai-{results['versions']['openai'].partition('.')[0]}.md"


def _link(path: Path) -> str:
    return f"../{path.relative_to(ROOT).as_posix()}"


def write() -> None:
    """Write the plot, the full tables beside the samples, and the pages that quote them."""
    found = read_all()
    for results in found:
        (RESULTS / _file(results)).write_text(full_tables(results), encoding="utf-8")
    plot(found[0])
    write_tables()


def write_tables() -> None:
    """Write the tables of the pages again."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-m", "helpers.page_tables"]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True)


def plot(results: Results) -> None:
    """Draw the ratios on a logarithmic scale, a row of points for each case."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "novastack", "font.size": 9})
    from matplotlib import pyplot as plt

    shown = [row for row in rows() if row.case != ALONE]
    figure, axes = plt.subplots(figsize=(8, 0.34 * len(shown) + 1), layout="constrained")
    axes.axvline(1, color="black", linewidth=0.8)
    for name, marker in zip(SHOWN, "o^sDP", strict=True):
        points = [(found.middle, at) for at, row in enumerate(shown) if (found := ratio(results, name, row))]
        style = {"color": "tab:green", "zorder": 3} if name == OURS else {"alpha": 0.7}
        if points:
            axes.scatter(*zip(*points, strict=True), marker=marker, label=CONTENDERS[name].title, **style)
    axes.set(xscale="log", xlabel="CPU time, plain ChatOpenAI call = 1 (logarithmic)")
    axes.set_yticks(range(len(shown)), [row.title.replace("`", "") for row in shown])
    axes.set_xticks([0.25, 0.5, 1, 2, 4, 8], ["0.25", "0.5", "1", "2", "4", "8"], minor=False)
    axes.minorticks_off()
    axes.invert_yaxis()
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.savefig(PLOT, metadata={"Date": None})
