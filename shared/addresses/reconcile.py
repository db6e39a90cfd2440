"""How what a directory says becomes a plan: who is who, which claims are granted, and the steps that follow. Pure.

The seven rules of the mission meet here. Doubt never moves an address: a claim that cannot be granted for certain is
reported with everyone who makes it, and what exists stays.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count

from addresses.address import Address
from addresses.mailbox import Mailbox, MailboxId, Profile, directory_mailbox_id, directory_source
from addresses.plan import Conflict, Plan, in_order
from addresses.step import Adopt, Close, Link, Open, Promote, Ref, Relink, Step, Unlink


@dataclass(frozen=True)
class DesiredMailbox:
    """A directory's entry: its immutable id there, its primary, its aliases and its name."""

    directory_id: str
    primary: Address
    aliases: frozenset[Address] = frozenset()
    name: str = ""


@dataclass(frozen=True)
class Desired:
    """Everything that a directory says at one moment. It must have been read to the end: absence closes mailboxes."""

    directory: str
    mailboxes: tuple[DesiredMailbox, ...]


def plan(existing: Iterable[Mailbox], desired: Desired) -> Plan:
    """The steps by which what exists becomes what the directory says.

    ``existing``: the mailboxes that the directory keeps, and those that hold an address which it claims.
    """
    return _Reconciliation(existing, desired).plan()


class _Reconciliation:
    """One directory's entries, matched to the mailboxes that exist; each method is one step of the reasoning."""

    def __init__(self, existing: Iterable[Mailbox], desired: Desired) -> None:
        self.directory = desired.directory
        self.source = directory_source(desired.directory)
        self.entries = desired.mailboxes
        self.mailboxes = {mailbox.id: mailbox for mailbox in existing if mailbox.is_open}
        self.holder = {address: each for each in self.mailboxes.values() for address in each.addresses}
        self.conflicts: list[Conflict] = []
        self.unchanged = 0

    def plan(self) -> Plan:
        """The plan."""
        certain = self._uncontested()
        match = self._match(certain)
        matched = {mailbox.id for mailbox in match.values()}
        contested = {entry.directory_id for entry in self.entries} - {entry.directory_id for entry in certain}
        leaving = [
            each
            for each in self.mailboxes.values()
            if each.profile.directory == self.directory
            and each.id not in matched
            and each.profile.directory_id not in contested
        ]
        granted = self._granted(certain, match, leaving)
        aliases = self._assigned(granted, match, leaving)
        taken = {*aliases, *(entry.primary for entry in granted)}
        of_entry: dict[str, list[Address]] = defaultdict(list)
        for alias, winner in aliases.items():
            of_entry[winner.directory_id].append(alias)
        steps: list[Step] = []
        for entry in granted:
            steps += self._entry_steps(entry, match.get(entry.directory_id), of_entry[entry.directory_id], taken)
        for mailbox in leaving:
            steps += [Unlink(_ref(mailbox), alias) for alias in mailbox.aliases if alias not in taken]
            steps.append(Close(_ref(mailbox)))
        return in_order(self.source, steps, self.conflicts, self.unchanged)

    def _uncontested(self) -> list[DesiredMailbox]:
        """The entries whose id and primary no other entry has."""
        claims: dict[str, list[DesiredMailbox]] = defaultdict(list)
        for entry in self.entries:
            claims[f"primary {entry.primary}"].append(entry)
            claims[f"id {entry.directory_id}"].append(entry)
        unsure = {claim: entries for claim, entries in claims.items() if len(entries) > 1}
        for claim, entries in unsure.items():
            claimants = tuple(sorted(entry.directory_id for entry in entries))
            reason = f"{len(entries)} entries of {self.directory} have the {claim}; all are left as they are"
            self.conflicts.append(Conflict(entries[0].primary, claimants, reason))
        doubtful = {entry for entries in unsure.values() for entry in entries}
        return [entry for entry in self.entries if entry not in doubtful]

    def _match(self, entries: Iterable[DesiredMailbox]) -> dict[str, Mailbox]:
        """Each entry's mailbox: by the directory's id first, then by the primary of one that nobody else keeps."""
        present = {entry.directory_id for entry in self.entries}
        own = {each.profile.directory_id: each for each in self.mailboxes.values() if self._keeps(each)}
        match: dict[str, Mailbox] = {}
        for entry in entries:
            found = own.get(entry.directory_id)
            if found is None:
                at = self.holder.get(entry.primary)
                # An entry that was deleted and made again has another id, and is the same person's mailbox.
                orphan = at is not None and self._keeps(at) and at.profile.directory_id not in present
                if at and at.primary == entry.primary and (orphan or at.profile.directory is None):
                    found = at
            if found:
                match[entry.directory_id] = found
        return match

    def _keeps(self, mailbox: Mailbox) -> bool:
        return mailbox.profile.directory == self.directory

    def _granted(
        self, entries: Iterable[DesiredMailbox], match: Mapping[str, Mailbox], leaving: Iterable[Mailbox]
    ) -> list[DesiredMailbox]:
        """The entries that get the primary which they claim.

        A primary claim beats an alias, but not another open mailbox's primary, unless that mailbox gives it up in the
        same plan; whether it does may hang on further claims, in chains and rings. So: grant all, then withdraw what
        cannot stand until nothing more falls.
        """
        granted = {entry.directory_id: entry for entry in entries}
        gone = {mailbox.id for mailbox in leaving}
        entry_of = {mailbox.id: directory_id for directory_id, mailbox in match.items()}
        while True:
            stands: dict[str, DesiredMailbox] = {}
            for directory_id, entry in granted.items():
                at = self.holder.get(entry.primary)
                own = match.get(directory_id)
                blocked = at and at.primary == entry.primary and at.id not in gone and (own is None or at.id != own.id)
                moves = at and (mover := granted.get(entry_of.get(at.id, ""))) and mover.primary != entry.primary
                if not blocked or moves:
                    stands[directory_id] = entry
                elif at:
                    reason = (
                        f"it is the primary of an open mailbox of {at.profile.directory or at.source}, and stays so"
                    )
                    self.conflicts.append(Conflict(entry.primary, (directory_id, at.primary), reason))
            if len(stands) == len(granted):
                return list(stands.values())
            granted = stands

    def _assigned(
        self, granted: Iterable[DesiredMailbox], match: Mapping[str, Mailbox], leaving: Iterable[Mailbox]
    ) -> dict[Address, DesiredMailbox]:
        """Who gets which alias: its only claimant or, of several, the one that holds it."""
        granted = list(granted)
        ids = {entry.directory_id for entry in granted}
        primaries = {entry.primary: entry for entry in granted}
        gives_up = {mailbox.primary for mailbox in leaving} | {
            own.primary for entry in granted if (own := match.get(entry.directory_id)) and own.primary != entry.primary
        }
        claims: dict[Address, list[DesiredMailbox]] = defaultdict(list)
        for entry in self.entries:
            for alias in entry.aliases - {entry.primary}:
                claims[alias].append(entry)
        assigned: dict[Address, DesiredMailbox] = {}
        for alias, claimants in claims.items():
            at = self.holder.get(alias)
            names = tuple(sorted(entry.primary for entry in claimants))
            holding = [each for each in claimants if at and (own := match.get(each.directory_id)) and own.id == at.id]
            winner = (claimants if len(claimants) == 1 else [*holding, None])[0]
            if alias in primaries:
                reason = f"it is the primary of an entry of {self.directory}, which beats being an alias"
                self.conflicts.append(Conflict(alias, names, reason))
                continue
            if len(claimants) > 1:
                outcome = f"{winner.primary} holds it and keeps it" if winner else "nobody gets it"
                self.conflicts.append(Conflict(alias, names, f"{' and '.join(names)} both claim it; {outcome}"))
            if winner is None or winner.directory_id not in ids:
                continue
            refusal = self._refusal(alias, at, winner, match, gives_up)
            if refusal:
                self.conflicts.append(Conflict(alias, (*names, at.primary if at else ""), refusal))
            else:
                assigned[alias] = winner
        return assigned

    def _refusal(
        self,
        alias: Address,
        at: Mailbox | None,
        winner: DesiredMailbox,
        match: Mapping[str, Mailbox],
        gives_up: set[Address],
    ) -> str:
        """Why the holder keeps the alias; empty when it is free, or the directory's word outranks the holder's."""
        own = match.get(winner.directory_id)
        if at is None or (own and own.id == at.id):
            return ""
        if at.primary == alias:
            return "" if alias in gives_up else f"it is the primary of an open mailbox of {at.source}, and stays so"
        source = at.aliases[alias].source
        foreign = source.startswith("directory:") and source != self.source
        return f"{source} linked it to {at.primary}, which keeps it" if foreign else ""

    def _entry_steps(
        self, entry: DesiredMailbox, mailbox: Mailbox | None, mine: Collection[Address], taken: Collection[Address]
    ) -> list[Step]:
        profile = Profile(entry.name, self.directory, entry.directory_id)
        at = self.holder.get(entry.primary)
        if mailbox is None:
            new = Ref(self._new_id(entry), entry.primary)
            return [Open(new, profile, _ref(at) if at else None), *self._links(new, mine, None)]
        steps: list[Step] = []
        if mailbox.profile != profile:
            steps.append(Adopt(_ref(mailbox), mailbox.profile, profile))
        if mailbox.primary == entry.primary:
            self.unchanged += 1
        else:
            keep = mailbox.primary in mine
            steps.append(Promote(_ref(mailbox), entry.primary, _ref(at) if at else None, keep))
        steps += [
            Unlink(_ref(mailbox), alias)
            for alias, how in mailbox.aliases.items()
            if how.source == self.source and alias not in taken
        ]
        return [*steps, *self._links(replace(_ref(mailbox), primary=entry.primary), mine, mailbox)]

    def _new_id(self, entry: DesiredMailbox) -> MailboxId:
        ids = (directory_mailbox_id(self.directory, entry.directory_id, attempt) for attempt in count())
        return next(each for each in ids if each not in self.mailboxes)

    def _links(self, ref: Ref, aliases: Iterable[Address], mailbox: Mailbox | None) -> list[Step]:
        steps: list[Step] = []
        for alias in aliases:
            at = self.holder.get(alias)
            if at is None:
                steps.append(Link(ref, alias))
            elif mailbox is None or at.id != mailbox.id:
                steps.append(Relink(alias, _ref(at), ref))
            elif alias in mailbox.aliases:
                self.unchanged += 1
        return steps


def _ref(mailbox: Mailbox) -> Ref:
    return Ref(mailbox.id, mailbox.primary)
