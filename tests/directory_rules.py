"""What a directory's word does to the book, from the rules alone: who is who, who gets which address, what goes.

It knows nothing of how the functions plan: it looks for the largest set of claims that can stand together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from directory_sync.reader import Entry
from tests.address_rules import PRIMARY, Book, Keeper, Link, domain, is_internal
from tests.run_rules import Did


@dataclass(frozen=True)
class Configured:
    """A directory as an administrator configured it; ``count`` and ``percent`` hold what takes more than ``floor``."""

    domains: frozenset[str] = frozenset()
    auto_link: bool = True
    closes_disabled: bool = False
    count: int = 500
    percent: float = 100
    floor: int = 500

    def body(self, name: str) -> dict[str, object]:
        """As the API takes it."""
        return {
            "kind": "ldap",
            "url": "ldaps://dc1.example.com",
            "base_dn": "dc=example,dc=com",
            "bind_dn": "cn=archive,dc=example,dc=com",
            "profile": "active_directory",
            "secret_name": name,
            "domains": sorted(self.domains),
            "auto_link": self.auto_link,
            "disabled_accounts": "close" if self.closes_disabled else "keep",
            "limits": {"count": self.count, "percent": self.percent, "floor": self.floor},
        }


@dataclass(frozen=True)
class Said:
    """A directory's whole word at one moment, beside the book. ``usable`` entries have one internal primary."""

    name: str
    book: Book
    known: Mapping[str, Configured]
    usable: Mapping[str, Entry]
    there: frozenset[str]
    mine: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def config(self) -> Configured:
        """How it is configured."""
        return self.known[self.name]

    @property
    def source(self) -> str:
        """Whose its links are."""
        return f"directory:{self.name}"

    @property
    def gone(self) -> set[str]:
        """The mailboxes that nobody is behind any more, though another entry may be soon."""
        return {mailbox for each, found in self.mine.items() if each not in self.there for mailbox in found}

    @property
    def leaving(self) -> set[str]:
        """The mailboxes that are closed (rule 5)."""
        return self.gone - {self.mailbox(each) for each in self.certain}

    @property
    def certain(self) -> dict[str, Entry]:
        """Without the entries that share a primary, and those that several mailboxes follow: they are left alone."""
        claims = [primary(each) for each in self.usable.values()]
        return {
            each: entry
            for each, entry in self.usable.items()
            if claims.count(primary(entry)) == 1 and len(self.mine.get(each, ())) <= 1
        }

    def mailbox(self, each: str) -> str | None:
        """The entry's: the one that follows it, else that of its primary if no other keeps it, or must yield it."""
        if each in self.mine:
            return self.mine[each][0]
        claimed = primary(self.usable[each])
        at = self.book.holder(claimed)
        if at is None or not self.book.is_primary(claimed):
            return None
        keeper = self.book.keepers.get(at)
        if keeper and keeper.directory == self.name:
            return at if at in self.gone else None
        return None if keeper and self.yields(f"directory:{keeper.directory}", claimed) else at

    def yields(self, source: str, address: str) -> bool:
        """Whether its word counts less than that of a source which had the address before."""
        kind, _, other = source.partition(":")
        if kind != "directory" or other == self.name or other not in self.known:
            return False
        mine, theirs = (domain(address) in self.known[each].domains for each in (self.name, other))
        return theirs or not mine

    def can_stand(self, together: Collection[str]) -> bool:
        """Whether these entries can all have their primaries."""
        return all(self._may_have(each, primary(self.usable[each]), together) for each in together)

    def _may_have(self, each: str, address: str, together: Collection[str]) -> bool:
        at = self.book.links.get(address)
        if at is None or at.mailbox == self.mailbox(each) or at.mailbox in self.leaving:
            return True
        if at.source != PRIMARY:
            return not self.yields(at.source, address)
        return any(
            self.mailbox(other) == at.mailbox and primary(self.usable[other]) != address
            for other in together
            if other != each
        )

    def granted(self) -> tuple[str, ...]:
        """The largest set of entries that can all have their primaries: a swap stands or falls together."""
        certain = sorted(self.certain)
        sets = (each for size in range(len(certain), -1, -1) for each in combinations(certain, size))
        return next(filter(self.can_stand, sets))

    def aliases(self, granted: Collection[str]) -> dict[str, str]:
        """Who gets which alias: its one claimant, or the one that holds it; what is a primary is no alias."""
        found: dict[str, str] = {}
        if not self.config.auto_link:
            return found
        primaries = {primary(each) for each in self.usable.values()}
        claimed = {alias for entry in self.usable.values() for alias in aliases(entry)} - primaries
        for alias in claimed:
            claimants = [each for each, entry in self.usable.items() if alias in aliases(entry)]
            if len(claimants) > 1:
                holder = self.book.holder(alias)
                claimants = [each for each in claimants if each in self.certain and self.mailbox(each) == holder]
                claimants = claimants if holder else []
            for each in claimants:
                if each in granted and self._may_link(each, alias, granted):
                    found[alias] = each
        return found

    def _may_link(self, each: str, alias: str, granted: Collection[str]) -> bool:
        at = self.book.links.get(alias)
        if at is None or at.mailbox == self.mailbox(each) or at.mailbox in self.leaving:
            return True
        if at.source == PRIMARY:
            return any(self.mailbox(other) == at.mailbox for other in granted)
        return not self.yields(at.source, alias)

    def does(self) -> Did:
        """What it comes to."""
        granted = self.granted()
        mailbox = {each: self.mailbox(each) or f"new {each}" for each in granted}
        entry_of = {at: each for each, at in mailbox.items()}
        given = self.aliases(granted)
        links: dict[str, Link | None] = {}
        for address, link in self.book.links.items():
            if link.mailbox in self.leaving:
                links[address] = None
            elif link.mailbox in entry_of:
                links[address] = self._left(address, link, self.usable[entry_of[link.mailbox]])
        for alias, each in given.items():
            was = self.book.links.get(alias)
            already = was is not None and was.mailbox == mailbox[each] and was.source != PRIMARY
            links[alias] = was if already else Link(mailbox[each], self.source)
        for each in granted:
            links[primary(self.usable[each])] = Link(mailbox[each], PRIMARY)
        keepers = {at: Keeper(self.name, each) for each, at in mailbox.items()}
        return Did(self.book, self.book.having(links, keepers))

    def _left(self, address: str, link: Link, entry: Entry) -> Link | None:
        """What a mailbox keeps of what it has, besides what it gets."""
        listed = address in aliases(entry)
        if link.source == PRIMARY:
            # Without auto-link, too, what the directory lists stays an address of the same mailbox.
            return Link(link.mailbox, self.source) if listed and not self.config.auto_link else None
        is_lost = self.config.auto_link and link.source == self.source and not listed
        return None if is_lost else link

    def holds(self) -> bool:
        """Whether it takes so much away that a person must be asked."""
        takes = self.does().takes
        mine = {mailbox for found in self.mine.values() for mailbox in found}
        owned = sum(link.mailbox in mine and link.source in {PRIMARY, self.source} for link in self.book.links.values())
        share = 100 * takes / owned if owned else 100.0
        return takes > self.config.floor and (takes > self.config.count or share > self.config.percent)


def said(book: Book, name: str, known: Mapping[str, Configured], entries: Collection[Entry]) -> Said | None:
    """What the directory says; None if it had accounts and suddenly has none that can be used."""
    there = [each for each in entries if each.enabled or not known[name].closes_disabled]
    there = [each for each in there if each.primaries or each.aliases]
    usable = {each.id: each for each in there if len(each.primaries) == 1 and is_internal(each.primaries[0])}
    mine = book.kept_by(name)
    if mine and not usable:
        return None
    return Said(name, book, known, usable, frozenset(each.id for each in there), mine)


def primary(entry: Entry) -> str:
    """The one of a usable entry."""
    return entry.primaries[0]


def aliases(entry: Entry) -> set[str]:
    """Those of the internal domains."""
    return {each for each in entry.aliases if is_internal(each)} - {*entry.primaries}
