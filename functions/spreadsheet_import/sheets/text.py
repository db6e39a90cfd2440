"""Reads text files whose cells are separated by a character: .csv, .tsv, and what people save under other names."""

import codecs
import csv
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from spreadsheet_import.errors import DamagedFile, NotASpreadsheet, UnreadableText
from spreadsheet_import.sheets.limits import bounded, too_long
from spreadsheet_import.sheets.reading import MOST_CELL_CHARACTERS, Row, Sheet

SEPARATORS = (",", ";", "\t", "|")
_BLOCK = 1024 * 1024
_START = 4096
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# A line of its own after the last: where a quotation mark was never closed, it ends up within a cell.
_END = "\0end"


def text_sheets(path: Path) -> list[Sheet]:
    """The file with each separator that it may have; the one that Excel was told in a first line ``sep=;``, if any.

    Raises:
        NotASpreadsheet: it is no text.
        UnreadableText: it is in no encoding that is understood.
    """
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as stream:
        first = stream.readline(len("sep=;\r\n")).rstrip("\r\n")
    told = first.lower().startswith("sep=") and len(first) == len("sep=;")
    return [
        Sheet("", hidden=False, rows=functools.partial(_rows, path, encoding, separator, told))
        for separator in (first[-1:] if told else SEPARATORS)
    ]


def encoding_of(path: Path) -> str:
    """The encoding that all of the file is in: UTF-8, UTF-16, or else Windows-1252 as Excel in the West writes it.

    Raises:
        NotASpreadsheet: it is no text.
        UnreadableText: it is in none of them.
    """
    with path.open("rb") as stream:
        start = stream.read(_START)
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    for encoding in [marked] if marked else _unmarked(start):
        if _is_in(path, encoding):
            return encoding
    raise UnreadableText("It is in no encoding that is understood. Save it as UTF-8, or as .xlsx.")


def _unmarked(start: bytes) -> tuple[str, ...]:
    # Most characters of any language's list of addresses are of ASCII, and those have a NUL beside them.
    half = len(start) // 2
    if start.count(0) > half * 0.7:
        if start[1::2].count(0) > half * 0.7:
            return ("utf-16-le",)
        if start[::2].count(0) > half * 0.7:
            return ("utf-16-be",)
    return ("utf-8", "cp1252")


def _is_in(path: Path, encoding: str) -> bool:
    """Whether every byte of the file is; in memory is never more than a block of it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as stream:
        try:
            while block := stream.read(_BLOCK):
                if "\0" in decoder.decode(block):
                    raise NotASpreadsheet("It is no text and no spreadsheet. Send a file saved as .xlsx or .csv.")
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _rows(path: Path, encoding: str, separator: str, told: bool) -> Iterator[Row]:  # noqa: FBT001, by partial only
    # The limit is one for the process; all that is read here keeps to it.
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    with path.open(encoding=encoding, newline="") as stream:
        yield from bounded(_numbered(stream, separator, 1 if told else 0))


def _numbered(lines: Iterable[str], separator: str, passed_over: int) -> Iterator[Row]:
    number = 0
    records = csv.reader(_ended(lines), delimiter=separator)
    try:
        for number, cells in enumerate(records, 1):
            if cells == [_END]:
                return
            if number > passed_over:
                yield number, cells
    except csv.Error as refusal:
        if "field limit" in str(refusal):
            raise too_long(number + 1) from refusal
        raise DamagedFile(f"Row {number + 1:,} cannot be read: {refusal}. Save the file as .xlsx.") from refusal
    raise DamagedFile(
        f'In row {number:,} a quotation mark (") opens a cell, and none closes it. Close it, or save the file as .xlsx.'
    )


def _ended(lines: Iterable[str]) -> Iterator[str]:
    yield from lines
    yield _END
