"""`python -m langchain_novastack.evaluation`: measures the default policy on files of labelled prompts.

For example: `python -m langchain_novastack.evaluation rows.jsonl --label route
--names code=deepseek,creative=claude,general=qwen`.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from langchain_novastack.display.terminal import print_lines
from langchain_novastack.evaluation.dataset import read_lines
from langchain_novastack.evaluation.evaluate import evaluate_placed
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate the default policy on files of JSON lines.

    Returns 0; 2 for bad usage or rows, 1 if the output cannot be written, 130 if interrupted.
    """
    parser = argparse.ArgumentParser("python -m langchain_novastack.evaluation", description=main.__doc__)
    add = parser.add_argument
    add("files", nargs="+", help="one JSON object per line, with text or messages and a label; -: standard input")
    add("--label", default="model", help="key of the label (default: model)")
    add("--names", default="", help="what the labels mean: code=deepseek,creative=claude,general=qwen")
    add("--errors", type=int, default=0, metavar="N", help="list the first N misses")
    options = parser.parse_args(arguments)
    return print_lines(_lines(options), parser.prog)


def _lines(options: argparse.Namespace) -> Iterator[str]:
    result = evaluate_placed(KeywordPolicy(), read_lines(options.files), options.label, _names(options.names))
    yield str(result)
    yield from map(str, result.misses[: max(options.errors, 0)])


def _names(given: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given.split(",") if pair]
    if not all(label and meaning for label, _, meaning in pairs):
        raise bad_argument("--names", "be pairs as in code=deepseek,general=qwen", repr(given))
    return {label: meaning for label, _, meaning in pairs}


if __name__ == "__main__":
    sys.exit(main())
