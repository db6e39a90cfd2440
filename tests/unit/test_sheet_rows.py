"""What the rows of a sheet ask for, and what is said of those that cannot be used."""

import pytest

from addresses.settings import Settings
from spreadsheet_import.asked import Action, AskedRow
from spreadsheet_import.cell import NAME_CHARACTERS
from spreadsheet_import.layout.header import table
from spreadsheet_import.understanding import understood
from tests.sheet_rows import sheet

SETTINGS = Settings(internal_domains=["example.com", "example.org"])
HEADER = ["Name", "Email", "Alias", "Alias 2", "Action"]
ALICE = "alice@example.com"


def row(*cells: str, header: list[str] | None = None) -> AskedRow:
    """What one row below the header asks for."""
    [asked] = understood(table([sheet(header or HEADER, list(cells))]), SETTINGS)
    assert 2 == asked.number
    return asked


def faults(asked: AskedRow) -> list[tuple[str | None, str]]:
    """What cannot be used, and what becomes of it."""
    return [(fault.alias, str(fault.outcome)) for fault in asked.faults]


def reason(asked: AskedRow) -> str:
    """The one reason why a whole row cannot be used."""
    [fault] = asked.faults
    assert (None, None, ()) == (fault.alias, asked.primary, asked.aliases)
    return fault.reason


def test_a_row_is_read_by_its_columns() -> None:
    """Link is what it asks for, unless it says otherwise."""
    expected = AskedRow(2, ALICE, "Alice", ("a@example.com", "a@example.org"), Action.LINK)  # type: ignore[arg-type]

    assert expected == row("Alice", "Alice@Example.COM", "a@example.com", "a@example.org")
    assert expected == row("Alice", ALICE, "a@example.com", "a@example.org", " LINK\u00a0")
    assert Action.UNLINK is row("", ALICE, "a@example.com", "", "Unlink").action


def test_a_row_keeps_its_number() -> None:
    """Titles above the header and rows without text are rows of the spreadsheet."""
    found = table([sheet(["Our people"], [], HEADER, ["", ALICE], [], ["", "bob@example.com"])])

    assert [4, 6] == [each.number for each in understood(found, SETTINGS)]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            " alice@example.com ",
            "\u00a0alice@example.com\u3000",
            "\ufeffalice@example.com",
            "al\u200bice@exam\u00adple.com",
        ),
        *(
            "\u202aalice@example.com\u202c",
            "alice@example.com\u200d",
            "\uff41lice\uff20example\uff0ecom",
            "ALICE@EXAMPLE.COM",
        ),
        *("mailto:alice@example.com", "MAILTO:alice%40example.com?subject=Hello", "'alice@example.com'"),
        *(
            "Alice <alice@example.com>",
            '"Archer, Alice" <alice@example.com>',
            "alice@example.com<mailto:alice@example.com>",
        ),
        *(
            '"alice@example.com"',
            "<alice@example.com>",
            "alice@example.com;",
            ";\n alice@example.com ,",
            "\x01alice@example.com",
        ),
    ],
)
def test_an_address_is_found_in_what_it_was_pasted_with(cell: str) -> None:
    """As a primary and as an alias."""
    assert (ALICE, ()) == (row("", cell).primary, row("", cell).faults)
    assert ((ALICE,), ()) == (row("", "bob@example.com", cell).aliases, row("", "bob@example.com", cell).faults)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("b@example.com; c@example.com", ["b@example.com", "c@example.com"]),
        ("b@example.com,c@example.com|d@example.com\r\ne@example.com", [f"{each}@example.com" for each in "bcde"]),
        ('"B, C" <b@example.com>, D <d@example.com>', ["b@example.com", "d@example.com"]),
        ('"a;b"@example.com; c@example.com', ['"a;b"@example.com', "c@example.com"]),
        ('"say \\", so" <b@example.com>, c@example.com', ["b@example.com", "c@example.com"]),
        ("B;C@example.com", ["c@example.com"]),
        ('12" <b@example.com>, c@example.com', ["b@example.com", "c@example.com"]),
        ("'+b@example.com;'-c@example.com", ["+b@example.com", "-c@example.com"]),
        ("o'b@example.com", ["o'b@example.com"]),
        ("b@example.com; B@EXAMPLE.com", ["b@example.com"]),
        ("b@example.com; alice@example.com", ["b@example.com"]),
    ],
)
def test_a_cell_may_hold_several_aliases(cell: str, expected: list[str]) -> None:
    """Each counts once, and the primary is none."""
    assert expected == list(row("", ALICE, cell).aliases)


def test_mailboxes_that_differ_stay_two() -> None:
    """Compatibility forms of letters and joiners between letters are part of an address, if an odd one."""
    cell = "\u2460@example.com; 1@example.com; \u06cc\u200c\u06a9@example.com; \u06cc\u06a9@example.com"

    asked = row("", ALICE, cell)

    assert 4 == len(asked.aliases) + len(asked.faults)
    assert "1@example.com" in asked.aliases


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("Alice",), "it has no primary in column B; if cells are merged, unmerge them and fill in each row"),
        (("", ";\u200b", "a@example.com"), "it has no primary in column B"),
        (
            ("", "alice@example.com bob", "a@example.com"),
            "its primary in column B cannot be used: 'alice@example.com bob'",
        ),
        (("", "46082"), "its primary in column B cannot be used: '46082' is not an address"),
        (("", "=HYPERLINK(1)"), "its primary in column B cannot be used: '=HYPERLINK(1)' is not an address"),
        (("", "a@example.com; b@example.com"), "column B holds 2 addresses; a row has one primary"),
        (
            ("", ALICE, "a@example.com", "", "add"),
            "its action 'add' in column E is not understood; write link or unlink",
        ),
        (("", ALICE, "", "", "unlink"), "it names no alias to unlink"),
        (("", ALICE, ALICE, "", "unlink"), "it names no alias to unlink"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: tuple[str, ...], expected: str) -> None:
    """In a sentence that is short, and safe to print."""
    asked = row(*cells)

    assert reason(asked).startswith(expected)
    assert [(None, "invalid")] == faults(asked)
    assert reason(asked).isprintable()
    assert len(reason(asked)) < 500


def test_an_alias_that_cannot_be_used_does_not_lose_the_others() -> None:
    """It is told once."""
    asked = row("", ALICE, "nobody; a@example.com; nobody", "b@example.net; x\x1b[2J@example.com")

    assert ("a@example.com",) == asked.aliases
    assert [("nobody", "invalid"), ("b@example.net", "ignored"), ("x[2J@example.com", "invalid")] == faults(asked)
    assert "example.net is not among the internal domains" == asked.faults[1].reason
    assert ALICE == row("", ALICE, "nobody", "", "unlink").primary


def test_a_primary_of_another_domain_leaves_the_row_alone() -> None:
    """Nothing of it is done."""
    asked = row("", "alice@example.net", "a@example.com")

    assert "example.net is not among the internal domains" == reason(asked)
    assert [(None, "ignored")] == faults(asked)


def test_a_header_that_is_printed_again_is_no_row() -> None:
    """Beside the results of an earlier import too."""
    header = ["Name", "Email", "Alias", "Action", "outcome"]

    assert "it repeats the header" == reason(row(*header[:4], "ignored", header=header))
    assert "its primary in column B cannot be used" in reason(row("", "Email", "Alias", header=header))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("  Alice\u00a0Archer\n", "Alice Archer"),
        ("Alice\x00\x1b Archer\u202e\u200b", "Alice Archer"),
        ("'=Alice", "=Alice"),
        ("O'Neil", "O'Neil"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647"),
        ("x" * 300, "x" * NAME_CHARACTERS),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(cell: str, expected: str) -> None:
    """Joiners that spell it stay."""
    assert expected == row(cell, ALICE).name


def test_first_and_last_name_are_joined() -> None:
    """Or what there is of them."""
    header = ["surname", "email", "first name"]

    assert "Alice Archer" == row("Archer ", ALICE, " Alice", header=header).name
    assert "Archer" == row("Archer", ALICE, header=header).name
    assert NAME_CHARACTERS == len(row("x" * 300, ALICE, "y" * 300, header=header).name)
