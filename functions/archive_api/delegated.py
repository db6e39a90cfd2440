"""The archives that were delegated to a mailbox, as far as they may be read now (I6): decided with every request.

A delegate sees what is the other's own: nothing that was delegated to them in turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from addresses.address import Address
from addresses.book import read
from addresses.delegation import Delegation
from addresses.delegation_items import ACCESS, access_partition, delegated_partition, delegation_from
from addresses.items import SETTINGS_KEY, settings_from
from addresses.mailbox import AddressState, Existing, Mailbox
from addresses.settings import ArchiveHistory
from addresses.table import Table
from archive_api.access import Window, tenure_windows


@dataclass(frozen=True)
class Delegated:
    """An archive that may be read. ``address`` is what it is called: the primary or, of one address, that address.

    ``names`` are the addresses by which it can be asked for; ``id`` stays the same when they change. ``expires_at`` is
    in seconds since 1970.
    """

    id: str
    address: Address
    names: frozenset[Address]
    windows: tuple[Window, ...]
    expires_at: int | None


def delegated(table: Table, reader: Mailbox, now: datetime) -> list[Delegated]:
    """The archives that this mailbox may read besides its own, by their addresses.

    One query for the delegations; if there are any, two reads of their mailboxes and addresses, and of the settings.
    """
    items = table.partition(access_partition(reader.id), ACCESS)
    granted = [each for each in map(delegation_from, items) if each.holds_at(now)]
    if not granted:
        return []
    history = settings_from(table.get(SETTINGS_KEY)).archive_history
    existing = _existing(table, granted)
    found = (_opened(each, existing, history) for each in granted)
    return sorted((each for each in found if each), key=lambda each: each.address)


def _existing(table: Table, granted: Iterable[Delegation]) -> Existing:
    """What the delegations are about: whole mailboxes with their addresses, and single addresses."""
    whole = [each.target.mailbox for each in granted if each.target.address is None]
    mailboxes = read(table, filter(None, whole), ()).mailboxes
    single = [each.target.address for each in granted]
    addresses = {address for mailbox in mailboxes.values() for address in (mailbox.primary, *mailbox.aliases)}
    return Existing(mailboxes, read(table, (), {*addresses, *filter(None, single)}).addresses)


def _opened(granted: Delegation, existing: Existing, history: ArchiveHistory) -> Delegated | None:
    """The archive, if the delegation gives any now."""
    address, owner = granted.target.address, granted.target.mailbox
    if address is None:
        mailbox = existing.mailboxes.get(owner) if owner else None
        if mailbox is None:
            return None
        # Of a leaver, the archive of the last primary remains to be read, unless somebody else has the address now.
        addresses = mailbox.addresses if mailbox.is_open else (mailbox.primary,)
        address, holders = mailbox.primary, {mailbox.id if mailbox.is_open else None}
    else:
        addresses, holders = (address,), {owner, None}
    states = [existing.address(each) for each in addresses]
    theirs = [each.address for each in states if each.mailbox in holders and not _had_others(each, granted)]
    if address not in theirs:
        return None
    windows = (Window(each) for each in theirs)
    if history is ArchiveHistory.SINCE_LINKED and owner:
        windows = (window for each in theirs for window in tenure_windows(existing.address(each), owner))
    target = delegated_partition(granted.target)
    return Delegated(target, address, frozenset(theirs), tuple(windows), granted.expires_at)


def _had_others(state: AddressState, granted: Delegation) -> bool:
    """Whether an address that is nobody's now was given to somebody else: their mail is none of the delegate's.

    Of one address, since it was delegated; of a leaver, since they had it last.
    """
    owner = granted.target.mailbox
    later = [start for start in state.starts if start.since > granted.granted_at]
    if granted.target.address is None:
        later = list(takewhile(lambda start: start.mailbox != owner, reversed(state.starts)))
    return state.mailbox is None and any(start.mailbox not in {owner, None} for start in later)
