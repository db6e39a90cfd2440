"""Finds out by its content what a file is; a name says nothing, because people rename files until they open."""

import mmap
import re
from pathlib import Path

from spreadsheet_import.errors import EmptyFile, NotASpreadsheet
from spreadsheet_import.sheets.container import Container, container, password_protected
from spreadsheet_import.sheets.ods import ods_sheets
from spreadsheet_import.sheets.reading import Sheet
from spreadsheet_import.sheets.text import encoding_of, text_sheets
from spreadsheet_import.sheets.xls import xls_sheets
from spreadsheet_import.sheets.xlsx import xlsx_sheets

_START = 4096
_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT_SHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHER_KINDS = {
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"II*\0": "a picture",
    b"MM\0*": "a picture",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"{\\rtf": "a text document",
    b"SQLite format 3": "a database",
}
_OTHER_MARKUP = (
    (re.compile(r"urn:schemas-microsoft-com:office:spreadsheet"), "an XML Spreadsheet 2003"),
    (re.compile(r"<office:document"), "a flat OpenDocument file"),
    (re.compile(r"<!doctype html|<html|<table|<head|<body|<meta", re.IGNORECASE), "a web page"),
    (re.compile(r"<\?xml|<!doctype", re.IGNORECASE), "an XML document"),
    (re.compile(r"MIME-Version:"), "a web archive"),
)
# What a file begins with that only holds such markup somewhere.
_MARKUP = re.compile(r"\s*(?:<\?xml|<!|<html|<table|<head|<body|<meta|<office:|MIME-Version:)", re.IGNORECASE)
# What another kind of zip file holds; a spreadsheet may hold some of it as well, and is recognised before.
_OTHER_PARTS = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("word/document.xml", "a text document (.docx)"),
    ("ppt/presentation.xml", "a presentation (.pptx)"),
    ("index/document.iwa", "a document of Apple Numbers"),
    ("index.zip", "a document of Apple Numbers"),
    ("mimetype", "an OpenDocument file without a sheet"),
)
# The names of what is in an OLE container, as its directory has them.
_ENCRYPTED = "EncryptedPackage\0".encode("utf-16-le")
_OTHER_STREAMS = {
    "WordDocument\0".encode("utf-16-le"): "a text document (.doc)",
    "PowerPoint Document\0".encode("utf-16-le"): "a presentation (.ppt)",
    "__substg1.0_".encode("utf-16-le"): "a mail (.msg)",
}


def opened(path: Path) -> list[Sheet]:
    """The sheets of the file, in its order. They are read when their rows are, so the file must stay until then.

    Raises:
        EmptyFile: it has no bytes.
        NotASpreadsheet: it is of a kind that is not read.
        PasswordProtected: it is encrypted.
        SpreadsheetRefused: it is damaged, or would do harm.
    """
    with path.open("rb") as stream:
        start = stream.read(_START)
    if not start:
        raise EmptyFile("It is empty. Send the file once more.")
    if start.startswith(_ZIP):
        return _zipped(container(path))
    if start.startswith(_OLE):
        return _compound(path)
    for mark, kind in _OTHER_KINDS.items():
        if start.startswith(mark):
            raise _other(kind)
    _refuse_markup(start.decode(encoding_of(path), errors="ignore"))
    return text_sheets(path)


def _zipped(archive: Container) -> list[Sheet]:
    names = {name.lower(): name for name in archive.parts}
    if "xl/workbook.xml" in names:
        return xlsx_sheets(archive)
    if "mimetype" in archive.parts and next(archive.unpacked("mimetype"), b"").startswith(_OPEN_DOCUMENT_SHEET):
        return ods_sheets(archive)
    raise _other(next((kind for part, kind in _OTHER_PARTS if part in names), "a zip archive"))


def _compound(path: Path) -> list[Sheet]:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(_ENCRYPTED) >= 0:
            raise password_protected()
        for name, kind in _OTHER_STREAMS.items():
            # A workbook may hold such a document within a sheet, and then has it beside its own stream.
            if content.find(name) >= 0 and content.find("Workbook\0".encode("utf-16-le")) < 0:
                raise _other(kind)
    return xls_sheets(path)


def _refuse_markup(start: str) -> None:
    if _MARKUP.match(start):
        raise _other(next((kind for mark, kind in _OTHER_MARKUP if mark.search(start)), "an XML document"))


def _other(kind: str) -> NotASpreadsheet:
    return NotASpreadsheet(
        f"It is {kind}, whatever its name says. Open it in a spreadsheet program and save it as .xlsx."
    )
