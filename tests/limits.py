"""How much fits into an item of the table, and what the code itself bounds; computed from the code."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

from addresses.address import Address
from addresses.archive import Envelope
from addresses.batches import batches
from addresses.items import address_write, mailbox_write, message_item, settings_item
from addresses.mailbox import Profile
from addresses.settings import Settings
from addresses.step import Close, Ref, Unlink
from addresses.table import Item
from mail_ingest.fitting import fitted_message
from mail_ingest.header import Header
from mail_ingest.reading import Reading
from tests.capacity import item_size, stored
from tests.example_items import ADDRESS, ALIAS, ALICE, BOB, ID, LINKED, MAILBOX, MESSAGE, REIGN, start
from tests.metered import written

ADDRESS_BYTES = 18


def numbered(size: int) -> tuple[Address, ...]:
    """So many addresses of 18 bytes."""
    return tuple(Address(f"n{number:05}@example.com") for number in range(size))


@dataclass(frozen=True)
class Growing:
    """An item that grows by one element at a time; ``most`` is what the code lets it have, if it bounds that."""

    what: str
    item: Callable[[int], Item]
    most: int | None = None

    @property
    def each(self) -> int:
        """The bytes of one element."""
        return size_of(self.item(2)) - size_of(self.item(1))

    def within(self, room: int) -> int:
        """How many elements it has when it fills this many bytes."""
        fitting = 1 + (room - size_of(self.item(1))) // self.each
        return min(fitting, self.most or fitting)


def size_of(item: Item) -> int:
    """The item's bytes in the table."""
    return item_size(stored(item))


BY_HAND = replace(MAILBOX, profile=Profile("Alice"))
GROWING = (
    Growing(
        "links and unlinks of an address",
        lambda size: written(address_write(replace(ADDRESS, starts=(start(ID, LINKED),) * size))),
    ),
    Growing(
        "aliases of a mailbox",
        lambda size: written(mailbox_write(replace(BY_HAND, aliases=dict.fromkeys(numbered(size), ALIAS)))),
    ),
    Growing(
        "primaries that a mailbox had",
        lambda size: written(mailbox_write(replace(BY_HAND, primaries=(REIGN,) * size))),
    ),
    Growing(
        "internal domains",
        lambda size: settings_item(Settings(internal_domains=[f"d{number:03}.example.com" for number in range(size)])),
        most=1000,
    ),
)


def aliases_closed_at_once() -> int:
    """How many aliases a mailbox may have for one transaction to unlink them all and close it."""
    mailbox = Ref(ID, ALICE)
    return next(
        size
        for size in count(1)
        if len(batches([*(Unlink(mailbox, alias) for alias in numbered(size + 1)), Close(mailbox)])) > 1
    )


def crowded() -> Item:
    """The item of a message to more than a message keeps, in its envelope and in its header."""
    named = numbered(20_000)
    header = Header(BOB, named, (), (), MESSAGE.subject, MESSAGE.message_id, MESSAGE.date)
    reading = Reading(header, MESSAGE.digest, MESSAGE.size)
    return message_item(fitted_message(reading, MESSAGE.raw, MESSAGE.received_at, Envelope(BOB, named)))
