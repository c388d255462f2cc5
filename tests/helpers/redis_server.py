"""A real Redis for the tests of what is kept in one, where there is one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from importlib.util import find_spec
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = os.environ.get("NOVASTACK_TEST_REDIS") or shutil.which("redis-server")
"""Path of the server: the distribution's, or what `.ci/redis-server` fetched for the row `py312-redis`."""

AVAILABLE = bool(SERVER) and find_spec("redis") is not None
assert AVAILABLE or "NOVASTACK_TEST_REDIS" not in os.environ, "where a server is named, these tests must run"


@contextmanager
def running_redis(password: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server on loopback that keeps nothing on disk; yield its address, password included, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", password]
    process = subprocess.Popen([str(SERVER), *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            sleep(0.05)
        yield f"redis://:{password}@127.0.0.1:{port}/0", process
    finally:
        process.kill()
        process.wait()
