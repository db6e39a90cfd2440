"""What holds for the rows of every kind of file, and how a cell's value is written as text."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from spreadsheet_import.errors import CellTooLong, DamagedFile, TooManyRows
from spreadsheet_import.sheets.reading import MOST_CELL_CHARACTERS, MOST_COLUMNS, MOST_ROWS, MOST_SHEET_ROWS, Row

# Above, a float holds no longer every whole number.
_WHOLE = 2**53


def bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that have text, without empty cells at their ends and columns past the last that is read.

    Raises:
        TooManyRows: there are more of them than one import takes.
        CellTooLong: a cell holds more text than any program puts into one.
        DamagedFile: a row lies below the last that a sheet can have.
    """
    left = MOST_ROWS
    for number, cells in rows:
        del cells[MOST_COLUMNS:]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if number > MOST_SHEET_ROWS:
            raise DamagedFile(
                f"It has a row {number:,}, and a sheet ends at row {MOST_SHEET_ROWS:,}. "
                "Open it in a spreadsheet program and save it as .xlsx."
            )
        if len(max(cells, key=len)) > MOST_CELL_CHARACTERS:
            raise too_long(number)
        if not left:
            raise TooManyRows(
                f"It has more than {MOST_ROWS:,} rows. Split it into several files, each with the header."
            )
        left -= 1
        yield number, cells


def too_long(number: int) -> CellTooLong:
    """The refusal of a row with such a cell."""
    return CellTooLong(
        f"A cell in row {number:,} has more than {MOST_CELL_CHARACTERS:,} characters; "
        'perhaps a closing quotation mark (") is missing. Shorten it.'
    )


def text(value: object) -> str:
    """A cell's value as its text: whole numbers without a point, dates as in ISO 8601, TRUE and FALSE."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < _WHOLE:
            return str(int(value))
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case int() | float() | timedelta():
            return str(value)
        case _:
            raise TypeError(f"A cell holds {type(value).__name__}, which no reader of sheets yields.")
