"""Reads .ods while it is unpacked, so that what is only said to be repeated takes no memory.

calamine is not used for it: it shows a cell whose formula failed, or was never calculated, as an empty one.
"""

import functools
from collections.abc import Iterator

from spreadsheet_import.sheets.container import Container, damaged, password_protected
from spreadsheet_import.sheets.guard import whole_tags
from spreadsheet_import.sheets.limits import bounded
from spreadsheet_import.sheets.ods_rows import rows_of
from spreadsheet_import.sheets.ods_tables import tables
from spreadsheet_import.sheets.reading import Row, Sheet

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"


def ods_sheets(archive: Container) -> list[Sheet]:
    """The sheets of an OpenDocument file; of its parts, only what they hold is unpacked.

    Raises:
        PasswordProtected: it is encrypted.
        SpreadsheetRefused: it is damaged, or would do harm.
    """
    if _MANIFEST in archive.parts and any(b"encryption-data" in tags for tags in _tags(archive, _MANIFEST)):
        raise password_protected()
    if _CONTENT not in archive.parts:
        raise damaged()
    return [
        Sheet(name, hidden, functools.partial(_rows, archive, place))
        for place, (name, hidden) in enumerate(tables(_tags(archive, _CONTENT)))
    ]


def _rows(archive: Container, place: int) -> Iterator[Row]:
    yield from bounded(rows_of(_tags(archive, _CONTENT), place))


def _tags(archive: Container, part: str) -> Iterator[bytes]:
    return whole_tags(archive.unpacked(part))
