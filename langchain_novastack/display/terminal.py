"""Where the output of a command goes when nobody reads it any more."""

from __future__ import annotations

import os
from typing import TextIO


def discard(stream: TextIO) -> None:
    """Let a stream that failed go nowhere: Python would try once more at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
