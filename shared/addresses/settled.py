"""Which of a directory's mailboxes are just as its entries say, so that only the rest has to be planned. Pure.

At most times nearly all are. What an entry would have to say of a mailbox is kept as one text for each: to compare
texts takes a fraction of the time and memory that planning takes and, other than with hashes, equal is equal.
"""

from collections.abc import Collection, Iterable

from addresses.address import Address
from addresses.desired import DesiredMailbox
from addresses.mailbox import Mailbox, MailboxId, directory_source


class Comparison:
    """A directory's entries beside the mailboxes that it keeps, one after the other.

    ``unseen`` are the mailboxes of which no entry spoke yet, and ``settled`` those that are as their entry says: each
    as its text, which ends with the mailbox's id, by the entry's id. ``met`` is how many claims are met by the latter.
    ``differing`` are the mailboxes that are not as their entry says. ``owned`` is how many addresses are the
    directory's: the primaries, and the aliases that it linked.
    """

    def __init__(self, directory: str, *, auto_link: bool) -> None:
        """``auto_link``: whether the directory's aliases are asserted, or only its primaries."""
        self._source = directory_source(directory)
        self._auto_link = auto_link
        self._doubtful: set[str] = set()
        # Of texts alone: with an object for each mailbox, the garbage collector would look at all of them, and again.
        self.unseen: dict[str, str] = {}
        self.settled: dict[str, str] = {}
        self.differing: set[MailboxId] = set()
        self.owned = 0
        self.met = 0

    def remember(self, mailboxes: Iterable[Mailbox]) -> None:
        """Have these mailboxes, before the first entry comes."""
        source, unseen, says = self._source, self.unseen, self._says
        for mailbox in mailboxes:
            profile, aliases = mailbox.profile, mailbox.aliases
            owned = 1
            for how in aliases.values():
                if how.source == source:
                    owned += 1
            self.owned += owned
            text = says(mailbox.primary, aliases, profile.name) + mailbox.id
            entry = str(profile.directory_id)
            if unseen.setdefault(entry, text) is not text:
                # Two open mailboxes of one entry: whatever it says, neither is settled.
                self.differing |= {mailbox.id, _mailbox(unseen[entry])}
                unseen[entry] = f"\n{mailbox.id}"

    def settles(self, entry: DesiredMailbox) -> bool:
        """Whether the entry's mailbox is as it says, and no other entry had its id."""
        if entry.directory_id in self.settled:
            self._doubtful.add(entry.directory_id)
            return False
        text = self.unseen.pop(entry.directory_id, None)
        if text is None:
            return False
        said = self._says(entry.primary, entry.aliases, entry.name)
        # Nothing but the id follows, or the mailbox has a name in several lines, of which the entry has the first.
        if not text.startswith(said) or text.find("\n", len(said)) >= 0:
            self.differing.add(_mailbox(text))
            return False
        self.settled[entry.directory_id] = text
        self.met += 1 + (len(entry.aliases) if self._auto_link else 0)
        return True

    def taken_back(self, entries: Iterable[str]) -> list[DesiredMailbox]:
        """Those of these entries that were settled, and all whose id came twice: they have to be planned after all."""
        back = {*entries, *self._doubtful} & self.settled.keys()
        self._doubtful.clear()
        self.differing |= {_mailbox(self.settled[each]) for each in back}
        again = [_entry(each, self.settled.pop(each)) for each in back]
        self.met -= sum(1 + len(each.aliases) for each in again)
        return again

    def leaving(self, unclear: Collection[str]) -> set[MailboxId]:
        """The mailboxes of which no entry spoke, but those of entries that could not be understood."""
        return {_mailbox(text) for entry, text in self.unseen.items() if entry not in unclear}

    def _says(self, primary: Address, aliases: Iterable[Address], name: str) -> str:
        # No address is empty or has a line break, so two of these are equal only if all parts are.
        if self._auto_link:
            return "\n".join((primary, *sorted(aliases), "", name, ""))
        return f"{primary}\n\n{name}\n"


def _mailbox(text: str) -> MailboxId:
    return MailboxId(text.rpartition("\n")[2])


def _entry(directory_id: str, text: str) -> DesiredMailbox:
    addresses, _, name = text.rpartition("\n")[0].partition("\n\n")
    primary, *aliases = map(Address, addresses.split("\n"))
    return DesiredMailbox(directory_id, primary, frozenset(aliases), name)
