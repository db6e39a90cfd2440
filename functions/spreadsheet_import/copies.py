"""Copies of a file with the result of each row beside it, to be corrected and uploaded again."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from pathlib import Path

from addresses.row_result import RowResult
from spreadsheet_import.copy_files import beside, write_copies
from spreadsheet_import.layout.headerless import HEADINGS
from spreadsheet_import.layout.names import bare_name
from spreadsheet_import.layout.table import Table
from spreadsheet_import.sheets.reading import Row

OUTCOME, REASON = "outcome", "reason"


def write(table: Table, workbook: Path, text: Path, results: Iterable[RowResult]) -> None:
    """Write the sheet that was read, with two more columns, as a workbook and as a text file.

    Its cells, titles and row numbers stay as they are; results that it had from an earlier import are replaced. A sheet
    without a header gets one, by which it is understood whatever stands in it; its rows move down by one.

    Args:
        table: What was read.
        workbook: Where the workbook goes.
        text: Where the text file goes, in UTF-8 with a byte order mark: Excel reads nothing else as UTF-8.
        results: In the order of the rows; a row may have several, or none.
    """
    write_copies(_rows(table, results), table.row or 1, workbook, text)


def _rows(table: Table, results: Iterable[RowResult]) -> Iterator[Row]:
    at = _place(table)
    moved = 0 if table.row else 1
    if moved:
        yield (
            1,
            beside([*HEADINGS, *(f"alias {each}" for each in range(1, at - len(HEADINGS) + 1))], at, OUTCOME, REASON),
        )
    said = groupby(results, key=lambda each: each.row)
    row, found = next(said, (0, iter(())))
    for number, cells in table.sheet.rows():
        if number < table.row:
            yield number, cells
        elif number == table.row:
            yield number, beside(cells, at, OUTCOME, REASON)
        else:
            while row and row < number:
                row, found = next(said, (0, iter(())))
            yield number + moved, beside(cells, at, *_said(list(found) if row == number else []))


def _place(table: Table) -> int:
    """The column of the outcome: where it was in an earlier copy, or beside the longest row."""
    if tuple(map(bare_name, table.header[-2:])) == (OUTCOME, REASON):
        return len(table.header) - 2
    return max(chain([len(table.header)], (len(cells) for number, cells in table.sheet.rows() if number > table.row)))


def _said(results: list[RowResult]) -> tuple[str, str]:
    """The results of one row in one: each outcome once, and every reason with what it is about."""
    outcomes = dict.fromkeys(str(each.outcome) for each in results)
    if len(results) == 1:
        return results[0].outcome, results[0].reason
    reasons = (f"{each.alias}: {each.reason}" if each.alias else each.reason for each in results if each.reason)
    return ", ".join(outcomes), "; ".join(reasons)
