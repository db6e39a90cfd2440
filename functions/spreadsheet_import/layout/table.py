"""The sheet that is read, and which of its columns hold what."""

from dataclasses import dataclass

from spreadsheet_import.sheets.reading import Sheet


@dataclass(frozen=True)
class Columns:
    """Counted from 0. ``names`` are joined by a blank: a first name and a last name, where there is no full one."""

    primary: int
    names: tuple[int, ...]
    aliases: tuple[int, ...]
    action: int | None


@dataclass(frozen=True)
class Table:
    """``row`` is the number of the header's row, and ``header`` its cells as they are; 0 and none without a header.

    Not read are ``hidden_sheets``, and ``other_sheets``, which are shown; both by their names.
    """

    sheet: Sheet
    row: int
    columns: Columns
    header: tuple[str, ...]
    hidden_sheets: tuple[str, ...]
    other_sheets: tuple[str, ...]


def column_letters(column: int) -> str:
    """The column, counted from 0, as spreadsheet programs call it."""
    letters = ""
    left = column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
