"""Writes rows with their results to a workbook and to a text file, row by row, so that memory stays as it is.

In neither can a cell become a formula. In the workbook every cell is text, and one that would be run stays text when it
is edited; in the text file it is guarded (see ``formulas``), and the guard is taken off when the file is read again.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from spreadsheet_import.cell import writable
from spreadsheet_import.formulas import guarded
from spreadsheet_import.sheets.reading import MOST_CELL_CHARACTERS, MOST_COLUMNS, Row

_SHEET = "results"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
# XlsxWriter takes text between these two for XML of its own, and writes it as it is.
_RICH = "<r>", "</r>"


def write_copies(rows: Iterable[Row], header: int, workbook: Path, text: Path) -> None:
    """Write each row under its own number, in both; up to the ``header``'s it stays in view."""
    with (
        xlsxwriter.Workbook(workbook, {**_OPTIONS, "tmpdir": str(workbook.parent)}) as book,
        text.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        sheet = book.add_worksheet(_SHEET)
        sheet.set_column(0, MOST_COLUMNS + 1, 24)
        # For these alone: a format for every cell takes as long again as all the rest.
        stays_text = book.add_format({"quote_prefix": True})
        sheet.freeze_panes(header, 0)
        lines = csv.writer(file)
        written = 0
        for number, cells in rows:
            # Rows without text were left out when the sheet was read, and are rows all the same.
            file.write("\r\n" * (number - written - 1))
            written = number
            held = [_cut(writable(cell)) for cell in cells]
            safe = [guarded(cell) if cell else "" for cell in held]
            lines.writerow(map(_cut, safe))
            for column, cell in enumerate(held):
                if cell:
                    kept = None if safe[column] == cell else stays_text
                    sheet.write_string(number - 1, column, _text(cell), kept)


def beside(cells: Sequence[str], at: int, outcome: str, reason: str) -> list[str]:
    """The row with its result in the two columns from here on."""
    return [*cells[:at], *[""] * (at - len(cells)), outcome, reason, *cells[at + 2 :]]


def _text(cell: str) -> str:
    """The cell so that it stays text in a workbook."""
    opening, closing = _RICH
    return f"{cell[: MOST_CELL_CHARACTERS - 1]} " if cell.startswith(opening) and cell.endswith(closing) else cell


def _cut(cell: str) -> str:
    """At most as long as spreadsheet programs let a cell be, who count in UTF-16."""
    if len(cell) <= MOST_CELL_CHARACTERS // 2:
        return cell
    return cell.encode("utf-16-le")[: 2 * MOST_CELL_CHARACTERS].decode("utf-16-le", "ignore")
