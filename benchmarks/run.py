"""Measure what a call costs, ours and others: `python benchmarks/run.py`.

Starts a gateway on loopback in a process of its own, then one process for each contender. In every round each
contender does every case once, in shuffled order; figures are CPU time of the contender's process, and ratios are
between figures of the same round, so that a busy machine disturbs them little. Prints the table, and writes it to
`benchmarks/results` with the samples, as `docs/performance.md` quotes it.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import page
import report
from cases import AGAIN, CASES, DIALECTS, IN_PLACE, PROMPTS
from contenders import BASE, CONTENDERS, OURS

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
MODELS_ASKED = {**CASES, **DIALECTS}
ALL_CASES = (*MODELS_ASKED, *PROMPTS, *IN_PLACE, *AGAIN)
FRESH = ("import", "construct", "memory", "crowd", "crowd_kib")
CROWDS = 3
"""Rounds of fresh processes in which all take part and call 1,000 times at once; then only we and what we compare."""

TAIL_CALLS = 1_500
NOISE_SECONDS = 0.2
QUIET = 0.1
"""Share of time lost to others, or spread of `ChatOpenAI`'s own calls, beyond which figures are not to be quoted."""

LIGHT_IMPORT = "import langchain_novastack"
Samples = dict[str, dict[str, list[float | None]]]
"""Figures by contender and case, one for each round; None where a contender could not do it."""


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script beside this one; it ends when its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=HERE,
    ) as running:
        try:
            yield running
        finally:
            running.stdin.close()


def ask(worker: subprocess.Popen[str], case: str) -> float | None:
    """Let a worker measure a case."""
    worker.stdin.write(f"{case}\n")
    worker.stdin.flush()
    figure = json.loads(worker.stdout.readline() or '"the process ended"')
    if isinstance(figure, str):
        print(f"{worker.args[2]}, {case}: {figure}", file=sys.stderr)
        return None
    return figure


def rounds(root: str, names: list[str], cases: list[str], count: int, share: float) -> Samples:
    """Measure cases in processes that live for all rounds."""
    samples: Samples = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        workers = {name: stack.enter_context(process("worker.py", name, root, str(share))) for name in names}
        for number in range(count + 1):  # the first is a warm-up
            print(f"round {number} of {count}", file=sys.stderr)
            for case in shuffled(cases):
                able = [name for name in names if can(name, case)]
                turns = [(name, ask(workers[name], case)) for name in in_turn(able, case)]
                for name in able if number else ():
                    figures = [figure for contender, figure in turns if contender == name]
                    samples[name][case].append(None if None in figures else mean(figures))
    return samples


def in_turn(names: list[str], case: str) -> list[str]:
    """Return who measures when: several times all in turn, so that what disturbs one disturbs all; slow ones once."""
    quick = [name for name in names if not CONTENDERS[name].slow]
    again = MODELS_ASKED[case].turns - 1 if case in MODELS_ASKED else 0
    return [*shuffled(names), *(name for _ in range(again) for name in shuffled(quick))]


def shuffled(names: list[str]) -> list[str]:
    """Return names in random order."""
    return random.sample(names, len(names))


def can(name: str, case: str) -> bool:
    """Return whether a contender takes part in a case."""
    return CASES[case].applies(CONTENDERS[name]) if case in CASES else name == OURS


def fresh_rounds(root: str, names: list[str], count: int, samples: Samples) -> None:
    """Measure what happens once in a process; each round starts new ones."""
    for number in range(1, count + 1):
        print(f"fresh processes {number} of {count}", file=sys.stderr)
        for name in shuffled(names if number <= CROWDS else [BASE, OURS]):
            crowd = ["crowd"] if number <= CROWDS and not CONTENDERS[name].slow else []
            command = [sys.executable, "fresh.py", name, root, *crowd]
            done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
            figures = json.loads(done.stdout) if done.returncode == 0 else {}
            for case in FRESH:
                samples[name][case].append(figures.get(case))
        code = f"from fresh import timed_import; print(timed_import({LIGHT_IMPORT!r}))"
        light = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
        samples[OURS]["import_light"].append(float(light.stdout))


def tail(root: str) -> dict[str, list[float]]:
    """Measure who waits how long for a first token; see `tail.py`."""
    print("first tokens", file=sys.stderr)
    command = [sys.executable, "tail.py", root, str(TAIL_CALLS)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def print_tail() -> None:
    """Measure first tokens alone."""
    with gateway() as root:
        print(report.tails({"tail": tail(root)}))


@contextmanager
def gateway() -> Iterator[str]:
    """Start the server; yields its address."""
    with process("server.py") as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"


def noise() -> float:
    """Return the share of the machine's time that others take from a process that wants all of it."""
    shares = []
    for _ in range(5):
        wall, cpu = perf_counter(), process_time()
        while perf_counter() - wall < NOISE_SECONDS:
            pass
        shares.append(1 - (process_time() - cpu) / (perf_counter() - wall))
    return median(shares)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds, at least 7 for a table to quote (%(default)s)")
    parser.add_argument("--fresh", type=int, default=7, help="rounds of fresh processes (%(default)s)")
    parser.add_argument("--share", type=float, default=1.0, help="share of the calls in a round; less is noisier")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="contenders or cases to keep")
    parser.add_argument("--quick", action="store_true", help="2 rounds, no fresh processes, nothing written")
    parser.add_argument("--page", action="store_true", help="measure nothing; write results into the page again")
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.fresh = 2, 0
    known = {*CONTENDERS, *ALL_CASES, "fresh"}
    if unknown := [name for name in given.only if name not in known]:
        parser.error(f"--only: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return given


def main() -> None:
    """Measure, print, and write unless only a part was measured."""
    given = arguments()
    if given.page:
        page.write()
        return
    names = [name for name in CONTENDERS if name in given.only] or list(CONTENDERS)
    names = [name for name in CONTENDERS if (name in {*names, BASE}) and CONTENDERS[name].is_installed()]
    cases = [name for name in ALL_CASES if name in given.only]
    wants_all = not cases and "fresh" not in given.only
    before = noise()
    with gateway() as root:
        samples = rounds(root, names, list(ALL_CASES) if wants_all else cases, given.rounds, given.share)
        if wants_all or "fresh" in given.only:
            fresh_rounds(root, names, given.fresh, samples)
        results = report.collected(samples)
        if wants_all and not given.quick:
            results["tail"] = tail(root)
    print(report.full_tables(results))
    noisy = max(before, noise(), report.unsteadiness(results))
    if noisy > QUIET:
        print(f"The machine is busy with other things ({noisy:.0%}): nothing is written.", file=sys.stderr)
    elif wants_all and not given.quick:
        report.write(results)
        page.write()


if __name__ == "__main__":
    main()
