"""The same people, as LibreOffice writes them in each format and as other products export them, are the same links."""

from pathlib import Path

import pytest

from addresses.settings import Settings
from spreadsheet_import.layout import header
from spreadsheet_import.sheets.file import opened
from spreadsheet_import.understanding import understood
from tests.sheets import FIXTURES

SETTINGS = Settings(internal_domains=["example.com", "example.org"])
EXPORTS = ["gam.csv", "manageprotect.csv", "mesh.csv", "proofpoint.csv"]
FORMATS = ["staff.xlsx", "staff.xls", "staff.ods", "staff.tsv", "staff-windows.csv", "staff-utf-16.csv"]
PEOPLE = [
    ("Alice Archer", "alice@example.com", ("a.archer@example.com", "alice@example.org")),
    ("Bob Baker", "bob@example.com", ("robert@example.org",)),
    ("Carol Carter", "carol@example.org", ()),
]


def people(path: Path) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Whom the rows are about; none of them has a fault."""
    rows = list(understood(header.table(opened(path)), SETTINGS))
    assert [] == [fault for row in rows for fault in row.faults]
    return [(row.name, row.primary, row.aliases) for row in rows]


@pytest.mark.parametrize("name", [*EXPORTS, *FORMATS])
def test_every_format_and_every_export_gives_the_same_links(name: str) -> None:
    """Names, primaries and aliases, in order."""
    assert PEOPLE == people(FIXTURES / name)


@pytest.mark.parametrize("name", ["staff.xlsx", "staff.xls", "staff.ods", "staff.tsv"])
def test_what_a_file_is_called_does_not_matter(name: str, tmp_path: Path) -> None:
    """Its content tells: a workbook named .csv, a text file named .xlsx."""
    renamed = tmp_path / ("list.csv" if name != "staff.tsv" else "list.xlsx")
    renamed.write_bytes((FIXTURES / name).read_bytes())
    assert PEOPLE == people(renamed)
