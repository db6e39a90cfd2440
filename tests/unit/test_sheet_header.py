"""Which sheet of a file is read, and which row of it names the columns."""

from collections.abc import Iterator

import pytest

from addresses.settings import Settings
from spreadsheet_import.errors import AmbiguousHeader, CellTooLong, EmptyFile, NoHeader
from spreadsheet_import.layout.header import table
from spreadsheet_import.layout.names import UNDERSTOOD, Kind, kind_of
from spreadsheet_import.layout.table import Columns, column_letters
from spreadsheet_import.sheets.reading import Row, Sheet
from spreadsheet_import.understanding import understood
from tests.sheet_rows import SHEETS, sheet, text_sheets

HEADER = ["Email", "Alias"]
ROW = ["alice@example.com", "a@example.com"]
SETTINGS = Settings(internal_domains=["example.com", "example.org"])


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            Kind.PRIMARY,
            ["e-mail", "EMAIL", "\ufeffEmail", " primary_email ", "primaryEmail", "Email Address [Required]"],
        ),
        (
            Kind.PRIMARY,
            ["\uff25\uff4d\uff41\uff49\uff4c", "Primary\u00a0Email\u00a0Address", "Email:", "Primary-Address"],
        ),
        (Kind.ALIAS, ["Alias 1", "alias_12", "aliases.0", "Alias address(es)", "ALIAS EMAILS", "alias#3"]),
        (Kind.NAME, ["Name", "displayName", "display_name", "full name", "name.fullName"]),
        (Kind.FIRST_NAME, ["firstname", "First Name", "first_name", "given name", "name.givenName"]),
        (Kind.LAST_NAME, ["lastname", "surname", "family name", "name.familyName"]),
        (Kind.ACTION, ["Action"]),
        (None, ["", "email 1", "recovery email", "emails.0.address", "mail", "nonEditableAliases.0", "1", "outcome"]),
    ],
)
def test_a_column_is_known_by_its_name_however_it_is_written(kind: Kind | None, names: list[str]) -> None:
    """Case, blanks and punctuation mean nothing; a part of a name is not enough."""
    assert [kind] * len(names) == [kind_of(name) for name in names]


def test_every_name_that_is_documented_is_understood() -> None:
    """And as no other kind."""
    assert all(kind_of(name) is kind for kind, names in UNDERSTOOD.items() for name in names)


@pytest.mark.parametrize("peer", ["gam", "mesh", "manageprotect", "proofpoint"])
def test_an_export_of_another_product_is_taken_as_it_is(peer: str) -> None:
    """All four say the same."""
    rows = understood(table(text_sheets(SHEETS / f"{peer}.csv")), SETTINGS)

    assert [
        ("alice@example.com", "Alice Archer", ("a.archer@example.com", "alice@example.org"), ()),
        ("bob@example.com", "Bob Baker", ("robert@example.org",), ()),
        ("carol@example.org", "Carol Carter", (), ()),
    ] == [(row.primary, row.name, row.aliases, row.faults) for row in rows]


def test_the_header_is_the_row_that_names_most_columns_the_first_of_equals() -> None:
    """A title may say email too, and a header may be printed again."""
    found = table([sheet(["Email"], ["as of March"], ["Nr", *HEADER], ["1", *ROW], ["Nr", *HEADER])])

    assert (3, ("Nr", "Email", "Alias")) == (found.row, found.header)
    assert Columns(primary=1, names=(), aliases=(2,), action=None) == found.columns


def test_a_full_name_counts_before_its_parts() -> None:
    """It is what the person is called."""
    header = ["last name", "email", "name", "first name", "action"]

    assert Columns(1, (2,), (), 4) == table([sheet(header)]).columns
    assert Columns(1, (3, 0), (), None) == table([sheet([*header[:2], "", header[3]])]).columns


@pytest.mark.parametrize(("row", "column"), [(100, 25), (1, 0)])
def test_a_header_may_stand_in_the_first_100_rows_and_26_columns(row: int, column: int) -> None:
    """Up to their ends; aliases may go on beyond."""
    found = table([sheet([*[""] * column, "email", "alias"], first=row)])

    assert (row, column, (column + 1,)) == (found.row, found.columns.primary, found.columns.aliases)


@pytest.mark.parametrize(("row", "column"), [(101, 0), (1, 26)])
def test_a_header_beyond_is_none(row: int, column: int) -> None:
    """It is not searched for in all of a sheet."""
    with pytest.raises(NoHeader):
        table([sheet([*[""] * column, "email"], first=row)])


def test_a_row_with_an_address_is_no_header() -> None:
    """A cell of data may say primary."""
    with pytest.raises(NoHeader):
        table([sheet(["mail", "type"], ["alice@example.com", "primary"])])


def test_the_first_sheet_that_is_shown_and_has_a_header_is_read() -> None:
    """What is not read is told, hidden or not."""
    sheets = [
        sheet(HEADER, name="Old", hidden=True),
        sheet(["How to fill this in"], name="Help"),
        sheet(HEADER, ROW, name="North"),
        sheet(HEADER, ROW, name="South"),
    ]

    found = table(sheets)

    assert ("North", ("Old",), ("Help", "South")) == (found.sheet.name, found.hidden_sheets, found.other_sheets)


def test_no_more_of_a_sheet_is_read_than_its_header_may_take() -> None:
    """Its reading is ended, as it may hold a process."""
    ended: list[int] = []

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for number in range(1, 10_000):
                yield number, ROW if number > 1 else HEADER
        finally:
            ended.append(number)

    table([Sheet("People", hidden=False, rows=rows)])

    assert [101] == ended


def test_of_a_text_file_the_delimiter_is_right_that_names_most_columns() -> None:
    """A wrong one may show a header too."""
    wrong, right = sheet(["email", "alias|alias 2"], name=""), sheet(["email,alias", "email", "alias"], name="")

    assert right == table([wrong, right]).sheet
    assert () == table([wrong, right]).other_sheets


def test_a_delimiter_with_which_a_text_file_cannot_be_read_is_a_wrong_one() -> None:
    """Unless no other shows a header: then it may have been the right one."""

    def refuse() -> Iterator[Row]:
        raise CellTooLong("A cell is too long.")

    wrong, right = Sheet("", hidden=False, rows=refuse), sheet(HEADER, name="")

    assert right == table([wrong, right]).sheet
    with pytest.raises(CellTooLong):
        table([wrong, sheet(["Email|Alias"], name="")])


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (
            ["Nr", "Email", "", "Primary"],
            "B3 'Email' and D3 'Primary' of sheet 'People' all say that they hold the primary",
        ),
        (["email", "action", "Action"], "B3 'action' and C3 'Action'"),
        (["email", "name", "display name"], "B3 'name' and C3 'display name'"),
        (["email", "surname", "last name"], "B3 'surname' and C3 'last name'"),
    ],
)
def test_two_columns_that_say_they_are_the_same_are_refused(header: list[str], cells: str) -> None:
    """The sentence names both."""
    with pytest.raises(AmbiguousHeader) as refusal:
        table([sheet(header, first=3)])

    assert str(refusal.value).startswith(cells)


PROOFPOINT = ["Alice", "Archer", "alice@example.com", "+1 555 0100", "a@example.com"]


@pytest.mark.parametrize(
    "rows",
    [
        [["Alice", "Archer", "alice@example.com"]],
        [["", "", *PROOFPOINT[2:]]],
        [PROOFPOINT, ["Bob", "Baker", "bob@example.com", "b@example.com"]],
        [PROOFPOINT, ["Bob", "Baker", "bob"]],
        [PROOFPOINT, ["Bob", "bob@example.org", "bob@example.com"]],
        [PROOFPOINT, [*PROOFPOINT, "b"]],
        [PROOFPOINT, [*PROOFPOINT, "b@example.com; c@example.com"]],
        [["Users"], PROOFPOINT],
    ],
)
def test_a_sheet_without_a_header_is_not_guessed_at(rows: list[list[str]]) -> None:
    """Only where each of the first rows, and all of it, is as Proofpoint Essentials has it."""
    assert 0 == table([sheet(PROOFPOINT)]).row
    with pytest.raises(NoHeader):
        table([sheet(*rows)])


def test_without_a_header_the_sentence_says_what_was_seen_and_what_is_understood() -> None:
    """Safely, and no more than helps."""
    rows = [["People\x1b[2J"], ["User", "Alias", "x" * 99, *["more"] * 30], ["alice", "a@example.com"]]

    with pytest.raises(NoHeader) as refusal:
        table([sheet(*rows), sheet(HEADER, name="2024", hidden=True)])

    sentence = str(refusal.value)
    assert "Most like one is row 2 of sheet 'People': 'User', 'Alias', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'" in sentence
    assert "'more' and 13 more." in sentence
    assert "one of: email, email address, primary, " in sentence
    assert "Hidden sheets are not read: '2024'" in sentence
    assert sentence.isprintable()


def test_a_file_without_text_is_empty() -> None:
    """A hidden sheet may have some, so it is named."""
    with pytest.raises(EmptyFile):
        table([sheet(), sheet(name="2")])
    with pytest.raises(NoHeader, match="Hidden sheets are not read: 'Old'"):
        table([sheet(), sheet(HEADER, name="Old", hidden=True)])


def test_a_column_is_called_as_programs_call_it() -> None:
    """From A to the last that is read."""
    assert ["A", "Z", "AA", "AZ", "BA", "IV"] == [column_letters(each) for each in (0, 25, 26, 51, 52, 255)]
