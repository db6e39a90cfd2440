"""How long a file takes to be guarded, opened and read to its end, and how much memory over what the process has."""

import re
import sys
import time
from pathlib import Path

from python_calamine_plus import CalamineWorkbook

from addresses.settings import Settings
from spreadsheet_import.layout import header
from spreadsheet_import.sheets.file import opened
from spreadsheet_import.understanding import understood

SETTINGS = Settings(internal_domains=["example.com", "example.org"])


def main(path: Path) -> None:
    """Guarded and read; understood too, from the file on; and by the parser alone, to compare."""
    before, began = _peak(), time.perf_counter()
    [sheet, *_] = opened(path)
    rows = sum(1 for _ in sheet.rows())
    read = time.perf_counter()
    asked = sum(1 for _ in understood(header.table(opened(path)), SETTINGS))
    ended, over = time.perf_counter(), _peak() - before
    with CalamineWorkbook.from_path(path) as book:
        parsed = sum(1 for _ in book.stream_sheet_by_index(0))
    print(
        f"{path.name}: {rows:,} rows guarded and read in {read - began:.1f} s, {asked:,} understood in "
        f"{ended - read:.1f} s, {over} MiB over the process's base; {parsed:,} parsed bare in "
        f"{time.perf_counter() - ended:.1f} s"
    )


def _peak() -> int:
    # Not getrusage, which counts what the process was before it became this program.
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
