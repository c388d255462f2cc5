"""Where health is kept for several processes: in a file, or in a Redis.

A store holds one small table, the tallies of each model, and of healthy models nothing. Where it cannot be read or
changed, what the process itself knows holds, and one warning says so; it is tried again a little later.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import astuple
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.fallbacks.breaker import Tallies, Tally
from langchain_novastack.validation import bad_argument, named

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("langchain_novastack")

T = TypeVar("T")
AllTallies = dict[str, Tallies]
"""Tallies of all models by what `Breaker.name` says: id, and hash of the base URL."""

_PAUSE = 5.0  # seconds for which a store that failed is left alone
_WAIT = 0.3  # seconds that a process waits for others to be done, each of which takes a fraction of a millisecond
_KEPT = 86_400  # seconds after its last change at which Redis drops the table


class HealthStore(ABC):
    """A table of health outside of the process; thread-safe."""

    _fresh: float  # seconds for which what was read is taken for what is

    def __init__(self, **given: Any) -> None:
        """Begin with what is not known yet; `given` is what makes another one."""
        self._given = given
        self._table: AllTallies = {}
        self._fresh_until = self._lost_until = 0.0
        self._warned = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it was given, with the password, so that a worker can use it."""
        return partial(type(self), **self._given), ()

    @abstractmethod
    def _load(self) -> AllTallies:
        """Return the table as it is now, as cheaply as can be."""

    @abstractmethod
    def _edit(self, edit: Callable[[bytes | None], bytes]) -> None:
        """Read what is kept, change it and write it, alone."""

    def seen(self, name: str) -> bool:
        """Return whether there was anything to know of a model when the table was read last."""
        return name in self._table

    def read(self, name: str, own: Tallies) -> Tallies:
        """Return what is known of a model; the process's own where the store fails."""
        if monotonic() >= self._fresh_until:
            table = self._tried(self._load, None)
            if table is None:
                return own
            self._table, self._fresh_until = table, monotonic() + self._fresh
        return self._table.get(name) or Tallies()

    def change(self, name: str, change: Callable[[Tallies], T], own: T) -> T:
        """Change what is known of a model; return what that returned, or `own` where the store fails."""
        results = [own]

        def edit(data: bytes | None) -> bytes:
            table = _decode(data)
            results[1:] = [change(table.setdefault(name, Tallies()))]
            self._table = {name: tallies for name, tallies in table.items() if tallies}
            rows = {name: {who: astuple(tally) for who, tally in known.items()} for name, known in self._table.items()}
            return json.dumps(rows).encode()

        return results[-1] if self._tried(lambda: self._edit(edit) is None, otherwise=False) else own

    def _tried(self, call: Callable[[], T], otherwise: T) -> T:
        if monotonic() < self._lost_until:
            return otherwise
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - no failure of a store may fail a call
            self._lost_until = monotonic() + _PAUSE
            if not self._warned:
                said = "%r cannot be used (%s); each process goes by the health that it sees itself."
                logger.warning(said, self, type(error).__name__)  # its message may hold an address with a password
            self._warned = True
            return otherwise


def _decode(data: bytes | None) -> AllTallies:
    """Read a table; one that is missing or broken is empty, as if all models were healthy."""
    try:
        rows = json.loads(data or b"{}")
        return {
            name: Tallies((tenant, Tally(*map(float, row))) for tenant, row in tallies.items())
            for name, tallies in rows.items()
        }
    except (AttributeError, RecursionError, TypeError, ValueError):
        return {}


@public("langchain_novastack")
class FileHealth(HealthStore):
    """Health of models in a file, which all processes of a machine share: `NovastackRouter(health=FileHealth(path))`.

    A process looks at the file's date at most every 10 ms; it is read when it has changed, and written when a model
    fails, is probed or comes back. Locks are the operating system's, so a process that is killed leaves none behind;
    a missing or broken file is as good as an empty one. It holds no keys, only hashes of those that hit a rate limit.

    Args:
        path: The file; its folder must exist. Beside it, a lock file and a new version of it appear.
    """

    _fresh = 0.01

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Remember the path; nothing is opened."""
        with named("path", "the path of a file"):
            self.path = Path(path).absolute()
        super().__init__(path=str(self.path))
        self._read: tuple[int, ...] | None = None

    @override
    def __repr__(self) -> str:
        return f"FileHealth({str(self.path)!r})"

    @override
    def _load(self) -> AllTallies:
        try:
            found = self.path.stat()
            version = (found.st_mtime_ns, found.st_ino, found.st_size)
            table = self._table if version == self._read else _decode(self.path.read_bytes())
        except FileNotFoundError:
            self._read = None
            return {}
        self._read = version
        return table

    @override
    def _edit(self, edit: Callable[[bytes | None], bytes]) -> None:
        until = monotonic() + _WAIT
        file = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _patiently(lambda: _lock(file), until)
            new = self.path.with_name(f"{self.path.name}.new")
            new.write_bytes(edit(self.path.read_bytes() if self.path.exists() else None))
            _patiently(lambda: new.replace(self.path), until)
            self._read = None
        finally:
            os.close(file)  # which unlocks it


def _patiently(step: Callable[[], Any], until: float) -> None:
    """Take a step again and again while others are in the way; Windows replaces no file that is being read."""
    while monotonic() < until:
        with suppress(BlockingIOError, PermissionError):
            step()
            return
        sleep(0.001)
    step()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@public("langchain_novastack")
class RedisHealth(HealthStore):
    """Health of models in a Redis, which all machines share: `NovastackRouter(health=RedisHealth(url))`.

    Needs the extra `redis`. A process asks Redis at most every 50 ms, and changes its one key when a model fails, is
    probed or comes back. The clocks of the machines should agree to a second or so.

    Args:
        url: Address such as `redis://:password@host:6379/0`, `rediss://` or `unix://`. A pickle carries it whole.
        key: The Redis key under which health is kept.
        timeout: Seconds that Redis may take to answer, for which a call waits at most.

    Raises:
        ImportError: If the extra is not installed.
        ValueError: If `url` is not the address of a Redis.
    """

    _fresh = 0.05

    def __init__(self, url: str, *, key: str = "langchain_novastack:health", timeout: float = 0.1) -> None:
        """Remember the address; nothing is connected yet."""
        super().__init__(url=url, key=key, timeout=timeout)
        try:
            redis, retry, backoff = map(import_module, ("redis", "redis.retry", "redis.backoff"))
        except ImportError as error:
            msg = "`RedisHealth` needs the extra `redis`: pip install 'langchain-novastack[redis]'"
            raise ImportError(msg) from error
        once_more = retry.Retry(backoff.NoBackoff(), 1)
        waits = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        try:
            self._redis: Any = redis.Redis.from_url(url, retry=once_more, **waits)
        except (AttributeError, TypeError, ValueError):
            raise bad_argument("url", "be the address of a Redis, such as redis://host:6379/0") from None

    @override
    def __repr__(self) -> str:
        parts = urlsplit(self._given["url"])
        at = f":{parts.port}" if parts.port else ""
        return f"RedisHealth('{parts.scheme}://{parts.hostname or ''}{at}{parts.path}')"

    @override
    def _load(self) -> AllTallies:
        return _decode(self._redis.get(self._given["key"]))

    @override
    def _edit(self, edit: Callable[[bytes | None], bytes]) -> None:
        key = self._given["key"]

        def change(pipe: Any) -> None:
            data = edit(pipe.get(key))
            pipe.multi()
            pipe.set(key, data, ex=_KEPT)

        self._redis.transaction(change, key)
