"""Who may see what, decided from the table with every request (I6), so that an unlink counts at once."""

from dataclasses import dataclass

from addresses.address import Address
from addresses.book import read
from addresses.errors import NoSuchMailbox
from addresses.items import SETTINGS_KEY, address_from, address_key, mailbox_from, mailbox_key, settings_from
from addresses.mailbox import AddressState, Mailbox, MailboxId
from addresses.settings import ArchiveHistory, Settings
from addresses.table import Table
from addresses.times import second_of

# Times are digits, so this sorts after every one of them, and nothing sorts before all.
EVER = "~"


@dataclass(frozen=True)
class Window:
    """The part of an address's personal archive that may be seen: received from ``since`` on, and before ``until``."""

    address: Address
    since: str = ""
    until: str = EVER

    def narrowed(self, since: str, until: str) -> "Window":
        """The part of it that lies in this time."""
        return Window(self.address, max(self.since, since), min(self.until, until))

    def shows(self, received_at: str) -> bool:
        """Whether a message received then is in it."""
        return self.since <= received_at < self.until


@dataclass(frozen=True)
class View:
    """A mailbox, the windows through which its archive is seen, and the settings that said so."""

    mailbox: Mailbox
    windows: tuple[Window, ...]
    settings: Settings


def own_view(table: Table, address: Address) -> View:
    """What whoever logs on with this address sees as their own.

    One read of two items (the address, the settings), one of the mailbox; with ``since_linked``, one more of k items.

    Raises:
        NoSuchMailbox: the address belongs to no open mailbox.
    """
    items = table.get_many([address_key(address), SETTINGS_KEY])
    known = items.get(address_key(address))
    holder = address_from(known).mailbox if known else None
    item = table.get(mailbox_key(holder)) if holder else None
    mailbox = mailbox_from(item) if item else None
    # The mailbox has the last word: the address may have been unlinked between the two reads.
    if mailbox is None or address not in mailbox.addresses:
        raise NoSuchMailbox(f"No mailbox is open for {address}. An administrator can open one, or link the address.")
    settings = settings_from(items.get(SETTINGS_KEY))
    if settings.archive_history is ArchiveHistory.WHOLE:
        return View(mailbox, tuple(Window(each) for each in mailbox.addresses), settings)
    states = read(table, (), mailbox.addresses).addresses
    windows = (window for each in mailbox.addresses for window in tenure_windows(states[each], mailbox.id))
    return View(mailbox, tuple(windows), settings)


def tenure_windows(state: AddressState, mailbox: MailboxId) -> tuple[Window, ...]:
    """The address's times in this mailbox, in the whole seconds that mail is stamped with."""
    return tuple(
        Window(state.address, second_of(tenure.since), second_of(tenure.until) if tenure.until else EVER)
        for tenure in state.tenures
        if tenure.mailbox == mailbox
    )
