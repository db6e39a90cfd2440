"""What becomes of the rows of a spreadsheet: every row has its result, and says why. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class RowOutcome(StrEnum):
    """What a row came to; of a run that was not carried out, what it would come to.

    ``already``: what it asks for is so. ``conflict``: other rows, or what exists, stand against it, and nothing of it
    was done. ``invalid``: it cannot be used as it is written. ``ignored``: it asks for nothing that could be done.
    """

    LINKED = "linked"
    RELINKED = "relinked"
    UNLINKED = "unlinked"
    OPENED = "opened"
    ALREADY = "already"
    CONFLICT = "conflict"
    INVALID = "invalid"
    IGNORED = "ignored"


CHANGES = frozenset({RowOutcome.LINKED, RowOutcome.RELINKED, RowOutcome.UNLINKED, RowOutcome.OPENED})


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result of a row, or of one of the aliases in it. ``row`` is its number as the spreadsheet shows it.

    ``primary`` and ``alias`` are the normalised addresses or, where there is none, what the cell says. ``alias`` is
    None where the result is about the row's mailbox.
    """

    row: int
    primary: str | None
    alias: str | None
    outcome: RowOutcome
    reason: str = ""
