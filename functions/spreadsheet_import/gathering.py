"""Gather: what the rows ask for, and what the table holds of the addresses that they name."""

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from addresses.address import Address
from addresses.book import read_holders
from addresses.mailbox import Existing, Mailbox, MailboxId
from addresses.plan import Note
from addresses.settings import Settings
from addresses.table import Table
from spreadsheet_import.asked import AskedRow
from spreadsheet_import.errors import TooManyAddresses
from spreadsheet_import.layout import header
from spreadsheet_import.planning import Known
from spreadsheet_import.sheets.file import opened
from spreadsheet_import.understanding import understood

# Together with what exists of them, so many fit into the function's memory: 400,000 take 783 MiB (make large-import).
MOST_ADDRESSES = 450_000
# What is read from the table is asked for in portions, several at a time.
SOME = 1000
AT_ONCE = 8


@dataclass(frozen=True)
class Asked:
    """The rows of the one sheet that is read, and what of the file is not."""

    rows: list[AskedRow]
    notes: tuple[Note, ...]


def asked(path: Path, settings: Settings) -> Asked:
    """What the file asks for.

    Raises:
        spreadsheet_import.errors.SpreadsheetRefused: it cannot be read, or not to its end.
    """
    found = header.table(opened(path))
    rows, named = [], 0
    for row in understood(found, settings):
        named += 1 + len(row.aliases) + len(row.faults)
        if named > MOST_ADDRESSES:
            raise TooManyAddresses(
                f"Its rows name more than {MOST_ADDRESSES:,} addresses. Split it into files that each have the header."
            )
        rows.append(row)
    unread = [f"sheet {each!r} is hidden, and was not read" for each in found.hidden_sheets]
    unread += [f"sheet {each!r} was not read: one sheet is, the first with a header" for each in found.other_sheets]
    return Asked(rows, tuple(Note("ignored", sentence) for sentence in unread))


def known(table: Table, rows: Iterable[AskedRow], directories: Collection[str], executor: Executor) -> Known:
    """What exists of the addresses that the rows name."""
    named = dict.fromkeys(each for row in rows if row.primary for each in (row.primary, *row.aliases))
    holder: dict[Address, Mailbox] = {}
    past: dict[Address, frozenset[MailboxId]] = {}
    mailboxes: dict[MailboxId, Mailbox] = {}

    def read(portion: Sequence[Address]) -> Existing:
        return read_holders(table, portion)

    # Not all portions at once: what was read is kept as little as it can be, before more is.
    for portions in batched(batched(named, SOME, strict=False), AT_ONCE, strict=False):
        for existing in executor.map(read, portions):
            for address, state in existing.addresses.items():
                if at := existing.holder(address):
                    # Once for all of its addresses; but a portion that came later may have found it changed.
                    if mailboxes.get(at.id) != at:
                        mailboxes[at.id] = at
                    holder[address] = mailboxes[at.id]
                if state.starts:
                    past[address] = frozenset(start.mailbox for start in state.starts if start.mailbox)
    return Known(holder, past, frozenset(directories))
