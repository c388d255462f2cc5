"""Health shared by the processes of a machine, in a file."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.fallbacks.health_store import HealthStore, Table, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WAIT = 0.3
"""Seconds that a process waits for others to be done, each of which takes a fraction of a millisecond."""


@public("langchain_novastack")
class FileHealth(HealthStore):
    """Health of models in a file, which all processes of a machine share: `NovastackRouter(health=FileHealth(path))`.

    A call costs one look at the file's date; it is read when it has changed, and written when a model fails, is
    probed or comes back. Locks are the operating system's, so a process that is killed leaves none behind; a missing
    or broken file is as good as an empty one. It holds no keys, only hashes of those that hit a rate limit.

    Args:
        path: The file; its folder must exist. Beside it, a lock file and a new version of it appear.
    """

    _fresh = 0.001

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Remember the path; nothing is opened."""
        super().__init__()
        self.path = Path(path).absolute()
        self._read: tuple[int, ...] | None = None

    @override
    def __repr__(self) -> str:
        return f"FileHealth({str(self.path)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the path."""
        return FileHealth, (str(self.path),)

    @override
    def _load(self) -> Table:
        try:
            found = self.path.stat()
            version = (found.st_mtime_ns, found.st_ino, found.st_size)
            table = self._table if version == self._read else decode(self.path.read_bytes())
        except FileNotFoundError:
            self._read = None
            return {}
        self._read = version
        return table

    @override
    def _edit(self, edit: Callable[[bytes | None], bytes]) -> None:
        with self._locked() as until:
            new = self.path.with_name(f"{self.path.name}.new")
            new.write_bytes(edit(self.path.read_bytes() if self.path.exists() else None))
            _patiently(lambda: new.replace(self.path), until)
            self._read = None

    @contextmanager
    def _locked(self) -> Iterator[float]:
        """Be the only one that changes the file; yields until when that must be done."""
        until = monotonic() + _WAIT
        file = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _patiently(lambda: _lock(file), until)
            yield until
        finally:
            os.close(file)  # which unlocks it


def _patiently(step: Callable[[], Any], until: float) -> None:
    """Take a step again and again while others are in the way; Windows replaces no file that is being read."""
    while True:
        try:
            step()
        except (BlockingIOError, PermissionError):  # noqa: PERF203 - it waits anyway
            if monotonic() >= until:
                raise
            sleep(0.001)
        else:
            return


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
