"""Health shared by machines, in a Redis."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from typing_extensions import override

from langchain_novastack._lazy import public
from langchain_novastack.fallbacks.health_store import HealthStore, Table, decode
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = 86_400
"""Seconds after its last change at which Redis drops the table."""


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
        super().__init__()
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
        self._given = (url, key, timeout)

    @override
    def __repr__(self) -> str:
        parts = urlsplit(self._given[0])
        at = f":{parts.port}" if parts.port else ""
        return f"RedisHealth('{parts.scheme}://{parts.hostname or ''}{at}{parts.path}')"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it was given, with the password, so that a worker can use it."""
        url, key, timeout = self._given
        return partial(RedisHealth, key=key, timeout=timeout), (url,)

    @override
    def _load(self) -> Table:
        return decode(self._redis.get(self._given[1]))

    @override
    def _edit(self, edit: Callable[[bytes | None], bytes]) -> None:
        key = self._given[1]

        def change(pipe: Any) -> None:
            data = edit(pipe.get(key))
            pipe.multi()
            pipe.set(key, data, ex=_KEPT)

        self._redis.transaction(change, key)
