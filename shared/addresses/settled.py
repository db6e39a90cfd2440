"""Which of a directory's mailboxes are just as its entries say, so that only the rest has to be planned. Pure.

At most times nearly all are. What an entry would have to say of a mailbox is kept as one text for each: to compare
texts takes a fraction of the time and memory that planning takes and, other than with hashes, equal is equal.
"""

from collections.abc import Iterable
from typing import NamedTuple

from addresses.address import Address
from addresses.desired import DesiredMailbox
from addresses.mailbox import Mailbox, MailboxId, directory_source


class Kept(NamedTuple):
    """What is remembered of a mailbox that the directory keeps: its entry's id and text.

    ``owned`` is how many of its addresses are the directory's: its primary, and the aliases that the directory linked.
    """

    mailbox: MailboxId
    directory_id: str
    text: str
    owned: int


class Comparison:
    """A directory's entries beside the mailboxes that it keeps, one after the other.

    ``unseen`` are the mailboxes of which no entry spoke yet, by the entry's id. ``settled`` are those that are as their
    entry says; ``met`` is how many claims that makes. ``differing`` are the mailboxes that are not.
    """

    def __init__(self, directory: str, *, auto_link: bool) -> None:
        """``auto_link``: whether the directory's aliases are asserted, or only its primaries."""
        self._source = directory_source(directory)
        self._auto_link = auto_link
        self._doubtful: set[str] = set()
        self.unseen: dict[str, Kept] = {}
        self.settled: dict[str, Kept] = {}
        self.differing: set[MailboxId] = set()
        self.owned = 0
        self.met = 0

    def kept(self, mailbox: Mailbox) -> Kept:
        """What is to be remembered of this one."""
        owned = 1 + sum(how.source == self._source for how in mailbox.aliases.values())
        text = self._text(mailbox.primary, mailbox.aliases, mailbox.profile.name)
        return Kept(mailbox.id, str(mailbox.profile.directory_id), text, owned)

    def remember(self, mailboxes: Iterable[Kept]) -> None:
        """Have these mailboxes before the first entry comes."""
        for each in mailboxes:
            self.owned += each.owned
            other = self.unseen.setdefault(each.directory_id, each)
            if other is not each:
                # Two open mailboxes of one entry: whatever it says, neither is settled.
                self.differing.add(other.mailbox)
                self.unseen[each.directory_id] = each._replace(text="")

    def settles(self, entry: DesiredMailbox) -> bool:
        """Whether the entry's mailbox is as it says, and no other entry had its id."""
        if entry.directory_id in self.settled:
            self._doubtful.add(entry.directory_id)
            return False
        kept = self.unseen.pop(entry.directory_id, None)
        if kept is None:
            return False
        if kept.text != self._text(entry.primary, entry.aliases, entry.name):
            self.differing.add(kept.mailbox)
            return False
        self.settled[entry.directory_id] = kept
        self.met += self._claims(kept)
        return True

    def taken_back(self, entries: Iterable[str]) -> list[DesiredMailbox]:
        """Those of these entries that were settled, and all whose id came twice: they have to be planned after all."""
        wanted = {*entries, *self._doubtful}
        self._doubtful.clear()
        back = [self.settled.pop(each) for each in wanted & self.settled.keys()]
        for each in back:
            self.met -= self._claims(each)
            self.differing.add(each.mailbox)
        return [_entry(each) for each in back]

    def _text(self, primary: Address, aliases: Iterable[Address], name: str) -> str:
        # No address is empty or has a line break, so two texts are equal only if all parts are.
        return "\n".join((primary, *sorted(aliases if self._auto_link else ()), "", name))

    def _claims(self, kept: Kept) -> int:
        return kept.text.partition("\n\n")[0].count("\n") + 1


def _entry(kept: Kept) -> DesiredMailbox:
    addresses, _, name = kept.text.partition("\n\n")
    primary, *aliases = map(Address, addresses.split("\n"))
    return DesiredMailbox(kept.directory_id, primary, frozenset(aliases), name)
