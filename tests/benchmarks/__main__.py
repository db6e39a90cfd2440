"""Measures all there is to measure: ``python -m tests.benchmarks``, or what is named: ``... planning no_change``."""

import sys
from importlib import import_module

from tests.benchmarks.row import Row

MODULES = ("planning", "no_change")


def main(wanted: list[str]) -> None:
    """Print the rows, each as soon as it is there."""
    for name in wanted:
        for row in import_module(f"tests.benchmarks.{name}").rows():
            print(*_cells(row), sep=" | ", flush=True)


def _cells(row: Row) -> list[str]:
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return [row.work, row.here, row.beside, row.ratio, row.target, met]


if __name__ == "__main__":
    main(sys.argv[1:] or list(MODULES))
