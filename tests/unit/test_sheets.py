"""What people call a spreadsheet is read as sheets with rows of text, whatever wrote it and however it is called."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from spreadsheet_import.sheets.file import opened
from spreadsheet_import.sheets.reading import Row
from tests.evil_sheets import inline, ods, xlsx
from tests.sheets import FIXTURES

PEOPLE = [
    (3, ["", "Moved on the dates below"]),
    (
        6,
        ["", "Jürgen Größl", "juergen@example.com", "2026-03-01", "4711", "1.5", "j@example.com", "TRUE", "#DIV/0!"],
    ),
    (7, ["", "two\nlines"]),
]


def rows_of(path: Path, sheet: int = 0) -> list[Row]:
    """The rows of one of the file's sheets."""
    return list(opened(path)[sheet].rows())


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file, under a name that says nothing."""

    def write(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("name", ["people.xlsx", "people.xls", "people.ods"])
def test_the_same_sheet_is_read_alike_from_each_format(name: str) -> None:
    """Merged cells, a link, a date, numbers, a formula, an error, lines in a cell; rows and columns in their places."""
    rows = rows_of(FIXTURES / name)
    if name == "people.xls":
        # LibreOffice 7.4 saves 0 as the result of a formula that is a text.
        rows[1][1][6] = "j@example.com" if rows[1][1][6] == "0" else "changed"

    assert rows == PEOPLE


@pytest.mark.parametrize("name", ["people.xlsx", "people.xls", "people.ods"])
def test_a_sheet_says_its_name_and_whether_it_is_hidden(name: str) -> None:
    """In the order of the file; an empty one is a sheet as well."""
    sheets = opened(FIXTURES / name)

    assert [("Übersicht", False), ("Kept aside", True), ("Empty", False)] == [(it.name, it.hidden) for it in sheets]
    assert [(1, ["hidden"])] == list(sheets[1].rows())
    assert [] == list(sheets[2].rows())


@pytest.mark.parametrize("name", ["people.xlsx", "people.xls", "people.ods"])
def test_a_sheet_can_be_read_again_and_while_another_is_read(name: str) -> None:
    """Whoever looks for the header reads the beginning, and later everything."""
    first, hidden, _ = opened(FIXTURES / name)
    begun = first.rows()
    next(begun)

    assert [(1, ["hidden"])] == list(hidden.rows())
    assert 7 == list(begun)[-1][0]
    assert 3 == len(list(first.rows()))


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    """People rename files until they open."""
    renamed = tmp_path / "people.csv"
    renamed.write_bytes((FIXTURES / "people.xlsx").read_bytes())
    text = tmp_path / "people.xlsx"
    text.write_bytes(b"primary,alias\r\na@example.com,b@example.com\r\n")

    assert PEOPLE == rows_of(renamed)
    assert [(1, ["primary", "alias"]), (2, ["a@example.com", "b@example.com"])] == rows_of(text)


def test_a_sheet_of_excel_is_read_by_what_is_shown(tmp_path: Path) -> None:
    """Hidden and very hidden sheets are told from the others, and a chart is no sheet."""
    book = openpyxl.Workbook()
    people, hidden, very = book.worksheets[0], book.create_sheet("Hidden"), book.create_sheet("Very")
    people.title, hidden.sheet_state, very.sheet_state = "People", "hidden", "veryHidden"
    people.append([])
    people.append([None, "a@example.com", 4711, 1.0, 0.5, True, "&" * 32_767])
    people.append([datetime(2026, 3, 1, 10, 30), date(2026, 3, 1)])  # noqa: DTZ001, a sheet has no zones
    book.create_chartsheet("Chart", 0)
    book.save(tmp_path / "book")

    sheets = opened(tmp_path / "book")

    assert [("People", False), ("Hidden", True), ("Very", True)] == [(it.name, it.hidden) for it in sheets]
    assert [
        (2, ["", "a@example.com", "4711", "1", "0.5", "TRUE", "&" * 32_767]),
        (3, ["2026-03-01 10:30:00", "2026-03-01"]),
    ] == list(sheets[0].rows())


def test_a_formula_that_was_never_calculated_is_not_an_empty_cell(tmp_path: Path) -> None:
    """An alias would be lost without a word; as a formula it is reported as no address."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["B2"] = "alias", '=B2&"@example.com"', "b"
    book.save(tmp_path / "book")
    by_hand = ods(
        tmp_path / "ods",
        '<table:table-row><table:table-cell table:formula="of:=[.B1]&amp;1"/></table:table-row>',
    )

    assert [(1, ["alias"]), (2, ['=B2&"@example.com"', "b"])] == rows_of(tmp_path / "book")
    assert [(1, ["=[.B1]&1"])] == rows_of(by_hand)


def test_a_formula_whose_result_is_an_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    """A column of =IF(A2="","",...) that is filled down further than the list."""
    rows = '<row r="1"><c r="A1" t="str"><f>IF(B1="","",1)</f><v></v></c><c r="B1"><v>1</v></c></row>'

    assert [(1, ["", "1"])] == rows_of(xlsx(tmp_path / "book", rows))


def test_rows_and_columns_that_a_file_leaves_out_are_counted(tmp_path: Path) -> None:
    """A row's number is the one that the program shows; rows and cells may also come without one."""
    rows = f'<row r="3">{inline("B3", "b")}</row><row><c><v>7</v></c></row><row r="9">{inline("A9", "a")}</row>'

    assert [(3, ["", "b"]), (4, ["7"]), (9, ["a"])] == rows_of(xlsx(tmp_path / "book", rows))


def test_columns_past_the_last_that_is_read_are_left_out(tmp_path: Path) -> None:
    """Whatever stands there by mistake; what comes after it is read."""
    rows = f'<row r="1">{inline("IV1", "last")}{inline("IW1", "past")}</row><row r="2">{inline("A2", "a")}</row>'

    assert [(1, [""] * 255 + ["last"]), (2, ["a"])] == rows_of(xlsx(tmp_path / "book", rows))


def test_an_opendocument_cell_is_the_text_of_its_paragraphs(tmp_path: Path) -> None:
    """With its blanks, without a comment and what a merged cell covers; cells and rows may be repeated."""
    rows = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2">'
        "<office:annotation><text:p>comment</text:p></office:annotation>"
        '<text:p>a<text:s text:c="2"/>b<text:tab/><text:span>c</text:span></text:p></table:table-cell>'
        "<table:covered-table-cell><text:p>covered</text:p></table:covered-table-cell></table:table-row>"
    )

    assert [(1, ["a  b\tc"] * 2), (2, ["a  b\tc"] * 2)] == rows_of(ods(tmp_path / "ods", rows))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_text_is_read_in_the_encodings_of_excel(written: Callable[[bytes], Path], encoding: str) -> None:
    """With a mark at its beginning, or without."""
    path = written("primary;alias\r\nköln@example.com;“b”@example.com\r\n".encode(encoding))

    assert [(1, ["primary", "alias"]), (2, ["köln@example.com", "“b”@example.com"])] == rows_of(path, 1)


def test_a_text_is_a_sheet_for_each_separator(written: Callable[[bytes], Path]) -> None:
    """Which one is right shows in the header."""
    sheets = opened(written(b"a,b;c\td|e"))

    assert [["a", "b;c\td|e"], ["a,b", "c\td|e"], ["a,b;c", "d|e"], ["a,b;c\td", "e"]] == [
        cells for sheet in sheets for _, cells in sheet.rows()
    ]
    assert {("", False)} == {(sheet.name, sheet.hidden) for sheet in sheets}


def test_a_text_may_name_its_separator_in_the_first_line(written: Callable[[bytes], Path]) -> None:
    """As Excel has it; the line is a row all the same."""
    sheets = opened(written(b"sep=;\r\na;b\r\n"))

    assert [[(2, ["a", "b"])]] == [list(sheet.rows()) for sheet in sheets]


def test_a_row_of_a_text_is_a_record_and_not_a_line(written: Callable[[bytes], Path]) -> None:
    """A cell in quotation marks may have several lines; blank records count, and a quotation mark within is no end."""
    path = written(b'a,"b\r\nc"\r\n\r\n,,\r\n"d""e",f"g\r\n')

    assert [(1, ["a", "b\r\nc"]), (4, ['d"e', 'f"g'])] == rows_of(path)
