"""Spreadsheets that no program writes: parts of .xlsx and .ods put together by hand, most of them to do harm."""

import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_MEBIBYTE = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
SHEET_START = f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>'
SHEET_END = "</sheetData></worksheet>"
STRINGS_START = f'<?xml version="1.0"?><sst xmlns="{_MAIN}">'
_XLSX_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


@dataclass(frozen=True)
class Packed:
    """A part that is deflated already, and what the zip file's directory says of its size."""

    deflated: bytes
    claimed: int


type Part = str | bytes | Packed


def zipped(path: Path, parts: Iterable[tuple[str, Part]]) -> Path:
    """A zip file of these parts."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts:
            about = zipfile.ZipInfo(name)
            if isinstance(part, Packed):
                archive.writestr(about, part.deflated)
                about.compress_type, about.file_size = zipfile.ZIP_DEFLATED, part.claimed
            else:
                archive.writestr(about, part, zipfile.ZIP_DEFLATED)
    return path


def xlsx(path: Path, rows: str, parts: Mapping[str, Part] | None = None) -> Path:
    """A workbook of one sheet with these rows; other parts are added, or replaced."""
    return zipped(path, (_XLSX_PARTS | {SHEET: SHEET_START + rows + SHEET_END} | dict(parts or {})).items())


def ods(path: Path, rows: str, manifest: str = "<manifest/>") -> Path:
    """An OpenDocument file of one table with these rows."""
    content = (
        f'<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:table="{_ODF}:table:1.0" '
        f'xmlns:text="{_ODF}:text:1.0"><office:body><office:spreadsheet><table:table table:name="People">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped(path, {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content}.items())


def repeated(start: str, piece: str, times: int, end: str) -> Packed:
    """A part that says the same over and over; deflated once, so that a bomb of 2 GB is made at once."""
    at_once = max(_MEBIBYTE // len(piece), 1)
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    # After a full flush, nothing refers to what was before it.
    first, block = (pack.compress(it.encode()) + pack.flush(zlib.Z_FULL_FLUSH) for it in (start, piece * at_once))
    last = pack.compress((piece * (times % at_once) + end).encode()) + pack.flush()
    return Packed(first + block * (times // at_once) + last, len(start) + len(piece) * times + len(end))


def inline(reference: str, text: str) -> str:
    """A cell with its text in itself."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'
