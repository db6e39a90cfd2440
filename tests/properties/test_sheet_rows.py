"""Whatever stands in a sheet, each row is understood or says why, and says the same when it is read again."""

import tempfile
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from addresses.address import parse
from addresses.row_result import RowOutcome, RowResult
from addresses.settings import Settings
from spreadsheet_import import copies
from spreadsheet_import.asked import Action, AskedRow
from spreadsheet_import.cell import NAME_CHARACTERS, entries, writable
from spreadsheet_import.errors import SpreadsheetRefused
from spreadsheet_import.formulas import guarded, unguarded
from spreadsheet_import.layout.header import table
from spreadsheet_import.sheets.reading import Sheet
from spreadsheet_import.understanding import understood
from tests.sheet_rows import sheet, text_sheets

SETTINGS = Settings(internal_domains=["example.com", "xn--bcher-kva.example"])
HEADER = ["name", "email", "first name", "alias", "alias 2", "action"]
MARKS = [
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u00a0",
    "\uff20",
    "\uff1b",
    "\x00",
    "\x0b",
    "\t",
    "\r\n",
    "_x0041_",
    "<r>",
    "</r>",
]
WRITTEN = [
    "a@example.com",
    "b@bücher.example",
    "'",
    "=",
    "+",
    "@",
    '"',
    "\\",
    "<",
    ">",
    ";",
    ",",
    "|",
    "mailto:",
    "unlink",
    " ",
]
cells = st.text(max_size=20) | st.lists(st.sampled_from(MARKS + WRITTEN) | st.text(max_size=3), max_size=8).map("".join)
rows = st.lists(st.lists(cells, max_size=8), max_size=6)
addresses = st.builds(
    "{}@{}".format,
    st.from_regex(r"[a-z0-9+=-][a-z0-9+'_-]{0,6}(\.[a-z0-9]{1,3})?", fullmatch=True),
    st.sampled_from(SETTINGS.internal_domains),
)
BLANKS = ["", " ", "\u00a0", "\u200b", "\ufeff", "\u3000"]
WRAPPINGS = ["{}", "Alice <{}>", '"Archer; Alice, \\" |" <{}>', "<{}>", "mailto:{}", "MAILTO:{}?subject=a", '"{}"']
SEPARATORS = [";", ",", "|", "\n", "\r\n", "\uff1b", " ; ", ";;"]
wrapped = st.tuples(addresses, st.sampled_from(WRAPPINGS), st.sampled_from(BLANKS), st.sampled_from(SEPARATORS))


def asked(sheets: list[Sheet]) -> list[AskedRow]:
    """What the rows of a file ask for."""
    return list(understood(table(sheets), SETTINGS))


def refusal(sheets: list[Sheet]) -> str:
    """Why a file is not read; empty when it is."""
    try:
        asked(sheets)
    except SpreadsheetRefused as refused:
        return str(refused)
    return ""


@given(rows)
def test_a_row_is_never_an_error(written: list[list[str]]) -> None:
    """Without a primary it says why; with one, its aliases are addresses of the organisation."""
    for row in asked([sheet(HEADER, *written)]):
        assert (row.primary is None) == any(fault.alias is None for fault in row.faults)
        assert row.primary is not None or not row.aliases
        for address in filter(None, (row.primary, *row.aliases)):
            assert address == parse(address)
            assert SETTINGS.is_internal(address)
        assert row.primary not in row.aliases
        assert len(set(row.aliases)) == len(row.aliases)
        assert len(row.name) <= NAME_CHARACTERS
        assert row.action is Action.LINK or row.aliases or row.faults
        for fault in row.faults:
            assert fault.reason.isprintable()
            assert len(fault.reason) < 600


@given(rows)
def test_a_file_has_a_table_or_is_refused(written: list[list[str]]) -> None:
    """In a sentence that is safe to print."""
    assert refusal([sheet(*written)]).isprintable()


@given(st.lists(wrapped, min_size=1, max_size=8))
def test_a_cell_holds_the_addresses_it_was_made_of(written: list[tuple[str, str, str, str]]) -> None:
    """However they are wrapped and separated."""
    cell = "".join(f"{blank}{wrapping.format(each)}{blank}{after}" for each, wrapping, blank, after in written)

    assert [each for each, *_ in written] == entries(guarded(cell))


@given(cells)
def test_a_cell_says_the_same_when_it_is_guarded(cell: str) -> None:
    """However often."""
    assert unguarded(guarded(cell)) == unguarded(cell)
    assert guarded(guarded(cell)) == guarded(cell)


@settings(max_examples=40)
@given(rows, st.lists(st.integers(2, 8)))
def test_copies_ask_for_what_the_sheet_asked_for(written: list[list[str]], numbers: list[int]) -> None:
    """Each row in its place, and again when the copy is copied."""
    results = [RowResult(each, "=p", "=a", RowOutcome.INVALID, "=because") for each in sorted(numbers)]
    original = [sheet(HEADER, *written)]
    # A row of nothing that a file can hold is a row without text in its copy.
    expected = [row for row in asked(original) if any(map(writable, written[row.number - 2]))]
    with tempfile.TemporaryDirectory() as folder:
        workbook, text, again = (Path(folder) / each for each in ("1.xlsx", "1.csv", "2.csv"))
        copies.write(table(original), workbook, text, results)
        copies.write(table(text_sheets(text)), workbook.with_name("2.xlsx"), again, results)

        assert expected == said(asked(text_sheets(text)), expected)
        assert expected == said(asked([of_workbook(workbook)]), expected)
        assert table(text_sheets(text)).header == table(text_sheets(again)).header


def said(found: list[AskedRow], expected: list[AskedRow]) -> list[AskedRow]:
    """Without rows that have no text but their result, as rows that had no text have none."""
    numbers = {row.number for row in expected}
    return [row for row in found if row.number in numbers]


def of_workbook(path: Path) -> Sheet:
    """The first sheet of a workbook as openpyxl reads it."""
    values = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return sheet(*[[unescape(str(each or "")) for each in row] for row in values])
