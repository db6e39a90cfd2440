"""What the rows say of each address, all of them together, and where they contradict each other. Pure.

A row is one statement. Of statements that contradict each other none is followed, whichever comes first or is true
already: the sheet does not say what is meant.
"""

from collections import defaultdict
from collections.abc import Iterable

from addresses.address import Address
from spreadsheet_import.asked import Action, AskedRow

# A reason names so many of the rows that it is about.
ROWS_NAMED = 5


class Claims:
    """Which rows claim an address as a primary, as an alias of which primary, or as no alias of it."""

    def __init__(self, rows: Iterable[AskedRow]) -> None:
        """``rows``: all of the sheet's."""
        self.primaries: dict[Address, list[int]] = {}
        self.links: dict[Address, dict[Address, list[int]]] = {}
        self.unlinks: dict[Address, dict[Address, list[int]]] = {}
        self.names: dict[Address, dict[str, int]] = defaultdict(dict)
        for row in rows:
            if row.primary is None:
                continue
            if row.action is Action.UNLINK:
                for alias in row.aliases:
                    self.unlinks.setdefault(alias, {}).setdefault(row.primary, []).append(row.number)
                continue
            self.primaries.setdefault(row.primary, []).append(row.number)
            if row.name:
                self.names[row.primary].setdefault(row.name, row.number)
            for alias in row.aliases:
                self.links.setdefault(alias, {}).setdefault(row.primary, []).append(row.number)

    def name(self, primary: Address) -> str:
        """The one name that the rows have for it; empty where they have none, or several."""
        names = self.names.get(primary, {})
        return next(iter(names)) if len(names) == 1 else ""

    def against_primary(self, primary: Address) -> str:
        """Why it cannot be taken for a primary; empty when nothing in the sheet stands against it."""
        linked = self.links.get(primary)
        if not linked:
            return ""
        to = ", ".join(sorted(linked))
        return (
            f"{primary} is a primary in {_rows(self.primaries[primary])}, and an alias of {to} in "
            f"{_rows(number for numbers in linked.values() for number in numbers)}; neither is done"
        )

    def against_link(self, alias: Address, primary: Address) -> str:
        """Why it cannot be linked to this primary; empty when nothing in the sheet stands against it."""
        if alias in self.primaries:
            return self.against_primary(alias)
        linked = self.links[alias]
        if len(linked) > 1:
            claims = " and ".join(f"to {each} in {_rows(linked[each])}" for each in sorted(linked)[:ROWS_NAMED])
            return f"{alias} is linked {claims}; neither is done"
        if primary in self.unlinks.get(alias, {}):
            return self.against_unlink(alias, primary)
        return ""

    def against_unlink(self, alias: Address, primary: Address) -> str:
        """Why it cannot be unlinked from this primary; empty when nothing in the sheet stands against it."""
        linked = self.links.get(alias, {}).get(primary)
        if not linked:
            return ""
        unlinked = _rows(self.unlinks[alias][primary])
        return f"{alias} is linked to {primary} in {_rows(linked)} and unlinked in {unlinked}; neither is done"


def _rows(numbers: Iterable[int]) -> str:
    """The rows by their numbers, as a sentence has them."""
    found = sorted(set(numbers))
    named = [str(each) for each in found[:ROWS_NAMED]]
    more = [f"{len(found) - ROWS_NAMED} more"] if len(found) > ROWS_NAMED else []
    listed = [*named, *more]
    if len(listed) == 1:
        return f"row {listed[0]}"
    return f"rows {', '.join(listed[:-1])} and {listed[-1]}"
