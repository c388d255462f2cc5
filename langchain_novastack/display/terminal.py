"""What commands that print have in common."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable


def discard(stream: TextIO) -> None:
    """Let a stream that failed go nowhere: Python would try once more at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def print_lines(lines: Iterable[str], program: str) -> int:
    """Print what is worked out as it is printed; return the exit code.

    That is 0; 1 if nobody reads the output; 2 for what is wrong, told on standard error; 130 if interrupted.
    """
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except BrokenPipeError:
        discard(sys.stdout)
        return 1
    except KeyboardInterrupt:
        return 130
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{program}: {error}\n")
        return 2
    return 0
