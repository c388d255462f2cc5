"""The process of one contender: reads names of cases, one a line, and prints the CPU seconds of a call of each."""

from __future__ import annotations

import json
import logging
import sys

from cases import Bench
from contenders import CONTENDERS


def main() -> None:
    """Measure until standard input closes; a case that fails is a text instead of a number."""
    logging.getLogger().addHandler(logging.NullHandler())
    name, root, share = sys.argv[1:]
    bench = Bench(CONTENDERS[name], root, float(share))
    for line in sys.stdin:
        try:
            figure: float | str = bench.measure(line.strip())
        except Exception as error:  # noqa: BLE001 - peers fail in ways of their own; the table shows a gap
            figure = f"{type(error).__name__}: {error}"[:200]
        print(json.dumps(figure), flush=True)


if __name__ == "__main__":
    main()
