"""How long the slowest callers wait for their first token, where one request in twenty is answered two seconds late.

`python benchmarks/tail.py` prints a table; seconds on the clock, not of CPU, so it wants a quiet machine. 1,500
streams for each contender, 12 at once; `run.py` puts the table into the results.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from statistics import quantiles
from time import perf_counter
from typing import Any, NamedTuple

CALLS, AT_ONCE = 1_500, 12
PROMPT = "Debug this Python function that leaks memory in a loop."


class Tail(NamedTuple):
    """What the callers of one contender saw."""

    p50: float
    """Milliseconds to the first token of the median call."""

    p99: float
    errors: int
    requests: float
    """For each call."""


def contenders(url: str) -> dict[str, Any]:
    """Return who is measured, by title."""
    from contenders import chat_openai, with_fallbacks

    from langchain_novastack import NovastackRouter

    settings: Any = {"base_url": url, "api_key": "bench", "skip_after": None}
    return {
        "ChatOpenAI": chat_openai(url, {}),
        "with_fallbacks": with_fallbacks(url, {}),
        "NovastackRouter": NovastackRouter(**settings),
        "NovastackRouter, `first_token_timeout=.5`": NovastackRouter(first_token_timeout=0.5, **settings),
        "NovastackRouter, `hedge_after=.15`": NovastackRouter(hedge_after=0.15, **settings),
    }


def arrived(root: str) -> int:
    """Return how many requests the gateway has had."""
    with urllib.request.urlopen(f"{root}/count/") as response:  # noqa: S310 - our own server on loopback
        return int(json.load(response))


async def first_token(model: Any) -> float | None:
    """Stream a whole answer; return the seconds to its first token, None if it failed."""
    started, first = perf_counter(), None
    try:
        async for chunk in model.astream(PROMPT):
            if first is None and chunk.content:
                first = perf_counter() - started
    except Exception:  # noqa: BLE001 - it is counted, whatever it is
        return None
    return first


async def measured(model: Any, root: str, calls: int) -> Tail:
    """Measure one contender."""
    await first_token(model)
    before, todo, took = arrived(root), iter(range(calls)), []

    async def caller() -> None:
        took.extend([await first_token(model) for _ in todo])

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    seen = [seconds * 1e3 for seconds in took if seconds is not None]
    cuts = quantiles(seen, n=100)
    return Tail(cuts[49], cuts[98], len(took) - len(seen), (arrived(root) - before) / calls)


async def main() -> None:
    """Print the figures as JSON, by title; the gateway's address and the number of calls are the arguments."""
    root, calls = sys.argv[1], int(sys.argv[2])
    found = {title: await measured(model, root, calls) for title, model in contenders(f"{root}/tail/v1").items()}
    print(json.dumps(found))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main())
    else:
        from run import print_tail

        print_tail()
