"""What the processes of `test_shared_health` run."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

from langchain_novastack import NovastackRouter


def work(url: str, health: Any, begin: Any, seconds: float) -> None:
    """Ask a router again and again."""
    router = NovastackRouter(base_url=url, api_key="key-of-all", health=health, skip_for=60)
    router.route("Debug this function.")
    begin.wait()
    until = monotonic() + seconds
    while monotonic() < until:
        router.invoke("Debug this function.")
        sleep(0.02)
