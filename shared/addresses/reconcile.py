"""How what a directory says becomes a plan: who is who, which claims are granted, and the steps that follow. Pure.

The seven rules of the mission meet here. Entries are matched to mailboxes (``matching``), their claims are granted or
become conflicts (``claims``), and what is left to do is written down as steps.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import count

from addresses.address import Address
from addresses.claims import granted_aliases, granted_primaries
from addresses.desired import Desired, DesiredMailbox
from addresses.mailbox import Mailbox, MailboxId, Profile, directory_mailbox_id, directory_source
from addresses.matching import Matched, matched
from addresses.plan import Note, Plan, in_order
from addresses.step import Adopt, Close, Link, Open, Promote, Ref, Relink, Step, Unlink


def plan(existing: Iterable[Mailbox], desired: Desired) -> Plan:
    """The steps by which what exists becomes what the directory says.

    ``existing``: the mailboxes that the directory keeps for the entries that are named, or for none; those that hold an
    address which it claims, and those with an id that it would open.
    """
    existing = list(existing)
    found = matched(existing, desired)
    granted, primary_conflicts = granted_primaries(found)
    aliases, alias_conflicts = granted_aliases(found, granted)
    steps = _Steps(found, {*aliases, *(entry.primary for entry in granted)})
    of_entry: dict[str, list[Address]] = defaultdict(list)
    for alias, winner in aliases.items():
        of_entry[winner.directory_id].append(alias)
    ids = {mailbox.id for mailbox in existing if mailbox.is_open}
    wanted = [step for entry in granted for step in steps.of_entry(entry, of_entry[entry.directory_id], ids)]
    wanted += [step for mailbox in found.leaving for step in steps.of_leaving(mailbox)]
    conflicts = [*found.conflicts, *primary_conflicts, *alias_conflicts]
    notes = [*desired.notes, *steps.kept]
    return in_order(directory_source(desired.directory), wanted, conflicts, desired.met + steps.unchanged, notes)


class _Steps:
    """The steps of one mailbox after the other. ``taken``: every address that the plan gives to somebody."""

    def __init__(self, found: Matched, taken: Collection[Address]) -> None:
        self.desired, self.match, self.holder = found.desired, found.match, found.holder
        self.source = directory_source(found.desired.directory)
        self.taken = taken
        self.unchanged = 0
        self.kept: list[Note] = []

    def of_entry(self, entry: DesiredMailbox, mine: Collection[Address], ids: Collection[MailboxId]) -> Iterator[Step]:
        """What an entry asks for that got its primary, and these aliases."""
        mailbox = self.match.get(entry.directory_id)
        at = self.holder.get(entry.primary)
        if mailbox is None:
            new = Ref(_new_id(self.desired.directory, entry, ids), entry.primary)
            profile = Profile(entry.name, self.desired.directory, entry.directory_id)
            yield Open(new, profile, _ref(at) if at else None)
            yield from self._links(new, mine, None)
            return
        # What the directory leaves empty is nothing that it says: a name given by hand stays.
        profile = Profile(entry.name or mailbox.profile.name, self.desired.directory, entry.directory_id)
        if mailbox.profile != profile:
            yield Adopt(_ref(mailbox), mailbox.profile, profile)
        if mailbox.primary == entry.primary:
            self.unchanged += 1
        else:
            # Without auto-link too: what stays an address of the same mailbox is no new link.
            listed = mailbox.primary in entry.aliases and mailbox.primary not in self.taken
            keep = mailbox.primary in mine or (listed and not self.desired.auto_link)
            yield Promote(_ref(mailbox), entry.primary, _ref(at) if at else None, keep)
        if self.desired.auto_link:
            yield from self._stray(mailbox, entry)
        yield from self._links(Ref(mailbox.id, entry.primary), mine, mailbox)

    def of_leaving(self, mailbox: Mailbox) -> Iterator[Step]:
        """What is left to do for a mailbox that nobody is behind any more: rule 5 of the mission."""
        for alias in mailbox.aliases:
            if alias not in self.taken:
                yield Unlink(_ref(mailbox), alias)
        yield Close(_ref(mailbox))

    def _stray(self, mailbox: Mailbox, entry: DesiredMailbox) -> Iterator[Step]:
        """The directory no longer has these aliases: its own links go; those of others are kept, and reported.

        An alias that it has, and that nobody gets since others claim it as their primary, stays: doubt moves nothing.
        """
        for alias, how in mailbox.aliases.items():
            if alias in self.taken or alias in entry.aliases:
                continue
            if how.source == self.source:
                yield Unlink(_ref(mailbox), alias)
            else:
                sentence = f"{alias} stays linked to {entry.primary}: {how.source} linked it, {self.source} lacks it"
                self.kept.append(Note("kept", sentence))

    def _links(self, ref: Ref, aliases: Iterable[Address], mailbox: Mailbox | None) -> Iterator[Step]:
        for alias in aliases:
            at = self.holder.get(alias)
            if at is None:
                yield Link(ref, alias)
            elif mailbox is None or at.id != mailbox.id:
                yield Relink(alias, _ref(at), ref)
            elif alias in mailbox.aliases:
                self.unchanged += 1


def _new_id(directory: str, entry: DesiredMailbox, ids: Collection[MailboxId]) -> MailboxId:
    candidates = (directory_mailbox_id(directory, entry.directory_id, attempt) for attempt in count())
    return next(each for each in candidates if each not in ids)


def _ref(mailbox: Mailbox) -> Ref:
    return Ref(mailbox.id, mailbox.primary)
