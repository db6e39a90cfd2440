"""Which entry of a directory is which mailbox, and which mailboxes nobody is behind any more. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from addresses.address import Address
from addresses.desired import Desired, DesiredMailbox
from addresses.mailbox import Mailbox, MailboxId, directory_source
from addresses.plan import Conflict


@dataclass(frozen=True)
class Matched:
    """A directory's entries beside the open mailboxes.

    ``certain``: the entries whose id and primary no other entry has. ``match``: the mailbox of an entry, by the entry's
    id. ``leaving``: mailboxes that the directory kept and has no entry for. ``holder``: who has an address now.
    """

    desired: Desired
    certain: tuple[DesiredMailbox, ...]
    match: Mapping[str, Mailbox]
    leaving: tuple[Mailbox, ...]
    holder: Mapping[Address, Mailbox]
    conflicts: tuple[Conflict, ...]

    @cached_property
    def gone(self) -> frozenset[MailboxId]:
        """The ids of the leaving mailboxes: every link to them ends with them, whoever made it."""
        return frozenset(mailbox.id for mailbox in self.leaving)


def matched(existing: Iterable[Mailbox], desired: Desired) -> Matched:
    """Each entry's mailbox: by the directory's id first, then by the primary of one that this directory may adopt."""
    mailboxes = [mailbox for mailbox in existing if mailbox.is_open]
    holder = {address: mailbox for mailbox in mailboxes for address in mailbox.addresses}
    kept: dict[str, list[Mailbox]] = defaultdict(list)
    for mailbox in mailboxes:
        if mailbox.profile.directory == desired.directory and mailbox.profile.directory_id is not None:
            kept[mailbox.profile.directory_id].append(mailbox)
    certain, conflicts = _uncontested(desired, {each for each, found in kept.items() if len(found) > 1})
    there = {entry.directory_id for entry in desired.mailboxes} | desired.unclear
    gone = kept.keys() - there if desired.gone is None else kept.keys() & desired.gone - there
    match: dict[str, Mailbox] = {}
    for entry in certain:
        found = next(iter(kept.get(entry.directory_id, ())), None) or _adoptable(entry, holder, desired, gone)
        if found:
            match[entry.directory_id] = found
    matches = {mailbox.id for mailbox in match.values()}
    leaving = tuple(mailbox for each in gone for mailbox in kept[each] if mailbox.id not in matches)
    return Matched(desired, certain, match, leaving, holder, conflicts)


def _uncontested(
    desired: Desired, ambiguous: Collection[str]
) -> tuple[tuple[DesiredMailbox, ...], tuple[Conflict, ...]]:
    """The entries that claim an id and a primary which no other entry has; of the others, a conflict each claim."""
    claims: dict[str, list[DesiredMailbox]] = defaultdict(list)
    for entry in desired.mailboxes:
        claims[f"primary {entry.primary}"].append(entry)
        claims[f"id {entry.directory_id}"].append(entry)
    conflicts: list[Conflict] = []
    doubtful: set[DesiredMailbox] = set()
    for claim, entries in claims.items():
        if len(entries) > 1:
            doubtful.update(entries)
            claimants = tuple(sorted(entry.directory_id for entry in entries))
            reason = f"{len(entries)} entries of {desired.directory} have the {claim}; all are left as they are"
            first = min(entry.primary for entry in entries)
            conflicts.append(Conflict(first, claimants, reason))
    for entry in desired.mailboxes:
        if entry.directory_id in ambiguous and entry not in doubtful:
            doubtful.add(entry)
            reason = (
                f"several open mailboxes are of {desired.directory}'s entry {entry.directory_id}; close all but one"
            )
            conflicts.append(Conflict(entry.primary, (entry.directory_id,), reason))
    return tuple(entry for entry in desired.mailboxes if entry not in doubtful), tuple(conflicts)


def _adoptable(
    entry: DesiredMailbox, holder: Mapping[Address, Mailbox], desired: Desired, gone: Collection[str]
) -> Mailbox | None:
    """The mailbox with the entry's primary, if nobody else keeps it or whoever does must yield.

    An entry that was deleted and made again has another id, and is the same person's mailbox.
    """
    at = holder.get(entry.primary)
    if at is None or at.primary != entry.primary:
        return None
    keeper = at.profile.directory
    if keeper == desired.directory:
        return at if at.profile.directory_id in gone else None
    if keeper is not None and desired.yields_to(directory_source(keeper), entry.primary):
        return None
    return at
