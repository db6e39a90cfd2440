"""The one layout without a header, Proofpoint Essentials': first and last name, primary, mobile, aliases. Pure."""

from collections.abc import Sequence

from addresses.address import parse
from addresses.errors import InvalidAddress
from spreadsheet_import.cell import entries
from spreadsheet_import.layout.table import Columns
from spreadsheet_import.sheets.reading import MOST_COLUMNS, Row

_FIRST, _LAST, _PRIMARY, _MOBILE, _ALIASES = range(5)
FITTING = Columns(primary=_PRIMARY, names=(_FIRST, _LAST), aliases=tuple(range(_ALIASES, MOST_COLUMNS)), action=None)
# The columns before the aliases, by names that are understood in a header.
HEADINGS = ("first name", "last name", "email", "mobile")
_ROWS = 20


def fits(rows: Sequence[Row]) -> bool:
    """Whether the first rows are all of this layout, and show it: some have a name, and some an alias.

    Before October 2021 the aliases began in the fourth column; such a file is not this layout, and is not guessed at.
    """
    first = [cells for _, cells in rows[:_ROWS]]
    return (
        all(map(_fits, first))
        and any(any(map(str.strip, cells[:_PRIMARY])) for cells in first)
        and any(any(map(str.strip, cells[_ALIASES:])) for cells in first)
    )


def _fits(cells: list[str]) -> bool:
    return (
        len(cells) > _PRIMARY
        and _addresses(cells[_PRIMARY]) == 1
        and not any("@" in cell for cell in (*cells[:_PRIMARY], *cells[_MOBILE:_ALIASES]))
        and all(_addresses(cell) == 1 for cell in cells[_ALIASES:] if cell.strip())
    )


def _addresses(cell: str) -> int:
    """How many addresses the cell holds; none where anything else is among them."""
    found = entries(cell)
    try:
        return len([parse(entry) for entry in found])
    except InvalidAddress:
        return 0
