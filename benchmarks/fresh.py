"""What a contender costs once: a process that imports it, builds it, calls it, then calls it 1,000 times at once.

Prints a JSON object: CPU seconds of import and first construction, MiB after both, and, if told to by `crowd`, of
1,000 calls, which the gateway holds for a second each, CPU seconds per call and KiB per call at the peak.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import resource
import sys
from pathlib import Path
from time import process_time
from typing import Any

from contenders import CONTENDERS

CROWD = 1_000


def resident() -> float:
    """Return the memory the process has now, in KiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024


def timed_import(statement: str) -> float:
    """Return the CPU seconds that an import takes."""
    started = process_time()
    exec(statement, {})  # noqa: S102 - the statement is one of ours
    return process_time() - started


async def crowd(runnable: Any, messages: list[Any], count: int) -> None:
    """Ask so many times at once."""
    await asyncio.gather(*(runnable.ainvoke(messages) for _ in range(count)))


def main() -> None:
    """Measure and print."""
    logging.getLogger().addHandler(logging.NullHandler())
    name, root, *more = sys.argv[1:]
    contender = CONTENDERS[name]
    figures = {"import": timed_import(contender.imports)}
    started = process_time()
    contender.build(f"{root}/plain/v1", {})
    figures["construct"] = process_time() - started
    figures["memory"] = resident() / 1024
    from cases import MESSAGES, prepared

    plain = contender.needs in {"httpx", "httpx2", "openai"}
    runnable, messages = contender.build(f"{root}/slow/v1", {}), prepared(MESSAGES, plain=plain)

    async def calls() -> None:
        await crowd(runnable, messages, 2)
        gc.collect()
        before, began = resident(), process_time()
        await crowd(runnable, messages, CROWD)
        figures["crowd"] = (process_time() - began) / CROWD
        figures["crowd_kib"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / CROWD

    if "crowd" in more:
        asyncio.run(calls())
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
