"""What every kind of file is read as: sheets with rows of text, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

# A sheet has no more rows in any program that people have, and more columns only by mistake.
MOST_SHEET_ROWS = 1_048_576
MOST_COLUMNS = 256
MOST_ROWS = 250_000
MOST_CELL_CHARACTERS = 32_767

# Its number, as the program shows it (from 1), and its cells as text from column A on, without empty ones at the end.
type Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Sheet:
    """A sheet of a file. ``rows`` reads it from its beginning, each time; rows without any text are left out.

    A text file is read as several sheets without a name, one for each character that may separate its cells: which is
    the right one shows in its header.
    """

    name: str
    hidden: bool
    rows: Callable[[], Iterator[Row]]
