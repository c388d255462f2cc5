"""Where each microsecond of a call goes: `python benchmarks/steps.py`.

Looks at the stack a thousand times in each second of CPU time, while one model is asked the same again and again, and
puts each look down to a step: that of the innermost frame that belongs to one. What a look weighs is the CPU time of a
call, shared out. Nothing is traced, so nothing is slower than it is. Prints the table, and writes it to
`benchmarks/results/steps.json` unless the machine is busy; `docs/performance.md` shows it.
"""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from contenders import BASE, CONTENDERS, OURS

if TYPE_CHECKING:
    from types import FrameType

RESULTS = Path(__file__).parent / "results" / "steps.json"
CALLS, ROUNDS, EVERY = 2_000, 3, 0.001
"""Calls in a round, rounds of each in turn, and seconds of CPU time between two looks."""

STEPS: dict[str, tuple[str, ...]] = {
    "decide which model": ("langchain_novastack/policies/", "langchain_novastack/router/decide.py"),
    "route: arguments, what models can take": ("langchain_novastack/router/",),
    "attempts, health, turns, record": ("langchain_novastack/fallbacks/",),
    "socket": ("langchain_novastack/transport/network.py", "httpcore/_backends/", "httpcore2/_backends/"),
    "send, and read what comes": ("langchain_novastack/transport/",),
    "answer to message": (
        "langchain_novastack/chat_models/exchange.py",
        "langchain_novastack/chat_models/reading/",
        "langchain_novastack/chat_models/unvalidated.py",
    ),
    "messages and card to JSON": ("langchain_novastack/chat_models/",),
    "the rest of this package": ("langchain_novastack/",),
    "HTTP library": ("/httpx/", "/httpx2/", "/httpcore/", "/httpcore2/", "/h11/"),
    "`openai`": ("/openai/",),
    "`langchain-openai`": ("/langchain_openai/",),
    "`langchain-core`, LangSmith": ("/langchain_core/", "/langsmith/"),
    "pydantic": ("/pydantic/",),
}
"""Steps, and parts of the paths of the files they are in; the first that fits a file has it."""

OTHERS = "Python's own"


def step_of(frame: FrameType | None) -> str:
    """Return the step that a frame is part of."""
    while frame is not None:
        path = frame.f_code.co_filename.replace("\\", "/")
        for step, parts in STEPS.items():
            if any(part in path for part in parts):
                return step
        frame = frame.f_back
    return OTHERS


def looked_at(model: Any, prompt: str) -> tuple[float, Counter[str]]:
    """Return the CPU seconds of a round of calls, and how often each step was seen."""
    seen: Counter[str] = Counter()
    signal.signal(signal.SIGPROF, lambda _, frame: seen.update([step_of(frame)]))
    started = process_time()
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    for _ in range(CALLS):
        model.invoke(prompt)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return process_time() - started, seen


def measured(root: str) -> dict[str, dict[str, float]]:
    """Return the microseconds of a call by step, of plain `ChatOpenAI` and of ours."""
    from cases import QUESTION

    models = {name: CONTENDERS[name].build(f"{root}/plain/v1", {}) for name in (BASE, OURS)}
    took, seen = dict.fromkeys(models, 0.0), {name: Counter[str]() for name in models}
    for number in range(ROUNDS + 1):  # the first is a warm-up
        for name, model in models.items():
            seconds, looks = looked_at(model, QUESTION)
            if number:
                took[name] += seconds
                seen[name] += looks
    calls = CALLS * ROUNDS
    return {
        name: {step: took[name] * looks[step] / looks.total() / calls * 1e6 for step in (*STEPS, OTHERS)}
        for name, looks in seen.items()
    }


def table(found: dict[str, dict[str, float]]) -> str:
    """Return the table of the page: microseconds of CPU time."""
    lines = ["| step | `ChatOpenAI` | **NovastackRouter** |", "| --- | --: | --: |"]
    rows = {step: [found[name][step] for name in (BASE, OURS)] for step in (*STEPS, OTHERS)}
    rows["**together**"] = [sum(found[name].values()) for name in (BASE, OURS)]
    lines += [f"| {step} | {plain:.0f} | {ours:.0f} |" for step, (plain, ours) in rows.items()]
    return "\n".join(lines)


def section() -> str:
    """Return what the page says, from what was written."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return f"{table(results['microseconds'])}\n\nMeasured {results['date']}, {versions}."


def main() -> None:
    """Measure, print, and write unless the machine is busy."""
    import page
    import report
    from run import QUIET, gateway, noise

    before = noise()
    with gateway() as root:
        found = measured(root)
    print(table(found))
    if (noisy := max(before, noise())) > QUIET:
        print(f"The machine is busy with other things ({noisy:.0%}): nothing is written.", file=sys.stderr)
        return
    rounded = {name: {step: round(each, 1) for step, each in steps.items()} for name, steps in found.items()}
    written = {"date": report.today(), "versions": report.versions(), "microseconds": rounded}
    RESULTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    page.write_tables()


if __name__ == "__main__":
    main()
