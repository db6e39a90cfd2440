"""What the rows of a spreadsheet ask for, once their cells are understood."""

from dataclasses import dataclass
from enum import StrEnum

from addresses.address import Address
from addresses.row_result import RowOutcome


class Action(StrEnum):
    """What a row asks for its aliases: to be linked to its primary, or not to be any more."""

    LINK = "link"
    UNLINK = "unlink"


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of a row that cannot be used: one of its aliases as the cell says it, or (None) the row itself.

    ``outcome`` is ``invalid`` or ``ignored``.
    """

    alias: str | None
    outcome: RowOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A row by its number as the spreadsheet shows it. Without a ``primary`` there is a fault of the row itself."""

    number: int
    primary: Address | None
    name: str = ""
    aliases: tuple[Address, ...] = ()
    action: Action = Action.LINK
    faults: tuple[Fault, ...] = ()
