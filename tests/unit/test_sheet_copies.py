"""The copies of a sheet with its results beside each row."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from addresses.row_result import RowOutcome, RowResult
from addresses.settings import Settings
from spreadsheet_import import copies
from spreadsheet_import.asked import AskedRow
from spreadsheet_import.formulas import guarded, unguarded
from spreadsheet_import.layout.header import table
from spreadsheet_import.sheets.reading import MOST_CELL_CHARACTERS, Sheet
from spreadsheet_import.understanding import understood
from tests.sheet_rows import SHEETS, sheet, text_sheets

SETTINGS = Settings(internal_domains=["example.com", "example.org"])
HEADER = ["Email", "Alias", "Note"]
ALICE = "alice@example.com"
A1, A2 = "a1@example.com", "a2@example.com"


class Copies:
    """The two copies of one sheet, as they are read by others."""

    def __init__(self, folder: Path, sheets: list[Sheet], results: Sequence[RowResult] = ()) -> None:
        self.workbook, self.text = folder / "copy.xlsx", folder / "copy.csv"
        copies.write(table(sheets), self.workbook, self.text, results)

    def of_workbook(self) -> list[list[str]]:
        """All rows, empty ones too."""
        shown = openpyxl.load_workbook(self.workbook).worksheets[0]
        cells = [cell for row in shown.iter_rows() for cell in row if cell.value is not None]
        assert {"s"} == {cell.data_type for cell in cells}
        return [trimmed([unescape(str(each or "")) for each in row]) for row in shown.iter_rows(values_only=True)]

    def of_text(self) -> list[list[str]]:
        """The same, without what keeps a cell from being a formula."""
        rows = dict(text_sheets(self.text)[0].rows())
        return [trimmed([unguarded(cell) for cell in rows.get(each, [])]) for each in range(1, max(rows) + 1)]

    def both(self) -> list[list[str]]:
        """What both copies say."""
        assert self.of_workbook() == self.of_text()
        return self.of_text()

    def asked(self) -> list[AskedRow]:
        """What the text asks for when it is uploaded again."""
        return list(understood(table(text_sheets(self.text)), SETTINGS))


def trimmed(cells: list[str]) -> list[str]:
    """Without empty cells at the end."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def linked(row: int, alias: str) -> RowResult:
    """An alias that was linked."""
    return RowResult(row, ALICE, alias, RowOutcome.LINKED)


def test_the_sheet_is_kept_as_it_is_with_two_columns_more(tmp_path: Path) -> None:
    """Its titles and the numbers of its rows too, so that what is said of row 6 is found in row 6."""
    rows = [["Our people"], [], HEADER, [ALICE, A1], [], [" bob@example.com", A2, "x", "no heading"]]
    results = [linked(4, A1), RowResult(6, None, None, RowOutcome.CONFLICT, "two rows claim it")]

    assert [
        ["Our people"],
        [],
        [*HEADER, "", "outcome", "reason"],
        [ALICE, A1, "", "", "linked"],
        [],
        [" bob@example.com", A2, "x", "no heading", "conflict", "two rows claim it"],
    ] == Copies(tmp_path, [sheet(*rows)], results).both()


def test_several_results_of_a_row_are_told_in_one(tmp_path: Path) -> None:
    """Each reason with the alias that it is about; a row without any has nothing beside it."""
    results = [
        *(linked(2, A1), linked(2, A2)),
        *(linked(3, A1), RowResult(3, ALICE, "x", RowOutcome.INVALID, "'x' is not an address")),
        RowResult(99, None, None, RowOutcome.IGNORED, "no such row"),
    ]

    written = Copies(tmp_path, [sheet(HEADER, [ALICE, A1], [ALICE, A1], ["z"])], results).both()

    assert [["linked"], ["linked, invalid", "x: 'x' is not an address"], []] == [row[3:] for row in written[1:]]


def test_results_of_an_earlier_import_are_replaced(tmp_path: Path) -> None:
    """However often a file is corrected and uploaded again."""
    header = [*HEADER, "Outcome", "Reason"]
    rows = [header, [ALICE, A1, "", "invalid", "old"], [ALICE], [ALICE, A2, "", "", "", "added"]]

    assert [
        [*HEADER, "outcome", "reason"],
        [ALICE, A1, "", "linked"],
        [ALICE],
        [ALICE, A2, "", "", "", "added"],
    ] == Copies(tmp_path, [sheet(*rows)], [linked(2, A1)]).both()


@pytest.mark.parametrize("peer", ["gam", "mesh", "manageprotect", "proofpoint"])
def test_a_copy_asks_for_what_the_file_asked_for(peer: str, tmp_path: Path) -> None:
    """One without a header gets one, or its results would be taken for aliases."""
    original = text_sheets(SHEETS / f"{peer}.csv")
    expected = list(understood(table(original), SETTINGS))

    copy = Copies(tmp_path, original, [RowResult(2, None, None, RowOutcome.INVALID, "x")])

    assert copy.both()
    found = copy.asked()
    assert [(each.primary, each.name, each.aliases, ()) for each in expected] == [
        (each.primary, each.name, each.aliases, each.faults) for each in found
    ]


DANGEROUS = [
    *("=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\r=1", "\n=1", '"=1', "\uff1d1", "\u00a0=1"),
    *("x;=1", "x; =1", 'x;"=1', "x\n=1", "x\t=1", "\tx"),
]


@pytest.mark.parametrize("cell", DANGEROUS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_whatever_the_program_separates_by(cell: str, delimiter: str, tmp_path: Path) -> None:
    """Excel takes the delimiter of the computer's language, and then no quotes hold a cell of ours together."""
    copy = Copies(tmp_path, [sheet([*HEADER[:2], cell], [ALICE, cell, cell])], [])

    for line in copy.text.read_text(encoding="utf-8-sig").splitlines():
        for each in line.split(delimiter):
            assert not each.strip(' "\u00a0').startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
    copy.of_workbook()


@pytest.mark.parametrize("cell", [*DANGEROUS, "", "'=1", "'", "a-b", "x; y", "O'Neil"])
def test_what_guards_a_cell_is_taken_off_again(cell: str) -> None:
    """A cell that comes guarded from a copy is not guarded twice."""
    assert unguarded(cell) == unguarded(guarded(cell))
    assert guarded(cell) == guarded(guarded(cell))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a\x00b\x0bc\ufffed\x1b", "ab\ncd"),
        ("_x0041_ <b>&amp;", "_x0041_ <b>&amp;"),
        ("<r><t>x</t></r>", "<r><t>x</t></r> "),
        ("<r></c></row><row r='1'><c t='n'><v>1</v></r>", "<r></c></row><row r='1'><c t='n'><v>1</v></r> "),
        ("00123", "00123"),
        ("https://example.com/", "https://example.com/"),
        ("a\nb", "a\nb"),
        ("x" * 40_000, "x" * MOST_CELL_CHARACTERS),
        ("\U0001f600" * 20_000, "\U0001f600" * (MOST_CELL_CHARACTERS // 2)),
    ],
)
def test_a_workbook_holds_each_cell_as_text(cell: str, expected: str, tmp_path: Path) -> None:
    """Without what no workbook can hold, and never as markup, number or link."""
    copy = Copies(tmp_path, [sheet(HEADER, [ALICE, A1, cell])])

    assert expected == copy.of_workbook()[1][2]
    assert expected.rstrip() == copy.of_text()[1][2]


def test_a_cell_that_would_be_run_stays_text_when_it_is_edited(tmp_path: Path) -> None:
    """As if an apostrophe had been typed before it."""
    copy = Copies(tmp_path, [sheet(HEADER, [ALICE, A1, "+a@example.com"])])
    shown = openpyxl.load_workbook(copy.workbook).worksheets[0]

    assert [False, False, True] == [bool(shown.cell(2, column).quotePrefix) for column in (1, 2, 3)]


def test_the_text_is_what_excel_opens_right(tmp_path: Path) -> None:
    """With a byte order mark, or it takes UTF-8 for the code page of the computer."""
    written = Copies(tmp_path, [sheet(["Email", "Größe"], [ALICE])]).text.read_bytes()

    assert b"\xef\xbb\xbfEmail,Gr\xc3\xb6\xc3\x9fe,outcome,reason\r\nalice@example.com,,,\r\n" == written
