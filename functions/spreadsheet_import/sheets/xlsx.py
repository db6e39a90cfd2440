"""Reads .xlsx and .xlsm row by row. Macros are not run, links to other files not followed; saved results are read."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from python_calamine_plus import (
    CalamineCell,
    CalamineError,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from spreadsheet_import.errors import UnpacksTooLarge
from spreadsheet_import.sheets.container import Container, damaged
from spreadsheet_import.sheets.guard import look_through
from spreadsheet_import.sheets.limits import bounded, text
from spreadsheet_import.sheets.reading import MOST_COLUMNS, MOST_ROWS, MOST_SHEET_ROWS, Row, Sheet

# calamine fills every row up to the widest before it: as many cells as the largest import has, and no more.
_MOST_CELLS = MOST_ROWS * MOST_COLUMNS


def xlsx_sheets(archive: Container) -> list[Sheet]:
    """The sheets that have cells; charts are left out.

    Raises:
        SpreadsheetRefused: the file is damaged, or would do harm.
    """
    seen = look_through(archive)
    cell_text = _cell_text if seen.unsaved_formulas else text
    with _workbook(archive.path) as workbook:
        return [
            Sheet(
                sheet.name,
                sheet.visible != SheetVisibleEnum.Visible,
                functools.partial(_rows, archive.path, place, cell_text),
            )
            for place, sheet in enumerate(workbook.sheets_metadata)
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]


@contextmanager
def _workbook(path: Path) -> Iterator[CalamineWorkbook]:
    """The file as calamine reads it; what it trips over, there or while a sheet is read, is a damaged file."""
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            yield workbook
    except (CalamineError, OSError, ValueError, OverflowError) as refusal:
        raise damaged() from refusal
    except BaseException as panic:
        # A bug in Rust is none of the Exceptions, and its class can be imported from nowhere.
        if type(panic).__name__ != "PanicException":
            raise
        raise damaged() from panic


def _rows(path: Path, place: int, cell_text: Callable[[Any], str]) -> Iterator[Row]:
    with _workbook(path) as workbook:
        yield from bounded(_numbered(workbook, place, cell_text))


def _numbered(workbook: CalamineWorkbook, place: int, cell_text: Callable[[Any], str]) -> Iterator[Row]:
    rich = cell_text is _cell_text
    stream: Iterator[list[Any]] = workbook.stream_sheet_by_index(place, rich)
    number = cells = 0
    while (row := next(stream, None)) is not None:
        number += 1
        cells += min(len(row), MOST_COLUMNS)
        # A row past the last is yielded, to be refused; those that only lead there are billions.
        if cells > _MOST_CELLS or number > MOST_SHEET_ROWS:
            raise UnpacksTooLarge(
                "Far from the others a cell has been filled in, so the sheet is too large. "
                "Delete what is below and beside the list."
            )
        if len(row) > MOST_COLUMNS:
            # Were it to go on like this, a cell in the last column would widen every row that follows.
            stream = workbook.stream_sheet_by_index(place, rich, min_row=number, max_col=MOST_COLUMNS - 1)
            del row[MOST_COLUMNS:]
        if row.count("") < len(row):
            yield number, [value if value.__class__ is str else cell_text(value) for value in row]


def _cell_text(cell: CalamineCell) -> str:
    # Without a saved result, the value is an empty text, which a program says to be a text.
    if cell.value == "" and cell.formula and cell.data_type != "s":
        return cell.formula
    return text(cell.value)
