"""What the rows below the header ask for, each for itself; one that cannot be used says why and stops nothing. Pure."""

import re
from collections.abc import Iterator, Sequence

from addresses.address import Address, domain_of, parse
from addresses.errors import InvalidAddress
from addresses.row_result import RowOutcome
from addresses.settings import Settings
from spreadsheet_import import cell
from spreadsheet_import.asked import Action, AskedRow, Fault
from spreadsheet_import.layout.table import Table, column_letters

# What nearly every cell is: one address, in nothing that would have to be taken away.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9.-]*[A-Za-z0-9]")
_FAULT_CHARACTERS = 254
_SHOWN = 80
_ACTIONS = {"": Action.LINK, **{action.value: action for action in Action}}


def understood(table: Table, settings: Settings) -> Iterator[AskedRow]:
    """The rows of the table as they are read; none is left out, and none raises."""
    understanding = _Understanding(table, settings)
    for number, cells in table.sheet.rows():
        if number > table.row:
            yield understanding.row(number, cells)


class _Unusable(Exception):
    """The whole row asks for nothing that can be done."""

    def __init__(self, reason: str, outcome: RowOutcome = RowOutcome.INVALID) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcome = outcome


class _Understanding:
    """What is known of all rows beforehand."""

    def __init__(self, table: Table, settings: Settings) -> None:
        self.columns = table.columns
        # A thousand domains, half a million addresses: not one after the other.
        self.internal = frozenset(settings.internal_domains)
        columns = (self.columns.primary, self.columns.action, *self.columns.names, *self.columns.aliases)
        self.header = {each: table.header[each].strip() for each in columns if each is not None and table.row}

    def row(self, number: int, cells: list[str]) -> AskedRow:
        """One row."""
        try:
            primary = self._primary(cells)
            action = self._action(cells)
            aliases, faults = self._aliases(cells, primary, action)
        except _Unusable as why:
            return AskedRow(number, None, faults=(Fault(None, why.outcome, why.reason),))
        return AskedRow(number, primary, self._name(cells), aliases, action, faults)

    def _primary(self, cells: list[str]) -> Address:
        at = self.columns.primary
        text = cells[at] if at < len(cells) else ""
        found = (text,) if _PLAIN.fullmatch(text) else cell.entries(text)
        try:
            [entry] = found
            primary = parse(entry)
        except (ValueError, InvalidAddress) as refusal:
            raise self._without_primary(cells, found, refusal) from None
        if domain_of(primary) not in self.internal:
            raise _Unusable(_external(primary), RowOutcome.IGNORED)
        return primary

    def _without_primary(self, cells: list[str], found: Sequence[str], refusal: Exception) -> _Unusable:
        """Why the row has no primary."""
        if self._repeats_header(cells):
            return _Unusable("it repeats the header", RowOutcome.IGNORED)
        column = f"column {column_letters(self.columns.primary)}"
        if not found:
            return _Unusable(f"it has no primary in {column}; if cells are merged, unmerge them and fill in each row")
        if len(found) > 1:
            return _Unusable(f"{column} holds {len(found)} addresses; a row has one primary, so give each its own row")
        return _Unusable(f"its primary in {column} cannot be used: {refusal}")

    def _repeats_header(self, cells: list[str]) -> bool:
        """Sheets that are made for printing repeat it on each page."""
        return bool(self.header) and all(
            name == (cells[at].strip() if at < len(cells) else "") for at, name in self.header.items()
        )

    def _action(self, cells: list[str]) -> Action:
        at = self.columns.action
        if at is None or at >= len(cells):
            return Action.LINK
        text = cell.name(cells[at])
        action = _ACTIONS.get(text.casefold())
        if action is None:
            raise _Unusable(
                f"its action {_shown(text)} in column {column_letters(at)} is not understood; "
                f"write link or unlink, or nothing, which is link"
            )
        return action

    def _aliases(
        self, cells: list[str], primary: Address, action: Action
    ) -> tuple[tuple[Address, ...], tuple[Fault, ...]]:
        """The aliases in the row, each once, and what stands there instead of one."""
        aliases: dict[Address, None] = {}
        faults: dict[str, Fault] = {}
        width = len(cells)
        for at in self.columns.aliases:
            if at >= width:
                break
            text = cells[at]
            for entry in (text,) if _PLAIN.fullmatch(text) else cell.entries(text):
                try:
                    alias = parse(entry)
                except InvalidAddress as refusal:
                    shown = entry[:_FAULT_CHARACTERS]
                    faults[shown] = Fault(shown, RowOutcome.INVALID, str(refusal))
                    continue
                if domain_of(alias) in self.internal:
                    aliases[alias] = None
                else:
                    faults[alias] = Fault(alias, RowOutcome.IGNORED, _external(alias))
        aliases.pop(primary, None)
        if action is Action.UNLINK and not (aliases or faults):
            raise _Unusable("it names no alias to unlink; write it beside the primary that it is linked to")
        return tuple(aliases), tuple(faults.values()) if faults else ()

    def _name(self, cells: list[str]) -> str:
        names = self.columns.names
        width = len(cells)
        if len(names) == 1:
            return cell.name(cells[names[0]]) if names[0] < width else ""
        joined = " ".join(filter(None, (cell.name(cells[at]) for at in names if at < width)))
        return joined[: cell.NAME_CHARACTERS].strip()


def _external(address: Address) -> str:
    return f"{domain_of(address)} is not among the internal domains"


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
