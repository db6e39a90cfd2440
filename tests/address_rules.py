"""Whose an address is, from the rules alone: written from the design and the pages, and knowing nothing of steps.

An act is a function from one book to the next, or to the names of the rules that it breaks. ``directory_rules`` has the
rules of syncs, ``sheet_rules`` those of spreadsheets, ``run_rules`` what it is to approve a plan and to take one back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

type Refused = frozenset[str]

MANUAL = "manual"
# What stands in the place of a link's source where the address is the mailbox's primary.
PRIMARY = "primary"


class Link(NamedTuple):
    """An address belongs to a mailbox: because this source linked it, or as its primary."""

    mailbox: str
    source: str


class Keeper(NamedTuple):
    """The entry of a directory that a mailbox follows."""

    directory: str
    entry: str


@dataclass(frozen=True)
class Book:
    """Who has which address, and which mailbox follows which entry (also of those that were closed)."""

    links: Mapping[str, Link] = field(default_factory=dict)
    keepers: Mapping[str, Keeper | None] = field(default_factory=dict)

    def holder(self, address: str) -> str | None:
        """The mailbox that it belongs to."""
        found = self.links.get(address)
        return found.mailbox if found else None

    def is_primary(self, address: str) -> bool:
        """Whether an open mailbox has it as its primary."""
        found = self.links.get(address)
        return found is not None and found.source == PRIMARY

    def primary(self, mailbox: str | None) -> str | None:
        """The mailbox's primary; None if it is not open."""
        return next((each for each, link in self.links.items() if link == (mailbox, PRIMARY)), None)

    def led(self, address: str) -> str | None:
        """The primary of the mailbox that it belongs to."""
        return self.primary(self.holder(address))

    def addresses(self, mailbox: str | None) -> set[str]:
        """All of an open mailbox."""
        return {each for each, link in self.links.items() if link.mailbox == mailbox}

    def kept_by(self, directory: str) -> dict[str, list[str]]:
        """The open mailboxes that follow an entry of the directory, by its id."""
        found: dict[str, list[str]] = {}
        for mailbox, keeper in self.keepers.items():
            if keeper and keeper.directory == directory and self.primary(mailbox):
                found.setdefault(keeper.entry, []).append(mailbox)
        return found

    def having(self, links: Mapping[str, Link | None], keepers: Mapping[str, Keeper | None] | None = None) -> "Book":
        """The book with these addresses as they are given here; None: they belong to nobody."""
        changed = {each: link for each, link in {**self.links, **links}.items() if link}
        return Book(changed, {**self.keepers, **(keepers or {})})

    def called(self, names: Mapping[str, str]) -> "Book":
        """The book with other ids for mailboxes."""
        links = {each: replace_mailbox(link, names) for each, link in self.links.items()}
        return Book(links, {names.get(each, each): keeper for each, keeper in self.keepers.items()})


def replace_mailbox(link: Link, names: Mapping[str, str]) -> Link:
    """The link with the mailbox's other id."""
    return link._replace(mailbox=names.get(link.mailbox, link.mailbox))


# By hand: within one domain, and from a holder only if the request names it.


def opened(book: Book, primary: str, holder: str | None) -> Book | Refused:
    """A mailbox of its own; an alias leaves its mailbox for it (rule 7)."""
    if not is_internal(primary):
        return frozenset({"external-domain"})
    if book.is_primary(primary):
        return book
    if book.holder(primary) and holder != book.led(primary):
        return frozenset({"already-linked"})
    return book.having({primary: Link(f"new {primary}", PRIMARY)}, {f"new {primary}": None})


def closed(book: Book, primary: str) -> Book | Refused:
    """All its addresses belong to nobody."""
    if not book.is_primary(primary):
        return frozenset({"no-such-mailbox"})
    return book.having(dict.fromkeys(book.addresses(book.holder(primary))))


def linked(book: Book, primary: str, aliases: Collection[str], holder: str | None) -> Book | Refused:
    """All of the aliases, or none."""
    refused = set() if book.is_primary(primary) else {"no-such-mailbox"}
    given: dict[str, Link] = {}
    for each in aliases:
        if not is_internal(each):
            refused.add("external-domain")
        if domain(each) != domain(primary):
            refused.add("cross-domain")
        if book.is_primary(each):
            refused.add("is-primary")
        elif book.holder(each) not in {None, book.holder(primary)} and holder != book.led(each):
            refused.add("already-linked")
        elif book.holder(each) is None or book.holder(each) != book.holder(primary):
            given[each] = Link(book.holder(primary) or "", MANUAL)
    return frozenset(refused) or book.having(given)


def unlinked(book: Book, primary: str, alias: str) -> Book | Refused:
    """Also when it is unlinked already."""
    refused = set() if book.is_primary(primary) else {"no-such-mailbox"}
    if book.is_primary(alias):
        refused.add("is-primary")
    elif book.holder(alias) and book.led(alias) != primary:
        refused.add("linked-elsewhere")
    return frozenset(refused) or book.having({alias: None})


def promoted(book: Book, primary: str, alias: str) -> Book | Refused:
    """The old primary stays as an alias; asked for again, it is so already."""
    mailbox = book.holder(primary)
    if mailbox and book.links[primary] != (mailbox, PRIMARY) and book.led(primary) == alias:
        return book
    if mailbox is None or not book.is_primary(primary):
        return frozenset({"no-such-mailbox", *({"not-an-alias"} if book.holder(alias) != mailbox else ())})
    if book.holder(alias) != mailbox:
        return frozenset({"not-an-alias"})
    if alias == primary:
        return book
    return book.having({primary: Link(mailbox, MANUAL), alias: Link(mailbox, PRIMARY)})


def domain(address: str) -> str:
    """What is behind the @."""
    return address.partition("@")[2]


def is_internal(address: str) -> bool:
    """Whether it is of one of the organisation's domains."""
    return domain(address) in {"example.com", "example.org"}
