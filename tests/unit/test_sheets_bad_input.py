"""Files that are no spreadsheet, or a broken one: each is refused with a sentence, and nothing else happens."""

from collections.abc import Callable
from pathlib import Path

import pytest

from spreadsheet_import.errors import (
    CellTooLong,
    DamagedFile,
    EmptyFile,
    NotASpreadsheet,
    PasswordProtected,
    TooManyRows,
    UnreadableText,
)
from spreadsheet_import.sheets.file import opened
from tests.evil_sheets import SHEET, SHEET_END, SHEET_START, inline, ods, xlsx, zipped
from tests.sheets import FIXTURES, read


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file, under a name that promises another one."""

    def write(content: bytes) -> Path:
        path = tmp_path / "people.xls"
        path.write_bytes(content)
        return path

    return write


def test_an_empty_file_is_refused(written: Callable[[bytes], Path]) -> None:
    """It was perhaps not uploaded to its end."""
    with pytest.raises(EmptyFile, match="once more"):
        read(written(b""))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\n<HTML><body><table><tr><td>a@example.com</td></tr></table>", "a web page"),
        ("<!DOCTYPE html><table>".encode("utf-16"), "a web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "Spreadsheet 2003"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><people/>", "an XML document"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "a web archive"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\xff\xd8\xff\xe0", "a picture"),
        (b"\x7fELF\2\1\1\0\0\0", "no text and no spreadsheet"),
        (b"a@example.com\0,b@example.com", "no text and no spreadsheet"),
    ],
)
def test_a_file_of_another_kind_is_refused_as_what_it_is(
    written: Callable[[bytes], Path], content: bytes, kind: str
) -> None:
    """Programs export a web page or XML under the name .xls."""
    with pytest.raises(NotASpreadsheet, match=kind):
        read(written(content))


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"xl/workbook.bin": b"\0"}, "xlsb"),
        ({"word/document.xml": "<w/>"}, "docx"),
        ({"Index/Document.iwa": b"\0"}, "Apple Numbers"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "without a sheet"),
        ({"people.csv": "a,b"}, "a zip archive"),
    ],
)
def test_a_zip_file_of_another_kind_is_refused_as_what_it_is(
    tmp_path: Path, parts: dict[str, str | bytes], kind: str
) -> None:
    """The sentence says to save it as .xlsx."""
    with pytest.raises(NotASpreadsheet, match=rf"{kind}.*save it as \.xlsx"):
        read(zipped(tmp_path / "people.xlsx", parts.items()))


@pytest.mark.parametrize("stream", ["WordDocument", "__substg1.0_001A001F"])
def test_an_older_file_of_another_program_is_refused_as_what_it_is(
    written: Callable[[bytes], Path], stream: str
) -> None:
    """A letter or a mail is in the same container as an .xls."""
    head = (FIXTURES / "people.xls").read_bytes()[:512]

    with pytest.raises(NotASpreadsheet):
        read(written(head + f"{stream}\0".encode("utf-16-le")))


@pytest.mark.parametrize("name", ["password.xlsx", "password.xls", "password.ods"])
def test_a_file_with_a_password_is_refused(name: str) -> None:
    """Nobody can read it here."""
    with pytest.raises(PasswordProtected, match="without one"):
        read(FIXTURES / name)


def test_a_zip_file_with_an_encrypted_part_is_refused(tmp_path: Path) -> None:
    """As archivers encrypt, not spreadsheet programs."""
    path = xlsx(tmp_path / "book", "")
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)

    with pytest.raises(PasswordProtected):
        read(path)


@pytest.mark.parametrize("name", ["people.xlsx", "people.xls", "people.ods"])
@pytest.mark.parametrize("left", [0.1, 0.5, 0.99])
def test_a_file_that_ends_early_is_refused(written: Callable[[bytes], Path], name: str, left: float) -> None:
    """Half a list must not be taken for all of it."""
    whole = (FIXTURES / name).read_bytes()

    with pytest.raises(DamagedFile):
        read(written(whole[: int(len(whole) * left)]))


def test_macros_are_not_run_and_do_no_harm(tmp_path: Path) -> None:
    """An .xlsm is read like any other."""
    path = xlsx(
        tmp_path / "book.xlsm", f'<row r="1">{inline("A1", "a")}</row>', {"xl/vbaProject.bin": b"\xd0\xcf" * 999}
    )

    assert [[(1, ["a"])]] == read(path)


def test_an_empty_sheet_is_no_error(tmp_path: Path) -> None:
    """It has no rows."""
    assert [[]] == read(xlsx(tmp_path / "book", ""))


def test_a_dimension_that_is_not_true_is_not_believed(tmp_path: Path) -> None:
    """What counts are the cells."""
    sheet = SHEET_START.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>') + SHEET_END
    sheet = sheet.replace(SHEET_END, f'<row r="2">{inline("B2", "b")}</row>{SHEET_END}')

    assert [[(2, ["", "b"])]] == read(xlsx(tmp_path / "book", "", {SHEET: sheet}))


def test_an_unclosed_quotation_mark_does_not_swallow_the_rest(written: Callable[[bytes], Path]) -> None:
    """Not in silence: the rows after it would be one cell."""
    with pytest.raises(DamagedFile, match="quotation mark"):
        read(written(b'a,b\n"c,d\ne,f\n'))
    with pytest.raises(CellTooLong, match="quotation mark"):
        read(written(b'a,b\n"c,d\n' + b"e,f\n" * 10_000))


def test_a_text_in_no_encoding_that_is_understood_is_refused(written: Callable[[bytes], Path]) -> None:
    """A byte that neither UTF-8 nor Windows-1252 has, be it far from the beginning."""
    with pytest.raises(UnreadableText, match="UTF-8"):
        read(written(b"a,b\n" * 300_000 + b"\x81,c\n"))
    with pytest.raises(UnreadableText):
        read(written("a,b".encode("utf-16") + b"\0"))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_a_cell_over_the_limit_is_refused(tmp_path: Path, kind: str) -> None:
    """Its row is said."""
    text = "x" * 32_768
    path = tmp_path / kind
    if kind == "csv":
        path.write_text(f"a,b\n{text},c")
    elif kind == "xlsx":
        xlsx(path, f'<row r="2">{inline("A2", text)}</row>')
    else:
        cell = f"<table:table-cell><text:p>{text}</text:p></table:table-cell>"
        ods(path, f"<table:table-row/><table:table-row>{cell}</table:table-row>")

    with pytest.raises(CellTooLong, match="row 2 "):
        read(path)


def test_more_rows_than_one_import_takes_are_refused(written: Callable[[bytes], Path]) -> None:
    """The sentence says to split the file; as many as it takes are read."""
    rows = next(iter(opened(written(b"a\n" * 250_000)))).rows

    assert 250_000 == sum(1 for _ in rows())
    with pytest.raises(TooManyRows, match="Split"):
        read(written(b"a\n" * 250_001))
