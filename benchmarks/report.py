"""From samples to tables: medians and quartiles of ratios between figures of one round."""

from __future__ import annotations

import json
import platform
from datetime import datetime, timezone
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from cases import AGAIN, CASES, IN_PLACE, PROMPTS
from contenders import BASE, CONTENDERS, OURS
from mixes import MIXES

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("openai", "langchain-openai", "langchain-core", "langchain-litellm", "langchain-openrouter", "uvloop")
Results = dict[str, Any]
"""`versions`, `date`, and `samples`: figures by contender and case, one for each round."""


class Row(NamedTuple):
    """A row of the table of ratios."""

    title: str
    case: str
    against: str = ""
    """Case of `ChatOpenAI` it is compared with, where that is another one."""


ROWS = (
    *(Row(CASES[name].title, name) for name in ("invoke", "history", "tools", "schema")),
    *(Row(CASES[name].title, name) for name in ("ainvoke_1", "ainvoke_16", "ainvoke_128", "batch")),
    *(Row(CASES[name].title, name) for name in ("chain", "agent")),
    Row("streamed chunk", "chunk"),
    Row("streamed chunk, async", "achunk"),
    Row("first model fails, second answers, against one plain call", "fallback", "invoke"),
    Row("the same, async", "afallback", "ainvoke_1"),
    Row("1,000 calls at once", "crowd"),
    Row("memory per call of 1,000 at once", "crowd_kib"),
    Row("import of the class", "import"),
    Row("import of the class and first construction", "start"),
    Row("memory after both", "memory"),
)


class Spread(NamedTuple):
    """Median and quartiles."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: list[float]) -> Spread | None:
        """Return the spread of figures; None without any."""
        if len(figures) < 2:  # noqa: PLR2004 - no quartiles of one
            return cls(figures[0], figures[0], figures[0]) if figures else None
        low, _, high = quantiles(figures, n=4, method="inclusive")
        return cls(median(figures), low, high)


def versions() -> dict[str, str]:
    """Return what is measured on: Python, and the packages that matter."""
    installed = {package: version(package) for package in PACKAGES if find_spec(package.replace("-", "_"))}
    return {"python": platform.python_version(), **installed}


def today() -> str:
    """Return the date of a measurement."""
    return f"{datetime.now(timezone.utc):%Y-%m-%d}"


def collected(samples: dict[str, dict[str, list[float | None]]]) -> Results:
    """Return samples with what they were measured on."""
    rounded = {
        name: {case: [None if f is None else float(f"{f:.4g}") for f in figures] for case, figures in of.items()}
        for name, of in samples.items()
    }
    return {"date": today(), "versions": versions(), "samples": rounded}


def figures_of(results: Results, name: str, case: str) -> list[float | None]:
    """Return the figures of a contender, one for each round, those that follow from others included."""
    of = results["samples"].get(name, {})
    if case in {"chunk", "achunk"}:
        prefix = "astream" if case == "achunk" else "stream"
        return _slopes(of, f"{prefix}_50", f"{prefix}_2000", 1950)
    if case == "start":
        pairs = zip(of.get("import", []), of.get("construct", []), strict=False)
        return [None if None in pair else sum(pair) for pair in pairs]
    return of.get(case, [])


def _slopes(of: dict[str, list[float | None]], small: str, large: str, more: int) -> list[float | None]:
    pairs = zip(of.get(small, []), of.get(large, []), strict=False)
    return [None if None in pair else (pair[1] - pair[0]) / more for pair in pairs]


def ratio(results: Results, name: str, row: Row) -> Spread | None:
    """Return how a contender compares with `ChatOpenAI` in a row."""
    own, base = figures_of(results, name, row.case), figures_of(results, BASE, row.against or row.case)
    return Spread.of([a / b for a, b in zip(own, base, strict=False) if a is not None and b])


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, where a bar in a cell would end it; "" without rows."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) if rows else ""


def ratios(results: Results) -> str:
    """Return the table of all ratios, with quartiles."""
    names = [name for name in CONTENDERS if name in results["samples"]]
    rows = []
    for row in ROWS:
        spreads = [ratio(results, name, row) for name in names]
        if any(spreads):
            rows.append([row.title, *(f"{s.middle:.2f} ({s.low:.2f} to {s.high:.2f})" if s else "" for s in spreads)])
    return table(["ratio to `ChatOpenAI`", *(CONTENDERS[name].title for name in names)], rows)


def absolutes(results: Results) -> str:
    """Return the table of medians as they were measured."""
    names = [name for name in CONTENDERS if name in results["samples"]]
    units = {"memory": ("MiB", 1), "crowd_kib": ("KiB", 1), "import": ("ms", 1e3), "start": ("ms", 1e3)}
    rows = []
    for row in ROWS:
        unit, factor = units.get(row.case, ("us", 1e6))
        spreads = [spread(results, name, row.case) for name in names]
        if any(spreads):
            title = f"{row.title.partition(', against')[0]}, {unit}"
            rows.append([title, *(f"{s.middle * factor:,.0f}" if s else "" for s in spreads)])
    return table(["median", *(CONTENDERS[name].title for name in names)], rows)


def spread(results: Results, name: str, case: str) -> Spread | None:
    """Return the spread of a contender's figures in a case; None without any."""
    return Spread.of([figure for figure in figures_of(results, name, case) if figure is not None])


GROWTH = (
    ("message", (("invoke", "history", 38), ("history", "messages_2000", 1960))),
    ("tool", (("invoke", "tools", 20), ("tools", "tools_2000", 1980))),
    ("chunk", (("stream_50", "stream_500", 450), ("stream_500", "stream_2000", 1500))),
    ("chunk, async", (("astream_50", "astream_500", 450), ("astream_500", "astream_2000", 1500))),
)
"""What each further piece costs, at first and later: the same where cost is linear."""


def growth(results: Results) -> str:
    """Return the table of slopes."""
    rows = []
    for name in (BASE, OURS):
        of = results["samples"].get(name, {})
        for what, steps in GROWTH:
            spreads = [Spread.of([f for f in _slopes(of, *step) if f is not None]) for step in steps]
            if all(spreads):
                rows.append([CONTENDERS[name].title, what, *(f"{s.middle * 1e6:,.1f}" for s in spreads if s)])
    head = ["CPU us for each further", "", "2 to 40, 0 to 20, 50 to 500", "40, 20, 500 to 2,000"]
    return table(head, rows)


def decisions(results: Results) -> str:
    """Return the table of decisions, in microseconds, one after the other and right after a call."""
    rows = []
    for case, prompt in {**PROMPTS, **IN_PLACE, **AGAIN}.items():
        found = spread(results, OURS, case)
        if found:
            after = "" if case in PROMPTS else ", right after a call"
            after += ", asked about before" if case in AGAIN else ""
            rows.append([f"{len(prompt):,}{after}", *(f"{figure * 1e6:,.0f}" for figure in found)])
    return table(["`route()` with `KeywordPolicy`, characters", "CPU us", "lower quartile", "upper quartile"], rows)


def mixes(results: Results) -> str:
    """Return the table of what a chunk costs us in other gateways' ways of writing."""
    of, rows = results["samples"].get(OURS, {}), []
    slopes = {name: _slopes(of, f"{name}_50", f"{name}_500", 450) for name in MIXES}
    for name, (title, like, _) in MIXES.items():
        pairs = [pair for pair in zip(slopes[name], slopes[like], strict=False) if None not in pair]
        if pairs:
            found = Spread.of([a / b for a, b in pairs])
            middle = median(figure for figure, _ in pairs)
            rows.append([title, f"{middle * 1e6:,.1f}", f"{found.middle:.2f} ({found.low:.2f} to {found.high:.2f})"])
    return table(["a chunk as other gateways write it", "CPU us", "against the plain one of its kind"], rows)


def tails(results: Results) -> str:
    """Return the table of who waits how long for a first token."""
    rows = [
        [title, f"{p50:,.0f}", f"{p99:,.0f}", f"{errors}", f"{requests:.3f}"]
        for title, (p50, p99, errors, requests) in results.get("tail", {}).items()
    ]
    head = [
        "one request in twenty is two seconds late: ms to the first token",
        "p50",
        "p99",
        "errors",
        "requests per call",
    ]
    return table(head, rows)


def unsteadiness(results: Results) -> float:
    """Return how far the figures of plain calls lie apart, as a share: half the distance of their quartiles."""
    found = spread(results, BASE, "invoke")
    return (found.high - found.low) / 2 / found.middle if found else 0.0


def full_tables(results: Results) -> str:
    """Return everything as Markdown."""
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    light = spread(results, OURS, "import_light")
    base = spread(results, BASE, "import")
    note = f"`import langchain_novastack` alone: {light.middle / base.middle:.3f}." if light and base else ""
    tables = [
        ratios(results),
        note,
        absolutes(results),
        decisions(results),
        growth(results),
        mixes(results),
        tails(results),
    ]
    parts = [f"{results['date']}: {versions}.", *tables]
    return "\n\n".join(part for part in parts if part) + "\n"


def write(results: Results) -> None:
    """Write samples, one file for each major version of `openai`."""
    major = results["versions"]["openai"].partition(".")[0]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"openai-{major}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def read_all() -> list[Results]:
    """Return the results that were written, for the newest major version of `openai` first."""
    files = sorted(RESULTS.glob("openai-*.json"), reverse=True)
    found: list[Results] = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return found
