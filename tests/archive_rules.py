"""Who sees what, from the rules alone: written from the design and the README, and knowing nothing of the table."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from addresses.address import Address
from addresses.times import second

type Seen = AbstractSet[tuple["Mail", Address]]


@dataclass(frozen=True)
class Mail:
    """A message, the whole second in which it was received, and the addresses whose archives have it."""

    id: str
    second: datetime
    reached: frozenset[Address]


@dataclass(frozen=True)
class Granted:
    """A delegation: of the owner's whole mailbox or, with ``address``, of that alone; no owner if it was nobody's."""

    owner: str | None
    address: Address | None
    reader: str
    at: datetime
    expires: datetime | None


@dataclass(frozen=True)
class Archive:
    """An archive that may be read: what it is called, the addresses that it can be asked for by, and what is in it."""

    called: Address
    addresses: frozenset[Address]
    seen: Seen
    expires: datetime | None


@dataclass
class Rules:
    """All that was done so far.

    ``tenures`` say whose each address was, and from when on; ``primary`` is each mailbox's, of a leaver's the last.
    """

    now: datetime
    since_linked: bool = False
    tenures: dict[Address, list[tuple[datetime, str | None]]] = field(default_factory=dict)
    primary: dict[str, Address] = field(default_factory=dict)
    delegations: dict[tuple[str, str], Granted] = field(default_factory=dict)
    mail: list[Mail] = field(default_factory=list)

    def give(self, address: Address, mailbox: str | None) -> None:
        """The address belongs to the mailbox from now on, or to none."""
        if self.holder(address) != mailbox:
            self.tenures.setdefault(address, []).append((self.now, mailbox))

    def holder(self, address: Address, at: datetime | None = None) -> str | None:
        """Whose the address is or, mail being stamped in whole seconds, whose it was when this second ended."""
        past = [mailbox for since, mailbox in self.tenures.get(address, []) if not at or since < end_of(at)]
        return past[-1] if past else None

    def addresses(self, mailbox: str) -> frozenset[Address]:
        """The addresses of the mailbox; none of a closed one."""
        return frozenset(each for each in self.tenures if self.holder(each) == mailbox)

    def is_known(self, address: Address) -> bool:
        """Whether the address was ever linked, or had mail."""
        return address in self.tenures or any(address in each.reached for each in self.mail)

    # From here on, what is seen.

    def seen(self, addresses: Iterable[Address], owner: str | None) -> Seen:
        """All mail of these addresses or, with ``since_linked``, what came while they were the owner's."""
        return {
            (mail, address)
            for mail in self.mail
            for address in mail.reached & set(addresses)
            if not self.since_linked or owner is None or self.holder(address, mail.second) == owner
        }

    def own(self, mailbox: str) -> Seen:
        """Whoever logs on sees the mail of all the mailbox's addresses as one archive."""
        return self.seen(self.addresses(mailbox), mailbox)

    def delegated(self, reader: str) -> list[Archive]:
        """What others see as their own, as long as the delegation lasts: nothing that was delegated to them."""
        granted = [each for each in self.delegations.values() if each.reader == reader and self.lasts(each)]
        return [archive for archive in map(self.archive, granted) if archive]

    def archive(self, granted: Granted) -> Archive | None:
        """A whole mailbox while it is open; else the leaver's last primary, or the one address, if it is free."""
        owner, address, since = granted.owner, granted.address, granted.at
        if address is None and owner:
            address = self.primary[owner]
            if self.addresses(owner):
                return Archive(address, self.addresses(owner), self.own(owner), granted.expires)
            # A leaver's: what others had before the leaver had it is in the archive that was delegated.
            since = max(start for start, mailbox in self.tenures[address] if mailbox == owner)
        assert address is not None
        free = self.holder(address) is None and not self.others_since(address, owner, since)
        if not free and (owner is None or self.holder(address) != owner):
            return None
        return Archive(address, frozenset({address}), self.seen({address}, owner), granted.expires)

    def others_since(self, address: Address, owner: str | None, since: datetime) -> bool:
        """Whether the address was given to somebody else."""
        return any(start > since and mailbox not in {owner, None} for start, mailbox in self.tenures.get(address, []))

    def lasts(self, granted: Granted) -> bool:
        """Whether its end is not reached."""
        return granted.expires is None or self.now < granted.expires

    def shown(self, person: Address, asked: Iterable[Address]) -> dict[str, Any] | None:
        """All that a person is shown who asks for these archives and for every message; None without a mailbox."""
        mailbox = self.holder(person)
        if mailbox is None:
            return None
        own, others = self.own(mailbox), self.delegated(mailbox)
        all_others = {pair for each in others for pair in each.seen}
        primary, expires = self.primary[mailbox], [(each.called, each.expires) for each in others]
        return {
            "me": (primary, sorted(self.addresses(mailbox) - {primary}), sorted(map(_until, expires), key=str)),
            "own": lines(own),
            "lists": {each: self.named(each, mailbox, others) for each in asked},
            "opened": {each.id: via(each, own) or via(each, all_others) for each in self.mail},
        }

    def named(self, name: Address, mailbox: str, others: Sequence[Archive]) -> list[tuple[str, list[str]]] | None:
        """The archive of this name: one's own or, of those that were delegated, the largest."""
        if name in self.addresses(mailbox):
            return lines(self.own(mailbox))
        found = [each for each in others if name in each.addresses]
        return lines(max(found, key=lambda each: (len(each.addresses), len(each.seen))).seen) if found else None


def lines(seen: Seen) -> list[tuple[str, list[str]]]:
    """The messages, newest first, each once, with the addresses that have it."""
    found = sorted({mail for mail, _ in seen}, key=lambda mail: (mail.second, mail.id), reverse=True)
    return [(mail.id, via(mail, seen) or []) for mail in found]


def via(mail: Mail, seen: Seen) -> list[str] | None:
    """The addresses through which the message is seen; None if it is not."""
    return sorted(address for each, address in seen if each == mail) or None


def _until(archive: tuple[Address, datetime | None]) -> tuple[str, str | None]:
    called, expires = archive
    return called, second(expires) if expires else None


def end_of(whole_second: datetime) -> datetime:
    """The moment at which the next second begins."""
    return whole_second + timedelta(seconds=1)
