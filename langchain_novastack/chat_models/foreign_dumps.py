"""A dump says where its key is sent: one from elsewhere may name another host than the usual one."""

from __future__ import annotations

import inspect
import warnings
from urllib.parse import urlsplit

_LOADER = "langchain_core.load.load"


def warn_of_host(url: str, usual: str) -> None:
    """Warn if core's loader is building a model whose base URL is on another host than the usual base URL."""
    host, expected = (urlsplit(each).netloc.rpartition("@")[2] for each in (url, usual))
    if host == expected:
        return
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") != _LOADER:
        frame = frame.f_back
    if frame is not None:
        msg = (
            f"This dump names the host {host}, and the key will be sent there, not to {expected}. If that is meant, "
            "set `NOVASTACK_BASE_URL` to its address; if the dump is from elsewhere, do not use what was loaded."
        )
        warnings.warn(msg, UserWarning, stacklevel=2)
