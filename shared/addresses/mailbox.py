"""Mailboxes and the addresses that belong to them.

An address points to a mailbox, never to another address: chains and cycles cannot be written down, and a mailbox's id
outlives its primary.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType
from uuid import UUID, uuid5

from addresses.address import Address

MailboxId = NewType("MailboxId", str)
Source = NewType("Source", str)
RunId = NewType("RunId", str)

MANUAL = Source("manual")
SPREADSHEET = Source("spreadsheet")
MAIL = Source("mail")

_DIRECTORY_ENTRIES = UUID("b3c59a4e-5a53-5a9e-8f8a-6f4f7a0d4c11")


def directory_source(directory: str) -> Source:
    """The source of everything that this directory asserts."""
    return Source(f"directory:{directory}")


def directory_mailbox_id(directory: str, directory_id: str, attempt: int = 0) -> MailboxId:
    """The id of the mailbox of a directory's entry: the same whenever it is asked for, so a replay opens nothing twice.

    ``directory_id`` is the entry's immutable id: objectGUID, Entra id, Google id, entryUUID. ``attempt`` counts up when
    the id before is a mailbox that another entry has adopted since.
    """
    return MailboxId(str(uuid5(_DIRECTORY_ENTRIES, f"{directory}\0{directory_id}" + "\0again" * attempt)))


class Status(StrEnum):
    """Whether a mailbox has addresses: a closed one is only remembered."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Stamp:
    """Who changes something, in which run, and when (UTC, microseconds)."""

    source: Source
    run: RunId
    at: str


@dataclass(frozen=True)
class Profile:
    """What the mailbox's keeper says of it: its name and, when a directory keeps it, the directory's entry."""

    name: str = ""
    directory: str | None = None
    directory_id: str | None = None


@dataclass(frozen=True)
class Alias:
    """How an alias came to a mailbox: who linked it, and when."""

    source: Source
    since: str


@dataclass(frozen=True)
class Primacy:
    """The time during which one address was the mailbox's primary; it ends where the next begins."""

    address: Address
    since: str
    source: Source
    run: RunId


@dataclass(frozen=True)
class Mailbox:
    """A person's or a shared mailbox: exactly one primary while it is open, any number of aliases.

    ``source`` is who opened it. ``primaries`` is its history of primaries, oldest first. ``version`` counts its writes.
    """

    id: MailboxId
    status: Status
    primary: Address
    profile: Profile
    source: Source
    aliases: Mapping[Address, Alias] = field(default_factory=dict)
    primaries: tuple[Primacy, ...] = ()
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it has a primary and may have aliases."""
        return self.status is Status.OPEN

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Its addresses: the primary, then the aliases in order; none when it is closed."""
        return (self.primary, *sorted(self.aliases)) if self.is_open else ()

    def primary_at(self, at: str) -> Primacy:
        """Its primary at that moment; before its first, the first."""
        return next((each for each in reversed(self.primaries) if each.since <= at), self.primaries[0])


@dataclass(frozen=True)
class TenureStart:
    """From here on the address belonged to this mailbox, or to none. It ends where the next one starts."""

    mailbox: MailboxId | None
    since: str
    source: Source
    run: RunId


@dataclass(frozen=True)
class Tenure:
    """An address's time in a mailbox, from ``since`` until ``until`` (or now)."""

    mailbox: MailboxId
    since: str
    until: str | None
    source: Source
    run: RunId


@dataclass(frozen=True)
class AddressState:
    """All that is known of one address: where it is now, and its whole history in one append-only list.

    Since a tenure ends where the next one starts, tenures cannot overlap and only the last can be open (I3).
    ``version`` counts the item's writes; 0 is an address never seen.
    """

    address: Address
    starts: tuple[TenureStart, ...] = ()
    version: int = 0

    @property
    def mailbox(self) -> MailboxId | None:
        """The mailbox that it belongs to now."""
        return self.starts[-1].mailbox if self.starts else None

    @property
    def tenures(self) -> tuple[Tenure, ...]:
        """Its times in mailboxes, oldest first. Writers' clocks may differ: no tenure starts before the last did."""
        tenures: list[Tenure] = []
        begun = ""
        for position, start in enumerate(self.starts):
            begun = max(begun, start.since)
            after = self.starts[position + 1 : position + 2]
            until = max(begun, after[0].since) if after else None
            if start.mailbox is not None:
                tenures.append(Tenure(start.mailbox, begun, until, start.source, start.run))
        return tuple(tenures)


@dataclass(frozen=True)
class Existing:
    """What the table holds of the mailboxes and addresses that matter now, read just before it is used."""

    mailboxes: Mapping[MailboxId, Mailbox] = field(default_factory=dict)
    addresses: Mapping[Address, AddressState] = field(default_factory=dict)

    def address(self, address: Address) -> AddressState:
        """What is known of the address; nothing, when it has never been seen."""
        return self.addresses.get(address, AddressState(address))

    def holder(self, address: Address) -> Mailbox | None:
        """The open mailbox that the address belongs to."""
        mailbox = self.address(address).mailbox
        return self.mailboxes.get(mailbox) if mailbox else None


def existing(mailboxes: Iterable[Mailbox], addresses: Iterable[AddressState]) -> Existing:
    """The two, by key."""
    return Existing({each.id: each for each in mailboxes}, {each.address: each for each in addresses})
