"""How the rows of a spreadsheet become a plan, with a result for every row. Pure.

A row opens the mailbox of its primary if it is new, and links its aliases, in and across domains; or unlinks them. What
the sheet does not name stays as it is. A directory's word counts more: what it linked is not moved. The primary of an
open mailbox is never taken for an alias; an alias that the sheet has as a primary gets a mailbox of its own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID, uuid5

from addresses.address import Address
from addresses.mailbox import SPREADSHEET, Mailbox, MailboxId, Profile, directory_source
from addresses.plan import Conflict, Note, Plan, in_order
from addresses.row_result import RowOutcome, RowResult
from addresses.step import Adopt, Link, Open, Ref, Relink, Step, Unlink
from spreadsheet_import.asked import Action, AskedRow
from spreadsheet_import.claims import Claims

_OPENED_BY_SPREADSHEET = UUID("0d0cf3d4-6a8c-5b55-9d0f-2a3f1f9f3c56")
# What was left out is listed up to here, then counted; the results have all of it.
NOTES = 50


@dataclass(frozen=True)
class Known:
    """What exists of the addresses that the sheet names.

    ``holder``: the open mailbox of each address that has one. ``past``: the mailboxes that an address ever belonged to.
    ``directories``: the names of those that are configured.
    """

    holder: Mapping[Address, Mailbox]
    past: Mapping[Address, Collection[MailboxId]]
    directories: Collection[str]


@dataclass(frozen=True)
class Planned:
    """The plan, and the results of the rows once it is carried out, in the order of the rows."""

    plan: Plan
    results: list[RowResult]


def planned(rows: Sequence[AskedRow], known: Known) -> Planned:
    """The steps by which what exists becomes what the rows ask for."""
    planning = _Planning(rows, known)
    results = [result for row in rows for result in planning.results(row)]
    conflicts = (
        Conflict(address, tuple(f"row {each}" for each in sorted(numbers)), reason)
        for (address, reason), numbers in planning.conflicts.items()
    )
    unchanged = sum(each.outcome is RowOutcome.ALREADY for each in results)
    return Planned(in_order(SPREADSHEET, planning.steps(), conflicts, unchanged, _notes(results)), results)


class _Planning:
    """Everything that was decided so far."""

    def __init__(self, rows: Sequence[AskedRow], known: Known) -> None:
        self.known = known
        self.stronger = {directory_source(each) for each in known.directories}
        self.claims = Claims(rows)
        self.links: dict[Address, Step | None] = {}
        self.unlinks: dict[Address, Step] = {}
        self.refs: dict[Address, Ref] = {}
        self.conflicts: dict[tuple[Address, str], set[int]] = defaultdict(set)
        # The first row by which a mailbox is opened or named; a row that is in conflict does neither.
        self.standing: dict[Address, int] = {}
        for row in rows:
            if row.action is Action.LINK and row.primary and row.primary not in self.standing and self._stands(row):
                self.standing[row.primary] = row.number

    def results(self, row: AskedRow) -> Iterator[RowResult]:
        """What becomes of one row, and of each alias in it."""
        if row.primary is not None:
            if row.action is Action.UNLINK:
                yield from (self._unlinked(row, row.primary, alias) for alias in row.aliases)
            elif row.aliases:
                yield from (self._linked(row, row.primary, alias) for alias in row.aliases)
            else:
                yield self._opened(row, row.primary)
        for fault in row.faults:
            yield RowResult(row.number, row.primary, fault.alias, fault.outcome, fault.reason)

    def steps(self) -> Iterator[Step]:
        """The steps of all rows whose results were made."""
        for primary in self.standing:
            at = self.known.holder.get(primary)
            if at is None or at.primary != primary:
                yield Open(self._ref(primary), Profile(self.claims.name(primary)), _ref(at) if at else None)
            elif named := self._renamed(primary, at):
                yield Adopt(_ref(at), at.profile, named)
        yield from filter(None, self.links.values())
        # What is linked elsewhere, or becomes a primary, leaves where it was by that same step.
        yield from (step for alias, step in self.unlinks.items() if not self._is_taken(alias))

    def _stands(self, row: AskedRow) -> bool:
        primary = row.primary
        if primary is None or self._against_primary(primary):
            return False
        return not row.aliases or any(not self._against_link(alias, primary) for alias in row.aliases)

    def _opened(self, row: AskedRow, primary: Address) -> RowResult:
        reason = self._against_primary(primary)
        if reason:
            return self._conflict(row, primary, None, reason)
        first = self.standing[primary]
        if self._is_open(primary):
            return RowResult(row.number, primary, None, RowOutcome.ALREADY, self._remarks(row, primary))
        if first == row.number:
            return RowResult(row.number, primary, None, RowOutcome.OPENED, self._remarks(row, primary))
        return RowResult(row.number, primary, None, RowOutcome.ALREADY, f"row {first} opens it")

    def _linked(self, row: AskedRow, primary: Address, alias: Address) -> RowResult:
        reason = self._against_primary(primary) or self._against_link(alias, primary)
        if reason:
            return self._conflict(row, primary, alias, reason)
        first = self.claims.links[alias][primary][0]
        if first != row.number:
            return RowResult(row.number, primary, alias, RowOutcome.ALREADY, f"row {first} says the same")
        remarks = self._remarks(row, primary) if alias == row.aliases[0] else ""
        at = self.known.holder.get(alias)
        if at is None:
            self.links[alias] = Link(self._ref(primary), alias)
            return RowResult(row.number, primary, alias, RowOutcome.LINKED, remarks)
        if at.primary == primary:
            return RowResult(row.number, primary, alias, RowOutcome.ALREADY, remarks)
        self.links[alias] = Relink(alias, _ref(at), self._ref(primary))
        was = f"until now an alias of {at.primary}, by {at.aliases[alias].source}"
        return RowResult(row.number, primary, alias, RowOutcome.RELINKED, "; ".join(filter(None, [was, remarks])))

    def _unlinked(self, row: AskedRow, primary: Address, alias: Address) -> RowResult:
        at = self.known.holder.get(alias)
        reason = self.claims.against_unlink(alias, primary) or self._against_unlink(alias, primary, at)
        if reason:
            return self._conflict(row, primary, alias, reason)
        if at is None:
            return RowResult(row.number, primary, alias, RowOutcome.ALREADY, "it is linked to nothing")
        if at.primary != primary:
            return RowResult(row.number, primary, alias, RowOutcome.ALREADY, f"it is an address of {at.primary}")
        self.unlinks[alias] = Unlink(_ref(at), alias)
        return RowResult(row.number, primary, alias, RowOutcome.UNLINKED)

    def _against_primary(self, primary: Address) -> str:
        at = self.known.holder.get(primary)
        return self.claims.against_primary(primary) or self._by_directory(primary, at)

    def _against_link(self, alias: Address, primary: Address) -> str:
        reason = self.claims.against_link(alias, primary)
        at = self.known.holder.get(alias)
        if reason or at is None or at.primary == primary:
            return reason
        if at.primary == alias:
            keeper = directory_source(at.profile.directory) if at.profile.directory else at.source
            return f"{alias} is the primary of an open mailbox, by {keeper}; close that mailbox first"
        return self._by_directory(alias, at)

    def _against_unlink(self, alias: Address, primary: Address, at: Mailbox | None) -> str:
        if at is None:
            return ""
        if at.primary == primary:
            return self._by_directory(alias, at) if alias != primary else f"{alias} is the primary, not an alias"
        # If the sheet says itself where it belongs, that is where another time it finds it.
        meant = alias in self.claims.links or alias in self.claims.primaries
        return "" if meant else f"{alias} is an address of {at.primary}, not of {primary}"

    def _by_directory(self, address: Address, at: Mailbox | None) -> str:
        """Why it stays where a directory linked it; empty when none that is configured did."""
        how = at.aliases.get(address) if at else None
        if at is None or how is None or how.source not in self.stronger:
            return ""
        return f"{how.source} linked {address} to {at.primary}, and counts more than a spreadsheet; change it there"

    def _remarks(self, row: AskedRow, primary: Address) -> str:
        """What the row does to its mailbox besides, or why it does not."""
        if self.standing.get(primary) != row.number:
            return ""
        at = self.known.holder.get(primary)
        opens = bool(row.aliases) and not self._is_open(primary)
        taken = f", until now an alias of {at.primary}" if at and at.primary != primary else ""
        renamed = self._renamed(primary, at) if at and at.primary == primary else None
        several = len(self.claims.names.get(primary, ())) > 1
        remarks = [
            f"the mailbox of {primary} is opened{taken}" if opens else taken.removeprefix(", "),
            f"its name is {renamed.name!r} now" if renamed else "",
            "rows name it differently, so it gets no name of theirs" if several else "",
        ]
        return "; ".join(filter(None, remarks))

    def _renamed(self, primary: Address, at: Mailbox) -> Profile | None:
        name = self.claims.name(primary)
        if not name or name == at.profile.name or at.profile.directory in self.known.directories:
            return None
        return Profile(name, at.profile.directory, at.profile.directory_id)

    def _is_open(self, primary: Address) -> bool:
        at = self.known.holder.get(primary)
        return at is not None and at.primary == primary

    def _is_taken(self, alias: Address) -> bool:
        return alias in self.links or (alias in self.standing and not self._is_open(alias))

    def _ref(self, primary: Address) -> Ref:
        if primary not in self.refs:
            at = self.known.holder.get(primary)
            self.refs[primary] = _ref(at) if at and at.primary == primary else self._new(primary)
        return self.refs[primary]

    def _new(self, primary: Address) -> Ref:
        # The same whenever it is asked for, so that two sheets open one mailbox; but never one that was closed, or got
        # another primary since: whoever was given access to that was not given it to this one.
        past = self.known.past.get(primary, ())
        candidates = (sheet_mailbox_id(primary, attempt) for attempt in count())
        return Ref(next(each for each in candidates if each not in past), primary)

    def _conflict(self, row: AskedRow, primary: Address, alias: Address | None, reason: str) -> RowResult:
        self.conflicts[alias or primary, reason].add(row.number)
        return RowResult(row.number, primary, alias, RowOutcome.CONFLICT, reason)


def sheet_mailbox_id(primary: Address, attempt: int = 0) -> MailboxId:
    """The id of a mailbox that a spreadsheet opens; ``attempt`` counts up when the id before belonged to one before."""
    return MailboxId(str(uuid5(_OPENED_BY_SPREADSHEET, primary + "\0again" * attempt)))


def _ref(mailbox: Mailbox) -> Ref:
    return Ref(mailbox.id, mailbox.primary)


def _notes(results: Iterable[RowResult]) -> Iterator[Note]:
    """What was left out, in sentences."""
    left_out = [each for each in results if each.outcome in {RowOutcome.INVALID, RowOutcome.IGNORED}]
    for each in left_out[:NOTES]:
        yield Note("ignored", f"row {each.row} was left out: {each.reason}")
    if (more := len(left_out) - NOTES) > 0:
        yield Note("ignored", f"{more} more rows were left out; the results of the rows say why", more)
