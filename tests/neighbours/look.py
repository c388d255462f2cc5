"""See what one neighbour does with `ChatOpenAI` and with our classes: `python -m neighbours.look NAME`.

Prints a JSON object, and exits with 1 where something is worse than with a plain `ChatOpenAI`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import traceback
import warnings
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from helpers.ways import WAYS
from langchain_openai import ChatOpenAI

from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_novastack.cards import CARDS
from langchain_novastack.sandbox import Sandbox
from neighbours.table import NEIGHBOURS, Neighbour

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "ChatOpenAI"
FALLING_BACK = "NovastackRouter, falling back"
CODE = "Debug this function: def f(x): return x+1"
LOOP = asyncio.new_event_loop()
"""One loop for all: a plain `ChatOpenAI` keeps connections of the loop it was first used in."""


def models(box: Sandbox, alias: str) -> dict[str, Any]:
    """Return the models that are compared, by name; those without a router are the one of that alias."""
    where: Any = {"base_url": box.base_url, "api_key": box.api_key}
    return {
        PLAIN: ChatOpenAI(model=CARDS[alias].id, stream_usage=True, **where),
        "ChatNovastack": ChatNovastack(model=alias, **where),
        "NovastackRouter": NovastackRouter(**where),
    }


def missing(records: list[dict[str, Any]], answer: Any, requests: list[Any], box: Sandbox) -> list[str]:
    """Return what the records of one call do not tell."""
    told, usage = json.dumps(records, default=str, ensure_ascii=False), answer.usage_metadata
    last = CARDS[requests[-1].model].id
    lacks = {
        "model": last not in told,
        "tokens": not any(str(usage[name]) in told for name in ("output_tokens", "total_tokens")),
        "answer": answer.text not in told and json.dumps(answer.text)[1:-1] not in told.replace("\\\\", "\\"),
        f"{len(records)} records of {len(requests)} requests": len(records) != len(requests),
    }
    if box.api_key in told:
        return ["the key is in it"]
    if any(lacks.values()) and os.environ.get("SHOW"):
        print(usage, told[:3000], file=sys.stderr)
    return [name for name, lacking in lacks.items() if lacking]


def see_way(ask: Any, model: Any, take: Callable[[], list[dict[str, Any]]], box: Sandbox) -> str:
    """Ask in one way; return what the records lack, or "all"."""
    take()
    before = len(box.requests)
    answer = LOOP.run_until_complete(ask(model, CODE))
    lacks = missing(take(), answer, box.requests[before:], box)
    return f"lacks {', '.join(lacks)}" if lacks else "all"


def see_traces(module: Any) -> dict[str, dict[str, str]]:
    """Ask in all four ways, the router once more with a first model that fails; return what was seen, by model."""
    take = module.start()
    with Sandbox() as box:
        asked = models(box, "deepseek")
        seen = {name: {way: see(ask, model, take, box) for way, ask in WAYS.items()} for name, model in asked.items()}
        seen[FALLING_BACK] = {}
        for way, ask in WAYS.items():
            box.clear().fail("deepseek", status=503, times=1)
            seen[FALLING_BACK][way] = see(ask, asked["NovastackRouter"], take, box)
    return seen


def see(ask: Any, model: Any, take: Callable[[], list[dict[str, Any]]], box: Sandbox) -> str:
    """Return what the records of a call in one way lack, or how it failed."""
    return attempted(lambda: see_way(ask, model, take, box))


def see_uses(module: Any) -> dict[str, dict[str, str]]:
    """Do what the neighbour does with each model; return how each step ended, by model."""
    seen: dict[str, dict[str, str]] = {}
    for name in (PLAIN, "ChatNovastack", "NovastackRouter"):
        with Sandbox() as box:
            steps = module.use(models(box, "qwen")[name], box)
            seen[name] = {}
            while (step := next(steps, None)) is not None:
                seen[name][step[0]] = attempted(step[1])
    return seen


def attempted(step: Callable[[], object]) -> str:
    """Return what a step returns, as text; its error in a line if it fails."""
    try:
        found = step()
    except Exception as error:  # noqa: BLE001 - a neighbour fails in ways of its own
        if os.environ.get("SHOW"):
            traceback.print_exception(error)
        return f"{type(error).__name__}: {error}".split("\n", 1)[0][:120]
    return "all" if found is None else str(found)


def worse(seen: dict[str, dict[str, str]]) -> list[str]:
    """Return where ours is not whole though `ChatOpenAI` is; falling back is compared with what ours does without."""
    found = []
    for name, ways in seen.items():
        like = seen["NovastackRouter" if name == FALLING_BACK else PLAIN]
        found += [f"{name}, {way}: {told}" for way, told in ways.items() if told != "all" and like.get(way) == "all"]
    return found


def look(neighbour: Neighbour) -> dict[str, Any]:
    """Return a neighbour's row."""
    module = import_module(f"neighbours.{neighbour.folder}.{neighbour.module}")
    seen = (see_traces if neighbour.folder == "traces" else see_uses)(module)
    return {"version": version(neighbour.package), "openai": version("openai"), "seen": seen, "worse": worse(seen)}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    row = look(NEIGHBOURS[sys.argv[1]])
    print(json.dumps(row))
    sys.stdout.flush()
    os._exit(bool(row["worse"]))  # tracers leave threads behind that wait for servers that are not there
