"""Spreadsheets: a file is read within its bounds or refused, whatever its bytes, and whatever one of its parts says.

The first byte says what the rest is: the whole file, or a part that is behind a checksum in one.
"""

import csv
import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from spreadsheet_import.errors import SpreadsheetRefused
from spreadsheet_import.sheets.file import opened
from spreadsheet_import.sheets.reading import MOST_CELL_CHARACTERS, MOST_COLUMNS, MOST_ROWS, MOST_SHEET_ROWS
from tests.evil_sheets import SHEET, SHEET_END, SHEET_START, STRINGS, inline, ods, xlsx
from tests.sheets import FIXTURES, read

_CPU_SECONDS = 5
# It is read in a process of its own, which is not watched and takes a while to start.
_XLS = b"\xd0\xcf\x11\xe0"
_FILE, _ROWS, _SHEET, _STRINGS, _CONTENT, _MANIFEST = range(6)
_ODS_ROW = '<table:table-row table:number-rows-repeated="2"><table:table-cell><text:p>{}</text:p></table:table-cell>{}'
_ALICE = '<row r="1">' + inline("A1", "email") + inline("B1", "alias") + '</row><row r="3"><c r="A3" t="s"><v>0</v></c>'


def seeds() -> Iterator[bytes]:
    """Every fixture that is no .xls, and parts with what a parser may trip over."""
    for path in sorted(FIXTURES.iterdir()):
        if path.suffix not in {".py", ".xls"} and path.stat().st_size < 16 * 1024:
            yield bytes([_FILE]) + path.read_bytes()
    yield bytes([_FILE]) + 'sep=;\r\nemail;alias\r\nalice@example.com;"a@example.com"\r\n'.encode("utf-16")
    formulas = '<c r="B3"><f>A1</f></c><c r="C3"><f t="shared" si="0"/><v>1</v></c></row>'
    for rows in (
        f"{_ALICE}</row>",
        _ALICE + formulas,
        '<row r="1048576"><c r="XFD1" t="d"><v>2026-03-01</v></c></row>',
    ):
        yield bytes([_ROWS]) + rows.encode()
    yield bytes([_SHEET]) + f'{SHEET_START}<row><c t="b"><v>1</v></c><c><v>1e3</v></c></row>{SHEET_END}'.encode()
    yield bytes([_STRINGS]) + b'<sst count="1" uniqueCount="1"><si><r><t>al</t></r><rPh><t>x</t></rPh></si></sst>'
    blanks = '<table:covered-table-cell/><table:table-cell table:number-columns-repeated="3"/></table:table-row>'
    yield bytes([_CONTENT]) + _ODS_ROW.format('a<text:s text:c="3"/><text:tab/>', blanks).encode()
    number = '<table:table-cell office:value-type="float" office:value="1e3"/></table:table-row>'
    yield bytes([_CONTENT]) + _ODS_ROW.format("<text:span>a</text:span>", number).encode()
    yield bytes([_MANIFEST]) + b"<manifest><encryption-data/></manifest>"


def check(raw: bytes) -> None:
    """It is refused, or read twice alike, within the bounds of rows, columns, cells and time."""
    if raw[1:5] == _XLS and raw[0] == _FILE:
        return
    with tempfile.TemporaryDirectory(prefix="alias-addresses-fuzzing-") as folder:
        path = Path(folder, "file")
        _write(path, raw[0] if raw else _FILE, raw[1:])
        begun = time.process_time()
        with suppress(SpreadsheetRefused):
            sheets = read(path)
            assert sheets == read(path)
            for rows in sheets:
                numbers = [number for number, _ in rows]
                assert numbers == sorted(set(numbers))
                assert len(rows) <= MOST_ROWS
                assert all(0 < each <= MOST_SHEET_ROWS for each in numbers)
                assert all(0 < len(cells) <= MOST_COLUMNS and cells[-1].strip() for _, cells in rows)
                assert all(len(cell) <= MOST_CELL_CHARACTERS for _, cells in rows for cell in cells)
        assert time.process_time() - begun < _CPU_SECONDS
    if raw and raw[0] == _FILE:
        _require_texts_come_back(raw[1:].decode(errors="replace").replace("\0", ""))


def _write(path: Path, kind: int, part: bytes) -> None:
    match kind:
        case 1:
            xlsx(
                path,
                "",
                {SHEET: SHEET_START.encode() + part + SHEET_END.encode(), STRINGS: "<sst><si><t>a</t></si></sst>"},
            )
        case 2:
            xlsx(path, "", {SHEET: part})
        case 3:
            xlsx(path, f"{_ALICE}</row>", {STRINGS: part})
        case 4:
            ods(path, part.decode(errors="replace"))
        case 5:
            ods(path, "", part.decode(errors="replace"))
        case _:
            path.write_bytes(part)


def _require_texts_come_back(text: str) -> None:
    """What a program writes into a text file is read as it was, with the same separator."""
    rows = [line.split("\t")[:20] for line in text.split("\n")[:50] if line.strip()]
    written = io.StringIO()
    csv.writer(written).writerows([["email", "alias"], *rows])
    with tempfile.NamedTemporaryFile(prefix="alias-addresses-fuzzing-") as file:
        file.write(written.getvalue().encode())
        file.flush()
        comma, *_ = opened(Path(file.name))
        found = [cells for _, cells in comma.rows()]
    assert [["email", "alias"], *map(_stripped, rows)] == found


def _stripped(cells: list[str]) -> list[str]:
    """Without the empty cells at its end."""
    return _stripped(cells[:-1]) if cells and not cells[-1].strip() else cells
