"""The rows of a table of an OpenDocument spreadsheet, by its content.xml."""

from collections.abc import Iterable, Iterator
from xml.parsers.expat import ExpatError, ParserCreate

from spreadsheet_import.sheets.container import damaged
from spreadsheet_import.sheets.limits import text, too_long
from spreadsheet_import.sheets.reading import MOST_CELL_CHARACTERS, MOST_COLUMNS, Row

_TABLES = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
# Names built once, because they are compared with those of millions of elements.
_TABLE, _ROW = f"{_TABLES}table", f"{_TABLES}table-row"
_CELL, _COVERED = f"{_TABLES}table-cell", f"{_TABLES}covered-table-cell"
_PARAGRAPH = f"{_TEXT}p"
_BLANKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_NUMBERS = frozenset(["float", "percentage", "currency"])
_MOST_DIGITS = 9


def rows_of(content: Iterable[bytes], place: int) -> Iterator[Row]:
    """The rows of the table at this place among the tables, from 0; those without text are left out.

    Raises:
        CellTooLong: a cell holds more text than any program puts into one.
        DamagedFile: the content is not what a program writes.
    """
    table = _Table(place)
    for tags in content:
        table.feed(tags)
        for first, repeated, cells in table.rows:
            for number in range(first, first + repeated):
                yield number, list(cells)
        table.rows.clear()
        if table.read:
            return
    table.feed(b"", last=True)


class _Table:
    """The ``rows`` with text that were read since they were last cleared: the first's number, how many alike, cells.

    ``read`` is whether the table's end was reached.
    """

    def __init__(self, place: int) -> None:
        self.read = False
        self.rows: list[tuple[int, int, list[str]]] = []
        self._before = place + 1
        self._level = 0
        self._number = 1
        self._repeated = 1
        self._cells: list[str] = []
        # Of the cell that is open: its attributes, how deep within it, in which paragraph, and the text so far.
        self._cell: dict[str, str] | None = None
        self._depth = 0
        self._in_paragraph = False
        self._text: list[str] = []
        self._length = 0
        self._parser = ParserCreate("utf-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, tags: bytes, *, last: bool = False) -> None:
        """Reads on, to the end if that is all.

        Raises:
            DamagedFile: it is no XML, not complete, or a number in it is none.
            CellTooLong: a cell holds more text than any program puts into one.
        """
        try:
            self._parser.Parse(tags, last)
        except (ExpatError, LookupError, ValueError) as refusal:
            raise damaged() from refusal

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._cell is not None:
            # Of a cell's content, its paragraphs are text; a comment or a drawing has paragraphs too, but deeper.
            self._depth += 1
            if self._depth == 1 and name == _PARAGRAPH:
                self._in_paragraph = True
                if self._text:
                    self._characters("\n")
            elif name in _BLANKS:
                self._characters(_BLANKS[name] * min(_count(attributes, f"{_TEXT}c"), MOST_CELL_CHARACTERS + 1))
        elif name == _TABLE:
            self._before -= not self._level
            self._level += 1
        elif not self._before and self._level == 1 and not self.read:
            if name == _ROW:
                self._repeated = _count(attributes, f"{_TABLES}number-rows-repeated")
                self._cells = []
            elif name in {_CELL, _COVERED}:
                self._cell = attributes
                self._depth, self._length = 0, 0
                self._text = []

    def _end(self, name: str) -> None:
        if self._cell is not None:
            if self._depth:
                self._depth -= 1
                self._in_paragraph = self._in_paragraph and self._depth > 0
                return
            # What a merged cell covers is not shown.
            value = "" if name == _COVERED else self._value(self._cell)
            repeated = _count(self._cell, f"{_TABLES}number-columns-repeated")
            self._cells += [value] * min(repeated, MOST_COLUMNS - len(self._cells))
            self._cell = None
        elif name == _TABLE:
            self._level -= 1
            self.read = not self._before and not self._level
        elif name == _ROW and not self._before and self._level == 1:
            if any(self._cells):
                self.rows.append((self._number, self._repeated, self._cells))
            self._number += self._repeated

    def _characters(self, characters: str) -> None:
        if self._in_paragraph:
            self._length += len(characters)
            if self._length > MOST_CELL_CHARACTERS:
                raise too_long(self._number)
            self._text.append(characters)

    def _value(self, cell: dict[str, str]) -> str:
        kind = cell.get(f"{_OFFICE}value-type", "")
        shown = "".join(self._text)
        if kind in _NUMBERS:
            # What is no number is a ValueError, and so a damaged file.
            return text(float(cell[f"{_OFFICE}value"])) if f"{_OFFICE}value" in cell else shown
        if kind in {"date", "time"}:
            return cell.get(f"{_OFFICE}{kind}-value", shown)
        if kind == "boolean":
            return cell.get(f"{_OFFICE}boolean-value", shown).upper()
        if not kind and not shown:
            # Never calculated; an empty cell would lose what it stands for.
            return "".join(cell.get(f"{_TABLES}formula", "").partition("=")[1:])
        return shown or cell.get(f"{_OFFICE}string-value", "")


def _count(attributes: dict[str, str], name: str) -> int:
    count = attributes.get(name, "1")
    if not count.isdecimal() or len(count) > _MOST_DIGITS:
        raise damaged()
    return int(count)
