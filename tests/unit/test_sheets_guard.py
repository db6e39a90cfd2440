"""Files made to exhaust whoever reads them: refused quickly, in little memory, or read without harm."""

import subprocess
import sys
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from spreadsheet_import.errors import (
    CellTooLong,
    DamagedFile,
    ForeignReferences,
    SpreadsheetRefused,
    TooManyRows,
    UnpacksTooLarge,
)
from tests.evil_sheets import (
    SHEET,
    SHEET_END,
    SHEET_START,
    STRINGS,
    STRINGS_START,
    Packed,
    Part,
    inline,
    ods,
    repeated,
    xlsx,
)
from tests.sheets import read

MEMORY = 192 * 1024 * 1024
ONE = f'<row r="1">{inline("A1", "a")}</row>'
# Reads all of a file as long as that takes no more memory, and prints what came of it.
READER = """
import resource, sys
from pathlib import Path
from spreadsheet_import.errors import SpreadsheetRefused
from spreadsheet_import.sheets.file import opened
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
try:
    print([sum(1 for _ in sheet.rows()) for sheet in opened(Path(sys.argv[1]))])
except SpreadsheetRefused as refusal:
    print(type(refusal).__name__)
"""


def outcome(path: Path) -> str:
    """How many rows each sheet has, or the refusal, as read by a process with 192 MiB."""
    program = [sys.executable, "-c", READER, str(path), str(MEMORY)]
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    ended = subprocess.run(program, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout.strip()


SPACES = " " * 1024


@pytest.mark.parametrize(
    ("part", "content", "refusal"),
    [
        (SHEET, repeated(SHEET_START, f"<row>{SPACES}</row>", 2**21, SHEET_END), UnpacksTooLarge),
        (SHEET, repeated(SHEET_START + '<row><c t="str"><v>', SPACES, 2**20, SHEET_END), CellTooLong),
        (SHEET, repeated(SHEET_START, "<row/>", 16_000_000, SHEET_END), TooManyRows),
        (SHEET, repeated(SHEET_START, "<x:row/>", 16_000_000, SHEET_END), UnpacksTooLarge),
        (STRINGS, repeated(STRINGS_START, "<si/>", 20_000_000, "</sst>"), UnpacksTooLarge),
        (STRINGS, STRINGS_START[:-1] + ' uniqueCount="1000000000"></sst>', DamagedFile),
        (SHEET, SHEET_START + '<row><c><f t="shared" si="900000000"/></c></row>' + SHEET_END, DamagedFile),
        (SHEET, f'{SHEET_START}<row><c r="AAAAAAA1"><v>1</v></c></row>{SHEET_END}', DamagedFile),
        (SHEET, f"{SHEET_START}<row><c t='n'r = 'aaaaaaa1'><v>1</v></c></row>{SHEET_END}", DamagedFile),
        (SHEET, f'<worksheet><dimension ref="A1:AAAAAAA9"/>{SHEET_START[-11:]}{SHEET_END}', DamagedFile),
        ("xl/media/picture.png", repeated("", SPACES, 2**21, ""), UnpacksTooLarge),
        ("xl/media/picture.png", SHEET_START + SHEET_END, DamagedFile),
    ],
    ids=[
        "2 GB of rows of spaces",
        "a cell of 1 GB",
        "16 M rows",
        "16 M rows with a prefix",
        "20 M texts",
        "a number of texts for which there is no memory",
        "a number of a formula for which there is no memory",
        "a cell in a column for which there is no memory",
        "such a cell, written otherwise",
        "a sheet that is said to have such a column",
        "2 GB of a picture",
        "a sheet that is called a picture",
    ],
)
def test_a_bomb_is_refused_in_little_memory(
    tmp_path: Path, part: str, content: Part, refusal: type[SpreadsheetRefused]
) -> None:
    """Each of them took gigabytes of a parser, or killed it."""
    assert refusal.__name__ == outcome(xlsx(tmp_path / "bomb", ONE, {part: content}))


def test_a_text_that_reads_like_a_far_column_is_no_bomb(tmp_path: Path) -> None:
    """It does no harm where no tag has it."""
    rows = f'<row r="1">{inline("A1", 'for r="AAAAAAA1" see dimension ref="A1:AAAAAAA1"')}</row>'

    assert "[1]" == outcome(xlsx(tmp_path / "book", rows))


def test_as_many_texts_as_a_large_list_has_are_no_bomb(tmp_path: Path) -> None:
    """Five columns of the most rows refer to more than a million."""
    strings = STRINGS_START[:-1] + ' count="1250000" uniqueCount="1"><si><t>a</t></si></sst>'

    assert "[1]" == outcome(xlsx(tmp_path / "book", ONE, {STRINGS: strings}))


@pytest.mark.parametrize(
    ("last", "expected"),
    [("XFD1048576", "[1]"), ("B1048576", "[2]")],
)
def test_a_cell_far_from_the_others_does_no_harm(tmp_path: Path, last: str, expected: str) -> None:
    """A parser that filled what lies between would need 400 GB."""
    rows = f'{ONE}<row r="1048576">{inline(last, "z")}</row>'

    assert expected == outcome(xlsx(tmp_path / "book", rows))


def test_cells_far_to_the_right_and_far_below_are_refused(tmp_path: Path) -> None:
    """Every row between would be as wide as the widest, and that is not walked through to its end."""
    rows = f'<row r="1">{inline("XFD1", "z")}</row><row r="1048576">{inline("A1048576", "z")}</row>'

    assert "UnpacksTooLarge" == outcome(xlsx(tmp_path / "book", rows))


def test_a_row_below_the_last_of_any_sheet_is_refused(tmp_path: Path) -> None:
    """Its number is not counted up to."""
    assert "UnpacksTooLarge" == outcome(xlsx(tmp_path / "book", '<row r="4294967295"><c><v>1</v></c></row>'))
    assert "UnpacksTooLarge" == outcome(xlsx(tmp_path / "wide", '<row r="1048577"><c><v>1</v></c></row>'))


def test_a_million_blank_rows_are_read_and_a_million_rows_refused(tmp_path: Path) -> None:
    """Whoever formats whole columns gets rows without text to the end of the sheet."""
    blank = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(2, 1_048_577))
    filled = "<row><c><v>1</v></c></row>" * 5 + "<row><c><v>23</v></c></row>" * 250_001

    assert "[1]" == outcome(xlsx(tmp_path / "blank", ONE + blank))
    assert "TooManyRows" == outcome(xlsx(tmp_path / "filled", filled))


def odf_row(cell: str, times: int = 1) -> str:
    """A row with one cell, said to be there so often."""
    return f'<table:table-row table:number-rows-repeated="{times}">{cell}</table:table-row>'


BLANK_CELLS = '<table:table-cell table:number-columns-repeated="16384"/>'
FILLED_CELLS = '<table:table-cell table:number-columns-repeated="16384"><text:p>z</text:p></table:table-cell>'
BLANKS = '<table:table-cell><text:p><text:s text:c="999999999"/></text:p></table:table-cell>'


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (odf_row(FILLED_CELLS) + odf_row(BLANK_CELLS, 1_048_575), "[1]"),
        (odf_row(BLANK_CELLS, 1_048_576) + odf_row(FILLED_CELLS), "DamagedFile"),
        (odf_row(FILLED_CELLS, 1_048_576), "TooManyRows"),
        (odf_row(BLANK_CELLS, 9_999_999_999), "DamagedFile"),
        (odf_row(BLANKS), "CellTooLong"),
    ],
    ids=["blank", "below the last row", "filled", "more than any sheet has", "blanks"],
)
def test_what_is_repeated_in_an_opendocument_file_takes_no_memory(tmp_path: Path, rows: str, expected: str) -> None:
    """A row of a few bytes may be said to stand there a million times."""
    assert expected == outcome(ods(tmp_path / "ods", rows))


@pytest.mark.parametrize(
    "sheet",
    [
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 50}"><!ENTITY b "&a;&a;&a;">]>{SHEET_START}{SHEET_END}',
        f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>{SHEET_START}{SHEET_END}',
        f'<!DOCTYPE x SYSTEM "https://example.org/x.dtd">{SHEET_START}{SHEET_END}'.encode("utf-16"),
        f'<!doctype x SYSTEM "https://example.org/x.dtd">{SHEET_START}{SHEET_END}'.encode("utf-16-be"),
    ],
    ids=["billion laughs", "external entity", "UTF-16", "UTF-16 without a mark"],
)
def test_declarations_are_refused(tmp_path: Path, sheet: Part) -> None:
    """No program writes any, so none is looked at."""
    with pytest.raises(ForeignReferences):
        read(xlsx(tmp_path / "book", "", {SHEET: sheet}))


def test_declarations_in_an_opendocument_file_are_refused(tmp_path: Path) -> None:
    """There, too."""
    with pytest.raises(ForeignReferences):
        read(ods(tmp_path / "ods", '<!ENTITY a "a">'))


def test_a_text_that_the_parser_would_pass_over_is_refused(tmp_path: Path) -> None:
    """As CDATA, an alias would be lost without a word."""
    with pytest.raises(DamagedFile):
        read(xlsx(tmp_path / "book", "<row><c><v><![CDATA[5]]></v></c></row>"))


@pytest.mark.parametrize("claimed", [0, 10, 1_000_000_000])
def test_a_part_that_is_not_as_large_as_its_header_says_is_refused(tmp_path: Path, claimed: int) -> None:
    """What was looked through must be what is read."""
    sheet = Packed(repeated(SHEET_START, ONE, 1, SHEET_END).deflated, claimed)

    with pytest.raises(DamagedFile):
        read(xlsx(tmp_path / "book", "", {SHEET: sheet}))


@pytest.mark.parametrize("name", [SHEET, SHEET.upper(), SHEET.replace("/", chr(92))])
def test_two_parts_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    """One program would read the one, another the other."""
    path = xlsx(tmp_path / "book", ONE)
    warned = pytest.warns(UserWarning, match="Duplicate") if name == SHEET else nullcontext()
    with warned, zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, SHEET_START + SHEET_END)

    with pytest.raises(DamagedFile):
        read(path)


def test_a_file_around_another_is_refused(tmp_path: Path) -> None:
    """Of two directories each program reads another one."""
    path = xlsx(tmp_path / "book", ONE)
    path.write_bytes(path.read_bytes() + xlsx(tmp_path / "other", "").read_bytes())

    with pytest.raises(DamagedFile):
        read(path)


def test_too_many_parts_or_sheets_are_refused(tmp_path: Path) -> None:
    """Even empty ones take time and memory."""
    parts = {f"xl/{number}.xml": "<x/>" for number in range(2_001)}
    sheets = {f"xl/worksheets/sheet{number}.xml": "<x/>" for number in range(257)}

    with pytest.raises(UnpacksTooLarge, match="parts"):
        read(xlsx(tmp_path / "parts", ONE, parts))
    with pytest.raises(UnpacksTooLarge, match="sheets"):
        read(xlsx(tmp_path / "sheets", ONE, sheets))
