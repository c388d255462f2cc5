"""`python -m langchain_novastack.evaluation`: measures a policy on files of labelled prompts.

For example: `python -m langchain_novastack.evaluation rows.jsonl --label route
--names code=deepseek,creative=claude,general=qwen`.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_novastack.display.terminal import command
from langchain_novastack.evaluation.evaluate import evaluate, read_lines
from langchain_novastack.evaluation.teach import teach
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    import argparse


def _evaluated(options: argparse.Namespace) -> Iterator[str]:
    """Evaluate a policy on files of JSON lines.

    Exits with 0; 2 for bad usage or rows, 1 if the output cannot be written, 130 if interrupted.
    """
    rows: Any = [*read_lines(options.files)]
    policy, names = _policy(options.policy), _meanings(options.names)
    result = evaluate(policy, rows, options.label, names)
    yield str(result)
    yield from map(str, result.misses[: max(options.errors, 0)])
    if options.teach:
        lesson = str(teach(rows, policy, options.label, names))
        Path(options.teach).write_text(lesson, encoding="utf-8")
        yield lesson.partition("\n")[0].removeprefix("# ")


main = command("python -m langchain_novastack.evaluation", _evaluated)


def _policy(name: str) -> Any:
    """Import a policy by its module and name, from the working directory too; a class is called without arguments."""
    sys.path.insert(0, "")
    try:
        found = pkgutil.resolve_name(name)
    except (AttributeError, ImportError, ValueError) as error:
        raise bad_argument("--policy", f"name a policy as in module:name ({error})", repr(name)) from error
    finally:
        sys.path.remove("")
    return found() if isinstance(found, type) else found


def _meanings(given: str) -> dict[str, str]:
    names = {label: meaning for label, _, meaning in (pair.partition("=") for pair in given.split(",") if pair)}
    if not all(names) or not all(names.values()):
        raise bad_argument("--names", "be pairs as in code=deepseek,general=qwen", repr(given))
    return names


if __name__ == "__main__":
    sys.exit(main())
