"""What a table says, whatever its cells hold: nothing in a row is lost, and what is written back is never a formula.

Lines are rows, and tabs stand between cells; the first is the header.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from addresses.address import parse
from addresses.settings import Settings
from spreadsheet_import import cell, formulas
from spreadsheet_import.errors import SpreadsheetRefused
from spreadsheet_import.layout import header
from spreadsheet_import.sheets.reading import Sheet
from spreadsheet_import.understanding import understood
from tests.sheets import FIXTURES

_SETTINGS = Settings(internal_domains=["example.com", "xn--bcher-kva.example"])
_RUN = "=+-@\uff1d\uff0b\uff0d\uff20"


def seeds() -> Iterator[bytes]:
    """Lists as people write and other programs export them."""
    for path in FIXTURES.glob("*.csv"):
        yield path.read_bytes().replace(b",", b"\t").replace(b'"', b"")
    yield (
        b"E-Mail\tAlias 1\taliases.1\tAction\tName\n" + b"alice@example.com\ta@example.com; b@example.org\t\tUNLINK\tA"
    )
    wrapped = '"Jones, Alice" <alice@example.com>\tmailto:a%40example.com?subject=x, \u200bb@example.com\u200d | nobody'
    yield f"primary\talias\tfirst name\tlast name\n{wrapped}\t'=1+1\t\uff1d2\n".encode()
    several = "Alice\uff20example.com\u2028c@example.com\x0bd@example.com"
    yield f"email\talias\nalice@b\u00fccher.example\t{several}\n".encode()
    yield b"Alice\tJones\talice@example.com\t+49 1\ta@example.com\tb@example.com\n"
    yield b"email\temail\naddress\n"


def check(raw: bytes) -> None:
    """Every row has a result, and every entry of its cells is the primary, an alias or a fault."""
    text = raw.decode(errors="surrogateescape")
    rows = [(number, line.split("\t")[:256]) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    for each in (cells_of for _, cells in rows for cells_of in cells):
        _require_guarded(each)
    sheet = Sheet("People", hidden=False, rows=lambda: iter([(number, [*cells]) for number, cells in rows]))
    with suppress(SpreadsheetRefused):
        table = header.table([sheet])
        asked = {row.number: row for row in understood(table, _SETTINGS)}
        assert asked.keys() == {number for number, _ in rows if number > table.row}
        for number, cells in rows:
            if number > table.row:
                row = asked[number]
                assert (row.primary is None) == any(fault.alias is None for fault in row.faults)
                assert all(each == parse(each) for each in (row.primary, *row.aliases) if each)
                assert row.name == cell.name(row.name) or "'" in row.name
                assert set() == {unicodedata.category(each) for each in row.name} & {"Cc", "Cs", "Zl", "Zp"}
                if row.primary:
                    told = {row.primary, *row.aliases, *(fault.alias for fault in row.faults)}
                    named = [
                        entry for at in table.columns.aliases if at < len(cells) for entry in cell.entries(cells[at])
                    ]
                    assert all(entry[:254] in told or parse(entry) in told for entry in named)


def _require_guarded(text: str) -> None:
    """A cell comes back as it was, and begins no formula, not even behind a separator."""
    guarded = formulas.guarded(text)
    assert text == formulas.unguarded(guarded) or "'" in text
    for piece in guarded.replace("\t", ";").replace("\r", ";").replace("\n", ";").split(";"):
        assert piece.strip().strip('"').strip()[:1] not in set(_RUN)
    assert cell.writable(text) == cell.writable(cell.writable(text))
