"""Reading spreadsheets in tests: the fixtures, all that a file holds, and the processes that read for it."""

from pathlib import Path

from spreadsheet_import.sheets.file import opened
from spreadsheet_import.sheets.reading import Row

FIXTURES = Path(__file__).parent / "fixtures" / "sheets"


def read(path: Path) -> list[list[Row]]:
    """Every row of every sheet."""
    return [list(sheet.rows()) for sheet in opened(path)]


def children() -> set[str]:
    """The processes that this one has started and not yet waited for."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
