"""Measures all there is to measure: ``python -m tests.benchmarks``, or what is named: ``... planning no_change``.

``--write`` also puts the table into docs/performance.md.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from tests.benchmarks.row import Row

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
MODULES = (
    *(
        "planning",
        "applying",
        "no_change",
        "first_sync",
        "reading_directory",
        "parsing_mail",
        "ingesting",
        "archive_page",
    ),
    *("normalising", "resolving", "sheets", "cold_start"),
)
_HEAD = "| work | here | beside it | ratio | target | met |\n|---|---|---|---|---|---|\n"
_BEGIN, _END = "<!-- Figures -->\n", "<!-- end -->"


def main() -> None:
    """Print each row as soon as it is there."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    asked.add_argument("modules", nargs="*", default=MODULES, help=", ".join(MODULES))
    asked.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    asked.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.alone:
        for row in import_module(f"tests.benchmarks.{given.modules[0]}").rows():
            print(json.dumps(asdict(row)), flush=True)
        return
    lines = []
    for module in given.modules:
        for row in measured(module):
            lines.append(line(row))
            print(lines[-1], flush=True)
    if given.write:
        before, _, rest = PAGE.read_text().partition(_BEGIN)
        _, _, after = rest.partition(_END)
        PAGE.write_text(before + _BEGIN + _HEAD + "".join(f"{each}\n" for each in lines) + _END + after)


def measured(module: str) -> Iterator[Row]:
    """The rows of one module, which has a process of its own: no memory of another counts."""
    command = [sys.executable, "-m", "tests.benchmarks", "--alone", module]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for told in process.stdout:
            yield Row(**json.loads(told))
    if process.returncode:
        raise SystemExit(f"{module} failed.")


def line(row: Row) -> str:
    """The row of the page's table."""
    met = {True: "yes", False: "no", None: ""}[row.met]
    return f"| {row.work} | {row.here} | {row.beside} | {row.ratio} | {row.target} | {met} |"


if __name__ == "__main__":
    main()
