"""Looks through the parts of a zip file before a parser does: one of 2 KB can be made to take all memory there is."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spreadsheet_import.errors import CellTooLong, ForeignReferences, TooManyRows, UnpacksTooLarge
from spreadsheet_import.sheets.container import MOST_BYTES, Container, damaged, too_large
from spreadsheet_import.sheets.reading import MOST_CELL_CHARACTERS, MOST_SHEET_ROWS

# Between two tags stands no more than a cell, of which every character may take the six bytes of &quot;.
MOST_RUN = 256 * 1024
# Eight columns, each cell with a text of its own, in every row that an import takes.
MOST_SHARED_STRINGS = 2_000_000
MOST_SHEETS = 256
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_DECLARATION = re.compile(rb"<![A-Za-z]")
# calamine passes over a text in this form, and so an alias would be lost.
_CDATA = b"<![CDATA["
# Searched for from its last letter on, which few tags have; a prefix is no longer than this in any program's files.
_PREFIXES = (b"", *(rb"\w{%d}:" % length for length in range(1, 9)))
_F = rb"f(?:%s)\b" % b"|".join(rb"(?<=<%s%sf)" % (slash, prefix) for slash in (b"", b"/") for prefix in _PREFIXES)
# The end of a formula, and after it no result. Excel writes one like this too, of an empty text; that is told later.
_UNSAVED = re.compile(
    _F + rb"[^<>]{0,400}>\s{0,4}(?:</(?:\w{1,9}:)?c>|<(?:\w{1,9}:)?v ?/>|<v></v>|<(\w{1,9}:)v></\1v>)"
)
_FORMULA = re.compile(_F + rb"([^<>]*)")
# calamine sets aside as much memory as the number of a formula says that there are others before it.
_FORMULA_NUMBER = re.compile(rb"\bsi\s*=\s*(.{0,8})", re.DOTALL)
_MODEST_NUMBER = re.compile(rb"([\"'])[0-9]{1,6}\1")
_LONGEST_UNSAVED = 500
# calamine sets aside as much memory as a file says that it has different texts.
_STRINGS = re.compile(rb"sst\b([^<>]*)")
_CLAIMED = re.compile(rb"ount\s*=\s*(.{0,9})", re.DOTALL)
# Less than ten million: so many are all the cells of a sheet, and take 240 MB that are not touched.
_MODEST = re.compile(rb"([\"'])[0-9]{1,7}\1")
# calamine sets aside as much memory as a reference says that there are columns before it. The last of a sheet is XFD,
# so four letters are too many; within a tag, for a text may have such words too.
_FAR_CELL = re.compile(rb"r(?=\s*+=\s*+[\"'][A-Za-z]{4})(?<![\w:.-]r)[^<>]*+(>?)")
_DIMENSION = re.compile(rb"dimension\b([^<>]*+)>")
_FAR_COLUMN = re.compile(rb"[:\"'][A-Za-z]{4}")
_CELLS = re.compile(rb"<(?:\w{1,9}:)?(?:sheetData|sst)[\s/>]")
_LONGEST_CELLS = 32
_PICTURES = (".bin", ".bmp", ".emf", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".wmf")


@dataclass(frozen=True)
class Seen:
    """What a look at the parts has shown of them: whether any formula was saved without its result."""

    unsaved_formulas: bool


def look_through(archive: Container) -> Seen:
    """Unpacks every part once and keeps nothing.

    Raises:
        UnpacksTooLarge: they are more than any program writes for people.
        TooManyRows: a part has more rows than a sheet can have.
        CellTooLong: a text is longer than a cell can be.
        ForeignReferences: a part declares entities or a document type, or is written so that it could hide them.
        DamagedFile: a part cannot be unpacked, or writes cells as no program does.
    """
    if sum("worksheets/sheet" in name.lower() for name in archive.parts) > MOST_SHEETS:
        raise UnpacksTooLarge(f"It has more than {MOST_SHEETS} sheets. Save only the one with the addresses, as .xlsx.")
    unpacked, unsaved = 0, False
    for name in archive.parts:
        chunks = _counted(archive.unpacked(name), unpacked)
        if name.lower().endswith(_PICTURES):
            unpacked += _picture(chunks)
            continue
        rows = strings = 0
        before = b""
        for tags in whole_tags(chunks):
            unpacked += len(tags)
            rows += tags.count(b"<row")
            strings += tags.count(b"<si")
            # Few files have a prefix at all, and to look for one letter takes a twentieth of looking for three.
            if b":" in tags:
                # It is counted where a tag begins and where it ends.
                rows += tags.count(b":row") // 2
                strings += tags.count(b":si") // 2
            _refuse_crowds(rows, strings)
            formulas = _FORMULA.findall(tags)
            _refuse_claims(formulas, tags)
            edge = before + tags[:_LONGEST_UNSAVED]
            unsaved = unsaved or bool(_UNSAVED.search(edge) or (formulas and _UNSAVED.search(tags)))
            before = tags[-_LONGEST_UNSAVED:]
    return Seen(unsaved)


def whole_tags(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, cut only before tags.

    Raises:
        CellTooLong: there is more text in one place than a cell can hold.
        ForeignReferences: something is declared, or the encoding is not UTF-8.
        DamagedFile: a text is written as CDATA.
    """
    rest, begun = b"", False
    for chunk in chunks:
        tags = rest + chunk
        if not begun and len(tags) > 1:
            begun = True
            if tags.startswith(_UTF_16):
                raise ForeignReferences(
                    "A part of it is not in UTF-8. Open it in a spreadsheet program and save it anew."
                )
        at = 0
        while len(tags) - at > MOST_RUN:
            at = tags.rfind(b"<", at + 1, at + MOST_RUN + 1)
            if at < 0:
                raise CellTooLong(f"A cell has more than {MOST_CELL_CHARACTERS:,} characters. Shorten it.")
        cut = max(tags.rfind(b"<", at), 0)
        tags, rest = tags[:cut], tags[cut:]
        _refuse_declarations(tags)
        yield tags
    _refuse_declarations(rest)
    yield rest


def _refuse_declarations(tags: bytes) -> None:
    if b"!" not in tags:
        return
    if _DECLARATION.search(tags):
        raise ForeignReferences(
            "It declares a document type or entities, as no spreadsheet program does. "
            "Open it in such a program and save it as .xlsx."
        )
    if _CDATA in tags:
        raise damaged()


def _refuse_crowds(rows: int, strings: int) -> None:
    if rows > MOST_SHEET_ROWS:
        raise TooManyRows(f"A sheet has more than {MOST_SHEET_ROWS:,} rows. Split it into several files.")
    if strings > MOST_SHARED_STRINGS:
        raise UnpacksTooLarge(
            f"It has more than {MOST_SHARED_STRINGS:,} different texts. Save only the addresses' columns, as .xlsx."
        )


def _refuse_claims(formulas: list[bytes], tags: bytes) -> None:
    numbers = [number for formula in formulas for number in _FORMULA_NUMBER.findall(formula)]
    claims = [claim for strings in _STRINGS.findall(tags) for claim in _CLAIMED.findall(strings)]
    far = any(_FAR_CELL.findall(tags)) or any(map(_FAR_COLUMN.search, _DIMENSION.findall(tags)))
    if far or not (all(map(_MODEST_NUMBER.match, numbers)) and all(map(_MODEST.match, claims))):
        raise damaged()


def _counted(chunks: Iterable[bytes], before: int) -> Iterator[bytes]:
    """The same, as long as all parts together do not unpack to too much."""
    for chunk in chunks:
        before += len(chunk)
        if before > MOST_BYTES:
            raise too_large()
        yield chunk


def _picture(chunks: Iterable[bytes]) -> int:
    """How much a picture unpacks to; it is no text between tags, and must not hold cells either."""
    size, before = 0, b""
    for chunk in chunks:
        size += len(chunk)
        if _CELLS.search(before + chunk):
            raise damaged()
        before = chunk[-_LONGEST_CELLS:]
    return size
