"""What is said when no header was found: what was seen, and what would be understood. Pure."""

from collections.abc import Sequence

from spreadsheet_import.errors import NoHeader
from spreadsheet_import.layout.names import UNDERSTOOD, Kind, kind_of
from spreadsheet_import.sheets.reading import Row

_CELLS = 20
_SHEETS = 10
_SHOWN = 30


def no_header(seen: Sequence[tuple[str, Row]], hidden: Sequence[str]) -> NoHeader:
    """The refusal, in sentences that are safe to print however the file's cells and sheets are called."""
    sentences = ["No header was found in the first 100 rows and 26 columns of any sheet that is shown."]
    if seen:
        name, (number, cells) = max(seen, key=lambda each: _likeness(each[1][1]))
        where = f"row {number} of sheet {_quoted(name)}" if name else f"row {number}"
        filled = [cell.strip() for cell in cells if cell.strip()]
        sentences.append(f"Most like one is {where}: {_listed(filled, _CELLS)}.")
    primary = ", ".join(UNDERSTOOD[Kind.PRIMARY])
    rest = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in UNDERSTOOD.items() if kind is not Kind.PRIMARY)
    sentences.append(f"Call the column of the primary one of: {primary}. Also understood are {rest}.")
    if hidden:
        sentences.append(f"Hidden sheets are not read: {_listed(hidden, _SHEETS)}. To have one read, show it.")
    return NoHeader(" ".join(sentences))


def _likeness(cells: Sequence[str]) -> tuple[int, int]:
    """First by the columns that are recognised, then by cells of text that are neither numbers nor addresses."""
    named = sum(kind_of(cell) is not None for cell in cells)
    return named, sum("@" not in cell and any(map(str.isalpha, cell)) for cell in cells)


def _listed(texts: Sequence[str], most: int) -> str:
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(map(_quoted, texts[:most])) + more


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
