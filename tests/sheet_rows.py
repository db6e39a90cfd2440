"""Short ways to write down sheets in tests, and to read text files without the code under test."""

import csv
from collections.abc import Iterator
from pathlib import Path

from spreadsheet_import.sheets.reading import Row, Sheet

SHEETS = Path(__file__).parent / "fixtures" / "sheets"


def sheet(*rows: list[str], name: str = "People", first: int = 1, hidden: bool = False) -> Sheet:
    """A sheet with these rows, from this number on."""
    return Sheet(name, hidden, lambda: iter([(number, row) for number, row in enumerate(rows, first) if any(row)]))


def text_sheets(path: Path) -> list[Sheet]:
    """A text file in UTF-8 as it is read with each delimiter."""

    def read(delimiter: str) -> Iterator[Row]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), 1):
                if any(cells):
                    yield number, cells

    return [Sheet("", hidden=False, rows=lambda each=delimiter: read(each)) for delimiter in ",;\t|"]  # type: ignore[misc]
