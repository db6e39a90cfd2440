"""Finds the header: which sheet is read, which row names its columns, and what they hold. Pure.

The header is the row that names most columns, and the primary's among them; a file of Proofpoint Essentials has none
(see ``headerless``). What is not recognised is left alone, and what is said twice is refused: nothing is guessed.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from addresses.address import parse
from addresses.errors import InvalidAddress
from spreadsheet_import.errors import AmbiguousHeader, EmptyFile, SpreadsheetRefused
from spreadsheet_import.layout.headerless import FITTING, fits
from spreadsheet_import.layout.names import Kind, kind_of
from spreadsheet_import.layout.no_header import no_header
from spreadsheet_import.layout.table import Columns, Table, column_letters
from spreadsheet_import.sheets.reading import Row, Sheet

HEADER_ROWS = 100
HEADER_COLUMNS = 26
_SHOWN = 40


def table(sheets: Iterable[Sheet]) -> Table:
    """The first sheet that is shown and has a header; of a text file, the reading whose header names most columns.

    Raises:
        EmptyFile: no sheet has any text.
        NoHeader: no sheet that is shown has a header; the sentence says what was seen instead.
        AmbiguousHeader: two columns say that they hold the same.
    """
    every = tuple(sheets)
    shown = [sheet for sheet in every if not sheet.hidden]
    hidden = tuple(sheet.name for sheet in every if sheet.hidden)
    tops: list[_Top] = []
    heads: list[_Head] = []
    readings = len(shown) > 1 and not any(sheet.name for sheet in shown)
    refusals: list[SpreadsheetRefused] = []
    for top in _readings(shown, refusals) if readings else map(_top, shown):
        tops.append(top)
        heads += top.heads()
        if heads and not readings:
            break
    if heads:
        # The first of equals, as max has it.
        head = max(heads, key=lambda each: each.recognised)
        sheet, row, columns, header = head.sheet, head.number, head.columns(), head.cells
    elif fitting := next((top for top in tops if fits(top.rows)), None):
        sheet, row, columns, header = fitting.sheet, 0, FITTING, ()
    elif refusals:
        raise refusals[0]
    elif hidden or any(top.has_text for top in tops):
        raise no_header([(top.sheet.name, row) for top in tops for row in top.rows], hidden)
    else:
        raise EmptyFile("There is no text in the file. Fill in a sheet, with a header in its first row.")
    others = () if readings else tuple(each.name for each in shown if each is not sheet)
    return Table(sheet, row, columns, header, hidden, others)


@dataclass(frozen=True)
class _Head:
    """A row that may be the header. One that must be is not, before its columns are known to be clear."""

    sheet: Sheet
    number: int
    cells: tuple[str, ...]
    places: dict[Kind, list[int]]

    @property
    def recognised(self) -> int:
        return sum(map(len, self.places.values()))

    def columns(self) -> Columns:
        primary = self._one(Kind.PRIMARY)
        first, last, name = map(self._one, (Kind.FIRST_NAME, Kind.LAST_NAME, Kind.NAME))
        names = (name,) if name is not None else (first, last)
        return Columns(
            primary=self.places[Kind.PRIMARY][0] if primary is None else primary,
            names=tuple(each for each in names if each is not None),
            aliases=tuple(self.places.get(Kind.ALIAS, ())),
            action=self._one(Kind.ACTION),
        )

    def _one(self, kind: Kind) -> int | None:
        places = self.places.get(kind, [])
        if len(places) > 1:
            cells = " and ".join(
                f"{column_letters(each)}{self.number} {self.cells[each][:_SHOWN]!r}" for each in places
            )
            where = f" of sheet {self.sheet.name[:_SHOWN]!r}" if self.sheet.name else ""
            raise AmbiguousHeader(f"{cells}{where} all say that they hold the {kind}. Rename all but one of them.")
        return places[0] if places else None


@dataclass(frozen=True)
class _Top:
    """The part of a sheet in which its header may be."""

    sheet: Sheet
    rows: Sequence[Row]
    has_text: bool

    def heads(self) -> Iterator[_Head]:
        """The rows that name a column of the primary, and hold no address themselves."""
        for number, cells in self.rows:
            places: defaultdict[Kind, list[int]] = defaultdict(list)
            for column, cell in enumerate(cells):
                if kind := kind_of(cell):
                    places[kind].append(column)
            primaries = places.get(Kind.PRIMARY)
            if primaries and primaries[0] < HEADER_COLUMNS and not any(map(_is_address, cells)):
                yield _Head(self.sheet, number, tuple(cells), dict(places))


def _top(sheet: Sheet) -> _Top:
    """No more of the sheet is read than its header may take."""
    rows = sheet.rows()
    top: list[Row] = []
    try:
        for row in rows:
            if row[0] > HEADER_ROWS:
                return _Top(sheet, top, has_text=True)
            top.append(row)
    finally:
        # It may hold a file or a process.
        if isinstance(rows, Generator):
            rows.close()
    return _Top(sheet, top, has_text=bool(top))


def _readings(sheets: Iterable[Sheet], refusals: list[SpreadsheetRefused]) -> Iterator[_Top]:
    """A text file, read with each delimiter; with a wrong one a quote may swallow more than a cell may hold."""
    for sheet in sheets:
        try:
            yield _top(sheet)
        except SpreadsheetRefused as refusal:
            refusals.append(refusal)


def _is_address(cell: str) -> bool:
    if "@" not in cell:
        return False
    try:
        parse(cell.strip())
    except InvalidAddress:
        return False
    return True
