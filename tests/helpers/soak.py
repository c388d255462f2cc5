"""Calls of all kinds at a gateway that fails in all ways, for as long as is wanted: `python -m helpers.soak SECONDS`.

The gateway runs in a process of its own. Callers in threads and tasks ask in the four ways, through a router with
everything on; some are cancelled, some leave their stream, event loops come and go. Every answer, and what was shown
of a broken one, must be its own question's; at the end no descriptor, task or thread is left, and memory has grown by
no more than 20 MiB since the first fifth. Exits with 1 if not.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from helpers.ways import total
from langchain_novastack import Budget, FileHealth, NovastackError, NovastackRouter, StreamInterruptedError
from langchain_novastack.sandbox import Sandbox

MODELS = ("qwen", "deepseek", "claude")
KINDS = ("status", "error_body", "no_choices", "html", "invalid_json", "half_body", "disconnect", "reset", "empty_body")
STREAMED = ("role_then_error", "error_after", "cut_stream", "end_early", "empty_stream", "stall")
PROMPTS = ("Debug this function, number {}.", "Write a poem about number {}.", "What is number {}?")
DRAW = random.Random()  # noqa: S311 - nothing secret
GROWTH = 20 * 1024
THREADS, TASKS = 4, 8


def gateway() -> None:
    """Serve, with faults of all kinds, until standard input closes."""
    with Sandbox() as box:
        print(json.dumps([box.base_url, box.api_key]), flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        while True:
            box.clear()
            for model in MODELS:
                for _ in range(3):
                    kind = DRAW.choice((*KINDS, *STREAMED))
                    status = {"status": DRAW.choice((429, 500, 503, 529))} if kind == "status" else {}
                    box.fail(model, kind=None if status else kind, times=1, **status)
            time.sleep(0.2)


class Soak:
    """One run."""

    def __init__(self, base_url: str, key: str, seconds: float) -> None:
        self.ended: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.number = 0
        self.lock = threading.Lock()
        health = FileHealth(Path(tempfile.mkdtemp()) / "health")
        self.settings = {
            "base_url": base_url,
            "api_key": key,
            "first_token_timeout": 1.0,
            "timeout": 3.0,
            "deadline": 8.0,
        }
        self.settings |= {"hedge_after": 0.5, "max_wait": 0.5, "fit": "trim", "health": health, "skip_for": 1.0}
        self.router = NovastackRouter(**self.settings, budget=Budget(tokens=10**12, per=None))
        self.until = time.monotonic() + seconds  # the first router of a process imports the SDK, which takes its time

    def question(self) -> tuple[str, str]:
        """Return a new question and the number in it."""
        with self.lock:
            self.number += 1
            number = f"{self.number:07}"
        return DRAW.choice(PROMPTS).format(number), number

    def judge(self, number: str, text: str) -> None:
        """Note an answer that is not its question's."""
        found = set(re.findall(r"\b\d{7}\b", text))
        if found - {number}:
            self.wrong.append(f"{number}: {text[:200]}")

    def failed(self, number: str, error: NovastackError) -> None:
        """Note how a call failed, and look at what was shown of it."""
        self.ended[type(error).__name__.partition("_")[0]] += 1
        if isinstance(error, StreamInterruptedError) and error.partial:
            self.judge(number, error.partial.text)

    def ask(self) -> None:
        """Ask once, in a thread."""
        text, number = self.question()
        try:
            if DRAW.random() < 0.5:
                self.judge(number, self.router.invoke(text).text)
            else:
                stream: Any = self.router.stream(text)
                shown = []
                for chunk in stream:
                    shown.append(chunk)
                    if DRAW.random() < 0.01:
                        stream.close()
                self.judge(number, total(shown).text if shown else "")
            self.ended["answered"] += 1
        except NovastackError as error:
            self.failed(number, error)

    async def aask(self) -> None:
        """Ask once, in a task; one in ten is cancelled."""
        text, number = self.question()

        async def whole() -> str:
            if DRAW.random() < 0.5:
                return (await self.router.ainvoke(text)).text
            shown = [chunk async for chunk in self.router.astream(text)]
            message: Any = total(shown)
            return str(message.text)

        try:
            self.judge(number, await asyncio.wait_for(whole(), 0.02 if DRAW.random() < 0.1 else 30))
            self.ended["answered"] += 1
        except NovastackError as error:
            self.failed(number, error)
        except asyncio.TimeoutError:
            self.ended["cancelled"] += 1

    def work(self, turn: int) -> None:
        """Ask until the time is over: in this thread, or in tasks on loops that last some seconds."""

        async def some() -> None:
            end = min(self.until, time.monotonic() + 5)

            async def caller() -> None:
                while time.monotonic() < end:
                    await self.aask()

            await asyncio.gather(*(caller() for _ in range(TASKS)))
            left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            if left:
                await asyncio.wait(left, timeout=1)
            self.ended["tasks left"] += sum(not task.done() for task in left)

        while time.monotonic() < self.until:
            asyncio.run(some()) if turn % 2 else self.ask()


def descriptors() -> set[str]:
    """Return what this process has open."""
    gc.collect()
    return {str(fd.readlink()) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()}


def memory() -> float:
    """Return the memory of this process now, in KiB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1024


def main(seconds: float) -> list[str]:
    """Run; return what is not as it must be."""
    command = [sys.executable, "-m", "helpers.soak", "gateway"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        base_url, key = json.loads(server.stdout.readline())
        threads, open_before = threading.active_count(), descriptors()
        soak = Soak(base_url, key, seconds)
        workers = [threading.Thread(target=soak.work, args=(turn,)) for turn in range(THREADS)]
        for worker in workers:
            worker.start()
        time.sleep(seconds / 5)
        early = memory()
        for worker in workers:
            worker.join(seconds + 60)
        grown = memory() - early
        ended = soak.ended
        del soak.router
        for _ in range(30):
            if len(descriptors() - open_before) <= THREADS and threading.active_count() <= threads:
                break
            time.sleep(0.2)
        found = {
            "answers of others": len(soak.wrong),
            "tasks left": ended["tasks left"],
            "threads left": threading.active_count() - threads,
            "descriptors left": max(
                0, len(descriptors() - open_before) - THREADS
            ),  # that many idle connections may stay
            "KiB grown beyond the limit": max(0, round(grown - GROWTH)),
            "calls that none answered": 0 if ended["answered"] > sum(ended.values()) / 4 else 1,
        }
        print(json.dumps({**ended, "KiB grown": round(grown), **found}))
        server.stdin.close()
    return [f"{name}: {count}" for name, count in found.items() if count > 0] + soak.wrong[:3]


if __name__ == "__main__":
    if sys.argv[1] == "gateway":
        gateway()
    else:
        problems = main(float(sys.argv[1]))
        print(*problems, sep="\n")
        sys.exit(bool(problems))
