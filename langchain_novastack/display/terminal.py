"""What commands that print have in common."""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import TextIO

_TYPES = {"int": int, "float": float}


def parser_of(program: str, description: str | None) -> argparse.ArgumentParser:
    """Return the parser of a command line, whose arguments are in `command_options.json`."""
    parser = argparse.ArgumentParser(program, description=description, allow_abbrev=False)
    rows = json.loads(pkgutil.get_data("langchain_novastack", "command_options.json") or "")[program]
    # Of an empty group some Pythons make no help.
    what = parser.add_mutually_exclusive_group() if any("const" in row for row in rows.values()) else parser
    for name, row in rows.items():
        option = {key: _TYPES.get(value, value) if key == "type" else value for key, value in row.items()}
        if "version" in option:
            option["version"] = option["version"].format(version=version(program))
        (what if "const" in option else parser).add_argument(name, **option)
    return parser


def command(program: str, lines: Callable[[argparse.Namespace], Iterable[str]]) -> Callable[..., int]:
    """Return the `main` of a command that prints lines, given what makes them of its arguments."""
    return lambda arguments=None: print_lines(lines(parser_of(program, lines.__doc__).parse_args(arguments)), program)


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
